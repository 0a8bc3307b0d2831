"""`python -m latently` is `latently`."""

from latently.cli import main

if __name__ == "__main__":
    main()
