"""What the examples share: the command line, digits to learn from, tables on the terminal, pictures in one look."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.preprocessing import minmax_scale

import latently

look: Any = latently.figures.look
SHADES = "plasma"  # from dark to bright through hues that all eyes can tell apart


PICTURES = "pictures with labels, 28 x 28: a folder such as MNIST's; by default scikit-learn's digits"
TEXTS = Path(__file__).parents[2] / "shared" / "data" / "text"
PLAYS = "tinyshakespeare.txt"
SONNET = (
    """Shall I compare thee to a summer's day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer's lease hath all too short a date;
Sometime too hot the eye of heaven shines,
And often is his gold complexion dimm'd;
And every fair from fair sometime declines,
By chance or nature's changing course untrimm'd;
But thy eternal summer shall not fade,
Nor lose possession of that fair thou ow'st;
So long as men can breathe or eyes can see,
So long lives this, and this gives life to thee.
I love thee so, that thou art all my love.""".splitlines()
    * 20
)


def asked(about: str, data: str = PICTURES) -> Namespace:
    """What stands on the command line: `full`, `data`, `out`."""
    parser = ArgumentParser(description=about)
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--quick", action="store_true", help="small data and short trainings, seconds; what happens anyway"
    )
    size.add_argument("--full", action="store_true", help="all data and long trainings")
    parser.add_argument("--data", help=data)
    name = Path(sys.argv[0]).stem
    parser.add_argument(
        "--out", type=Path, default=Path("examples-out", name), help="where pictures go; by default %(default)s"
    )
    return parser.parse_args()


def digits(args: Namespace, some: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 28, 28) from 0 to 255 and their labels (n,), `some` of them unless the full size is asked for.

    Those of scikit-learn are 8 x 8; they are enlarged to 20 x 20 and given a margin, as MNIST's are.
    """
    most = None if args.full else some
    if args.data:
        source = latently.open(args.data)
        if source.labels is None:
            sys.exit(f"{args.data} has no labels; give a folder such as MNIST's, or one with a sub-folder a label.")
        return source.data[:most], source.labels[:most]
    found = load_digits()
    places = np.clip((np.arange(20) + 0.5) * 8 / 20 - 0.5, 0, 7)  # of the new pixels, among the old
    weights = np.maximum(0, 1 - abs(places[:, None] - np.arange(8)))  # (20, 8): straight lines between neighbours
    grey = np.clip(weights @ found.images @ weights.T / 16 * 1.2 - 0.1, 0, 1)
    return np.pad(grey * 255, ((0, 0), (4, 4), (4, 4))).astype(np.uint8)[:most], found.target[:most]


def texts(args: Namespace, file: str) -> str | list[str]:
    """Where the texts are: those asked for, a file beside the repository, or a sonnet over and over."""
    there = TEXTS / file
    return args.data or (str(there) if there.exists() else SONNET if file == PLAYS else [])


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints rows under their head: the first column to the left, numbers to the right."""
    lines = [list(head), *([c if isinstance(c, str) else _written(c) for c in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    print()
    for first, *others in lines:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        print("   ".join((first.ljust(widths[0]), *cells)).rstrip())


def _written(number: Any) -> str:
    return f"{number:,}" if isinstance(number, int | np.integer) else f"{number:.4f}"


def save(args: Namespace, name: str, figure: Any) -> None:
    """Writes the figure to NAME.png in the folder that was asked for."""
    args.out.mkdir(parents=True, exist_ok=True)
    print(f"-> {latently.figures.save(args.out / f'{name}.png', figure)}")


def gallery(title: str, rows: Mapping[str, Any], columns: Sequence[str] = (), note: str = "") -> Any:
    """Rows of pictures with their names at the left; whole numbers are shown from 0 to 255, others in colours.

    Parameters
    ----------
    title
        What is seen.
    rows
        Pictures (n, H, W) by what they are.
    columns
        What stands above the first row.
    note
        A line below.
    """
    across = max(map(len, rows.values()))
    names = max(len(line) for name in rows for line in name.split("\n")) * 0.075
    figure = look.blank(0.3 + names + 0.72 * across, 0.5 + 0.72 * len(rows) + 0.2 * (bool(columns) + bool(note)))
    headline(figure, title)
    grid = figure.subplots(len(rows), across, squeeze=False)
    for line, (name, pictures) in zip(grid, rows.items(), strict=True):
        for axes, picture in zip(line, pictures, strict=False):
            show(axes, picture)
        for axes in line[len(pictures) :]:
            axes.set_axis_off()
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8)
    for axes, name in zip(grid[0], columns, strict=False):
        axes.set_title(name, fontsize=8, color=look.MUTED, pad=4)
    if note:
        figure.supxlabel(note, fontsize=8, color=look.MUTED)
    look.dress(figure).get_layout_engine().set(w_pad=0.03, h_pad=0.03, wspace=0, hspace=0)
    return figure


def headline(figure: Any, title: str) -> None:
    """The figure's title, at its left."""
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=look.INK)


def show(axes: Any, picture: np.ndarray) -> None:
    """One picture on its axes."""
    grey = np.issubdtype(picture.dtype, np.integer)
    axes.imshow(picture, cmap="gray" if grey else SHADES, vmin=0 if grey else None, vmax=255 if grey else None)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def scatter(axes: Any, points: np.ndarray, values: np.ndarray, title: str) -> None:
    """Points (n, 2) on their axes: whole numbers are classes and have the house's colours, others are shaded."""
    if np.issubdtype(values.dtype, np.integer):
        colours: Any = np.array(look.CLASSES)[values % len(look.CLASSES)]
    else:
        colours = minmax_scale(values)
    order = np.random.default_rng(0).permutation(len(points))  # else the last class would hide the others
    axes.scatter(*points[order].T, c=colours[order], s=np.clip(9000 / len(points), 4, 14), lw=0)
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=10, color=look.INK, loc="left")


def legend(figure: Any, axes: Any, names: Iterable[Any]) -> None:
    """The classes' colours, at the right of the figure."""
    for i, name in enumerate(names):
        axes.scatter([], [], s=26, lw=0, color=look.CLASSES[i % len(look.CLASSES)], label=str(name))
    figure.legend(loc="outside right center", frameon=False, fontsize=9, labelcolor=look.INK, handletextpad=0.2)
