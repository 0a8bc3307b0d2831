"""`latently interpolate`, `traverse` and `classes`: ways through the codes, and what stands for many."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

import latently

from .places import there
from .speech import json_flag, show
from .use import GRIDS, PICTURES, TABLES, check_out, labelled, learned, opened, replaced, spare, told

_ENDINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "image": ("pictures", (*GRIDS, ".gif", *PICTURES)),
    "table": ("rows of a table", (*TABLES, ".png")),
    "text": ("texts", (".txt", ".jsonl", ".png")),
    "series": ("windows of a series", (*TABLES, ".png")),
}

_ANY = tuple(dict.fromkeys(ending for _, endings in _ENDINGS.values() for ending in endings))
_STEPS = click.IntRange(min=2)

_sheet: Any = click.option(
    "--out", "-o", type=click.Path(path_type=Path), help="Where to write; else texts and rows are printed."
)
_labelled_all: Any = click.option("--label", help="The label of all items; of conditional models.")


@click.command(short_help="Go from one item to another, through their codes.")
@click.argument("model")
@click.argument("a")
@click.argument("b")
@click.option("-n", "count", type=_STEPS, default=7, show_default=True, help="How many items, A and B among them.")
@click.option("--how", default="straight", show_default=True, metavar="[straight|spherical|data]", help="Which way.")
@click.option("--data", metavar="DATA", help="The items that the way leads along; of --how data.")
@_labelled_all
@_sheet
@json_flag
def interpolate(
    model: str,
    a: str,
    b: str,
    count: int,
    how: str,
    data: str | None,
    label: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Go from item A to item B in equal steps of MODEL's code, and show what each step restores to.

    A and B are paths of pictures, or of files with a single item; FILE:ROW is one of many, its row counted from 0, and
    a number alone a row of --data. Of a model of texts they are texts. Pictures go to one strip (.png, .jpg, .webp), to
    a .gif that moves, to a folder or to .npy; rows to .csv or .parquet; texts to .txt or .jsonl.

    \b
    Examples:
      latently interpolate runs/photos cat.png dog.png -o strip.png
      latently interpolate runs/photos cat.png dog.png --how data --data photos/ -n 24 -o way.gif
      latently interpolate runs/people people.csv:3 people.csv:80 -n 5
      latently interpolate runs/reviews "a good film" "i fell asleep"
    """
    loaded = _loaded(model, out, a, b, data)
    along = None if data is None else opened(loaded, data)
    ends = _item(loaded, a, data), _item(loaded, b, data)
    _put(latently.interpolate(loaded, *ends, count, how=how, data=along, label=label), out, as_json)


@click.command(short_help="Move along single numbers of the code.")
@click.argument("model")
@click.argument("item", required=False)
@click.option(
    "--axis",
    "axes",
    metavar="N|pcN",
    multiple=True,
    help="A number of the code, from 0, or a principal axis, from pc1. May be repeated.  [default: the widest six]",
)
@click.option("-n", "count", type=_STEPS, default=9, show_default=True, help="Steps of each.")
@click.option("--reach", default=2.5, show_default=True, help="How far to either side, in standard deviations.")
@click.option(
    "--data", metavar="DATA", help="Whose codes say how far the axes reach.  [default: codes that MODEL draws]"
)
@_labelled_all
@_sheet
@json_flag
def traverse(
    model: str,
    item: str | None,
    axes: tuple[str, ...],
    count: int,
    reach: float,
    data: str | None,
    label: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Move the code of ITEM, or the mean code, along one axis after the other: what each axis stands for.

    ITEM is the path of a picture, FILE:ROW, or a row of --data; of a model of texts it is a text. --out is as of
    interpolate: .png is one row an axis, .gif moves along all of them.

    \b
    Examples:
      latently traverse runs/photos -o axes.png
      latently traverse runs/photos cat.png --axis 3 --axis pc1 -o moving.gif
      latently traverse runs/people people.csv:3 --axis pc1 -n 5
    """
    loaded = _loaded(model, out, item, data)
    source = None if data is None else opened(loaded, data)
    asked = [*axes] or None
    start = None if item is None else _item(loaded, item, data)
    _put(latently.traverse(loaded, start, asked, count, data=source, reach=reach, label=label), out, as_json)


@click.command(short_help="Show the ideal member of each label, and variations of it.")
@click.argument("model")
@click.argument("data")
@click.option("--of", "only", metavar="LABEL", multiple=True, help="Only this label. May be repeated.")
@click.option(
    "--variations", "-n", "count", type=click.IntRange(min=0), default=7, show_default=True, help="New members of each."
)
@click.option(
    "--strength", default=0.7, show_default=True, help="How far they go; 1 is as far as the members themselves."
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the variations.")
@_sheet
@labelled
@told
@json_flag
def classes(
    model: str,
    data: str,
    label: str | None,
    text: str | None,
    only: tuple[str, ...],
    count: int,
    strength: float,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show, of each label of DATA, its ideal member, the mean code decoded, and new members around it.

    Labels are the sub-folders of pictures, or a column of the table. --out is as of interpolate; .png is one row a
    label.

    \b
    Examples:
      latently classes runs/photos photos/ -o classes.png
      latently classes runs/flowers flowers.csv --label species --of setosa -n 3
    """
    loaded = _loaded(model, out, data)
    source = opened(loaded, data, label, text)
    asked: dict[str, Any] = {"of": [*only] or None, "variations": count, "strength": strength, "seed": seed}
    _put(latently.class_means(loaded, source, **asked), out, as_json)


def _loaded(model: str, out: Path | None, *given: str | None) -> latently.Latent:
    """The model, once it is known that its items can go where they are to."""
    if out is not None:
        check_out(out, "items", _ANY)
    loaded = learned(model)
    kind = loaded.codec_.spec.kind
    if out is not None:
        check_out(out, *_ENDINGS[kind])
        spare(out, model, *(path for path in given if path is not None and there(path)))
    elif kind == "image":
        raise click.UsageError("pictures cannot be printed; say with --out where they go, such as strip.png")
    return loaded


def _put(sheet: latently.Sheet, out: Path | None, as_json: bool) -> None:
    """Prints what was decoded, or writes it."""
    found: dict[str, Any] = {"items": len(sheet), "rows": sheet.rows, "columns": sheet.columns}
    if out is None:
        show(as_json, {**found, "items": sheet.plain()}, str(sheet))
        return
    replaced(out)
    sheet.save(out)
    show(as_json, {**found, "out": str(out)}, f"Wrote {len(sheet):,} items to {out}")


def _item(model: latently.Latent, given: str, data: str | None) -> Any:
    """An item of a file or of the data, a file, or a text."""
    if given.isdecimal() and not there(given) and "text" not in model.reads:
        if data is None:
            raise click.UsageError(f"{given} is a row of no file; give FILE:{given}, or the file by --data")
        given = f"{data}:{given}"
    found = re.fullmatch(r"(.+):(\d+)", given)
    if found and not there(given) and there(found[1]):
        source, row = opened(model, found[1]), int(found[2])
        if row >= len(source):
            raise latently.InputError(
                f"{found[1]} has no row {row}; it has {len(source)}, from 0 to {len(source) - 1}."
            )
        return source[row : row + 1]
    return Path(given) if there(given) else given
