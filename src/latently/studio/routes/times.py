"""A series over time: each of its lines beside what was expected, and the stretches when it was odd."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray

import latently

from ..opened import Opened
from .asked import Asked

router = APIRouter(tags=["series"])
RANGES = 60  # that are told, the oddest
LINES = 6  # that are told, those with the oddest ranges first
PARTS = 700  # of a line, of each of which the least and the most are told

Array = NDArray[Any]


@router.get("/models/{run:path}/ranges")
def ranges(
    run: Asked, rate: Annotated[float, Query(gt=0, lt=1, description="Of false alarms that are allowed.")] = 0.01
) -> dict[str, Any]:
    """When a series was odd, the oddest first, each with its oddest window; and its lines, from 0 to 1 in time."""
    if run.kind != "series":
        raise latently.InputError("ranges are stretches of time, and this model was trained on no series.")
    judged = run.once("judged", lambda: _judged(run))
    with run.lock:
        found = judged.at(run.model, max(rate, run.model.least_rate_), explained=RANGES)
    line = found.line
    assert line is not None
    marked = line.ranges[:RANGES]
    steps = line.source.steps
    groups = [int(steps.group[one.first]) for one in marked]
    order = [*dict.fromkeys([*groups, *np.unique(steps.group[line.source.starts]).tolist()])]
    panels = [(group, j) for group in order for j in range(len(line.columns))]
    spans = {group: _span(steps.times, steps.group == group) for group in order}
    told = [
        {
            **{key: cell if isinstance(cell, int | float) else _written(cell) for key, cell in row.items()},
            "row": one.oddest,
            "group": group,
            "from": _share(steps.times, one.first, spans[group], -0.5),
            "to": _share(steps.times, one.last, spans[group], 0.5),
        }
        for row, one, group in zip(found.ranges().to_dicts(), marked, groups, strict=False)
    ]
    lines = [_line(line, group, j, spans[group]) for group, j in panels[:LINES]]
    return {"ranges": told, "of": len(line.ranges), "lines": lines, "left": len(panels) - len(lines)}


def _judged(run: Opened) -> latently.Anomalies:
    """The whole series, at any rate: it is computed once, and ranges follow from it for each."""
    with run.lock:
        return latently.anomalies(run.model, run.source, rate=0.5, explained=0)


def _line(line: Any, group: int, column: int, span: tuple[Any, Any]) -> dict[str, Any]:
    """One column of one series: its points as pairs of a share of the time and a value, None where it is broken."""
    return {
        "group": group,
        "series": line.source.series[group] if line.source.series else "",
        "column": line.columns[column],
        "start": _written(span[0]),
        "end": _written(span[1]),
        "found": _points(line, line.found[:, column], group, span),
        "expected": _points(line, line.expected[:, column], group, span),
    }


def _points(line: Any, values: Array, group: int, span: tuple[Any, Any]) -> list[list[float] | None]:
    rows, anew = line.outline(values, group, PARTS)
    at = (line.source.steps.times[rows] - span[0]) / (span[1] - span[0] or 1)
    told: list[list[float] | None] = []
    for place, value, begins in zip(at.tolist(), values[rows].tolist(), anew.tolist(), strict=True):
        if begins:
            told.append(None)
        told.append(None if np.isnan(value) else [round(place, 5), float(f"{value:.5g}")])
    return told


def _written(cell: Any) -> str:
    """A time without zeros that say nothing; anything else as it is.

    >>> _written(np.datetime64("2024-01-01T06:00:00.000000")), _written("load")
    ('2024-01-01 06:00', 'load')
    """
    text = str(cell)
    if isinstance(cell, np.datetime64 | date):
        text = text.replace("T", " ").removesuffix(".000000").removesuffix(":00").removesuffix(" 00:00")
    return text


def _span(times: Array, inside: Array) -> tuple[Any, Any]:
    some = times[inside]
    return some[0], some[-1]


def _share(times: Array, row: int, span: tuple[Any, Any], beyond: float) -> float:
    """Where a row stands between the ends of its series, half a step further: one step is a stretch too."""
    other = min(max(0, row + (1 if beyond > 0 else -1)), len(times) - 1)
    length = span[1] - span[0] or 1
    half = abs(beyond) * abs(float((times[other] - times[row]) / length))
    at = float((times[row] - span[0]) / length)
    return float(np.clip(at + (half if beyond > 0 else -half), 0, 1))
