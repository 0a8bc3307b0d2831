"""`latently anomalies`: which items are odd, at a rate of false alarms that is kept, and why."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent, shorten
from typing import Any

import click

import latently

from .speech import json_flag, show, table
from .use import check_out, labelled, opened, replaced, spare, told

_SHOWN = 10
_TOLD = ("rank", "score", "p_value", "flagged", "why", "text")
_JSON = (str, int, float, bool)
_WIDE = 60  # characters of a text


@click.command(short_help="Find odd items, and say why they are.")
@click.argument("model")
@click.argument("data")
@click.option(
    "--rate",
    type=click.FloatRange(0, 1, True, True),
    help="The share of false alarms that is allowed.  [default: 0.01, or the least that can be kept]",
)
@click.option(
    "--control",
    type=click.Choice(["alarms", "discoveries"]),
    default="alarms",
    show_default=True,
    help="What the rate is a share of: all normal items (alarms), or all flagged ones (discoveries).",
)
@click.option(
    "--explained",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="How many of the oddest get a reason.",
)
@click.option(
    "--picture", type=click.Path(path_type=Path), help="Also draw the oddest pictures, or a series, to this .png."
)
@click.option(
    "--out", "-o", type=click.Path(path_type=Path), help="Write the ranking of all items, as .csv or .parquet."
)
@labelled
@told
@json_flag
def anomalies(
    model: str,
    data: str,
    label: str | None,
    text: str | None,
    rate: float | None,
    control: str,
    explained: int,
    picture: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find the items of DATA that are not like those MODEL was trained on.

    Each gets a p-value: the share of normal items that are as odd. Nothing has to be guessed about how many anomalies
    there are, and the rate can be another one each time. Of a series windows are judged, and flagged ones that overlap
    are one range of time.

    \b
    Examples:
      latently anomalies runs/people new-people.csv
      latently anomalies runs/people new-people.csv --rate 0.001 -o anomalies.csv
      latently anomalies runs/photos new-photos/ --picture odd.png
      latently anomalies runs/sales sales.csv -o when.csv --picture when.png
    """
    for path, what, endings in ((out, "rankings", (".csv", ".parquet")), (picture, "pictures of anomalies", (".png",))):
        if path is not None:
            check_out(path, what, endings)
            spare(path, model, data)
    loaded = latently.load(model)
    source = opened(loaded, data, label, text)
    found = latently.anomalies(loaded, source, rate=rate, control=control, explained=explained)
    for path in filter(None, (picture, out)):
        replaced(path)
    if picture is not None:
        drawn = latently.figures.ranges(found) if found.line is not None else latently.figures.oddest(loaded, source)
        latently.figures.save(picture, drawn)
    ranking = found.table() if found.line is None else found.ranges()
    if out is not None:
        latently.write(out, ranking)
    oddest = _first(ranking)
    counts = {"items": len(source), "flagged": int(found.flagged.sum())}
    result = {**counts, "rate": found.rate, "control": control, "oddest": oddest}
    wrote = [f"Wrote {path}" for path in (out, picture) if path is not None]
    show(as_json, result, _page(found.summary, oddest, wrote))


def _first(ranking: Any) -> list[dict[str, Any]]:
    rows = ranking.head(_SHOWN).to_dicts()
    return [{key: value if isinstance(value, _JSON) else str(value) for key, value in row.items()} for row in rows]


def _page(summary: str, oddest: list[dict[str, Any]], wrote: list[str]) -> str:
    shown = [{**_name(r), "p-value": f"{r['p_value']:.2g}", "why": r["why"], **_text(r)} for r in oddest]
    counted = bool(oddest) and all(str(r.get("item")).isdecimal() for r in oddest)
    said = [summary + ("; items are counted from 0" if counted else "")]
    if shown:  # of a series ranges are told, and none may be odd
        said += ["", indent(table(shown), "  ")]
    return "\n".join([*said, *(["", *wrote] if wrote else [])])


def _text(row: dict[str, Any]) -> dict[str, str]:
    """The beginning of a text, where items are texts."""
    return {"text": shorten(row["text"], _WIDE, placeholder="…")} if "text" in row else {}


def _name(row: dict[str, Any]) -> dict[str, Any]:
    """An item, or of a series which one and a range of time."""
    return {key: value for key, value in row.items() if key not in _TOLD}
