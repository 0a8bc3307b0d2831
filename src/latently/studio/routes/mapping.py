"""Codes on a map: where each item stands, what is made of any place, and who is inside a line that is drawn."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from numpy.typing import NDArray

import latently

from .. import items
from .asked import TOGETHER, Asked

router = APIRouter(tags=["map"])
How = Literal["pca", "tsne", "umap", "pacmap"]
Way = Annotated[How, Query(description="pca leads back exactly; the others blend the codes of the nearest items.")]
Line = Annotated[list[tuple[float, float]], Body(min_length=1, max_length=10_000)]
LETTERS = 255  # classes that have a number of their own; all others share the last


@router.get("/models/{run:path}/map")
def points(run: Asked, how: Way = "pca") -> Response:
    """Every item's place: n pairs of float32, then n bytes, each its label's place among `classes`, 255 for none."""
    found, classes = run.map(how), _classes(run.labels)
    places = {label: min(i, LETTERS) for i, label in enumerate(classes)}
    letters = np.array([LETTERS if label is None else places[label] for label in run.labels], np.uint8)
    body = found.points_.astype("<f4").tobytes() + letters.tobytes()
    return Response(body, media_type="application/octet-stream", headers={"content-encoding": "identity"})


@router.get("/models/{run:path}/mapped")
def about(run: Asked, how: Way = "pca") -> dict[str, Any]:
    """What the map is: how many items it shows of how many, its labels, what its axes hold."""
    found = run.map(how)
    shares = None if found.shares_ is None else [float(share) for share in found.shares_]
    return {
        "how": found.how,
        "items": len(found.points_),
        "total": len(run.whole),
        "classes": _classes(run.labels),
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
    rows = np.flatnonzero(within(run.map(how).points_[:, :2], np.array(line, np.float64)))
    body = rows.astype("<u4").tobytes()
    return Response(body, media_type="application/octet-stream", headers={"content-encoding": "identity"})


def within(points: NDArray[np.float64], line: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each point (n, 2) lies inside a closed line (m, 2): a ray from it crosses that an odd number of times.

    >>> square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    >>> within(np.array([[0.5, 0.5], [2.0, 0.5]]), square).tolist()
    [True, False]
    """
    found = np.zeros(len(points), bool)
    near = np.flatnonzero(((points >= line.min(0)) & (points <= line.max(0))).all(1))
    x, y = points[near].T
    odd = np.zeros(len(near), bool)
    for (x0, y0), (x1, y1) in zip(line, np.roll(line, -1, axis=0), strict=True):
        if y0 != y1:
            odd ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    found[near] = odd
    return found


def _classes(labels: list[str | None]) -> list[str]:
    """The labels, the commonest first."""
    values, counts = np.unique([label for label in labels if label is not None], return_counts=True)
    return [str(label) for label in values[np.argsort(-counts, kind="stable")]][:LETTERS]
