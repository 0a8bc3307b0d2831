"""Figures of a trained model, each matplotlib's `Figure`: originals and restored, samples, the latent map, the loss.

None touches pyplot or matplotlib's settings, so they are safe in threads and in a notebook alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter
from numpy.typing import NDArray
from sklearn.decomposition import PCA  # pyright: ignore[reportMissingTypeStubs]

from ..data import Source, open
from ..progress import early as early
from ..progress import kept as kept
from ..store import atomic
from . import look as look
from . import tables
from .health_figure import health as health
from .hourglass import activations as activations
from .hourglass import hourglass as hourglass
from .near_figure import neighbors as neighbors
from .odd_figure import oddest as oddest
from .pictures import Pictures, scaled, shown, value_range
from .pictures import picture_grid as picture_grid
from .quality import Column, columns, one_size, packed
from .quality import restored as restored_values

_MOST_CLASSES = len(look.CLASSES) * len(look.MARKS)
_LOOKED = 20_000  # rows of a table that a figure is drawn of, at most
_MOST_BARS = 40
_MOST_PANELS = 12
_MOST_LEVELS = 8

Event = Mapping[str, Any]


def restored(model: Any, source: Any, n: int = 10, seed: int = 0) -> Figure:
    """What comes back through the code: pictures under their originals, or how well each column of a table returns.

    Parameters
    ----------
    model
        A fitted model.
    source
        Items of the kind that it was fitted to: anything `latently.open` takes.
    n
        Pictures to show, drawn at random with `seed`; a table shows all its columns.
    """
    source = open(source)
    if source.kind == "table":
        source = _some(source, seed)
        return _bars(
            columns(packed(model, source), restored_values(model, source), model.codec_.spec, tables.names(model))
        )
    some = one_size(source[pick(len(source), n, seed)])
    return _pairs(some.data, model.reconstruct(some))


def samples(model: Any, source: Any = None, n: int | None = None, seed: int = 0) -> Figure:
    """New items drawn by `model`: a grid of pictures, or each column's spread, over that of `source` where it is given.

    Parameters
    ----------
    model
        A fitted model.
    source
        Tables only: the data to compare with.
    n
        How many to draw; None for 64 pictures, or 2,000 rows.
    """
    if model.codec_.spec.kind == "table":
        drawn = tables.cells(model, model.sample(n or 2_000, seed=seed))
        if source is None:
            return _spreads(drawn, {})
        source = _some(open(source), seed)
        model.codec_.pack(source[:1])  # refuses columns that are not the model's
        return _spreads(drawn, tables.cells(model, source.data))
    return _grid(model.sample(n or 64, seed=seed))


def latent_map(model: Any, source: Any, max_points: int = 5000, seed: int = 0) -> Figure:
    """The codes of `source` on two axes, coloured by label, or by score where there are no labels.

    Codes of more than two numbers are turned by PCA, which keeps distances as well as two straight axes can.
    """
    source = open(source)
    source = source[pick(len(source), max_points, seed)]
    codes: NDArray[np.float32] = model.transform(source)
    scores: NDArray[np.float64] = np.asarray(model.score_samples(source), np.float64)
    points, titles = _two_axes(codes, scores)
    figure = look.blank(7.2, 5.2)
    axes = figure.subplots()
    axes.set(xlabel=titles[0], ylabel=titles[1], xticks=[], yticks=[])
    size = float(np.clip(24_000 / len(points), 4, 36))
    labels = source.labels
    if labels is None or len(set(labels.tolist())) < 2:
        _shaded(figure, axes, points, scores, size, "score: higher is more normal")
    elif np.issubdtype(labels.dtype, np.floating) and len(set(labels.tolist())) > _MOST_CLASSES:
        _shaded(figure, axes, points, labels.astype(np.float64), size, "label")
    else:
        _classed(figure, axes, points, labels, size)
    return look.dress(figure)


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


def save_grid(path: str | Path, items: Pictures, columns: int | None = None) -> Path:
    """Writes pictures as one grid, `columns` in a row, whole or not at all; the ending chooses the format.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    grid = picture_grid(items, columns)
    with atomic(path) as part:
        (grid.convert("RGB") if path.suffix.lower() in (".jpg", ".jpeg") else grid).save(part)
    return path


def save(path: str | Path, figure: Figure) -> Path:
    """Writes a figure as PNG, whole or not at all.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    with atomic(path) as part:
        look.save(figure, part)
    return path


def _some(source: Source, seed: int) -> Source:
    """The rows that a figure of a table is drawn of: all, or those drawn at random where there are very many."""
    return source if len(source) <= _LOOKED else source[pick(len(source), _LOOKED, seed)]


def pick(n: int, most: int, seed: int) -> NDArray[np.intp]:
    """At most `most` of `n` row numbers, drawn at random, in their order."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:most])


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
    names = [look.short(c.name, 26) for group in groups for c in group]
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


