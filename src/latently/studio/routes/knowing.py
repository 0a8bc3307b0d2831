"""What is known of each item, what a person calls some, chosen items as a file, and which runs know the same items."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import Response, StreamingResponse
from numpy.typing import NDArray

import latently

from ..known import choices, known
from ..opened import MOST, is_run
from ..shelf import Shelf
from .asked import Asked, shelf
from .mapping import How

router = APIRouter(tags=["known"])
FORMULA = tuple("=+-@\t\r")  # what a spreadsheet would compute
By = Annotated[str, Query(description="label, score, kmeans, hdbscan, own, or column:NAME.", max_length=500)]
Groups = Annotated[int, Query(ge=2, le=100, description="Groups of kmeans.")]
Rows = Annotated[list[int], Body(min_length=1, max_length=MOST)]


@router.get("/models/{run:path}/known")
def listed(run: Asked) -> dict[str, Any]:
    """What items can be coloured by, and what the person calls some of them."""
    try:
        own = known(run, "own").classes
    except latently.InputError:  # said to who asks for them
        own = []
    return {"by": choices(run), "own": own}


@router.get("/models/{run:path}/colours")
def about(run: Asked, by: By, k: Groups = 8) -> dict[str, Any]:
    """Classes with their counts, the commonest first; or between which numbers all but the wildest hundredths are."""
    found = known(run, by, k)
    finite = found.values[np.isfinite(found.values)] if found.kind != "class" else np.zeros(0)
    low, high = np.percentile(finite, [1, 99]).tolist() if len(finite) else (0.0, 0.0)
    return {"kind": found.kind, "classes": found.classes, "counts": found.counts, "low": low, "high": high}


@router.get("/models/{run:path}/coloured")
def values(run: Asked, by: By, k: Groups = 8) -> Response:
    """Of every item its class's place, 255 for none, a byte each; or its number as float32, NaN where there is none."""
    body = np.ascontiguousarray(known(run, by, k).values).tobytes()
    return Response(body, media_type="application/octet-stream", headers={"content-encoding": "identity"})


@router.post("/models/{run:path}/label")
def label(run: Asked, rows: Rows, label: Annotated[str, Body()]) -> dict[str, Any]:
    """Calls items so, in a file of the run's folder; "" takes their label away. Labels of the data stay as they are."""
    return {"labels": run.own.give(rows, label)}


@router.post("/models/{run:path}/export")
def export(
    run: Asked,
    rows: Rows,
    what: Annotated[Literal["places", "codes", "names"], Body()] = "places",
    how: Annotated[How, Body()] = "pca",
) -> StreamingResponse:
    """Items as .csv, with their place on the map or their code; or their names alone, one a line."""
    run.only(rows)
    names = run.names
    if what == "names":
        return StreamingResponse((f"{names[row]}\n" for row in rows), media_type="text/plain; charset=utf-8")
    numbers = run.codes if what == "codes" else run.places(how)  # here: once a line was sent no mistake can be told
    axes = [f"code{j}" for j in range(numbers.shape[1])] if what == "codes" else ["x", "y"]
    texts = {"name": names, "label": run.labels, "own label": run.own.each()}
    lines = _table(run.rows, rows, texts, dict(zip(axes, numbers.T, strict=True)))
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8")


@router.get("/models/{run:path}/alike")
def alike(run: str, here: Asked, shelf: Annotated[Shelf, Depends(shelf)]) -> dict[str, Any]:
    """Other runs of the same items, so that a row is the same item in each."""
    mine = _data(here.path)
    found = [one for one in shelf.entries() if mine and one.state == "ready" and one.id != run]
    return {"runs": [{"run": one.id, "model": one.model} for one in found if _data(shelf.path(one.id)) == mine]}


def _data(path: Any) -> tuple[Any, ...] | None:
    """What tells whether two runs read the same items."""
    if not is_run(path):
        return None
    settings = latently.Run(path).settings
    return settings["data"], settings["fingerprint"]


def _table(
    places: NDArray[np.int64],
    rows: list[int],
    texts: Mapping[str, Sequence[str | None]],
    numbers: Mapping[str, NDArray[Any]],
) -> Iterator[str]:
    lines = StringIO()
    table = csv.writer(lines, lineterminator="\n")
    table.writerow(["row", *texts, *numbers])
    for row in rows:
        words = [_plain(known[row] or "") for known in texts.values()]
        table.writerow([int(places[row]), *words, *(f"{values[row]:.7g}" for values in numbers.values())])
        if lines.tell() > 1 << 16:
            yield lines.getvalue()
            lines.seek(0)
            lines.truncate()
    yield lines.getvalue()


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> _plain("=1+1"), _plain("cat")
    ("'=1+1", 'cat')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
