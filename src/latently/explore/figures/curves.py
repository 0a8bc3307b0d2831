"""The loss over the epochs, term by term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from ...progress import kept
from .. import look

Event = Mapping[str, Any]


def curves(history: Sequence[Event]) -> Figure:
    """Every term of the loss over the epochs, in training and held out, and the epoch whose weights are kept."""
    epochs = [e["epoch"] for e in history]
    terms = ["loss", *parts(history)]
    best: int = kept(history)["epoch"]
    figure = look.blank(1.6 + 2.9 * min(3, len(terms)), 0.4 + 2.9 * -(-len(terms) // 3))
    grid = figure.subplots(-(-len(terms) // 3), min(3, len(terms)), squeeze=False)
    for axes, term in zip(grid.flat, terms, strict=False):
        _curve(axes, epochs, history, term, best)
    for axes in list(grid.flat)[len(terms) :]:
        axes.set_axis_off()
    grid[0, 0].set_ylabel("nats an item")
    figure.legend(
        *grid[0, 0].get_legend_handles_labels(),
        loc="outside lower center",
        ncols=3,
        frameon=False,
        fontsize=9,
        labelcolor=look.INK,
        handlelength=1.6,
    )
    return look.dress(figure)


def parts(history: Sequence[Event]) -> list[str]:
    """The terms whose sum is the loss, where there are several."""
    terms = sorted((t for t in history[0]["train"] if t != "loss"), key=lambda t: (t != "reconstruction", t))
    return terms if len(terms) > 1 else []


def _curve(axes: Any, epochs: list[int], history: Sequence[Event], term: str, best: int) -> None:
    train = [e["train"][term] for e in history]
    held = [
        e["validation"].get(term, np.nan) if e["validation"] else np.nan for e in history
    ]  # some terms are training's alone
    mark = "o" if len(epochs) == 1 else None
    axes.plot(epochs, train, color=look.OTHERS, linewidth=1.6, marker=mark, label="training")
    if np.isfinite(held).any():
        axes.plot(epochs, held, color=look.ACCENT, linewidth=1.8, marker=mark, label="held out")
    values = np.array([*train, *held])
    values = values[np.isfinite(values)]
    if len(values) and train[-1] < train[0] and values.min() > 0 and values.max() > 20 * values.min():
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_title(term, fontsize=10, color=look.INK, loc="left")
    axes.set_xlabel("epoch")
    axes.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    if axes.get_yscale() == "linear":
        axes.yaxis.set_major_locator(MaxNLocator(5))
    label = f"kept: the weights of epoch {best}"
    axes.axvline(best, color=look.INK, linewidth=0.9, linestyle=(0, (2, 3)), label=label, zorder=0)
