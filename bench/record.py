"""How every measurement is kept: JSON beside the script that made it, with machine, date and versions."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VECTORS = (
    "avx2",
    "avx512f",
    "avx512_bf16",
    "amx_bf16",
)  # what decides how fast matrices multiply, and in which precision


def machine() -> dict[str, Any]:
    names = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    flags = next((line.split() for line in _cpuinfo() if line.startswith("flags")), [])
    return {
        "processor": names[0] if names else platform.processor(),
        "vectors": [name for name in VECTORS if name in flags],
        "cores": os.cpu_count(),
        "system": platform.system(),
    }


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []


def versions(*packages: str) -> dict[str, str]:
    found: dict[str, str] = {"python": platform.python_version()}
    for package in ("latently", *packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def keep(name: str, results: dict[str, Any], *packages: str, quick: bool = False, **about: Any) -> None:
    """Prints `results` and writes them to `results/NAME.json`; what a quick run found to `results/quick/`."""
    for key, value in results.items():
        print(f"{key:<58} {value}", flush=True)
    whole = {
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(*packages),
        **about,
        "results": results,
    }
    path = HERE / "results" / ("quick" if quick else "") / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(whole, indent=2) + "\n")
    print(f"-> {path.relative_to(HERE.parent)}", flush=True)


def keep_rows(name: str, rows: dict[str, dict[str, Any]], *packages: str, quick: bool = False) -> dict[str, Any]:
    """Puts rows among those that `results/NAME.json` has, each with its own date, machine and versions; gives all.

    So rows that take minutes are measured one at a time, and none is lost where a later one fails.
    """
    path = HERE / "results" / ("quick" if quick else "") / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    whole: dict[str, Any] = json.loads(path.read_text())["results"] if path.exists() else {}
    about = {"date": date.today().isoformat(), "machine": machine(), "versions": versions(*packages)}
    whole |= {row: {**about, **found} for row, found in rows.items()}
    passing = path.with_suffix(".part")
    passing.write_text(json.dumps({"results": whole}, indent=2) + "\n")
    passing.replace(path)  # a run that is stopped leaves the old file whole
    return whole


def options(description: str | None, **more: dict[str, Any]) -> argparse.Namespace:
    """What every long measurement can be told, and its own options by name: the arguments of `add_argument`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few items and one epoch: only to see that it runs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of PyTorch")
    for name, how in more.items():
        parser.add_argument(f"--{name}", **how)
    return parser.parse_args()


class Run:
    """A long measurement: what it has so far is kept as it comes, and marked as unfinished until `finish`."""

    def __init__(self, name: str, given: argparse.Namespace, *packages: str, **settings: Any) -> None:
        self.name, self.packages, self.quick = name, packages, bool(given.quick)
        self.about: dict[str, Any] = {"seed": given.seed, "settings": {**settings, "threads": given.threads}}
        self.results: dict[str, Any] = {}
        self.started = time.monotonic()

    def found(self, finished: bool = False, **results: Any) -> None:
        """Adds `results` to what was found and writes all of it."""
        self.results |= results
        spent = {"seconds": round(time.monotonic() - self.started), "finished": finished}
        keep(self.name, self.results, "torch", *self.packages, quick=self.quick, **spent, **self.about)

    def finish(self, **results: Any) -> None:
        """The last of the results."""
        self.found(finished=True, **results)
