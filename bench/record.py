"""How every measurement is kept: JSON beside the script that made it, with machine, date and versions."""

from __future__ import annotations

import json
import os
import platform
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data"


def machine() -> dict[str, Any]:
    names = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
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


def keep(name: str, results: dict[str, Any], *packages: str) -> None:
    """Prints `results` and writes them to `results/NAME.json`."""
    for key, value in results.items():
        print(f"{key:<58} {value}")
    whole = {
        "date": date.today().isoformat(),
        "machine": machine(),
        "versions": versions(*packages),
        "results": results,
    }
    path = HERE / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(whole, indent=2) + "\n")
    print(f"-> {path.relative_to(HERE.parent)}")
