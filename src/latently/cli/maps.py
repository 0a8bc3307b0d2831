"""`latently map`: all items of the data on a map, to look around in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import latently

from .speech import json_flag, show
from .use import check_out, labelled, learned, opened, replaced, spare, told

_ENDINGS = (".html", ".png", ".svg", ".csv", ".parquet")


@click.command("map", short_help="Draw the items on a map, alike ones near.")
@click.argument("model")
@click.argument("data")
@click.option(
    "--how",
    default="pca",
    show_default=True,
    metavar="[pca|tsne|umap|localmap]",
    help="By which way codes are laid out.",
)
@click.option("--dimensions", default=2, show_default=True, metavar="[2|3]", help="Axes.")
@click.option(
    "--neighbors", type=int, help="How many neighbours an item follows.  [default: what the way is known for]"
)
@click.option("--by", metavar="COLUMN", help="What colours say: label, score or a column.  [default: label, or score]")
@click.option("--most", default=100_000, show_default=True, help="How many items are drawn at most, chosen at random.")
@click.option("--seed", default=0, show_default=True, help="The same map again with the same number.")
@click.option("--out", "-o", type=click.Path(path_type=Path), required=True, help="Where to write.")
@labelled
@told
@json_flag
def map_(
    model: str,
    data: str,
    how: str,
    dimensions: int,
    neighbors: int | None,
    by: str | None,
    most: int,
    seed: int,
    out: Path,
    label: str | None,
    text: str | None,
    as_json: bool,
) -> None:
    """Draw the items of DATA by their codes of MODEL on a map, alike ones near.

    The ending of --out chooses: a page to look around in that needs nothing else and no network (.html), a figure
    (.png, .svg), or a table of the places (.csv, .parquet). tsne, umap and localmap need packages, and say which.

    \b
    Examples:
      latently map runs/photos photos/ -o map.html
      latently map runs/photos photos/ --how umap -o map.html
      latently map runs/people people.csv --how tsne --by age -o map.png
    """
    check_out(out, "maps", _ENDINGS)
    spare(out, model, data)
    loaded: Any = learned(model)
    source = opened(loaded, data, label, text)
    found = latently.latent_map(loaded, source, how, dimensions, neighbors=neighbors, most=most, seed=seed, by=by)
    replaced(out)
    found.save(out)
    drawn = len(found.points_)
    result = {"map": str(out), "items": drawn, "of": len(source), "how": how, "dimensions": dimensions}
    part = f"{drawn:,}" if drawn == len(source) else f"{drawn:,} of {len(source):,}"
    show(as_json, result, f"Wrote a map of {part} items to {out}")
