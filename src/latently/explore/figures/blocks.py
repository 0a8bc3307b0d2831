"""Small tables one under another: as text for a terminal, and as a figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from matplotlib.figure import Figure

from .. import look

_LINE = 0.2  # inches
_SIGN = 0.072  # inches of a letter, on average


@dataclass(frozen=True, slots=True)
class Block:
    """One table of cells as a person reads them.

    Parameters
    ----------
    title
        What stands above it; "" for nothing.
    lines
        Cells line by line, the first line being the head where `headed`; the first cell of each is its name.
    headed
        Whether there is one.
    numbers
        Whether all but the first of each line stand at the right of their column.
    marked
        Line and place of the cells that a figure colours; None for those that are not the one before them.
    """

    title: str
    lines: Sequence[Sequence[str]]
    headed: bool = True
    numbers: bool = False
    marked: frozenset[tuple[int, int]] | None = None


def text(blocks: Iterable[Block]) -> str:
    """The tables as text; letters that take two places are counted as two.

    >>> print(text([Block("z0", [["", "−1", "+1"], ["나이", "20", "31"]])]))
    z0
          −1  +1
    나이  20  31
    """
    return "\n\n".join("\n".join([*([block.title] if block.title else []), *_lines(block)]) for block in blocks)


def _lines(block: Block) -> list[str]:
    widths = _widths(block)
    return [
        "  ".join(
            _padded(c, w, block.numbers and j > 0) for j, (c, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in block.lines
    ]


def _padded(cell: str, width: int, right: bool) -> str:
    room = " " * (width - wide(cell))
    return room + cell if right else cell + room


def _widths(block: Block) -> list[int]:
    return [max(map(wide, column)) for column in zip(*block.lines, strict=True)]


def wide(cell: str) -> int:
    """The places that a text takes on a terminal.

    >>> wide("a"), wide("가")
    (1, 2)
    """
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in cell)


def drawn(blocks: Sequence[Block]) -> Figure:
    """The tables as a figure; a cell that is not the one before it in its line is coloured."""
    starts = [[sum(w + 2 for w in _widths(b)[:j]) for j in range(len(_widths(b)) + 1)] for b in blocks]
    width = 0.3 + _SIGN * max([wide(b.title) for b in blocks] + [s[-1] for s in starts])
    height = 0.3 + _LINE * sum(len(b.lines) + bool(b.title) + 0.6 for b in blocks)
    figure = look.blank(max(2.0, width), height)
    figure.set_layout_engine("none")
    y = 0.25
    for block, start in zip(blocks, starts, strict=True):
        if block.title:
            _write(figure, 0.15, y, block.title, look.INK, weight="bold")
            y += _LINE
        for i, line in enumerate(block.lines):
            for j, (cell, place) in enumerate(zip(line, start, strict=False)):
                head = j == 0 or (block.headed and i == 0)
                moved = j > 1 and cell != line[j - 1] if block.marked is None else (i, j) in block.marked
                colour = look.MUTED if head else look.ACCENT if moved else look.INK
                right = block.numbers and j > 0
                end = start[j + 1] - 2 if right else place
                _write(figure, 0.15 + _SIGN * end, y, cell, colour, ha="right" if right else "left")
            y += _LINE
        y += 0.6 * _LINE
    return figure


def _write(figure: Any, x: float, y: float, cell: str, colour: str, **style: Any) -> None:
    """A text at inches from the upper left."""
    width, height = figure.get_size_inches()
    figure.text(
        x / width,
        1 - y / height,
        cell,
        fontsize=8,
        color=colour,
        va="center",
        fontfamily=list(look.families()),
        parse_math=False,  # "$a$" is a word, not a formula
        **style,
    )
