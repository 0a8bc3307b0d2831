"""Words drawn on two axes, as many of them named as can be read."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...errors import LatentlyWarning
from .. import look

_SIDES = (  # of its dot, where a name may stand, best first
    (4, 0, "left", "center"),
    (-4, 0, "right", "center"),
    (0, 4, "center", "bottom"),
    (0, -4, "center", "top"),
)


def drawn(words: Sequence[str], vectors: NDArray[np.float64], how: str, seed: int) -> Figure:
    """The map of vectors (n, D); the first words are named first, and none where its name would cover another."""
    points, about = _points(vectors, how, seed)
    figure = look.blank(9.0, 7.6)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.02, 0.05, 0.96, 0.93))
    axes.set_axis_off()
    axes.scatter(*points.T, s=7, color=look.OTHERS, linewidths=0)
    for bound, values in ((axes.set_xlim, points[:, 0]), (axes.set_ylim, points[:, 1])):
        room = 0.06 * float(np.ptp(values)) or 1.0
        bound(float(values.min()) - room, float(values.max()) + room)
    seen = [look.short(_seen(word), 18) for word in words]
    named = [look.written(text) for text in seen]
    names = [axes.annotate(t, at, fontsize=8) for t, at, whole in zip(seen, points, named, strict=True) if whole]
    note = figure.text(0.03, 0.015, "", fontsize=9)
    for text in (*names, note):
        text.set(fontfamily=list(look.families()), color=look.INK if text is not note else look.MUTED, parse_math=False)
    count = _placed(figure, axes, names, points[named])
    if not all(named):
        said = (
            f"no installed font holds {named.count(False)} of these words, which stay without a name; install one, "
            "such as Noto Sans CJK."
        )
        warnings.warn(said, LatentlyWarning, stacklevel=3)
    note.set_text(f"{len(words):,} words, {count:,} of them named; {about}")
    return figure


def _seen(word: str) -> str:
    """White space as a sign."""
    return "".join("␣" if sign.isspace() else sign for sign in word)


def _points(vectors: NDArray[np.float64], how: str, seed: int) -> tuple[NDArray[np.float64], str]:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    method: Any
    if np.ptp(vectors, axis=0).max() < 1e-12:
        return np.zeros((len(vectors), 2)), "all are the same"
    if how == "pca":
        method = PCA(min(2, vectors.shape[1]), random_state=0)
        points = method.fit_transform(vectors)
        points = points if points.shape[1] == 2 else np.hstack([points, np.zeros_like(points)])
        share = method.explained_variance_ratio_.sum()
        return points, f"the two directions hold {share:.0%} of the variance"
    method = TSNE(perplexity=min(30.0, (len(vectors) - 1) / 3), init="pca", random_state=seed)
    return method.fit_transform(vectors).astype(np.float64), "t-SNE: who is near whom counts, how far it is does not"


def _placed(figure: Any, axes: Any, names: Sequence[Any], points: NDArray[np.float64]) -> int:
    """Moves each name to a side of its dot where it covers no other, or hides it; how many are seen."""
    renderer: Any = FigureCanvasAgg(figure).get_renderer()
    dots = axes.transData.transform(points)
    page = figure.bbox
    taken = np.empty((0, 4))  # left, bottom, right, top of the names that stand
    step = figure.dpi / 72
    for name, dot in zip(names, dots, strict=True):
        name.set(position=(0, 0), verticalalignment="bottom", horizontalalignment="left")
        name.xyann = (0, 0)
        box = name.get_window_extent(renderer)
        for right, up, across, along in _SIDES:
            left = dot[0] + right * step - {"left": 0, "center": box.width / 2, "right": box.width}[across]
            low = dot[1] + up * step - {"bottom": 0, "center": box.height / 2, "top": box.height}[along]
            place = np.array([left, low, left + box.width, low + box.height])
            inside = (
                place[0] >= 0 and place[1] >= 0.04 * page.height and place[2] <= page.width and place[3] <= page.height
            )
            clear = (
                (place[0] > taken[:, 2])
                | (place[2] < taken[:, 0])
                | (place[1] > taken[:, 3])
                | (place[3] < taken[:, 1])
            )
            if inside and clear.all():
                taken = np.vstack([taken, place])
                name.set(horizontalalignment=across, verticalalignment=along)
                name.set_anncoords("offset points")
                name.xyann = (right, up)
                break
        else:
            name.set_visible(False)
    return len(taken)
