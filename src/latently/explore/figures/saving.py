"""Figures and grids of pictures to files, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from ...store import atomic
from .. import look
from .pictures import Pictures, picture_grid


def save(path: str | Path, figure: Figure) -> Path:
    """Writes a figure as PNG, or to a path that ends in .svg as SVG, whole or not at all.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    path = Path(path)
    with atomic(path) as part:
        look.save(figure, part)
    return path


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
