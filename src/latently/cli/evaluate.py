"""`latently evaluate`: every number that says how good a trained model is on some data."""

from __future__ import annotations

from typing import Any

import click

import latently

from .speech import columns, json_flag, show
from .use import COUNT, labelled, opened, told


@click.command(short_help="Measure how good a model is.")
@click.argument("model")
@click.argument("data")
@click.option(
    "-n", "count", type=COUNT, default=2000, show_default=True, help="Items to measure at most, drawn at random."
)
@click.option(
    "--draws", type=COUNT, default=100, show_default=True, help="Codes drawn an item to estimate the likelihood."
)
@click.option("--factors", metavar="FILE", help="A table of what the items were made of, one row an item.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all draws.")
@labelled
@told
@json_flag
def evaluate(
    model: str,
    data: str,
    label: str | None,
    text: str | None,
    count: int,
    draws: int,
    factors: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Measure MODEL on DATA, best on items that it was not trained on: a folder held back, a test set.

    How close restored items are to the originals; the likelihood; how like samples are to the items; what codes keep of
    labels (the sub-folders, or a column) and of neighbourhoods; and, with --factors, whether single numbers of a code
    stand for single factors.

    \b
    Examples:
      latently evaluate runs/photos new-photos/
      latently evaluate runs/mnist mnist-test/ -n 10000 --draws 1000 --json
    """
    loaded = latently.load(model)
    source = opened(loaded, data, label, text)
    found = latently.evaluate(loaded, source, factors=factors, n=count, draws=draws, seed=seed)
    show(as_json, found, _page(found))


def _page(found: dict[str, Any]) -> str:
    """The numbers as a table: name, value, unit and what it says."""
    items = found["items"]
    blocks = [f"{found['model']} on {items:,} item{'s' * (items != 1)}"]
    rows = [(key, _written(found[key])) for key in latently.MEASURES if found.get(key) is not None]
    width = max((len(value) for _, value in rows), default=0)
    told = [(latently.MEASURES[key], value) for key, value in rows]
    blocks += [columns([(m.title, f"{value:>{width}}  {_meaning(m)}") for m, value in told], indent=0)]
    if found.get("columns"):
        blocks += [columns([("column", "restored"), *map(_column, found["columns"].items())], indent=0)]
    if "feature_space" in found:
        blocks += [f"Samples are compared with items in {found['feature_space']}."]
    return "\n\n".join([*blocks, *(["\n".join(found["notes"])] if found["notes"] else [])])


def _meaning(measure: Any) -> str:
    better = f"; {measure.better} is better" if measure.better else ""
    return f"{measure.unit + ': ' if measure.unit else ''}{measure.about}{better}"


def _column(one: tuple[str, dict[str, float]]) -> tuple[str, str]:
    name, judged = one
    if "r2" in judged:
        return name, f"R² {judged['r2']:.3f}"
    return name, f"{judged['accuracy']:.1%} of cells; {judged['guess']:.1%} by always guessing the commonest"


def _written(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}" if abs(value) >= 1 else f"{value:.4f}"
