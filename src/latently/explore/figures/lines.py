"""Series as lines: windows small and side by side, and a whole series with the stretches that were odd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from .. import look
from ..odd.anomalies import Anomalies
from ..odd.ranges import Line, Range

_ACROSS = 5  # windows in a row
_PANELS = 6  # lines of a series, or windows' columns, at most
_MARKED = 8  # ranges that are numbered
_PARTS = 10_000  # of a long line, of each of which the least and the most are drawn
_ODD = "#cc3d4d"

Array = NDArray[Any]


def windows(
    found: Array,
    beside: Array | None = None,
    names: Sequence[str] = (),
    titles: Sequence[str] = (),
    caption: str = "",
    across: int = _ACROSS,
) -> Figure:
    """Windows of a series, small and side by side, all of a column on one scale.

    Parameters
    ----------
    found
        (n, T, F); the first six columns are drawn, one below the other.
    beside
        As many windows to set behind them, in grey: what was restored behind what came in.
    names
        Of the columns.
    titles
        One a window.
    caption
        Below all.
    across
        How many stand side by side.
    """
    n, _, columns = found.shape
    columns, across = min(columns, _PANELS), min(n, across)
    down = -(-n // across) * columns
    figure = look.blank(0.6 + 1.5 * across, 0.5 + (0.75 if columns > 1 else 1.0) * down)
    grid = figure.subplots(down, across, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for i in range(n):
        for j in range(columns):
            axes = grid[i // across * columns + j, i % across]
            _small(axes, found[i, :, j], None if beside is None else beside[i, :, j])
            axes.set_ylim(*_bounds([found[:, :, j], *([] if beside is None else [beside[:, :, j]])]))
            if j == 0 and i < len(titles):
                axes.set_title(titles[i], fontsize=7, color=look.MUTED, loc="left")
            if i % across == 0 and columns > 1 and j < len(names):
                axes.set_ylabel(look.short(names[j], 12))
    if caption:
        figure.supxlabel(caption, fontsize=8, color=look.MUTED)
    look.dress(figure)
    figure.get_layout_engine().set(w_pad=0.03, h_pad=0.02, wspace=0.03, hspace=0.03)
    return figure


def firsts(source: Any) -> list[str]:
    """The first time of each window: a whole name is wider than its line."""
    return [name.partition(" to ")[0] for name in source.names]


def _small(axes: Any, values: Array, behind: Array | None) -> None:
    axes.set_axis_on()
    if behind is not None:
        axes.plot(behind, color=look.OTHERS, linewidth=1.6)
    axes.plot(values, color=look.ACCENT, linewidth=1.1)
    if len(values) and np.isnan(values).any():  # single readings between missing ones would be no line
        axes.plot(values, color=look.ACCENT, marker=".", markersize=2, linewidth=0)
    axes.set(xticks=[], yticks=[])
    for side in ("left", "bottom"):
        axes.spines[side].set_color(look.HAIR)


def _bounds(arrays: Sequence[Array]) -> tuple[float, float]:
    known = np.concatenate([a[np.isfinite(a)] for a in arrays])
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    room = 0.06 * (high - low) or 0.5
    return low - room, high + room


def ranges(found: Anomalies, n: int = _MARKED) -> Figure:
    """A series over time, what was expected of it behind it, and the `n` oddest ranges marked and numbered.

    Parameters
    ----------
    found
        What `latently.anomalies` found in a series.
    n
        How many ranges to mark.

    Raises
    ------
    InputError
        The items are no windows of a series.
    """
    line = found.over_time()
    marked = [*line.ranges[:n]]
    panels = _panels(line, marked)
    figure = look.blank(9.0, 0.9 + 1.7 * len(panels))
    grid = figure.subplots(len(panels), 1, squeeze=False, sharex=True)[:, 0]
    for axes, (group, column) in zip(grid, panels, strict=True):
        _over_time(axes, line, group, column)
        for rank, one in enumerate(marked, 1):
            if line.source.steps.group[one.first] == group:
                _mark(axes, line, one, rank, numbered=column == panels[0][1])
        of = line.source.series[group] if line.source.series else ""
        name = line.columns[column]
        above = 14 if column == panels[0][1] else 4  # the numbers of the ranges
        axes.set_title(look.short(f"{of} {name}".strip(), 60), fontsize=9, color=look.INK, loc="left", pad=above)
    left = len(line.ranges) - len(marked)
    rest = f"; {left} more range{'s' * (left > 1)} not marked" if left else ""
    caption = (
        f"blue: found   grey: expected   red: flagged, 1 is the oddest{rest}"
        if marked
        else "blue: found   grey: expected   nothing is flagged"
    )
    figure.supxlabel(caption, fontsize=8, color=look.MUTED)
    return look.dress(figure)


def _panels(line: Line, marked: list[Range]) -> list[tuple[int, int]]:
    """Which series and columns are drawn: those with the oddest ranges first."""
    groups = [int(line.source.steps.group[one.first]) for one in marked]
    every = [*dict.fromkeys([*groups, *np.unique(line.source.steps.group[line.source.starts]).tolist()])]
    columns = range(len(line.columns))
    return [(group, column) for group in every for column in columns][:_PANELS]


def _over_time(axes: Any, line: Line, group: int, column: int) -> None:
    for values, style in (
        (line.expected[:, column], {"color": look.OTHERS, "linewidth": 1.6}),
        (line.found[:, column], {"color": look.ACCENT, "linewidth": 0.8}),
    ):
        rows, anew = line.outline(values, group, _PARTS)
        cut, times = np.flatnonzero(anew), line.source.steps.times[rows]
        axes.plot(np.insert(times, cut, times[cut]), np.insert(values[rows], cut, np.nan), **style)
    axes.margins(x=0.01)
    axes.yaxis.set_major_locator(MaxNLocator(4))


def _mark(axes: Any, line: Line, one: Range, rank: int, *, numbered: bool) -> None:
    times = line.source.steps.times
    half = (times[min(one.last + 1, len(times) - 1)] - times[one.last]) / 2  # a single step is a stretch too
    axes.axvspan(times[one.first] - half, times[one.last] + half, color=_ODD, alpha=0.22, linewidth=0.8)
    if numbered:
        where = axes.get_xaxis_transform()
        axes.text(times[one.first] - half, 1.01, str(rank), transform=where, fontsize=8, color=_ODD, clip_on=False)
