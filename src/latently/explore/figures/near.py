"""Pictures with the ones nearest to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ...data import ImageSource, SeriesSource
from ...errors import InputError
from .. import look, tables
from ..places.nearest import Nearest
from .lines import firsts, windows
from .pictures import scaled, shown, value_range

_ACROSS = 10  # neighbours in a line
_LINES = 40


def neighbors(found: Nearest) -> Figure:
    """What was asked for, at the left, and what `latently.neighbors` found, with names and distances below; windows of
    a series over the one that was asked for.

    Raises
    ------
    InputError
        What was found is no picture and no window of a series.
    """
    if isinstance(found.items, SeriesSource) and isinstance(found.queries, SeriesSource):
        return _lines(found, found.items, found.queries)
    if not isinstance(found.items, ImageSource) or not isinstance(found.queries, ImageSource):
        raise InputError(
            "figures.neighbors draws pictures and series; print what was found of other data, or write found.frame()."
        )
    rows, distances = np.atleast_2d(found.rows), np.atleast_2d(found.distances)
    k = rows.shape[1]
    across = min(k, _ACROSS)
    deep = -(-k // across)  # lines a query
    count = min(len(rows), max(1, _LINES // deep))
    figure = look.blank(0.4 + 0.9 * (across + 1), 0.2 + 1.12 * count * deep)
    grid = figure.subplots(count * deep, across + 1, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    low, high = value_range(found.items.data)
    asked, names = found.queries.names, None if found.names is None else np.atleast_2d(found.names)
    for i in range(count):
        _tile(
            grid[i * deep, 0],
            found.queries[i : i + 1].data[0],
            low,
            high,
            f"asked\n{look.file(asked[i])}",
            look.ACCENT,
        )
        for j in range(k):
            name = names[i, j] if names is not None else rows[i, j]
            axes = grid[i * deep + j // across, 1 + j % across]
            place = i * k + j
            below = f"{look.file(name)}\n{distances[i, j]:.3g}"
            _tile(axes, found.items[place : place + 1].data[0], low, high, below, look.MUTED)
    look.dress(figure)
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0.02, hspace=0.02)
    return figure


def _lines(found: Nearest, items: SeriesSource, queries: SeriesSource) -> Figure:
    k = np.atleast_2d(found.rows).shape[1]
    codec = found.model.codec_
    beside = np.repeat(codec.ordered(queries), k, axis=0)[:_LINES]
    far = [f"{distance:.3g}" for distance in found.distances.reshape(-1)]
    titles = [f"{first}, {d}" for first, d in zip(firsts(items), far, strict=True)]
    caption = "blue: found, from the time above on, and its distance   grey: asked for"
    return windows(codec.ordered(items)[:_LINES], beside, tables.names(found.model), titles, caption)


def _tile(axes: Any, picture: Any, low: float, high: float, below: str, colour: str) -> None:
    axes.set_axis_on()
    axes.imshow(scaled(shown(picture, low, high), 184), interpolation="nearest", cmap="gray", vmin=0, vmax=255)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_title(below, y=0, pad=-3, va="top", fontsize=7, color=colour)
