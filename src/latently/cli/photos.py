"""`latently tiles`, `denoise` and `impute`: photographs cut up to train on, and cleaned whole; gaps filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import latently

from .speech import json_flag, show
from .use import GRIDS, TABLES, check_out, learned, put, spare

_out: Any = click.option("--out", "-o", type=click.Path(path_type=Path), required=True, help="Where to write.")


@click.command(short_help="Cut photographs of any size into tiles to train on.")
@click.argument("photos")
@click.option("--side", default=64, show_default=True, help="Height and width of a tile, in pixels.")
@click.option("-n", "count", default=10_000, show_default=True, help="How many tiles.")
@click.option("--shrink", default=1.0, show_default=True, help="Also show photographs smaller, down to this share.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the places.")
@_out
@json_flag
def tiles(photos: str, side: int, count: int, shrink: float, seed: int, out: Path, as_json: bool) -> None:
    """Cut square tiles from random places of PHOTOS, a picture or a folder of them, each of any size.

    A network that is fitted to tiles cleans photographs whole: see latently denoise. The tiles go to one .npy or .npz,
    or to a folder.

    \b
    Examples:
      latently tiles photos/ -n 2000 -o tiles.npy
      latently fit tiles.npy -m denoising --clipped --encoder denoiser --likelihood logmse --out runs/clean
    """
    check_out(out, "tiles", ("", ".npy", ".npz"))
    cut = latently.tiles(photos, side, n=count, shrink=shrink, seed=seed)
    latently.write(out, cut)
    show(as_json, {"tiles": str(out), "items": len(cut)}, f"Wrote {len(cut):,} tiles of {side} x {side} to {out}")


@click.command(short_help="Clean photographs of noise, whole, whatever their size.")
@click.argument("model")
@click.argument("photos")
@click.option("--noise", type=float, help="The noise's standard deviation, 0 to 1.  [default: estimated]")
@click.option("--overlap", type=int, help="Pixels that tiles share.  [default: a quarter of a tile]")
@_out
@json_flag
def denoise(model: str, photos: str, noise: float | None, overlap: int | None, out: Path, as_json: bool) -> None:
    """Clean PHOTOS, a picture or a folder of them, each of any size, tile by tile and without seams.

    MODEL is a denoising autoencoder of tiles, a file or a run folder. One photograph goes to a picture's file, several
    to a folder, named like the originals.

    \b
    Examples:
      latently denoise runs/clean night.jpg -o clean.png
      latently denoise runs/clean photos/ --noise 0.1 -o cleaned/
    """
    one = Path(photos).is_file()
    check_out(out, "cleaned photographs", GRIDS if one else ("",))
    spare(out, model, photos)
    loaded: Any = learned(model)
    _check(loaded, "photographs are cleaned")
    names, cleaned = zip(*loaded.denoised(photos, noise=noise, overlap=overlap), strict=True)
    put(out, list(cleaned), names=None if one else names)
    many = f"{len(names):,} cleaned photograph{'s' * (len(names) != 1)}"
    show(as_json, {"cleaned": str(out), "photographs": len(names)}, f"Wrote {many} to {out}")


@click.command(short_help="Fill in the missing cells of a table.")
@click.argument("model")
@click.argument("data")
@_out
@json_flag
def impute(model: str, data: str, out: Path, as_json: bool) -> None:
    """Write the table DATA with its missing cells filled in, and no other cell touched: text is copied as it stands.

    MODEL is a denoising autoencoder of the table, trained with cells hidden: --noise 0 and --mask above the share that
    is missing.

    \b
    Examples:
      latently fit people.csv -m denoising --noise 0 --mask 0.3 --out runs/gaps
      latently impute runs/gaps people.csv -o whole.csv
    """
    check_out(out, "tables", TABLES)
    spare(out, model, data)
    loaded: Any = learned(model)
    _check(loaded, "gaps are filled in")
    source = latently.open(data, kind="table", memory=loaded.memory)
    if source.scanned:
        put(out, ((loaded.impute(part), None, None) for part in source.parts()))
    else:
        put(out, loaded.impute(source), like=source)
    show(
        as_json,
        {"filled": str(out), "items": len(source)},
        f"Wrote {len(source):,} rows, their gaps filled in, to {out}",
    )


def _check(loaded: Any, what: str) -> None:
    if not isinstance(loaded, latently.DenoisingAE):
        raise latently.InputError(
            f"the model is of {type(loaded).__name__}; {what} by a DenoisingAE (--model denoising)."
        )
