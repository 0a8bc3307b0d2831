"""`latently compare` and `bench-models`: models side by side, trained already or trained for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import latently

from .speech import json_flag, show
from .use import COUNT, check_out, labelled, learned, opened, replaced, spare, told

_ENDINGS = (".html", ".png", ".json", ".csv", ".tsv", ".parquet")

_out: Any = click.option(
    "--out", "-o", type=click.Path(path_type=Path), help="Also write it: .html, .png, .json, .csv or .parquet."
)
_odd: Any = click.option(
    "--odd", multiple=True, metavar="LABEL", help="Items of this label are odd: who finds them? May be repeated."
)
_count: Any = click.option("-n", "count", type=COUNT, default=2000, show_default=True, help="Items to measure at most.")
_seed: Any = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all draws.")


@click.command(short_help="Measure models side by side, beside PCA.")
@click.argument("models", nargs=-1)
@click.option("--data", required=True, metavar="DATA", help="The items to measure on.")
@click.option(
    "--train", metavar="DATA", help="What the models were trained on, where --data is other data.  [default: --data]"
)
@_odd
@_count
@_seed
@_out
@labelled
@told
@json_flag
def compare(
    models: tuple[str, ...],
    data: str,
    train: str | None,
    odd: tuple[str, ...],
    count: int,
    seed: int,
    out: Path | None,
    label: str | None,
    text: str | None,
    as_json: bool,
) -> None:
    """Measure MODELS, files or run folders, on the same items, beside PCA with as short a code and an untrained one.

    Where --data is what the models were trained on, the part that the first one held out is measured. Labels (the
    sub-folders, or a column) say how well codes keep classes apart. --out .html shows what each restores and draws.

    \b
    Examples:
      latently compare runs/ae runs/vae --data photos/ -o compared.html
      latently compare runs/ae runs/vae --data test/ --train photos/ --json
      latently compare runs/machines --data machines.csv --label state --odd broken
    """
    if out is not None:
        check_out(out, "comparisons", _ENDINGS)
        for model in models:
            spare(out, model, data, *([train] if train else []))
    loaded = {"of": learned(models[0])} if models else {}
    source = opened(loaded["of"], data, label, text) if loaded else data
    known = opened(loaded["of"], train, None, text) if loaded and train else None
    _tell(latently.compare(models, source, train=known, odd=[*odd] or None, n=count, seed=seed), out, as_json)


@click.command("bench-models", short_help="Train several models in a given time, and rank them.")
@click.argument("data")
@click.option(
    "--model", "-m", "models", multiple=True, metavar="NAME", help="May be repeated.  [default: one of each idea]"
)
@click.option("--minutes", default=10.0, show_default=True, help="For all trainings together.")
@click.option("--by", metavar="NAME", help="Rank by this alone, such as frechet.  [default: all that models are for]")
@click.option("--label", metavar="COLUMN", help="The table's column with the labels.")
@_odd
@_count
@_seed
@_out
@click.option("--keep", type=click.Path(path_type=Path), metavar="FOLDER", help="Save the trained models there.")
@json_flag
def bench_models(
    data: str,
    models: tuple[str, ...],
    minutes: float,
    by: str | None,
    label: str | None,
    odd: tuple[str, ...],
    count: int,
    seed: int,
    out: Path | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Train models on nine tenths of DATA within --minutes, measure them on the rest, and rank them.

    \b
    Examples:
      latently bench-models photos/ --minutes 5 -o ranked.html
      latently bench-models people.csv -m ae -m vae -m vqvae --keep models/
    """
    for path, what, endings in ((out, "comparisons", _ENDINGS), (keep, "models", ("",))):
        if path is not None:
            check_out(path, what, endings)
    asked: dict[str, Any] = {"labels": label, "odd": [*odd] or None, "by": by, "n": count, "seed": seed}
    found = latently.bench_models(data, [*models] or None, minutes=minutes, **asked)
    _tell(found, out, as_json, [] if keep is None else found.keep(keep))


def _tell(found: latently.Comparison, out: Path | None, as_json: bool, kept: list[Path] | None = None) -> None:
    """The table, and where it was written."""
    if out is not None:
        replaced(out)
        found.save(out)
    wrote = [str(path) for path in (*([out] if out else []), *(kept or []))]
    result = {**found.plain(), "wrote": wrote}
    show(as_json, result, "\n\n".join([str(found), *(["\n".join(f"Wrote {path}" for path in wrote)] if wrote else [])]))
