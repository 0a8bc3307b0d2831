"""Trainings: what can be chosen, data that are brought, and start, stop and resume."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Body, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

import latently

from .. import items, uploads
from ..jobs import Jobs
from ..shelf import Shelf, Unknown, entry, events
from ..speech import helps
from .asked import Working, shelf

router = APIRouter(tags=["training"])
HIDDEN = {"verbose", "memory", "compile"}
Shelved = Annotated[Shelf, Depends(shelf)]


class Reading(BaseModel):
    """How a table is read as a series; see `latently.open`."""

    time: str | None = None
    window: Annotated[int, Field(ge=2)] | None = None
    step: Annotated[int, Field(ge=1)] | None = None
    series: str | None = None


@router.get("/declarations")
def declarations(
    lang: Annotated[Literal["en", "ko"], Query(description="Of the help.")] = "en",
) -> dict[str, Any]:
    """Every model with its parameters: type, default, bounds, choices and help, its own ones marked."""
    said = helps(lang)
    named = [set(latently.parameters(cls)) for cls in latently.MODELS.values()]
    common = named[0].intersection(*named[1:])
    return {"models": [_declared(name, cls, common, said) for name, cls in latently.MODELS.items()]}


def _declared(name: str, cls: Any, common: set[str], said: Mapping[str, str]) -> dict[str, Any]:
    params = [
        {
            "name": one.name,
            "help": said.get(one.help, one.help),
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
    about = (cls.__doc__ or "").partition("\n")[0]
    return {"name": name, "about": said.get(about, about), "reads": list(cls.reads), "params": params}


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
def look(
    shelf: Shelved,
    data: Annotated[str, Query()],
    time: Annotated[str | None, Query(description="Of a series: the column that says when.")] = None,
    window: Annotated[int | None, Query(ge=2, description="Of a series: rows of an item.")] = None,
    step: Annotated[int | None, Query(ge=1, description="Of a series: rows from one item to the next.")] = None,
    series: Annotated[str | None, Query(description="Of a series: the column that tells several apart.")] = None,
) -> dict[str, Any]:
    """What data hold, and which columns they have; only of those that are listed."""
    asked = {"time": time, "window": window, "step": step, "series": series}
    return uploads.looked(_allowed(shelf, data), {name: value for name, value in asked.items() if value is not None})


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
    entries = shelf.entries()
    listed = {one.id for one in entries}
    lost = [run for run in jobs.started() if run not in listed]
    return {"trainings": [_told(shelf, jobs, run) for run in [*lost, *(one.id for one in entries if one.run)]]}


@router.post("/trainings")
def start(
    shelf: Shelved,
    jobs: Working,
    name: Annotated[str, Body()],
    data: Annotated[str, Body()],
    model: Annotated[str, Body()],
    params: Annotated[dict[str, Any] | None, Body()] = None,
    label: Annotated[str | None, Body(description="A table's column with the labels.")] = None,
    reading: Annotated[Reading | None, Body(description="How a table is cut into windows of a series.")] = None,
) -> dict[str, Any]:
    """Starts a training in a process of its own."""
    cut = {} if reading is None else reading.model_dump(exclude_none=True)
    return {"run": jobs.fit(name, _allowed(shelf, data), model, params or {}, label, cut)}


@router.get("/name")
def name(jobs: Working, like: Annotated[str, Query(max_length=1000)]) -> dict[str, Any]:
    """A name that is free for a new run."""
    return {"name": jobs.suggested(like)}


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


@router.get("/trainings/{run:path}/glimpses")
def glimpses(run: str, shelf: Shelved) -> dict[str, Any]:
    """After which epochs it can be seen what a few items had become, and the items as they came; also as it goes on."""
    try:
        found = latently.Run(shelf.path(run)).glimpses()
        return {"epochs": found.epochs, "labels": found.labels, "kind": found.kind, "items": _items(found, found.items)}
    except latently.ModelFileError:
        return {"epochs": [], "labels": [], "kind": "", "items": []}


@router.get("/trainings/{run:path}/glimpses/{epoch}")
def glimpse(run: str, epoch: int, shelf: Shelved) -> dict[str, Any]:
    """What a few items had become after an epoch: places of their codes, some restored, as many drawn."""
    found = latently.Run(shelf.path(run)).glimpses()
    one = found.at(epoch)
    drawn, restored = (_items(found, some) for some in (one.drawn, one.restored))
    return {"epoch": epoch, "places": one.places.round(4).tolist(), "restored": restored, "drawn": drawn}


def _items(found: Any, some: Any) -> list[Any]:
    return [] if some is None else items.told(found, some)


@router.get("/trainings/{run:path}")
def training(run: str, shelf: Shelved, jobs: Working) -> dict[str, Any]:
    """One training, with an event an epoch and what is to be known of it."""
    told = _told(shelf, jobs, run)
    try:
        path = shelf.path(run)
        notes = [*jobs.noted(run), *_verdict(path, told["running"])]
        return {**told, "events": events(path), "settings": _settings(path), "notes": notes}
    except Unknown:
        if run not in jobs.started():
            raise
        return {**told, "events": [], "settings": {}, "notes": jobs.noted(run)}


def _verdict(path: Path, running: bool) -> list[str]:
    """Why a training ended early, and the worst that was found of its model."""
    if running:  # what is there is of the model before
        return []
    early = latently.early(events(path))
    try:
        worst = json.loads(latently.Run(path).health_file.read_text("utf-8")).get("worst")
    except (OSError, ValueError, AttributeError):
        worst = None
    return [*([f"It {early}."] if early else []), *([str(worst)] if worst else [])]


def _settings(path: Path) -> dict[str, Any]:
    """What was asked of a run, all in one: its model, its data, how they were read, its parameters."""
    try:
        asked = latently.Run(path).settings
    except latently.ModelFileError:
        return {}
    data = Path(asked["data"]).name if asked["data"] else None
    reading = {name: value for name, value in asked.get("reading", {}).items() if value is not None}
    return {"model": asked["model"], "data": data, "label": asked.get("labels"), **reading, **asked["params"]}


def _told(shelf: Shelf, jobs: Jobs, run: str) -> dict[str, Any]:
    running = jobs.running(run)
    try:
        path = shelf.path(run)
        found, told = jobs.judged(entry(path, run)), events(path)
        about = {"model": found.model, "kind": found.kind, "state": found.state}
    except Unknown:  # no folder yet, or none was ever made
        told, about = [], {"model": "", "kind": "", "state": "training" if running else "failed"}
    last = told[-1] if told else {}
    why = "" if running else jobs.said(run)
    done, of = last.get("epoch", 0), last.get("epochs", 0)
    return {"run": run, **about, "running": running, "done": done, "epochs": of, "reason": why}


def _allowed(shelf: Shelf, place: str) -> str:
    """Data that are listed: a page cannot make the studio read any other file."""
    if not place:
        raise latently.InputError("no data are chosen; choose some, or upload them first.")
    if place not in {one["data"] for one in data(shelf)["data"]}:
        raise latently.InputError("these data are not listed; upload them, or choose others.")
    return place
