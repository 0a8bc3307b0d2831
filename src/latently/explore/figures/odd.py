"""The figure of odd pictures: as they are, as the model expected them, and where the difference lies."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ...errors import InputError
from ...estimator.calibration import p_values
from .. import look
from ..given import read
from ..judging.quality import one_size
from ..odd.anomalies import judged
from ..odd.reasons import explain
from .lines import ranges
from .pictures import scaled, shown, value_range

HEAT = "inferno"


def oddest(model: Any, source: Any, n: int = 10) -> Figure:
    """The pictures that `score_samples` finds oddest, the oddest first; of a series its line, the oddest ranges marked.

    Parameters
    ----------
    model
        A fitted model of pictures or of a series.
    source
        Items of its kind: anything `latently.open` takes.
    n
        How many.

    Raises
    ------
    InputError
        The model is one of tables or texts, whose anomalies are told in words.
    """
    if model.codec_.spec.kind == "series":
        rate = max(model.false_alarms, model.least_rate_)
        return ranges(judged(model, source, rate), n)
    if model.codec_.spec.kind != "image":
        raise InputError(
            f"the model reads {model.codec_.spec.kind}s, of which no picture can be made; latently.explain says in "
            "words what is odd."
        )
    source = one_size(read(model, source))
    scores = model.score_samples(source)
    odd = np.argsort(scores, kind="stable")[:n]
    some, p = source[odd], p_values(scores[odd], model.calibration_)
    found = explain(model, some)
    low, high = value_range(some.data)
    figure = look.blank(0.7 + 0.85 * len(some), 3.2)
    grid = figure.subplots(3, len(some), squeeze=False)
    for i, (x, y, heat) in enumerate(zip(some.data, found.expected, found.surprise, strict=True)):
        for axes, item in zip(grid[:2, i], (x, y), strict=True):
            axes.imshow(scaled(shown(item, low, high), 184), interpolation="nearest", cmap="gray", vmin=0, vmax=255)
        grid[2, i].imshow(heat, interpolation="nearest", cmap=HEAT, vmin=0)
    for axes, name, value in zip(grid[0], some.names, p, strict=True):
        axes.set_title(f"{look.file(name)}\np {value:.2g}", fontsize=7, color=look.MUTED)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(color=look.HAIR, linewidth=0.5)  # a white picture on white paper has no other edge
    for axes, title in zip(grid[:, 0], ("found", "expected", "surprise"), strict=True):
        axes.set_ylabel(title)
    told = "the oddest first; p: the share of normal pictures as odd; bright: a pixel that was not expected"
    figure.supxlabel(told, fontsize=8, color=look.MUTED)
    look.dress(figure)
    for axes in grid[2]:
        axes.set_facecolor("black")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    return figure
