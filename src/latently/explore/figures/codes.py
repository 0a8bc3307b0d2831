"""Codes as points on two axes or three, coloured by label, by score or by any column."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .. import look, tables
from ..places.maps import LatentMap
from ..places.maps import latent_map as made
from ..places.projections import WAYS
from ..places.told import Told, named

Floats = NDArray[np.float64]
_MANY = 3_000  # points from which they are one picture in an SVG, which would take megabytes of paths
_BENT = "who is near whom counts, how far does not"


def latent_map(
    model: Any,
    source: Any = None,
    max_points: int = 5000,
    seed: int = 0,
    *,
    how: str = "pca",
    dimensions: int = 2,
    by: str | None = None,
) -> Figure:
    """The codes of `source` on axes, coloured by label, or by score where there are no labels.

    Parameters
    ----------
    model
        A fitted model; or a map that `latently.latent_map` made, which needs none of the rest but `by`.
    source
        Items of the kind that the model was fitted to: anything `latently.open` takes.
    max_points
        How many are drawn at most, chosen at random with `seed`.
    how, dimensions
        Of `LatentMap`: by default PCA, which keeps distances as well as two straight axes can.
    by
        What colours say: "label", "score", or a column's name.
    """
    found = model if isinstance(model, LatentMap) else made(model, source, how, dimensions, most=max_points, seed=seed)
    points, titles = placed(found), _titles(found)
    deep = points.shape[1] == 3
    figure = look.blank(7.2, 6.4 if deep else 5.2)
    axes = figure.add_subplot(projection="3d" if deep else None)
    size = float(np.clip(24_000 / len(points), 1.5, 36))
    axes.set(xlabel=titles[0], ylabel=titles[1], xticks=[], yticks=[])
    if deep:
        axes.set(zlabel=titles[2], zticks=[])
        _bare(axes)
    colours = named(found, by)
    if colours is None:
        axes.scatter(*points.T, s=size, color=look.ACCENT, linewidths=0, alpha=0.6, rasterized=len(points) > _MANY)
    elif colours.kind == "class":
        _classed(figure, axes, points, colours, size)
    else:
        _shaded(figure, axes, points, colours, size)
    if found.total is not None and found.total > len(points):
        figure.supxlabel(f"{len(points):,} of {found.total:,} items drawn", fontsize=8, color=look.MUTED)
    return look.dress(figure)


def placed(found: LatentMap) -> Floats:
    """The points (n, dimensions); a code of one number lies on a line, and the score spreads it out."""
    points = found.points_
    if found.codes_.shape[1] > 1 or found.scores is None:
        return points
    return np.column_stack([points[:, 0], found.scores, points[:, 2:]])


def _titles(found: LatentMap) -> tuple[str, ...]:
    """What each axis is."""
    if found.plain:
        return "all codes are the same", "", ""
    if found.how in WAYS:
        return f"{WAYS[found.how].title}: {_BENT}", "", ""
    if found.codes_.shape[1] == 1 and found.scores is not None:
        return "the code", "score: higher is more normal", ""
    if found.shares_ is None:
        return "first number of the code", "second number of the code", "third number of the code"
    first, second, *third = (f"{share:.0%}" for share in found.shares_)
    last = (f"third direction, {share}" for share in third)
    return f"first direction, {first} of the codes' variance", f"second direction, {second}", *last


def _bare(axes: Any) -> None:
    """Three axes without walls, and lines as thin as those of other figures."""
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((0, 0, 0, 0))
        axis.line.set_color(look.HAIR)
    axes.zaxis.label.set(color=look.MUTED, size=9)


def _shaded(figure: Any, axes: Any, points: Floats, told: Told, size: float) -> None:
    low, high = told.ends
    style: dict[str, Any] = {"s": size, "linewidths": 0, "alpha": 0.85, "rasterized": len(points) > _MANY}
    known = np.isfinite(told.values)
    if not known.all():
        axes.scatter(*points[~known].T, color=look.OTHERS, **style)
    drawn = axes.scatter(
        *points[known].T, c=told.values[known], cmap=look.SHADES, vmin=low, vmax=high, plotnonfinite=True, **style
    )
    title = look.short(told.name, 40) + (f": {told.about}" if told.about else "")
    bar = figure.colorbar(drawn, ax=axes, shrink=0.6, aspect=28, label=title)
    if told.kind == "date":
        ticks = np.linspace(low, high, 5)
        bar.set_ticks(ticks, labels=tables.Cells(ticks, True, date=True).written(ticks))
    else:
        bar.formatter = "{x:.4g}"
    bar.outline.set_visible(False)


def _classed(figure: Any, axes: Any, points: Floats, told: Told, size: float) -> None:
    shown = told.shown
    names, many = set(told.values.tolist()), len(points) > _MANY
    rest = ~np.isin(told.values, shown)
    axes.scatter(*points[rest].T, s=size * 0.6, color=look.OTHERS, linewidths=0, alpha=0.6, rasterized=many)
    shuffled = np.random.default_rng(0).permutation(len(points))  # else the last class would hide the others
    styles: list[dict[str, Any]] = [
        {"color": look.CLASSES[i % len(look.CLASSES)], "marker": look.MARKS[i // len(look.CLASSES)]}
        for i in range(len(shown))
    ]
    for part in np.array_split(shuffled, 8):
        for name, style in zip(shown, styles, strict=True):
            chosen = part[told.values[part] == name]
            axes.scatter(*points[chosen].T, s=size, linewidths=0, alpha=0.8, rasterized=many, **style)
    nothing = points[:0].T
    for name, style in zip(look.distinct(shown, 24), styles, strict=True):
        axes.scatter(*nothing, s=30, linewidths=0, label=name, **style)
    if rest.any():
        others = len(names) - len(shown)
        label = "missing" if names - set(shown) == {""} else f"{others} others"
        axes.scatter(*nothing, s=20, linewidths=0, color=look.OTHERS, label=label)
    figure.legend(loc="outside right center", frameon=False, fontsize=9, labelcolor=look.INK, handletextpad=0.2)