def _spreads(drawn: Mapping[str, tables.Cells], real: Mapping[str, tables.Cells]) -> Figure:
    names = [n for n, cells in drawn.items() if len(cells.values)][:_MOST_PANELS]
    across = min(4, max(1, len(names)))
    down = max(1, -(-len(names) // across))
    figure = look.blank(max(3.6, 2.3 * across), 0.5 + 1.75 * down)
    grid = figure.subplots(down, across, squeeze=False)
    for axes, name in zip(grid.flat, names, strict=False):
        _spread(axes, drawn[name], real.get(name, drawn[name]))
        axes.set_title(look.short(name, 26), fontsize=9, color=look.INK, loc="left")
    for axes in list(grid.flat)[len(names) :]:
        axes.set_axis_off()
    hidden = len(drawn) - len(names)
    caption = "blue: drawn by the model" + ("   grey: the data" if real else "")
    figure.supxlabel(caption + (f"   ({hidden} more columns)" if hidden else ""), fontsize=8, color=look.MUTED)
    return look.dress(figure)


def _spread(axes: Any, drawn: tables.Cells, real: tables.Cells) -> None:
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if real.numeric:
        both = np.concatenate([drawn.values, real.values]).astype(np.float64)
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
    axes.set(yticks=range(len(levels)), yticklabels=[look.short(v, 12) for v in levels], xticks=[])
    axes.set_ylim(max(3, len(levels)) - 0.4, -0.6)


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


def _two_axes(codes: NDArray[np.float32], scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[str, str]]:
    if codes.shape[1] == 1:
        return np.stack([codes[:, 0], scores], 1).astype(np.float64), ("the code", "score: higher is more normal")
    if codes.shape[1] == 2 or len(codes) < 3 or not np.ptp(codes, axis=0).any():
        return codes[:, :2].astype(np.float64), ("first number of the code", "second number of the code")
    pca: Any = PCA(2, random_state=0)
    pca.fit(codes)
    first, second = pca.explained_variance_ratio_
    titles = (f"first direction, {first:.0%} of the codes' variance", f"second direction, {second:.0%}")
    return pca.transform(codes).astype(np.float64), titles


def _shaded(
    figure: Any, axes: Any, points: NDArray[np.float64], values: NDArray[np.float64], size: float, title: str
) -> None:
    low, high = np.nanpercentile(values, [1, 99])  # a few wild scores would leave one shade for all the others
    drawn = axes.scatter(*points.T, c=values, s=size, cmap=look.SHADES, vmin=low, vmax=high, linewidths=0, alpha=0.85)
    bar = figure.colorbar(drawn, ax=axes, shrink=0.6, aspect=28, label=title)
    bar.formatter = "{x:.4g}"
    bar.outline.set_visible(False)


def _classed(figure: Any, axes: Any, points: NDArray[np.float64], labels: NDArray[Any], size: float) -> None:
    labels = labels.astype(str) if labels.dtype == object else labels
    names = tables.commonest(labels, len(labels))
    kept = names if len(names) <= _MOST_CLASSES else names[: _MOST_CLASSES - 1]
    rest = ~np.isin(labels, kept)
    axes.scatter(*points[rest].T, s=size * 0.6, color=look.OTHERS, linewidths=0, alpha=0.6)
    shuffled = np.random.default_rng(0).permutation(len(points))  # else the last class would hide the others
    ordered = sorted(kept, key=tables.natural)
    for part in np.array_split(shuffled, 8):
        for i, name in enumerate(ordered):
            chosen = part[labels[part] == name]
            style: dict[str, Any] = {
                "color": look.CLASSES[i % len(look.CLASSES)],
                "marker": look.MARKS[i // len(look.CLASSES)],
            }
            axes.scatter(*points[chosen].T, s=size, linewidths=0, alpha=0.8, **style)
    for i, name in enumerate(ordered):
        style: dict[str, Any] = {
            "color": look.CLASSES[i % len(look.CLASSES)],
            "marker": look.MARKS[i // len(look.CLASSES)],
        }
        axes.scatter([], [], s=30, linewidths=0, label=look.short(name, 24), **style)
    if rest.any():
        axes.scatter([], [], s=20, linewidths=0, color=look.OTHERS, label=f"{len(names) - len(kept)} others")
    figure.legend(loc="outside right center", frameon=False, fontsize=9, labelcolor=look.INK, handletextpad=0.2)


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
