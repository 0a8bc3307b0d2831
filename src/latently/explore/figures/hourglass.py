"""Figures of a network's anatomy: the hourglass of its layers, and what an item becomes in each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, log2, prod, sqrt
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon
from numpy.typing import NDArray

from .. import look
from ..anatomy import Anatomy

_TALL = 2.3  # inches, the largest layer
_LEAST = 0.16  # the smallest
_ROOMY = 0.42  # inches a layer from which on its parameters are written level
_MOST_CHANNELS = 16
_TONES = {"input": look.DATA, "encoder": "#9db3e8", "network": "#9db3e8", "code": look.ACCENT, "decoder": "#9db3e8"}


@dataclass(frozen=True, slots=True)
class Slab:
    """A layer, with the curves and norms after it that keep its shape."""

    part: str
    name: str
    shape: tuple[int, ...]
    parameters: int
    last: int  # the row in the anatomy whose activations it shows; -1 for the input

    @property
    def numbers(self) -> int:
        return prod(self.shape)


def slabs(found: Anatomy) -> list[Slab]:
    """The input and the layers, those without weights that keep the shape joined to the one before."""
    made = [Slab("input", "input", found.input, 0, -1)]
    for i, row in enumerate(found.rows):
        if row.part == "beside":
            continue
        before = made[-1]
        name = row.name.replace(":s1", "").replace(":same", "")
        if row.part == before.part and row.shape == before.shape and not row.parameters:
            made[-1] = replace(before, name=f"{before.name}  {name}", last=i)
        else:
            made.append(Slab(row.part, name, row.shape, row.parameters, i))
    return _with_code(made)


def _with_code(made: list[Slab]) -> list[Slab]:
    """Where no bottleneck is known, what the encoder ends in is the code."""
    if all(slab.part != "code" for slab in made) and made[-1].part == "decoder":
        last = max(i for i, slab in enumerate(made) if slab.part in ("input", "encoder"))
        made[last] = replace(made[last], part="code")
    return made


def hourglass(found: Anatomy) -> Figure:
    """The layers of a network from left to right, each as tall as its output has numbers, on a logarithmic scale.

    Above a layer stand its parameters, below it its words and the shape of its output. A line from the encoder to the
    decoder is what travels beside the code: a kept picture, or where maxima stood.

    Parameters
    ----------
    found
        What `latently.anatomy` returned.
    """
    made = slabs(found)
    column = float(np.clip(16 / len(made), 0.3, max(0.66, min(1.0, 4 / len(made)))))
    skips = _skips(found, made)
    words = max(len(slab.name) for slab in made)
    clear = 0.22 if column >= _ROOMY else 0.48  # above a layer, for its parameters
    low, high = -_TALL / 2 - 0.065 * max(words, 14) - 0.2, _TALL / 2 + clear + 0.35 + 0.16 * len(skips)
    figure = look.blank(max(4.2, column * len(made) + 0.3), high - low + 0.75)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set(xlim=(-0.62 * column, (len(made) - 0.38) * column), ylim=(low, high), aspect="equal")
    heights = _heights(made)
    for i, slab in enumerate(made):
        _slab(axes, i * column, column, slab, heights[i])
    for i in range(len(made) - 1):
        _between(axes, i * column, column, heights[i], heights[i + 1])
    _parts(axes, made, column, high)
    for level, (start, end) in enumerate(skips):
        tops = [heights[at] / 2 + (clear if made[at].parameters else 0.06) for at in (start, end)]
        _skip(axes, [start * column, end * column], tops, _TALL / 2 + clear + 0.1 + 0.16 * level)
    beside = sum(row.parameters for row in found.rows if row.part == "beside")
    text = f"{found.parameters:,} parameters" + (f" ({beside:,} beside what is drawn)" if beside else "")
    text += f", {_short(found.multiply_adds)} multiply-adds an item"
    axes.set_title(text, fontsize=10, color=look.INK, loc="left", pad=12)
    figure.supxlabel(
        "height: numbers in a layer's output, logarithmic   above: its parameters", fontsize=8, color=look.MUTED
    )
    return look.dress(figure)


def _heights(made: list[Slab]) -> list[float]:
    most = max(1.0, *(log2(slab.numbers) for slab in made))
    return [_LEAST + (_TALL - _LEAST) * log2(slab.numbers) / most for slab in made]


def _slab(axes: Any, x: float, column: float, slab: Slab, height: float) -> None:
    width = 0.5 * column
    box = FancyBboxPatch(
        (x - width / 2, -height / 2),
        width,
        height,
        boxstyle=f"round,pad=0,rounding_size={min(0.05, height / 3, width / 3)}",
        facecolor=_TONES[slab.part],
        linewidth=0,
        zorder=2,
    )
    axes.add_patch(box)
    if slab.parameters:
        style: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 7, "color": look.INK, "zorder": 3}
        text = f"{slab.parameters:,}" if column >= 0.6 else _short(slab.parameters)
        axes.text(x, height / 2 + 0.05, text, rotation=0 if column >= _ROOMY else 90, **style)
    under: dict[str, Any] = {"rotation": 90, "ha": "center", "va": "top", "fontsize": 8}
    gap = 0.08 if column >= 0.4 else 0.07
    axes.text(x - gap, -_TALL / 2 - 0.12, slab.name, color=look.INK, **under)
    axes.text(x + gap, -_TALL / 2 - 0.12, " x ".join(f"{n:,}" for n in slab.shape), color=look.MUTED, **under)


def _between(axes: Any, x: float, column: float, left: float, right: float) -> None:
    start, end = x + 0.25 * column, x + 0.75 * column
    corners = [(start, -left / 2), (start, left / 2), (end, right / 2), (end, -right / 2)]
    axes.add_patch(Polygon(corners, facecolor=look.HAIR, alpha=0.45, linewidth=0, zorder=1))


def _parts(axes: Any, made: list[Slab], column: float, top: float) -> None:
    for part in ("encoder", "code", "decoder"):
        places = [i for i, slab in enumerate(made) if slab.part == part]
        if places:
            x = column * (places[0] + places[-1]) / 2
            color = look.ACCENT if part == "code" else look.MUTED
            axes.text(x, top, part, ha="center", va="top", fontsize=9, color=color)


def _skips(found: Anatomy, made: list[Slab]) -> list[tuple[int, int]]:
    """From which slab to which something travels beside the code, the innermost first."""
    kept, lines = list[tuple[str, int]](), list[tuple[int, int]]()
    place = {i: at for at, slab in enumerate(made) for i in range(made[at - 1].last + 1 if at else 0, slab.last + 1)}
    for i, row in enumerate(found.rows):
        if row.part == "encoder" and (row.name == "keep" or row.name.startswith("pool")):
            kept.append(("join" if row.name == "keep" else "unpool", place[i]))
        elif row.part == "decoder" and (row.name.startswith(("join", "unpool"))):
            asks = "join" if row.name.startswith("join") else "unpool"
            while kept and kept[-1][0] != asks:
                kept.pop()
            if kept:
                lines.append((kept.pop()[1], place[i]))
    return lines


def _skip(axes: Any, xs: list[float], tops: list[float], level: float) -> None:
    """A line from over one slab to over another, an arrow at its end."""
    axes.plot(np.repeat(xs, 2), [tops[0], level, level, tops[1]], color=look.ACCENT, linewidth=1)
    axes.plot(xs[1:], [tops[1] + 0.03], marker="v", markersize=4, color=look.ACCENT)


def _short(number: int) -> str:
    """A number in few letters.

    >>> _short(806), _short(99_532_800)
    ('806', '99.5 M')
    """
    value, units = float(number), ["", " k", " M", " G", " T"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g}{units[0]}"


def activations(found: Anatomy) -> Figure:
    """What an item becomes in each layer: channels side by side, a vector as a picture as square as it can be.

    Parameters
    ----------
    found
        What `latently.anatomy` returned for an item.
    """
    made = slabs(found)
    across = min(6, len(made))
    down = ceil(len(made) / across)
    figure = look.blank(1.55 * across, 0.3 + 1.95 * down)
    grid = figure.subplots(down, across, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, slab in zip(grid.flat, made, strict=False):
        values = found.item if slab.last < 0 else found.activations[slab.last]
        axes.imshow(tiles(np.asarray(values, np.float64)), cmap=look.SHADES, interpolation="nearest")
        color = look.ACCENT if slab.part == "code" else look.INK
        axes.set_title(look.short(slab.name, 24), fontsize=8, color=color, loc="left")
        shape = " x ".join(map(str, slab.shape))
        hidden = len(slab.shape) == 3 and slab.shape[2] > _MOST_CHANNELS
        note = f"{shape}, {_MOST_CHANNELS} shown" if hidden else shape
        axes.text(0, -0.04, note, transform=axes.transAxes, fontsize=7, color=look.MUTED, va="top")
    figure.supxlabel("dark to bright: from a layer's least number to its largest", fontsize=8, color=look.MUTED)
    return look.dress(figure)


def tiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """One layer's output of one item as one picture: channels in a grid with gaps (NaN), a vector in rows.

    >>> tiles(np.arange(5.0)).shape, tiles(np.zeros((4, 4, 3))).shape
    ((2, 3), (9, 9))
    """
    if values.ndim == 3:
        height, width, channels = values.shape
        shown = min(channels, _MOST_CHANNELS)
        columns = ceil(sqrt(shown))
        rows = ceil(shown / columns)
        picture = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
        for i in range(shown):
            top, left = i // columns * (height + 1), i % columns * (width + 1)
            picture[top : top + height, left : left + width] = values[..., i]
        return picture
    if values.ndim == 2:
        return values
    columns = ceil(sqrt(len(values)))
    picture = np.full(ceil(len(values) / columns) * columns, np.nan)
    picture[: len(values)] = values
    return picture.reshape(-1, columns)
