"""`latently anatomy`: what a model or a spelled network is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import latently

from .speech import json_flag, show
from .use import COUNT, check_out, opened


@click.command(short_help="List a network's layers: shapes, parameters, work.")
@click.argument("model", required=False)
@click.option("--encoder", metavar="TEXT", help="A network, spelled as words, or its name: residual, unet.")
@click.option("--decoder", metavar="TEXT", help="A second one, which reads what the first makes.")
@click.option("--input", "shape", metavar="HxWxC", help="What the network reads: 28x28x1, 12x8 (a sequence), or 784.")
@click.option("--batch", type=COUNT, default=1, show_default=True, help="Items in a batch, for the memory.")
@click.option("--item", metavar="DATA", help="Draw instead what the first item of DATA becomes in each layer.")
@click.option("--out", "-o", type=click.Path(path_type=Path), help="Where to draw the hourglass of the layers, a .png.")
@json_flag
def anatomy(
    model: str | None,
    encoder: str | None,
    decoder: str | None,
    shape: str | None,
    batch: int,
    item: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """List the layers of MODEL, or of a network that is spelled: shapes, parameters, multiply-adds, receptive fields.

    MODEL is a model file or a run folder. Nothing of a batch's size is allocated. In a spelling name and size stand
    together, options follow after colons, blanks stand between the layers; sizes are height x width x channels.

    \b
    Examples:
      latently anatomy runs/photos
      latently anatomy --encoder "conv16:k3:valid elu flatten dense32" --input 28x28x1
      latently anatomy --encoder unet --decoder unet --input 64x64x3 -o unet.png
    """
    if (model is None) == (encoder is None):
        raise click.UsageError("give a MODEL, or a network with --encoder; one of them")
    if model is not None and (decoder, shape) != (None, None):
        raise click.UsageError("--decoder and --input are for a network given with --encoder; a MODEL knows its own")
    if item is not None and (model is None or out is None):
        raise click.UsageError("--item shows what an item becomes in a trained model; give a MODEL, and --out")
    if out is not None:
        check_out(out, "figures", (".png",))
    if model is not None:
        loaded = latently.load(model)
        found = latently.anatomy(loaded, item=item and opened(loaded, item), batch=batch)
    else:
        found = latently.anatomy(encoder, input=shape, decoder=decoder, batch=batch)
    result: dict[str, Any] = found.to_dict()
    text = str(found)
    if out is not None:
        figures = latently.figures
        figures.save(out, figures.activations(found) if item else figures.hourglass(found))
        result["figure"], text = str(out), f"{text}\n\nWrote {out}"
    show(as_json, result, text)
