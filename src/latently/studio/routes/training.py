"""Trainings: what can be chosen, data that are brought, and start, stop and resume."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

from fastapi import APIRouter, Body, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

import latently

from .. import uploads
from ..jobs import Jobs
from ..shelf import Shelf, Unknown, entry, events
from .asked import shelf

router = APIRouter(tags=["training"])
HIDDEN = {"verbose", "memory", "compile"}
Shelved = Annotated[Shelf, Depends(shelf)]


def jobs(request: Request) -> Jobs:
    """The trainings of this studio."""
    return cast(Jobs, request.app.state.jobs)


Working = Annotated[Jobs, Depends(jobs)]


@router.get("/declarations")
def declarations() -> dict[str, Any]:
    """Every model with its parameters: type, default, bounds, choices and help, its own ones marked."""
    named = [set(latently.parameters(cls)) for cls in latently.MODELS.values()]
    common = named[0].intersection(*named[1:])
    return {"models": [_declared(name, cls, common) for name, cls in latently.MODELS.items()]}


def _declared(name: str, cls: Any, common: set[str]) -> dict[str, Any]:
    params = [
        {
            "name": one.name,
            "help": one.help,
            "types": [kind.__name__ for kind in one.types],
            "default": one.default,
            "low": one.low,
            "high": one.high,
            "choices": list(one.choices),
            "own": one.name not in common,
        }
        for one in latently.parameters(cls).values()
        if one.name not in HIDDEN and one.types != (type(None),)
    ]
    return {"name": name, "about": (cls.__doc__ or "").partition("\n")[0], "reads": list(cls.reads), "params": params}


@router.get("/data")
def data(shelf: Shelved) -> dict[str, Any]:
    """Data to train on: what was uploaded, and what the runs here were trained on."""
    found = uploads.listed(shelf.folder)
    for one in shelf.entries():
        try:
            place = latently.Run(shelf.path(one.id)).settings["data"]
        except (latently.LatentlyError, KeyError):
            continue
        if place and place not in {known["data"] for known in found}:
            found.append({"name": Path(place).name, "data": place})
    return {"data": found}


@router.get("/look")
def look(shelf: Shelved, data: Annotated[str, Query()]) -> dict[str, Any]:
    """What data hold, and which columns they have; only of those that are listed."""
    return uploads.looked(_allowed(shelf, data))


@router.post("/data/{name:path}")
async def upload(name: str, request: Request) -> dict[str, Any]:
    """Brings a file: a table, texts, an array, a zip of pictures; or a picture, as folder/file or folder/label/file."""
    folder = cast(Shelf, request.app.state.shelf).folder
    uploads.place(folder, name)  # before the body is read
    body = await request.body()
    return await run_in_threadpool(uploads.keep, folder, name, body)


@router.get("/trainings")
def trainings(shelf: Shelved, jobs: Working) -> dict[str, Any]:
    """All runs as trainings: at work or not, how far, and what went wrong."""
    listed = {one.id: one for one in shelf.entries()}
    lost = [run for run in jobs.started() if run not in listed]
    return {"trainings": [_told(shelf, jobs, run) for run in [*lost, *listed] if not run.endswith(".safetensors")]}


@router.post("/trainings")
def start(
    shelf: Shelved,
    jobs: Working,
    name: Annotated[str, Body()],
    data: Annotated[str, Body()],
    model: Annotated[str, Body()],
    params: Annotated[dict[str, Any] | None, Body()] = None,
    label: Annotated[str | None, Body(description="A table's column with the labels.")] = None,
) -> dict[str, Any]:
    """Starts a training in a process of its own."""
    return {"run": jobs.fit(name, _allowed(shelf, data), model, params or {}, label)}


@router.post("/demo")
def demo(jobs: Working) -> dict[str, Any]:
    """Trains a first model on handwritten digits."""
    return {"run": jobs.demo()}


@router.post("/trainings/{run:path}/stop")
def stop(run: str, jobs: Working) -> dict[str, Any]:
    """Ends a training; its checkpoint is kept."""
    jobs.stop(run)
    return {"run": run}


@router.post("/trainings/{run:path}/resume")
def resume(
    run: str, jobs: Working, epochs: Annotated[int | None, Body(ge=1, embed=True, description="In all.")] = None
) -> dict[str, Any]:
    """Goes on from the checkpoint."""
    return {"run": jobs.resume(run, epochs)}


@router.get("/trainings/{run:path}")
def training(run: str, shelf: Shelved, jobs: Working) -> dict[str, Any]:
    """One training, with an event an epoch."""
    told = _told(shelf, jobs, run)
    try:
        return {**told, "events": events(shelf.path(run))}
    except Unknown:
        if run not in jobs.started():
            raise
        return {**told, "events": []}


def _told(shelf: Shelf, jobs: Jobs, run: str) -> dict[str, Any]:
    running = jobs.running(run)
    try:
        path = shelf.path(run)
        found, told = entry(path, run), events(path)
        about = {"model": found.model, "kind": found.kind, "state": found.state}
    except Unknown:
        told, about = [], {"model": "", "kind": "", "state": "training"}
    last = told[-1] if told else {}
    why = "" if running else jobs.said(run)
    done, of = last.get("epoch", 0), last.get("epochs", 0)
    return {"run": run, **about, "running": running, "done": done, "epochs": of, "reason": why}


def _allowed(shelf: Shelf, place: str) -> str:
    """Data that are listed: a page cannot make the studio read any other file."""
    if place not in {one["data"] for one in data(shelf)["data"]}:
        raise latently.InputError("these data are not listed; upload them, or choose others.")
    return place
