"""`latently encode`, `reconstruct` and `sample`: a trained model at work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import click

import latently

from .speech import json_flag, show

TABLES = (".csv", ".parquet", ".tsv", ".npy", ".npz")
PICTURES = ("", ".npy", ".npz")  # "": a folder
GRIDS = (".png", ".jpg", ".jpeg", ".webp")
_PLACES: dict[str, tuple[str, tuple[str, ...]]] = {  # what items of each kind are called, and the endings they go to
    "image": ("pictures", PICTURES),
    "table": ("rows of a table", TABLES),
    "text": ("texts", (".txt", ".jsonl")),
    "series": ("windows of a series", (*TABLES, ".png")),
}

ANY = tuple(dict.fromkeys((*GRIDS, *(ending for _, endings in _PLACES.values() for ending in endings))))
COUNT = click.IntRange(min=1)

_out: Any = click.option("--out", "-o", type=click.Path(path_type=Path), required=True, help="Where to write.")

labelled: Any = click.option(
    "--label", metavar="COLUMN", help="The table's column with the labels.  [default: the one that was, in training]"
)

told: Any = click.option(
    "--text", metavar="COLUMN", help="The column that holds the texts.  [default: the one that did, in training]"
)


@click.command(short_help="Write the code of each item.")
@click.argument("model")
@click.argument("data")
@labelled
@told
@_out
@json_flag
def encode(model: str, data: str, label: str | None, text: str | None, out: Path, as_json: bool) -> None:
    """Write the code of each item of DATA: one row an item, one column a number.

    MODEL is a model file or a run folder; DATA is of the kind that it was trained on. The ending of --out chooses
    between .npy, .csv and .parquet. The last two have a first column for names, and one for labels where there are:
    the sub-folders of pictures, or a column of the table.

    \b
    Examples:
      latently encode runs/photos photos/ -o codes.csv
      latently encode runs/people new-people.csv -o codes.parquet
    """
    check_out(out, "codes", TABLES)
    spare(out, model, data)
    loaded = learned(model)
    source = opened(loaded, data, label, text)
    if source.scanned:
        put(out, ((loaded.transform(part), part.names, part.labels) for part in source.parts()))
    else:
        put(out, loaded.transform(source), names=source.names, labels=source.labels)
    items, latent = len(source), len(loaded.get_feature_names_out())
    result = {"codes": str(out), "items": items, "latent": latent}
    codes = "the code of one item" if items == 1 else f"the codes of {items:,} items"
    show(as_json, result, f"Wrote {codes}, {latent} numbers each, to {out}")


@click.command(short_help="Write each item as it comes back through its code.")
@click.argument("model")
@click.argument("data")
@_out
@json_flag
def reconstruct(model: str, data: str, out: Path, as_json: bool) -> None:
    """Write each item of DATA as it comes back through its code: restored, cleaned, its gaps filled in.

    Pictures go to a folder, named and sized like the originals, or to one .npy; a table to .csv or .parquet, with the
    same columns, written as they are in DATA; a series too, each row the mean of the windows that cover it (its windows
    as such to .npy).

    \b
    Examples:
      latently reconstruct runs/photos photos/ -o restored/
      latently reconstruct runs/people people.csv -o restored.csv
    """
    check_out(out, "restored items", ANY)
    loaded = learned(model)
    what, endings = _PLACES[loaded.codec_.spec.kind]
    check_out(out, what, tuple(ending for ending in endings if ending != ".png"))
    spare(out, model, data)
    source = opened(loaded, data)
    if source.scanned:
        put(out, ((loaded.reconstruct(part), None, None) for part in source.parts()), like=loaded.codec_)
    elif source.kind == "series" and out.suffix.lower() in TABLES[:3]:
        names = [column.name for column in loaded.codec_.used]
        put(out, cast(Any, source).joined(loaded.reconstruct(source), names), like=source)
    else:
        put(out, loaded.reconstruct(source), names=source.names, like=source)
    show(as_json, {"restored": str(out), "items": len(source)}, f"Wrote {len(source):,} restored items to {out}")


@click.command(short_help="Draw new items.")
@click.argument("model")
@click.option("-n", "count", type=COUNT, default=64, show_default=True, help="How many.")
@click.option(
    "--seed", type=click.IntRange(min=0), help="Draw the same again with the same number.  [default: new each time]"
)
@click.option("--label", help="Draw items of this label; of conditional models.  [default: as common as in the data]")
@_out
@json_flag
def sample(model: str, count: int, seed: int | None, label: str | None, out: Path, as_json: bool) -> None:
    """Draw new items that the model makes up: like the data it was trained on, and not in it.

    Pictures go to one grid (.png, .jpg, .webp), to a folder, or to an array (.npy); rows of a table to .csv or
    .parquet; texts to .txt or .jsonl; windows of a series to .csv, one row a step, to .npy, or drawn to .png.

    \b
    Examples:
      latently sample runs/photos -n 64 -o grid.png
      latently sample runs/photos -n 1000 --seed 0 -o new-photos/
      latently sample runs/digits --label 3 -o threes.png
      latently sample runs/people -n 500 -o new-people.csv
    """
    check_out(out, "new items", ANY)
    loaded = learned(model)
    pictures = loaded.codec_.spec.kind == "image"
    what, endings = _PLACES[loaded.codec_.spec.kind]
    check_out(out, what, (*GRIDS, *endings) if pictures else endings)
    spare(out, model)
    drawn = loaded.sample(count, seed=seed, label=label)
    if pictures and out.suffix.lower() in GRIDS:
        replaced(out)
        latently.figures.save_grid(out, drawn)
    else:
        keep(out, loaded, drawn)
    show(as_json, {"samples": str(out), "items": count}, f"Wrote {count:,} new items to {out}")


def learned(path: str) -> Any:
    """The model in a file or a run folder; of a detector the one that it learned."""
    found = latently.load(path)
    return found.over_ if isinstance(found, latently.AnomalyDetector) else found


def keep(out: Path, model: latently.Latent, items: Any) -> None:
    """Writes what a model made: windows of a series as rows of steps or as lines, everything else as it is."""
    codec: Any = model.codec_
    windows = codec.spec.kind == "series"
    if windows and out.suffix.lower() == ".png":
        replaced(out)
        latently.figures.save(out, latently.figures.windows(items))
    else:
        put(out, codec.frame(items) if windows and out.suffix.lower() in TABLES[:3] else items, like=codec)


def check_out(out: Path, what: str, endings: tuple[str, ...]) -> None:
    """Refuses a place that `what` cannot be written to, before anything is computed."""
    ending = out.suffix.lower()
    folder = "" in endings and (not ending or (ending not in endings and out.is_dir()))
    if not folder and (not ending or ending not in endings):
        known = " or ".join(filter(None, [", ".join(filter(None, endings)), "a folder (no ending)" * ("" in endings)]))
        raise latently.InputError(f"{out}: {what} go to {known}; choose another --out.")
    if out.exists() and out.is_dir() is not folder:
        is_a, needs = ("a folder", "a file") if out.is_dir() else ("a file", "a folder")
        raise latently.OutputError(f"{out} is {is_a} and {what} would go to {needs}; choose another --out.")
    there = next(p for p in (out if folder else out.parent, *out.absolute().parents) if p.exists())
    if not there.is_dir():
        raise latently.OutputError(f"{out} cannot be written: {there} is a file, not a folder; choose another --out.")
    if not os.access(there, os.W_OK):
        raise latently.OutputError(f"{out} cannot be written: no permission in {there}; choose a folder of yours.")


def spare(out: Path, model: str, *data: str) -> None:
    """Refuses to write over a person's data or model: what was given, and what the run was trained on."""
    run = latently.Run(model)
    trained = [run.settings["data"]] if run.settings_file.is_file() else []
    place = out.resolve()
    mine = [Path(path).resolve() for path in (*data, *filter(None, trained))]
    among = any(path == place or path in place.parents for path in mine)
    above = place.is_dir() and any(place in path.parents for path in mine)
    held = place.exists() and Path(model).resolve() in (place, *place.parents)
    if among or above or held:
        raise latently.OutputError(f"{out} holds data or a model of yours, or lies among them; choose another --out.")


def put(out: Path, items: Any, **how: Any) -> None:
    """Writes items, and says before what they replace."""
    replaced(out)
    latently.write(out, items, **how)


def replaced(out: Path) -> None:
    """Says what will be replaced, once nothing else can be wrong with what was asked."""
    if out.is_file():
        click.echo(f"Note: {out} is there already and will be replaced.", err=True)
    elif out.is_dir() and any(out.iterdir()):
        click.echo(f"Note: {out} is not empty; files of the same names are replaced, others stay.", err=True)


def opened(model: latently.Latent, data: str, label: str | None = None, text: str | None = None) -> latently.Source:
    """`data` as `model` takes it: pictures in the size of those that it was trained on, texts cleaned like them."""
    codec = model.codec_
    asked = codec.asked
    if text is not None:
        asked["text"] = text
    if label is not None:
        asked["labels"] = label
    source = latently.open(data, kind=codec.spec.kind, memory=model.memory, **asked)
    return source if label is not None else codec.labelled(source)
