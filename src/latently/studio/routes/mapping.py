"""Codes on a map: where each item stands, what is made of any place, and who is inside a line that is drawn."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from numpy.typing import NDArray

import latently

from .. import items
from ..known import known
from .asked import TOGETHER, Asked

router = APIRouter(tags=["map"])
How = Literal["pca", "tsne", "umap", "localmap"]
Way = Annotated[How, Query(description="pca leads back exactly; the others blend the codes of the nearest items.")]
Line = Annotated[list[tuple[float, float]], Body(min_length=1, max_length=10_000)]


@router.get("/models/{run:path}/map")
def points(run: Asked, how: Way = "pca") -> Response:
    """Every item's place: n pairs of float32, then n bytes, each its label's place among `classes`, 255 for none."""
    body = run.places(how).astype("<f4").tobytes() + known(run, "label").values.tobytes()
    return Response(body, media_type="application/octet-stream", headers={"content-encoding": "identity"})


@router.get("/models/{run:path}/mapped")
def about(run: Asked, how: Way = "pca") -> dict[str, Any]:
    """What the map is: how many items it shows of how many, its labels, what its axes hold."""
    found, labels = run.map(how), known(run, "label")
    shares = None if found.shares_ is None else [float(share) for share in found.shares_]
    return {
        "how": found.how,
        "items": len(run.source),
        "total": len(run.whole),
        "classes": labels.classes,
        "counts": labels.counts,
        "shares": shares,
        "exact": found.axes_ is not None,
    }


@router.post("/models/{run:path}/places")
def places(
    run: Asked,
    places: Annotated[Line, Body(embed=True)],
    how: Annotated[How, Body()] = "pca",
    label: Annotated[str | None, Body(description="Of a conditional model.")] = None,
) -> dict[str, Any]:
    """What is made of places of the map, and how far each is from any item: 1 is usual, far above nothing is known."""
    if not run.decodes:
        raise latently.InputError(f"this {run.model.name} makes no item of a code alone.")
    if len(places) > TOGETHER:
        raise latently.InputError(f"ask for {TOGETHER:,} places at once at most.")
    told = {} if label is None else {"label": label}
    found, at = run.map(how), np.array(places, np.float64)
    with run.lock:
        made, far = found.items(at, **told)
    return {"items": items.told(run.model, made), "distances": far.tolist()}


@router.post("/models/{run:path}/inside")
def inside(run: Asked, line: Annotated[Line, Body(embed=True)], how: Annotated[How, Body()] = "pca") -> Response:
    """The rows inside a closed line that is drawn on the map, as uint32."""
    order, rising = run.heights(how)
    chosen = np.zeros(len(order), bool)
    chosen[order[within(rising, np.array(line, np.float64))]] = True
    body = np.flatnonzero(chosen).astype("<u4").tobytes()
    return Response(body, media_type="application/octet-stream", headers={"content-encoding": "identity"})


def within(points: NDArray[np.float64], line: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each point (n, 2), the lowest first, is inside a closed line (m, 2): a ray crosses that an odd number
    of times. Between two corners' heights the same edges are crossed, few of them, by all points there.

    >>> square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    >>> within(np.array([[2.0, 0.4], [0.5, 0.5]]), square).tolist()
    [False, True]
    """
    found = np.zeros(len(points), bool)
    x, y = points.T
    (x0, y0), (x1, y1) = line.T, np.roll(line, -1, axis=0).T
    lower, upper = np.minimum(y0, y1), np.maximum(y0, y1)
    heights = np.unique(line[:, 1])
    bounds = np.searchsorted(y, heights)
    for bottom, top, start, end in zip(heights[:-1], heights[1:], bounds[:-1], bounds[1:], strict=True):
        if start == end:
            continue
        for edge in np.flatnonzero((lower <= bottom) & (upper >= top)):
            slope = (x1[edge] - x0[edge]) / (y1[edge] - y0[edge])
            found[start:end] ^= x[start:end] < slope * (y[start:end] - y0[edge]) + x0[edge]
    return found
