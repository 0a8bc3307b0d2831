"""How much memory and disk is free right now, as the system says."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
MEMORY = Path("/proc/meminfo")
GIGABYTE = 10**9
SHARE = 0.5  # of the memory that is free: the rest is for the networks, and for whatever else runs
UNSAID = 4 * 2**30  # bytes taken for free where a system does not say: less than most have


def free() -> int:
    """Bytes that may be taken without anything being swapped out, at most what the container's limit leaves.

    Files that the system merely keeps at hand count as free: it lets go of them.
    """
    return max(0, min(_of_machine(), _of_group()))


def allowed(gigabytes: float | None) -> float:
    """Bytes that data may take: so many gigabytes, or half of what is free where nobody said.

    >>> allowed(0.5)
    500000000.0
    """
    return SHARE * free() if gigabytes is None else gigabytes * GIGABYTE


def room(folder: Path) -> int:
    """Bytes free on the disk of `folder`, or of the nearest folder above that is there."""
    there = next((p for p in (folder, *folder.parents) if p.exists()), Path())
    return shutil.disk_usage(there).free


def _of_machine() -> int:
    try:
        lines = MEMORY.read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2  # macOS tells all, not what is free
    except (AttributeError, OSError, ValueError):
        return UNSAID


def _of_group() -> int:
    """What the control group leaves, version 2 or 1; as good as endless where there is none."""
    for limit, used, kept in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            most, taken = (int((GROUPS / name).read_text()) for name in (limit, used))  # "max" is no number
            facts = dict(line.split() for line in (GROUPS / limit).with_name("memory.stat").read_text().splitlines())
            return most - taken + int(facts.get(kept, 0))
        except (OSError, ValueError):
            continue
    return 2**63
