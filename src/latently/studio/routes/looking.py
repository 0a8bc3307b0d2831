"""What rooms look at: items one by one and by sheets, axes of the codes, scores of all."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from numpy.typing import NDArray

import latently

from .. import items
from ..opened import Opened
from .asked import TOGETHER, Asked, Listed, Sent, binary, image

router = APIRouter(tags=["looking"])
AXES = 16  # principal axes that are shown
DIMENSIONS = 64  # numbers of a code that are shown


@router.get("/models/{run:path}/items")
def listing(
    run: Asked,
    start: Annotated[int, Query(ge=0)] = 0,
    count: Annotated[int, Query(ge=1, le=500)] = 100,
    label: Annotated[str | None, Query()] = None,
    find: Annotated[str, Query(max_length=200, description="Part of a name, of a text, or of a cell.")] = "",
) -> dict[str, Any]:
    """Items in their order: row, name, label, and in short what they hold."""
    rows = _chosen(run, label, find)
    some = rows[start : start + count].tolist()
    return {"found": len(rows), "items": _briefs(run, some)}


@router.get("/models/{run:path}/briefs")
def briefs(run: Asked, rows: Listed) -> dict[str, Any]:
    """Some items in short, in the order asked for."""
    return {"items": _briefs(run, rows[:500])}


@router.get("/models/{run:path}/brief/{row}")
def brief(run: Asked, row: int) -> dict[str, Any]:
    """An item, its name and its label, and nothing that the model has to be asked for."""
    shown = items.told(run.model, run.only([row]).data)[0]
    return {"row": row, "name": run.names[row], "label": run.labels[row], "item": shown}


@router.post("/models/{run:path}/names")
def names(run: Asked, rows: Annotated[list[int], Body(embed=True)]) -> dict[str, Any]:
    """The names and labels of items."""
    run.only(rows)
    return {"names": [run.names[row] for row in rows], "labels": [run.labels[row] for row in rows]}


@router.get("/models/{run:path}/tiles")
def tiles(run: Asked, rows: Listed, side: Annotated[int, Query(ge=8, le=256)] = 48) -> Response:
    """Pictures on one sheet, sixteen in a line."""
    if run.kind != "image":
        raise latently.InputError("sheets are of pictures, and this model was trained on others.")
    if len(rows) > TOGETHER:
        raise latently.InputError(f"ask for {TOGETHER:,} tiles at once at most.")
    return image(items.sheet(run.model, list(run.only(rows).data), side))


@router.get("/models/{run:path}/item/{row}")
def item(run: Asked, row: int) -> dict[str, Any]:
    """An item, its code, how normal it is, what comes back of it and how far off that is."""
    with run.lock:
        found = _told(run, run.only([row]))
    return {"row": row, "name": run.names[row], "label": run.labels[row], **found}


@router.post("/models/{run:path}/look")
def look(run: Asked, sent: Sent) -> dict[str, Any]:
    """The same of the first item that is sent."""
    with run.lock:
        return _told(run, sent.source(run)[:1])


@router.get("/models/{run:path}/where/{row}")
def where(run: Asked, row: int) -> dict[str, Any]:
    """What about an item is odd: heat over pixels, cells or steps beside what was expected, words by their cost."""
    with run.lock:
        source = run.only([row])
        found = latently.explain(run.model, source)
    told: dict[str, Any] = {"why": found.sentences[0]}
    if run.kind == "image":
        return {**told, "heat": items.address(items.heat(found.surprise[0])), "most": float(found.surprise.max())}
    if run.kind == "table":
        here, there = (items.told(run.model, what)[0] for what in (source.data, found.expected))
        cells = zip(here.items(), there.values(), found.surprise[0].tolist(), strict=True)
        return {
            **told,
            "cells": [{"name": n, "found": a, "expected": b, "surprise": s} for (n, a), b, s in cells],
        }
    if run.kind == "series":
        expected, surprise = (items.windows(run.model, what)[0] for what in (found.expected, found.surprise))
        return {**told, "expected": expected, "surprise": surprise}
    words = _words(run, source, found.surprise[0])
    return {**told, "words": words, "guess": float(np.log(len(run.model.codec_.words)))}


@router.get("/models/{run:path}/axes")
def axes(run: Asked) -> dict[str, Any]:
    """The codes' middle, their principal axes, and how far each number of a code goes."""
    codes = run.codes.astype(np.float64)
    mean = codes.mean(0)
    some = codes[:: max(1, len(codes) // 20_000)] - mean
    _, sizes, found = np.linalg.svd(some, full_matrices=False)
    deviations = sizes / max(1.0, np.sqrt(len(some) - 1))
    total = float(np.square(deviations).sum()) or 1.0
    low, high = np.percentile(codes, [0.5, 99.5], axis=0)
    order = np.argsort(-codes.std(0), kind="stable")[:DIMENSIONS]
    return {
        "mean": mean.tolist(),
        "axes": [
            {"direction": direction.tolist(), "deviation": float(d), "share": float(d * d / total)}
            for direction, d in zip(found[:AXES], deviations[:AXES], strict=True)
        ],
        "dimensions": [{"at": int(j), "low": float(low[j]), "high": float(high[j])} for j in order],
        "of": codes.shape[1],
    }


@router.get("/models/{run:path}/classes")
def middles(run: Asked) -> dict[str, Any]:
    """The mean code of each label."""
    labels = np.array([label or "" for label in run.labels])
    known = [label for label in dict.fromkeys(labels.tolist()) if label][:100]
    return {"classes": [{"label": one, "code": run.codes[labels == one].mean(0).tolist()} for one in sorted(known)]}


@router.get("/models/{run:path}/scores")
def scores(run: Asked) -> Response:
    """Of all items the scores, then their p-values, then the scores of held-out ones: float32, n and n and the rest."""
    held: NDArray[np.float64] = run.judge.calibration_
    return binary(run.scores, run.p_values, held)


def _chosen(run: Opened, label: str | None, find: str) -> NDArray[np.int64]:
    rows = np.arange(len(run.source))
    if label is not None:
        rows = rows[np.array(run.labels, object)[rows] == label]
    wanted = find.casefold().strip()
    if not wanted:
        return rows
    if run.kind == "text":
        source: Any = run.source
        return np.array([row for row in rows.tolist() if wanted in source.text(row).casefold()], np.int64)
    if run.kind == "table":
        cells = items.told(run.model, run.source.data)
        kept = [row for row in rows.tolist() if any(wanted in str(cell).casefold() for cell in cells[row].values())]
        return np.array(kept, np.int64)
    return np.array([row for row in rows.tolist() if wanted in run.names[row].casefold()], np.int64)


def _briefs(run: Opened, rows: list[int]) -> list[dict[str, Any]]:
    common = [{"row": row, "name": run.names[row], "label": run.labels[row]} for row in rows]
    if run.kind == "image" or not rows:
        return common
    told = items.told(run.model, run.only(rows).data)
    return [{**one, "item": item} for one, item in zip(common, told, strict=True)]


def _told(run: Opened, source: latently.Source) -> dict[str, Any]:
    model, judge = run.model, run.judge
    found: dict[str, Any] = {
        "item": items.told(model, source.data)[0],
        "code": model.transform(source)[0].tolist(),
        "score": float(judge.score_samples(source)[0]),
        "p_value": float(judge.p_values(source)[0]),
        "flagged": bool(judge.predict(source)[0] < 0),
    }
    if not run.restores:
        return found
    restored = model.reconstruct(source)
    found["restored"] = items.told(model, restored)[0]
    if run.kind == "image":
        found["difference"] = items.address(items.gap(model, source.data[0], restored[0]))
    return found


def _words(run: Opened, source: latently.Source, surprise: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Each word of a text as the model reads it, with what it costs; the last is its end."""
    codec = run.model.codec_
    text: Any = source
    tokens = [*codec.tokens(text.text(0))[1:], None][: len(surprise)]
    return [
        {"word": "" if token is None else codec.words[int(token)], "cost": float(cost)}
        for token, cost in zip(tokens, surprise, strict=False)
    ]
