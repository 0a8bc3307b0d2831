"""`latently encode`, `reconstruct` and `sample`: a trained model at work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import latently

from .speech import json_flag, show

_GRIDS = (".png", ".jpg", ".jpeg", ".webp")

_out: Any = click.option("--out", "-o", type=click.Path(path_type=Path), required=True, help="Where to write.")


@click.command(short_help="Write the code of each item.")
@click.argument("model")
@click.argument("data")
@_out
@json_flag
def encode(model: str, data: str, out: Path, as_json: bool) -> None:
    """Write the code of each item of DATA: one row an item, one column a number.

    MODEL is a model file or a run folder; DATA is of the kind that it was trained on. The ending of --out chooses
    between .npy, .csv and .parquet.

    \b
    Examples:
      latently encode runs/photos photos/ -o codes.csv
      latently encode runs/people new-people.csv -o codes.parquet
    """
    loaded = latently.load(model)
    source = _opened(loaded, data)
    codes = loaded.transform(source)
    latently.write(out, codes, names=source.names)
    items, latent = codes.shape
    result = {"codes": str(out), "items": items, "latent": latent}
    show(as_json, result, f"Wrote the codes of {items:,} items, {latent} numbers each, to {out}")


@click.command(short_help="Write each item as it comes back through its code.")
@click.argument("model")
@click.argument("data")
@_out
@json_flag
def reconstruct(model: str, data: str, out: Path, as_json: bool) -> None:
    """Write each item of DATA as it comes back through its code: restored, cleaned, its gaps filled in.

    Pictures go to a folder, named and sized like the originals, or to one .npy; a table to .csv or .parquet, with the
    same columns.

    \b
    Examples:
      latently reconstruct runs/photos photos/ -o restored/
      latently reconstruct runs/people people.csv -o restored.csv
    """
    loaded = latently.load(model)
    source = _opened(loaded, data)
    latently.write(out, loaded.reconstruct(source), names=source.names)
    show(as_json, {"restored": str(out), "items": len(source)}, f"Wrote {len(source):,} restored items to {out}")


@click.command(short_help="Draw new items.")
@click.argument("model")
@click.option("-n", "count", default=64, show_default=True, help="How many.")
@click.option(
    "--seed", type=click.IntRange(min=0), help="Draw the same again with the same number.  [default: new each time]"
)
@_out
@json_flag
def sample(model: str, count: int, seed: int | None, out: Path, as_json: bool) -> None:
    """Draw new items that the model makes up: like the data it was trained on, and not in it.

    Pictures go to one grid (.png, .jpg, .webp), to a folder, or to an array (.npy); rows of a table to .csv or
    .parquet.

    \b
    Examples:
      latently sample runs/photos -n 64 -o grid.png
      latently sample runs/photos -n 1000 --seed 0 -o new-photos/
      latently sample runs/people -n 500 -o new-people.csv
    """
    loaded = latently.load(model)
    drawn = loaded.sample(count, seed=seed)
    if out.suffix.lower() in _GRIDS and loaded.codec_.spec.kind == "image":
        latently.figures.save_grid(out, drawn)
    else:
        latently.write(out, drawn)
    show(as_json, {"samples": str(out), "items": count}, f"Wrote {count:,} new items to {out}")


def _opened(model: latently.Latent, data: str) -> latently.Source:
    """`data` as `model` takes it: pictures in the size of those that it was trained on."""
    spec = model.codec_.spec
    height, width = spec.shape[1:] if spec.kind == "image" else (0, 0)
    return latently.open(data, kind=spec.kind, size=(height, width) if height else None)
