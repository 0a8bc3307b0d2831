"""What comes back through the code, and what is new: pictures beside pictures, columns by how well they return."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...data import Source
from .. import look, tables
from ..given import read
from ..judging.quality import Column, columns, one_size, packed, pick
from ..judging.quality import restored as restored_values
from .lines import firsts, windows
from .pictures import Pictures, picture_grid, scaled, shown, value_range

_LOOKED = 20_000  # rows of a table that a figure is drawn of, at most
_MOST_BARS = 40
_MOST_PANELS = 12
_MOST_LEVELS = 8


def restored(model: Any, source: Any, n: int = 10, seed: int = 0) -> Figure:
    """What comes back through the code: pictures under their originals, windows of a series as lines over theirs.

    Of a table how well each column returns.

    Parameters
    ----------
    model
        A fitted model.
    source
        Items of the kind that it was fitted to: anything `latently.open` takes.
    n
        Pictures or windows to show, drawn at random with `seed`; a table shows all its columns.
    """
    source = read(model, source)
    if source.kind == "table":
        source = _some(source, seed)
        return _bars(
            columns(packed(model, source), restored_values(model, source), model.codec_.spec, tables.names(model))
        )
    some = one_size(source[pick(len(source), n, seed)])
    if some.kind == "series":
        names, caption = tables.names(model), "grey: original, from the time above on   blue: restored"
        return windows(model.reconstruct(some), model.codec_.ordered(some), names, firsts(some), caption)
    return _pairs(some.data, model.reconstruct(some))


def samples(model: Any, source: Any = None, n: int | None = None, seed: int = 0) -> Figure:
    """New items drawn by `model`: a grid of pictures, windows of a series as lines.

    Of a table each column's spread, over that of `source` where it is given.

    Parameters
    ----------
    model
        A fitted model.
    source
        Tables only: the data to compare with.
    n
        How many to draw; None for 64 pictures, 20 windows, or 2,000 rows.
    """
    if model.codec_.spec.kind == "series":
        return windows(model.sample(n or 20, seed=seed), names=tables.names(model))
    if model.codec_.spec.kind == "table":
        there = tables.cells(model, model.sample(n or 2_000, seed=seed))
        drawn = dict(islice((one for one in there if len(one[1].values)), _MOST_PANELS))
        hidden = len(tables.names(model)) - len(drawn)
        if source is None:
            return _spreads(drawn, {}, hidden)
        source = _some(read(model, source), seed)
        model.codec_.pack(source[:1])  # refuses columns that are not the model's
        return _spreads(drawn, dict(tables.cells(model, source.data, drawn)), hidden)
    return _grid(model.sample(n or 64, seed=seed))


def _some(source: Source, seed: int) -> Source:
    """The rows that a figure of a table is drawn of: all, or those drawn at random where there are very many."""
    return source if len(source) <= _LOOKED else source[pick(len(source), _LOOKED, seed)]


def _pairs(before: Pictures, after: Pictures) -> Figure:
    low, high = value_range(before)
    n = len(before)
    figure = look.blank(0.5 + 0.8 * n, 2.15)
    grid = figure.subplots(2, n, squeeze=False)
    for i, (x, y) in enumerate(zip(before, after, strict=True)):
        for axes, item in zip(grid[:, i], (x, y), strict=True):
            _picture(axes, item, low, high)
        grid[1, i].set_xlabel(f"{off(x, y, low, high):.0%}")
    for axes, title in zip(grid[:, 0], ("original", "restored"), strict=True):
        axes.set_ylabel(title)
    figure.supxlabel("below: how far off a pixel is, as a share of black to white", fontsize=8, color=look.MUTED)
    look.dress(figure)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    return figure


def off(before: NDArray[Any], after: NDArray[Any], low: float, high: float) -> float:
    """The root mean squared difference of two pictures, as a share of black to white."""
    gap = np.asarray(before, np.float64) - np.asarray(after, np.float64)
    return float(np.sqrt(np.mean(gap**2)) / (high - low))


def _picture(axes: Any, item: NDArray[Any], low: float, high: float) -> None:
    axes.imshow(scaled(shown(item, low, high), 184), interpolation="nearest", cmap="gray", vmin=0, vmax=255)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _grid(items: Pictures) -> Figure:
    grid = picture_grid(items, side=96)
    width = 6.4
    figure = look.blank(width, width * grid.height / grid.width)
    axes = figure.subplots()
    axes.imshow(grid, interpolation="nearest")
    axes.set_axis_off()
    return look.dress(figure)


def _bars(found: list[Column]) -> Figure:
    """Numbers above, categories below, best first; the tick is what always guessing the same value would give."""
    left_out = max(0, len(found) - _MOST_BARS)
    if left_out:
        best = sorted(found, key=lambda c: -c.restored)
        found = [*best[: _MOST_BARS // 2], *best[-_MOST_BARS // 2 :]]
    groups = [sorted((c for c in found if c.numeric is kind), key=lambda c: -c.score) for kind in (True, False)]
    figure = look.blank(7.2, 0.8 + 0.25 * (len(found) + 1.6 * sum(map(bool, groups))))
    axes = figure.subplots()
    places: list[float] = []
    y = 0.0
    for title, group in zip(("numbers: R²", "categories: cells that return exactly"), groups, strict=True):
        if group:
            axes.text(0, y, title, fontsize=9, color=look.MUTED, va="center")
            for column in group:
                y += 1
                places.append(y)
                _bar(axes, y, column)
            y += 1.6
    names = look.distinct([c.name for group in groups for c in group], 26)
    axes.set(yticks=places, yticklabels=names, ylim=(max(y, 1) - 0.8, -0.7), xlim=(0, 1.12), xticks=[])
    axes.set_xlabel(
        "black tick: always guessing the mean, or the commonest value"
        + (f"\nthe best and the worst columns; {left_out} between them are not shown" if left_out else "")
        if found
        else "no column changes"
    )
    axes.spines[["left", "bottom"]].set_visible(False)
    look.dress(figure)
    axes.tick_params(axis="y", labelcolor=look.INK, labelsize=9)
    return figure


def _bar(axes: Any, y: float, column: Column) -> None:
    length = float(np.clip(column.score, 0, 1))
    axes.barh(y, 1, height=0.6, color=look.HAIR, alpha=0.45)
    axes.barh(y, length, height=0.6, color=look.ACCENT)
    axes.plot([column.guess] * 2, [y - 0.4, y + 0.4], color=look.INK, linewidth=1.4)
    text = f"{column.score:.2f}" if column.numeric else f"{column.score:.0%}"
    axes.text(1.015, y, text, fontsize=9, color=look.INK, va="center")


def _spreads(drawn: Mapping[str, tables.Cells], real: Mapping[str, tables.Cells], hidden: int = 0) -> Figure:
    names = [*drawn]
    across = min(4, max(1, len(names)))
    down = max(1, -(-len(names) // across))
    figure = look.blank(max(3.6, 2.3 * across), 0.5 + 1.75 * down)
    grid = figure.subplots(down, across, squeeze=False)
    for axes, name, title in zip(grid.flat, names, look.distinct(names, 26), strict=False):
        _spread(axes, drawn[name], real.get(name, drawn[name]))
        axes.set_title(title, fontsize=9, color=look.INK, loc="left")
    for axes in list(grid.flat)[len(names) :]:
        axes.set_axis_off()
    caption = "blue: drawn by the model" + ("   grey: the data" if real else "")
    figure.supxlabel(caption + (f"   ({hidden} more columns)" if hidden else ""), fontsize=8, color=look.MUTED)
    return look.dress(figure)


def _spread(axes: Any, drawn: tables.Cells, real: tables.Cells) -> None:
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if real.numeric:
        both = np.concatenate([drawn.values, real.values]).astype(np.float64)
        both = both[_among_others(both)]  # a stray cell would squash all others to one bar
        edges = _edges(both)
        axes.hist(real.values, edges, density=True, color=look.DATA)
        axes.hist(drawn.values, edges, density=True, histtype="step", color=look.ACCENT, linewidth=1.5)
        ticks = np.array([both.min(), both.max()])[: 1 + bool(np.ptp(both))]
        axes.set_xticks(ticks, real.written(ticks))
        for label, side in zip(axes.get_xticklabels(), ("left", "right"), strict=False):
            label.set_horizontalalignment(side)
        return
    levels = tables.commonest(real.values, _MOST_LEVELS)
    for values, color, width in ((real.values, look.DATA, 0.8), (drawn.values, look.ACCENT, 0.3)):
        axes.barh(range(len(levels)), [float((values == v).mean()) for v in levels], height=width, color=color)
    axes.set(yticks=range(len(levels)), yticklabels=look.distinct(levels, 12), xticks=[])
    axes.set_ylim(max(3, len(levels)) - 0.4, -0.6)


def _among_others(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each value is no farther out than all but one in a hundred are wide.

    >>> _among_others(np.array([*range(500), 900, 1600])).tolist()[-3:]
    [True, True, False]
    """
    low, high = np.quantile(values, [0.005, 0.995])
    width = high - low or np.inf
    return (low - width <= values) & (values <= high + width)


def _edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of at most 25 bins; for whole numbers each bin holds equally many of them, else the bars would comb."""
    low, high = float(values.min()), float(values.max())
    if (values == np.rint(values)).all() and high > low:
        step = np.ceil((high - low + 1) / 25)
        edges = np.arange(low - 0.5, high + step + 0.5, step)
    else:
        edges = np.linspace(low, high, 26)
    edges = np.unique(edges)  # between large numbers that are close there is no room for 25
    if len(edges) > 1 and edges[0] <= low < high <= edges[-1]:
        return edges
    room = max(0.5, float(np.spacing(max(abs(low), abs(high)))))
    return np.array([low - room, high + room])
