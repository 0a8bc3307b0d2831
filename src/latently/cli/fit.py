"""`latently fit`: training in a run folder, with its pictures and report."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

import latently

from .detect import detected
from .flags import READING, FitCommand, chosen, column_kind, fitted, read_as
from .flags import size as a_size
from .speech import Stopped, columns, json_flag, show


@click.command(cls=FitCommand, short_help="Train a model on pictures, a table, texts or a series.")
@click.argument("data", required=False)
@click.option(
    "--model", "-m", default="vae", show_default=True, metavar="NAME", help="What to train; see: latently models."
)
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Folder for all that is written.  [default: runs/NAME]",
)
@click.option(
    "--name", help="Name of the run in runs/, where --out is not given.  [default: the data's and the model's]"
)
@click.option(
    "--kind",
    "kinds",
    type=column_kind,
    metavar="COLUMN=KIND",
    multiple=True,
    help="Say what a column is: number, category, boolean, date or ignored. May be repeated.",
)
@click.option(
    "--size", type=a_size, metavar="HxW", help="Resize pictures to this height and width.  [default: the commonest]"
)
@click.option(
    "--label",
    metavar="COLUMN",
    help="The table's column that is each row's label and no feature, as in: --label species.",
)
@read_as
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the run in RUN; DATA may be left out. Only --epochs and --max-minutes can change.",
)
@json_flag
@click.pass_context
def fit(
    ctx: click.Context,
    data: str | None,
    model: str,
    out: Path | None,
    name: str | None,
    kinds: tuple[tuple[str, str], ...],
    size: tuple[int, int] | None,
    label: str | None,
    resume: bool,
    as_json: bool,
    **others: Any,
) -> None:
    """Train a model on DATA and write everything to the folder RUN.

    DATA is a folder of pictures (sub-folders are labels), a zip of one, a table (.csv, .parquet), an array (.npy,
    .npz), IDX files, or texts (.txt, a line each; .jsonl; a folder of .txt). Nothing needs to be said about it: sizes,
    columns, categories and gaps are found out. With --time or --window a table is a series, and its items are windows.

    \b
    Examples:
      latently fit photos/ --out runs/photos
      latently fit people.csv --model ae --latent 8 --kind zip=category
      latently fit flowers.csv --model cvae --label species
      latently fit sales.csv --model ae --time month --window 12
      latently fit mnist/ --epochs 5 --max-minutes 10
      latently fit people.csv --model anomaly-detector
      latently fit --resume --out runs/photos

    \b
    RUN then holds:
      model.safetensors   the trained model, for every other command and for latently.load
      report.html         how well it does, in one file
      health.json         whether it learned anything, in numbers and sentences
      pictures/           originals and restored, samples, the latent map, the loss
      events.jsonl        one line an epoch
      checkpoint          to go on after a stop, with --resume

    Ctrl-C stops; the checkpoint is kept, and the command to go on is printed.
    """
    if model not in fitted():
        latently.make(model)  # says what is known
    if name is not None and out is not None:
        raise click.UsageError("--name has no effect beside --out; leave one of them out")
    if resume and model in latently.DETECTORS:
        raise click.UsageError(f"{model} is fitted in one go, there is nothing to resume; leave --resume out")
    if resume:
        run = latently.Run(_place(data, model, out, name))
        kept = ("kinds", "size", "label", *READING)
        allowed = _changes(run, ctx, kept if out is name is None else (*kept, "model"))
        if not follow(run, run.resume(data, **allowed)):
            click.echo(_idle(run), err=True)
    else:
        if data is None:
            raise click.UsageError("DATA is missing: give pictures, a table or texts, as in: latently fit photos/")
        params = chosen(model, ctx)
        run = latently.Run(_free(_place(data, model, out, name)) if out is None else out)
        if out is None:
            click.echo(f"The run goes to {run.path}", err=True)
        asked = {"kinds": dict(kinds), "size": size, "labels": label}
        reading = {key: others[key] for key in READING if others[key] is not None and others[key] is not False}
        if model in latently.DETECTORS:
            detected(run.path, latently.DETECTORS[model](**params), data, {**asked, **reading}, as_json)
            return
        if params.get("compile"):
            click.echo("Compiling the training step first, which takes some 10 to 30 s.", err=True)
        follow(run, run.fit(latently.make(model, **params), data, **asked, **reading))
    summary = finish(run)
    show(as_json, summary, page(summary, run.settings["data"] or "DATA"))


def _changes(run: latently.Run, ctx: click.Context, kept: tuple[str, ...]) -> dict[str, Any]:
    """What was given to change in a run that goes on; all but the length of the training is kept."""
    allowed = chosen(run.settings["model"], ctx)
    given = [name for name in kept if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    for fixed in [*given, *sorted(set(allowed) - {"epochs", "max_minutes"})]:
        flag = next(p.opts[0] for p in ctx.command.get_params(ctx) if p.name == fixed)
        raise click.UsageError(f"{flag} cannot change in a run that goes on; leave it out")
    return allowed


def _idle(run: latently.Run) -> str:
    """Why a run that was to go on did not."""
    header = latently.describe(run.path)
    why = latently.early(header["history"], header["params"]["epochs"])
    if why is None:
        done = len(header["history"])
        return f"No further epoch was trained: the run is complete, {done} of {done}; a larger --epochs goes on."
    return f"No further epoch was trained: the run {why}."


def follow(run: latently.Run, events: Iterator[Any]) -> int:
    """Trains to the end with a bar and counts the epochs; Ctrl-C becomes a word on how to go on."""
    try:
        return sum(1 for _ in latently.follow(events))
    except KeyboardInterrupt:
        if run.checkpoint_file.exists():
            again = f"latently fit --resume --out {shlex.quote(str(run.path))}"
            raise Stopped(f"Stopped. The checkpoint is kept; to go on:\n  {again}") from None
        raise Stopped("Stopped before the first epoch; there is nothing to go on from.") from None


def finish(run: latently.Run) -> dict[str, Any]:
    """Writes the report and says what came of the training, as plain data."""
    click.echo(f"Now writing the pictures and the report to {run.path}", err=True)
    try:
        report = latently.report(run)
    except KeyboardInterrupt:
        again = f"latently report {shlex.quote(str(run.path))}"
        raise Stopped(f"Stopped. The model is saved; to write its report:\n  {again}") from None
    header = latently.describe(run.path)
    history = header["history"]
    best = latently.kept(history)
    return {
        "run": str(run.path),
        "model": header["model"],
        "latent": header["latent"],
        "epochs": len(history),
        "early": latently.early(history, header["params"]["epochs"]),
        "best_epoch": best["epoch"],
        "train": best["train"],
        "validation": best["validation"],
        "seconds": round(sum(e["seconds"] for e in history), 3),
        "model_file": str(run.model_file),
        "pictures": str(run.pictures),
        "report": str(report),
        "health": json.loads(run.health_file.read_text("utf-8")),
    }


def page(summary: dict[str, Any], data: str) -> str:
    """The summary for a person: what came of it, where it is, what to try next."""
    held_out = summary["validation"]
    loss = f"held-out loss {held_out['loss']:.4g}" if held_out else f"loss {summary['train']['loss']:.4g}"
    epochs = f"{summary['epochs']} epoch{'s' * (summary['epochs'] != 1)}"
    spent = summary["seconds"]
    spent = f"{spent:.1f} s" if spent < 90 else time.strftime("%H:%M:%S", time.gmtime(spent))
    run, data = shlex.quote(summary["run"]), shlex.quote(data)
    where = [
        (summary["report"], "the report; open it in a browser"),
        (summary["model_file"], "the model"),
        (summary["pictures"], "the figures"),
    ]
    tries = _tries(latently.describe(summary["run"]), run, data)
    code = f", {summary['latent']} number{'s' * (summary['latent'] != 1)} a code" if summary["latent"] else ""
    trained = f"Trained {summary['model']}{code}: {loss} nats an item after {epochs} in {spent}."
    if summary["early"]:
        goes_on = f"; latently fit --resume --out {run} goes on" if "max_minutes" in summary["early"] else ""
        trained += f"\nIt {summary['early']}{goes_on}."
    if summary["health"]["worst"]:
        trained += f"\n\n{summary['health']['worst']}"
    return f"{trained}\n\n{columns(where)}\n\nTry next:\n{columns(tries)}"


def _tries(header: dict[str, Any], run: str, data: str) -> list[tuple[str, str]]:
    """What to do next with a model: commands, and what they are for."""
    if header["codec"]["kind"] == "text" and header["latent"]:
        return [
            (f"latently reconstruct {run} {data} -o restored.txt", "each text, through its code"),
            (f"latently encode {run} {data} -o codes.csv", "the code of each text"),
            (f"latently sample {run} -n 64 -o new.txt", "new texts"),
        ]
    if header["codec"]["kind"] == "text":
        return [
            (f"latently write {run} -n 5", "new texts; --prompt says how they begin"),
            (f"latently evaluate {run} {data}", "how well it tells texts, best new ones"),
        ]
    picture = header["codec"]["kind"] == "image"
    if header["codec"]["kind"] == "series":
        return [
            (f"latently anomalies {run} {data} --picture odd.png", "when it was odd, and why"),
            (f"latently encode {run} {data} -o codes.csv", "the code of each window"),
            (f"latently reconstruct {run} {data} -o restored.csv", "the series, through its windows' codes"),
        ]
    restored, new = ("restored", "grid.png") if picture else ("restored.csv", "new.csv")
    tries = [
        (f"latently encode {run} {data} -o codes.csv", "the code of each item"),
        (f"latently reconstruct {run} {data} -o {restored}", "each item, through its code"),
    ]
    if "join" not in header["networks"]["decoder"]:  # skips need an item
        tries.append((f"latently sample {run} -n 64 -o {new}", "new items"))
    if header["model"] == latently.DenoisingAE.name:
        tries.append(
            (f"latently denoise {run} photo.png -o clean.png", "a photograph of any size, without its noise")
            if picture
            else (f"latently impute {run} {data} -o whole.csv", "the table, its gaps filled in")
        )
    return tries


def _place(data: str | None, model: str, out: Path | None, name: str | None) -> Path:
    if out is not None:
        return out
    if name is None and data is None:
        raise click.UsageError("--resume needs the run to go on with, as in: latently fit --resume --out runs/photos")
    return Path("runs", name or f"{Path(str(data)).resolve().name.split('.')[0]}-{model}")


def _free(path: Path) -> Path:
    """`path`, or with the first number behind it where there is something already."""
    numbered = (path.with_name(f"{path.name}-{i}") for i in range(2, 10_000))
    return path if not path.exists() else next(p for p in numbered if not p.exists())
