"""Pictures in rows and columns with their names, still and moving."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from ...store import atomic
from .. import look
from .blocks import wide
from .pictures import Pictures, picture_grid, shown, value_range

_SIGN = 0.075  # inches of a letter, on average
_LONGEST = 26  # letters of a row's name
_EDGE = 0.12  # inches of white around
_HEAD = 0.24  # inches of the columns' names
_SHARP = 100  # pixels an inch: a figure's picture is a whole multiple of the grid's, and stays crisp


def gallery(
    pictures: Pictures,
    across: int,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    *,
    side: int = 96,
    room: int | None = None,
) -> Figure:
    """Pictures row by row, `across` in each, with the rows' names at the left and the columns' above.

    Parameters
    ----------
    pictures
        As `picture_grid` takes them.
    across
        How many stand in a row.
    rows, columns
        Their names, or none.
    side
        Pixels that a picture is fitted into.
    room
        Letters that the names of the rows get; None for as many as the longest has.
    """
    grid = picture_grid(pictures, across, side=side)
    names = [look.short(name, _LONGEST) for name in rows]
    room = max(map(wide, names), default=0) if room is None else room
    left, top = _EDGE + _SIGN * room + (0.1 if room else 0), _EDGE + (_HEAD if columns else 0)
    width, height = left + grid.width / _SHARP + _EDGE, top + grid.height / _SHARP + _EDGE
    figure = look.blank(width, height)
    figure.set_layout_engine("none")
    box = (left / width, _EDGE / height, grid.width / _SHARP / width, grid.height / _SHARP / height)
    axes = figure.add_axes(box)
    axes.imshow(grid, interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    down = -(-len(pictures) // across)
    style = {"fontsize": 8, "fontfamily": list(look.families()), "parse_math": False}
    for i, name in enumerate(names):
        y = 1 - (top + (i + 0.5) * grid.height / down / _SHARP) / height
        figure.text((left - 0.1) / width, y, name, ha="right", va="center", color=look.INK, **style)
    letters = max(3, int(grid.width / across / _SHARP / _SIGN))
    for j, name in enumerate(columns):
        x = (left + (j + 0.5) * grid.width / across / _SHARP) / width
        y = 1 - (_EDGE + 0.1) / height
        figure.text(x, y, look.short(name, letters), ha="center", va="center", color=look.MUTED, **style)
    return figure


def moving(pictures: Pictures, across: int, rows: Sequence[str] = (), columns: Sequence[str] = ()) -> list[Image.Image]:
    """One frame a column: the pictures of all rows side by side, with their names above and the column's at the left.

    All frames have one scale from black to white and one size.
    """
    down = len(pictures) // across
    side = max(48, min(256, 1200 // down))
    low, high = value_range(pictures)
    room = max((wide(look.short(name, _LONGEST)) for name in columns), default=0)
    frames: list[Image.Image] = []
    for j in range(across):
        bounded = [np.asarray(shown(pictures[i * across + j], low, high)) for i in range(down)]
        if columns:
            frames.append(raster(gallery(bounded, down, columns[j : j + 1], rows, side=side, room=room)))
        else:
            grid = picture_grid(bounded, down, side=side)
            paper = Image.new("RGBA", grid.size, (255, 255, 255, 255))
            frames.append(Image.alpha_composite(paper, grid).convert("RGB"))
    return frames


def save_moving(path: str | Path, frames: Sequence[Image.Image], *, seconds: float = 0.12) -> Path:
    """Writes frames as a GIF that goes forth and back without end, whole or not at all.

    Parameters
    ----------
    path
        Where to.
    frames
        Of one size.
    seconds
        For each; the two ends are shown four times as long.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    there = [frame.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG) for frame in frames]
    few = [*there, *there[-2:0:-1]]
    each = [round(1000 * seconds * (4 if i in (0, len(frames) - 1) else 1)) for i in range(len(few))]
    with atomic(path) as part:
        few[0].save(part, format="GIF", save_all=True, append_images=few[1:], duration=each, loop=0)
    return path


def stacked(figures: Sequence[Figure]) -> Image.Image:
    """Figures one under another, as one picture of 200 pixels an inch."""
    parts = [raster(figure, 2 * _SHARP) for figure in figures]
    page = Image.new("RGB", (max(p.width for p in parts), sum(p.height for p in parts)), look.PAPER)
    y = 0
    for part in parts:
        page.paste(part, (0, y))
        y += part.height
    return page


def raster(figure: Figure, dpi: int = _SHARP) -> Image.Image:
    """A figure as a picture of so many pixels an inch."""
    written = BytesIO()
    look.save(figure, written, dpi=dpi)
    with Image.open(written) as image:
        return image.convert("RGB")
