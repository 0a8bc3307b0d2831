"""`latently info`, `models` and `report`: what there is, and how good it is."""

from __future__ import annotations

import inspect
from collections import Counter
from pathlib import Path
from typing import Any

import click

import latently

from .flags import fitted
from .speech import columns, json_flag, show


@click.command(short_help="Say what is in a model.")
@click.argument("model")
@json_flag
def info(model: str, as_json: bool) -> None:
    """Say what MODEL is, what data it takes and how its training went.

    MODEL is a model file or a run folder. Nothing is computed; the whole file is read, so that a changed one is found.

    \b
    Examples:
      latently info runs/photos
      latently info model.safetensors --json
    """
    header = latently.describe(model)
    show(as_json, header, _page(header))


@click.command(short_help="List the models that can be trained.")
@json_flag
def models(as_json: bool) -> None:
    """List the models that can be trained, with the settings that only they have.

    \b
    Example:
      latently models
    """
    listed = [_described(name, cls) for name, cls in fitted().items()]
    blocks = [
        f"{one['model']} ({one['class']})\n  {one['about']}\n{_settings(one['settings'])}".rstrip() for one in listed
    ]
    show(
        as_json,
        listed,
        "\n\n".join(blocks) + "\n\nTrain one: latently fit DATA --model NAME. All settings: latently fit --help",
    )


@click.command(short_help="Write the pictures and the report of a run again.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data", required=False)
@json_flag
def report(run: Path, data: str | None, as_json: bool) -> None:
    """Write pictures/ and report.html of RUN again: on its own data, or on other DATA.

    \b
    Examples:
      latently report runs/photos
      latently report runs/photos other-photos/
    """
    written = latently.report(run, data)
    show(as_json, {"report": str(written)}, f"Wrote {written}")


def _settings(own: dict[str, str]) -> str:
    return columns([(f"--{name}", text) for name, text in own.items()], indent=4)


def _described(name: str, cls: type[Any]) -> dict[str, Any]:
    everywhere = [latently.parameters(c) for c in latently.MODELS.values()]
    own = {k: p for k, p in latently.parameters(cls).items() if not all(k in shared for shared in everywhere)}
    about = (inspect.getdoc(cls) or "").splitlines()[0]
    about += " Needs labels." if getattr(cls, "conditional", False) else ""
    settings = {
        k.replace("_", "-"): p.help if p.default is None else f"{p.help}; by default {p.default}"
        for k, p in own.items()
    }
    return {"model": name, "class": cls.__name__, "about": about, "settings": settings}


def _page(header: dict[str, Any]) -> str:
    if "over" in header:  # a detector, and the model that it learned
        return f"{columns([('detector', header['model'])], indent=0)}\n{_page(header['over'])}"
    history = header["history"]
    best = latently.kept(history)
    held_out = f", held out {best['validation']['loss']:.4g}" if best["validation"] else ""
    cls = latently.MODELS[header["model"]]
    defaults = {k: p.default for k, p in latently.parameters(cls).items()}
    changed = {k: v for k, v in header["params"].items() if k in defaults and v != defaults[k]}
    rows = [
        ("model", header["model"]),
        ("data", _data(header["codec"])),
        ("code", f"{header['latent']} number{'s' * (header['latent'] != 1)}" if header["latent"] else ""),
        ("encoder", header["networks"]["encoder"]),
        ("decoder", header["networks"]["decoder"]),
        ("settings", ", ".join(f"{k}={v!r}" for k, v in changed.items()) or "all as they come"),
        ("training", f"{len(history)} epoch{'s' * (len(history) != 1)}, {sum(e['seconds'] for e in history):.1f} s"),
        ("loss", f"{best['train']['loss']:.4g} nats an item{held_out}, in epoch {best['epoch']}"),
        ("made by", ", ".join(f"{k} {v}" for k, v in header["versions"].items())),
    ]
    return columns([row for row in rows if row[1]], indent=0)  # a language model has no code, and no encoder


def _data(codec: dict[str, Any]) -> str:
    if codec["kind"] == "image":
        channels, height, width = codec["shape"]
        return f"pictures, {height} x {width}, {channels} channel{'s' * (channels != 1)}, {codec['dtype']}"
    if codec["kind"] == "text":
        return f"texts by {codec['unit']}, {len(codec['words']):,} of them told apart, at most {codec['length']} tokens"
    if codec["kind"] == "series":
        count = len(codec["columns"])
        return f"a series, {count} column{'s' * (count != 1)}, in windows of {codec['window']} rows"
    kinds = Counter(column["kind"] for column in codec["columns"])
    return f"a table, {kinds.total()} column{'s' * (kinds.total() != 1)}: " + ", ".join(
        f"{n} {k}" for k, n in kinds.items()
    )
