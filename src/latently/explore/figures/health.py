"""The figure of a model's health: what each number of a code carries, what each entry of a codebook, each label."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .. import look, tables
from ..judging.finding import Health

_MOST_LABELS = 20


def health(found: Health) -> Figure | None:
    """Up to three panels, those that the model has: divergence of each number of the code, use of the codebook, and
    which labels the samples fall into. None where it has none of them.

    Parameters
    ----------
    found
        What `latently.health` gave.
    """
    panels = [draw for key, draw in _PANELS.items() if found.numbers.get(key)]
    if not panels:
        return None
    figure = look.blank(3.6 * len(panels) if len(panels) > 1 else 4.6, 2.7)
    for axes, draw in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        draw(axes, found.numbers)
    return look.dress(figure)


def _divergence(axes: Any, numbers: dict[str, Any]) -> None:
    kl = np.sort(np.array(numbers["kl"]))[::-1]
    active = np.arange(len(kl)) < numbers["active_units"]
    axes.bar(np.arange(1, len(kl) + 1), kl, width=0.8, color=np.where(active, look.ACCENT, look.OTHERS))
    axes.set_title("KL of each number of the code", fontsize=10, color=look.INK, loc="left")
    axes.set(xlabel="numbers, by their KL; grey: collapsed", ylabel="nats", xlim=(0.4, len(kl) + 0.6))
    _quiet(axes, float(kl.max(initial=0)))


def _codebook(axes: Any, numbers: dict[str, Any]) -> None:
    shares = np.sort(np.array(numbers["codebook"]["shares"]))[::-1]
    axes.bar(np.arange(1, len(shares) + 1), 100 * shares, width=1.0, color=look.ACCENT)
    axes.axhline(100 / len(shares), color=look.INK, linewidth=0.9, linestyle=(0, (2, 3)))
    axes.set_title("Use of the codebook", fontsize=10, color=look.INK, loc="left")
    axes.set(xlabel="entries, by their use; dotted: all alike", ylabel="% of codes", xlim=(0.4, len(shares) + 0.6))
    _quiet(axes, float(100 * shares.max(initial=0)))


def _labels(axes: Any, numbers: dict[str, Any]) -> None:
    table: dict[str, dict[str, float]] = numbers["labels"]
    names = sorted(table, key=tables.natural)[:_MOST_LABELS]
    hidden = len(table) - len(names)
    for key, color, width in (("items", look.DATA, 0.8), ("samples", look.ACCENT, 0.36)):
        axes.bar(range(len(names)), [100 * table[name][key] for name in names], width=width, color=color)
    axes.set_title("Labels that samples fall into", fontsize=10, color=look.INK, loc="left")
    longest = max(map(len, names))
    turned = {"rotation": 60, "ha": "right"} if longest * len(names) > 34 else {}
    axes.set_xticks(range(len(names)), look.distinct(names, 10), **turned)
    axes.set(xlabel="blue: samples, grey: the data" + (f" ({hidden} more)" if hidden else ""), ylabel="%")
    axes.yaxis.set_major_locator(MaxNLocator(4))


def _quiet(axes: Any, most: float) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.set_ylim(0, max(most, 1e-3) * 1.08)


_PANELS = {"kl": _divergence, "codebook": _codebook, "labels": _labels}
