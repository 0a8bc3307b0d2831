"""Codes as points on two axes, coloured by label or by score."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.decomposition import PCA  # pyright: ignore[reportMissingTypeStubs]

from .. import look, tables
from ..given import read
from ..judging.quality import pick

_MOST_CLASSES = len(look.CLASSES) * len(look.MARKS)


def latent_map(model: Any, source: Any, max_points: int = 5000, seed: int = 0) -> Figure:
    """The codes of `source` on two axes, coloured by label, or by score where there are no labels.

    Codes of more than two numbers are turned by PCA, which keeps distances as well as two straight axes can.
    """
    source = read(model, source)
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
    for i, name in enumerate(look.distinct(ordered, 24)):
        style: dict[str, Any] = {
            "color": look.CLASSES[i % len(look.CLASSES)],
            "marker": look.MARKS[i // len(look.CLASSES)],
        }
        axes.scatter([], [], s=30, linewidths=0, label=name, **style)
    if rest.any():
        axes.scatter([], [], s=20, linewidths=0, color=look.OTHERS, label=f"{len(names) - len(kept)} others")
    figure.legend(loc="outside right center", frameon=False, fontsize=9, labelcolor=look.INK, handletextpad=0.2)
