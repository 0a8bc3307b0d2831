"""`latently demo`: from nothing to a trained model that one can look at, on handwritten digits."""

from __future__ import annotations

import shlex
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import click

import latently

from .fit import finish, follow, page
from .speech import json_flag, show


@click.command(short_help="Train a first model on handwritten digits.")
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("latently-demo"),
    show_default=True,
    help="Folder for all that is written.",
)
@click.option("--epochs", type=click.IntRange(min=1), default=120, show_default=True, help="Passes over the data.")
@json_flag
def demo(out: Path, epochs: int, as_json: bool) -> None:
    """Train a first model: 1,797 handwritten digits of 8 x 8 pixels, each learned as 16 numbers.

    It takes about a quarter of a minute, needs no data and no network, and leaves a folder to look at: the digits as
    pictures, and a run with its model and report. An earlier demo in that folder is replaced; any other folder is
    left alone.

    \b
    Example:
      latently demo
    """
    _clear(out)
    digits, run = out / "digits", latently.Run(out / "run")
    _write_digits(digits)
    follow(run, run.fit(latently.make("vae", latent=16, epochs=epochs), digits))
    summary = finish(run)
    look = f"To look at all of it in the browser:\n  latently studio {shlex.quote(str(out))}"
    show(as_json, summary, f"{page(summary, str(digits))}\n\n{look}")


def _write_digits(folder: Path) -> None:
    """Scikit-learn's digits as a folder of pictures, one sub-folder a label: what a person's own data look like."""
    datasets: Any = import_module("sklearn.datasets")
    bunch = datasets.load_digits()
    pictures = (bunch.images * 255 / 16).round().astype("uint8")  # they come as 0 to 16
    names = [f"{label}/{i:04}.png" for i, label in enumerate(bunch.target)]
    latently.write(folder, pictures, names=names)


def _clear(out: Path) -> None:
    """Makes room: removes an earlier demo, and refuses where anything else is."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    ours = (
        out.is_dir() and (out / "run" / "run.json").is_file() and {p.name for p in out.iterdir()} <= {"digits", "run"}
    )
    if not ours:
        raise latently.OutputError(
            f"{out} is there already and is no demo of Latently; choose another folder with --out."
        )
    for name in ("digits", "run"):
        shutil.rmtree(out / name, ignore_errors=True)
