"""`python -m latently` is `latently`."""

import sys


def main() -> None:
    """Runs the command line; Ctrl-C while it is still being read is a stop like any later one."""
    try:
        from latently.cli import main as run

        run()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
