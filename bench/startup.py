"""How long a person waits before anything happens: `import latently`, `latently --help`.

python -m bench.startup
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from .record import keep

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import latently": [sys.executable, "-c", "import latently"],
    "latently --help": [str(Path(sys.executable).with_name("latently")), "--help"],
    "latently fit --help": [str(Path(sys.executable).with_name("latently")), "fit", "--help"],
}


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    for command in COMMANDS.values():  # the first run compiles byte code
        seconds(command)
    found = {name: round(median(seconds(command) for _ in range(7)), 3) for name, command in COMMANDS.items()}
    keep("startup", {f"{name}, s": value for name, value in found.items()}, "click", "torch")


if __name__ == "__main__":
    main()
