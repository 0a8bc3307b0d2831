"""Which models there are, and what each can do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends

import latently

from ..opened import Opened
from ..shelf import Shelf, entry, events
from .asked import Asked, Working, shelf

router = APIRouter(tags=["models"])


@router.get("/models")
def models(shelf: Annotated[Shelf, Depends(shelf)], jobs: Working) -> dict[str, Any]:
    """All runs and model files, the latest first, with their state: ready, training, interrupted, failed, refused."""
    return {"models": [asdict(jobs.judged(entry)) for entry in shelf.entries()]}


@router.get("/models/{run:path}/events")
def told(run: str, shelf: Annotated[Shelf, Depends(shelf)], jobs: Working) -> dict[str, Any]:
    """What the training told so far, an event an epoch, also while it goes on."""
    path = shelf.path(run)
    return {"state": jobs.judged(entry(path, run)).state, "events": events(path)}


@router.get("/models/{run:path}")
def model(run: Asked) -> dict[str, Any]:
    """What a model is, what it can do, and what data it comes with."""
    module = run.model.module_
    return {
        "model": run.judge.name,
        "kind": run.kind,
        "latent": run.model.latent_,
        "code": len(run.model.get_feature_names_out()),
        "parameters": sum(p.numel() for p in module.parameters()),
        "can": {"restore": run.restores, "decode": run.decodes, "write": run.writes},
        "classes": [str(label) for label in run.model.classes_] if run.model.conditional else [],
        "columns": [str(c.name) for c in _columns(run)],
        "bounds": {str(c.name): _bounds(c) for c in _columns(run) if run.kind == "series"},
        "shape": list(run.model.codec_.spec.shape),
        "data": _data(run),
    }


def _columns(run: Opened) -> list[Any]:
    return run.model.codec_.used if run.kind in ("table", "series") else []


def _bounds(column: Any) -> list[float]:
    """Between what numbers of a column lie, but for the few that would flatten all others."""
    usual = 3.5 * column.scale
    return [max(column.low, column.mean - usual), min(column.high, column.mean + usual)]


def _data(run: Opened) -> dict[str, Any]:
    try:
        drawn, total = len(run.source), len(run.whole)
    except latently.LatentlyError as error:
        return {"items": 0, "total": 0, "labels": [], "reason": str(error)}
    labels = sorted({label for label in run.labels if label is not None}, key=_natural)
    return {"items": drawn, "total": total, "labels": labels[:200], "reason": ""}


def _natural(label: str) -> tuple[int, float, str]:
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label
