"""The rows of results/speed.json as a table: for the terminal, and for the README."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .rows import ROWS

HEAD = ("network", "against", "ours, s", "peer, s", "times faster", "asked", "test result, ours", "peer's", "of peak")
UNITS = {"bce": "BCE", "mse": "MSE", "nats": "nats", "nats a token": "nats a token", "auroc": "AUROC"}
PAIRS = 3  # of runs, below which a ratio is an indication
Kept = Mapping[str, Any]


def counted(pairs: int) -> str:
    return f"{pairs} pair{'s' * (pairs != 1)} of runs"


def verdict(row: Kept) -> str:
    """The ratio, and what stands against counting it."""
    times = f"{row['ratio']:.2f}{'' if row['pairs'] >= PAIRS else ' in ' + counted(row['pairs'])}"
    if row["worse"]:
        return f"{times} (worse {'AUROC' if row['quality'] == 'auroc' else 'loss'})"
    return times if row["ratio"] >= row["target"] else f"{times} (less than asked)"


def cells(row: Kept) -> tuple[str, ...]:
    """One line for training."""
    part = row.get("share of the float32 peak")
    return (
        row["what"],
        row["against"],
        f"{row['ours: s']:.3g}",
        f"{row['peer: s']:.3g}",
        verdict(row),
        f"{row['target']:g}",
        f"{row['ours: quality']:.4g} {UNITS[row['quality']]}",
        f"{row['peer: quality']:.4g}",
        "" if part is None else f"{part:.0%}",
    )


def encoding(row: Kept) -> tuple[str, ...]:
    """One line for encoding all training items."""
    ratio, target = row["encode: ratio"], row["encode: target"]
    found = f"{ratio:.2f}" if ratio >= target else f"{ratio:.2f} (less than asked)"
    seconds = (f"{row[f'{side}: encode, s']:.3g}" for side in ("ours", "peer"))
    return (f"{row['what']}: encode", row["against"], *seconds, found, f"{target:g}", "", "", "")


def body(kept: Mapping[str, Kept]) -> list[tuple[str, ...]]:
    """The lines of all rows that were measured, in the order in which they are declared."""
    rows = [kept[name] for name in ROWS if name in kept]
    return [line for row in rows for line in (cells(row), *([encoding(row)] if "encode: ratio" in row else []))]


def plain(kept: Mapping[str, Kept]) -> str:
    """In columns."""
    table = [HEAD, *body(kept)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in table)


def markdown(kept: Mapping[str, Kept]) -> str:
    """In Markdown."""
    rule = ["---"] * 2 + ["---:"] * 4 + ["---"] * 2 + ["---:"]
    return "\n".join(f"| {' | '.join(line)} |" for line in [HEAD, rule, *body(kept)]).replace("|  |", "| |")
