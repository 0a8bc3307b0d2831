"""How every figure looks: one accent, a palette that colour-blind eyes can tell apart, fonts that hold Hangul."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

_LONG = 40  # signs of a name that is shown
INK = "#1c2026"
MUTED = "#626a76"
HAIR = "#d5d9e0"
PAPER = "#ffffff"
ACCENT = "#2b5fd9"
DATA = "#ccd1da"
OTHERS = "#a3aab6"
CLASSES = (  # Paul Tol's "muted": https://personal.sron.nl/~pault, in the order that keeps neighbours far apart
    "#332288",
    "#cc6677",
    "#117733",
    "#ddaa33",
    "#56a8e0",
    "#882255",
    "#44aa99",
    "#999933",
    "#aa4499",
    "#777777",
)
MARKS = ("o", "^")  # with ten colours: twenty classes
SHADES = "cividis"  # the sequential map made for colour-blind eyes

_LATIN = ("Inter", "Helvetica Neue", "Segoe UI", "Arial", "Liberation Sans", "Noto Sans", "DejaVu Sans")
_HANGUL = ("Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "UnDotum")


@cache
def families() -> tuple[str, ...]:
    """The installed fonts to write with, best first, with one that holds Hangul where there is one."""
    installed = set(font_manager.get_font_names())
    latin = next(f for f in _LATIN if f in installed)  # DejaVu Sans comes with matplotlib
    return (latin, *(f for f in _HANGUL if f in installed), "DejaVu Sans")


@cache
def _signs() -> frozenset[int]:
    """All that the installed fonts among `families` can draw."""
    found = (font_manager.findfont(font_manager.FontProperties(family=[family])) for family in families())
    fonts: list[Any] = [font_manager.get_font(path) for path in found]
    return frozenset(sign for font in fonts for sign in font.get_charmap())


def written(text: str) -> bool:
    """Whether a figure can show all signs of `text`: what no font holds would be a box.

    >>> written("cat"), written("\\U0001fbff")
    (True, False)
    """
    return all(ord(sign) in _signs() for sign in text)


def blank(width: float, height: float) -> Any:
    """An empty figure, free of pyplot's global state, measured in inches."""
    return Figure(figsize=(width, height), layout="constrained", facecolor=PAPER, dpi=100)


def dress(figure: Any) -> Figure:
    """Gives the finished `figure` its fonts, hair lines and colours, whatever matplotlib's settings are."""
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    for axes in figure.axes:
        axes.set_facecolor("none")
        axes.tick_params(colors=MUTED, labelsize=8, labelfontfamily=list(families()), length=0, pad=4)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom") and spine.get_visible())
            spine.set_color(HAIR)
        axes.xaxis.label.set(color=MUTED, size=9)
        axes.yaxis.label.set(color=MUTED, size=9)
    texts: list[Any] = figure.findobj(Text)
    for text in texts:
        text.set_fontfamily(list(families()))
        text.set_parse_math(False)  # a column called "$cost$" is a name, not a formula
    return figure


def save(figure: Any, path: Any, *, clear: bool = False) -> None:
    """Writes `figure` as PNG, on white or (`clear`) on nothing; a glyph that no font holds is left as a box."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        target = str(path) if isinstance(path, Path) else path
        figure.savefig(target, format="png", dpi=200, transparent=clear, facecolor="none" if clear else PAPER)


def file(name: object) -> str:
    """A file's name without its folder, as wide as a picture among others.

    >>> file("cat/3.png")
    '3.png'
    """
    return short(PurePosixPath(str(name)).name, 14)


def distinct(texts: Sequence[object], most: int = 22) -> list[str]:
    """Each as `short` cuts it, or longer where two that differ would look the same; beyond `_LONG` signs numbered.

    >>> distinct(["Married-civ-spouse", "Married-AF-spouse"], 12)
    ['Married-…v-spouse', 'Married-AF-spouse']
    >>> distinct(["a" * 99 + sign + "a" * 99 for sign in "xy"], 7)
    ['aaa…aaa #1', 'aaa…aaa #2']
    """
    whole = [" ".join(str(text).split()) for text in texts]
    different = list(dict.fromkeys(whole))
    for width in range(most, max(most, _LONG) + 1):
        cut = {text: short(text, width) for text in different}
        if len({*cut.values()}) == len(different):
            return [cut[text] for text in whole]
    return [f"{short(text, most)} #{different.index(text) + 1}" for text in whole]


def short(text: object, most: int = 22) -> str:
    """`text` on one line, cut in the middle where it is longer than `most`.

    >>> short("a" * 15 + "b" * 15, 11)
    'aaaaa…bbbbb'
    """
    words = " ".join(str(text).split())
    if len(words) <= most:
        return words
    return f"{words[: most // 2]}…{words[len(words) - (most - 1) // 2 :]}"
