"""What all routes need: the run that is meant, items by number or sent, and failures as one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, cast

import numpy as np
from fastapi import Body, Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

import latently

from .. import items
from ..jobs import Jobs
from ..opened import Opened
from ..shelf import Shelf, Unknown

TOGETHER = 2_000  # items of one request, at most
STATUS: list[tuple[type[Exception], int]] = [
    (Unknown, 404),
    (latently.ModelFileError, 409),
    (latently.OutputError, 507),
    (latently.MissingPackageError, 501),
    (latently.LatentlyError, 400),
]


FILES = "/api/data/"  # what is sent there is kept as it is


async def known(request: Request) -> None:
    """Refuses a body that would be passed over: one that is not called JSON, or that holds what the route knows not."""
    if not request.headers.get("content-length", "0").strip("0") or request.url.path.startswith(FILES):
        return
    if "json" not in request.headers.get("content-type", ""):
        raise latently.InputError("the body is not called JSON and was not read; send Content-Type: application/json.")
    sent = await request.json()
    names = {one.alias: one for one in _parameters(request.scope["route"].dependant, body=True)}
    if not isinstance(sent, dict) or any(names[one].field_info.is_required() for one in names.keys() - sent.keys()):
        return  # what is missing is said instead
    if strange := sorted(cast("dict[str, Any]", sent).keys() - names.keys()):
        allowed = f"send {', '.join(sorted(names))}" if names else "send no body"
        raise latently.InputError(f"{strange[0][:80]!r} is not known here; {allowed}.")


def shelf(request: Request) -> Shelf:
    """The runs that are served."""
    return cast(Shelf, request.app.state.shelf)


def opened(run: str, shelf: Annotated[Shelf, Depends(shelf)]) -> Opened:
    """The run in the address."""
    return shelf.open(run)


def jobs(request: Request) -> Jobs:
    """The trainings of this studio."""
    return cast(Jobs, request.app.state.jobs)


Asked = Annotated[Opened, Depends(opened)]
Working = Annotated[Jobs, Depends(jobs)]


class Items:
    """Items that a request is about: rows of the run's own data, or items that are sent."""

    def __init__(
        self,
        rows: Annotated[list[int] | None, Body(description="Rows of the data that the run was trained on.")] = None,
        items: Annotated[
            list[Any] | None,
            Body(description="Items: pictures as base64 or lists of numbers, rows as objects or lists, texts."),
        ] = None,
    ) -> None:
        if (rows is None) == (items is None):
            raise latently.InputError("either rows or items must be sent.")
        if not 1 <= len(rows or items or ()) <= TOGETHER:
            raise latently.InputError(f"send from 1 to {TOGETHER:,} items at once.")
        self.rows, self.items = rows, items

    def source(self, run: Opened) -> latently.Source:
        """They, as data for the model."""
        return run.only(self.rows) if self.rows is not None else items.read(run.model, self.items or [])


Sent = Annotated[Items, Depends()]


def listed(
    rows: Annotated[str, Query(description="Numbers of items, with commas between.", max_length=20_000)],
) -> list[int]:
    """Rows from an address."""
    try:
        return [int(row) for row in rows.split(",") if row]
    except ValueError as error:
        raise latently.InputError(f"rows={rows[:40]!r} are no whole numbers with commas between.") from error


Listed = Annotated[list[int], Depends(listed)]


def binary(*arrays: Any) -> Response:
    """Numbers as float32, one array behind the other, not compressed: packing 9 MB takes longer than sending them."""
    body = b"".join(np.ascontiguousarray(array, np.float32).tobytes() for array in arrays)
    return Response(body, media_type="application/octet-stream", headers={"content-encoding": "identity"})


def image(body: bytes) -> Response:
    """A picture."""
    return Response(body, media_type="image/png", headers={"cache-control": "private, max-age=60"})


def failures(app: FastAPI) -> None:
    """Answers `{"error": sentence}` where a person can mend what went wrong."""

    def mistake(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, Unknown) and request.method == "GET" and _posted(request):
            told = f"{request.url.path[:200]} is asked by POST, and this was a GET; send it as POST."
            return JSONResponse({"error": told}, 405, {"allow": "POST"})
        status = next(status for kind, status in STATUS if isinstance(error, kind))
        return JSONResponse({"error": str(error)}, status)

    def unreadable(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": _unreadable(request, cast(RequestValidationError, error).errors())}, 422)

    app.add_exception_handler(latently.LatentlyError, mistake)
    app.add_exception_handler(RequestValidationError, unreadable)


def _unreadable(request: Request, wrong: Sequence[Any]) -> str:
    """What was sent that cannot be read, and what to send instead."""
    first = wrong[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    if first["type"] == "json_invalid":
        return (
            f"the body is no JSON: {first['ctx']['error'].lower()} at character {where}; "
            'send an object such as {"rows": [0, 1]}.'
        )
    absent = [str(one["loc"][-1]) for one in wrong if one["type"] == "missing"]
    if absent and where:
        known = {one.alias: one.field_info.description for one in _parameters(request.scope["route"].dependant)}
        said = [f"{name} ({_begun(known[name])})" if known.get(name) else name for name in absent]
        are, them = ("are", "them") if absent[1:] else ("is", "it")
        return f"{' and '.join(said)} {are} missing; send {them}."
    return f"{where or 'the request'}: {_begun(first['msg'])}."


def _posted(request: Request) -> bool:
    """Whether what is asked for is there for POST alone."""
    paths = request.app.openapi()["paths"]
    alone = [re.escape(path) for path, verbs in paths.items() if "post" in verbs and "get" not in verbs]
    return any(re.fullmatch(re.sub(r"\\{\w+\\}", ".+", path), request.url.path) for path in alone)


def _parameters(dependant: Any, body: bool = False) -> Iterator[Any]:
    yield from (*dependant.body_params, *(() if body else dependant.query_params))
    for inner in dependant.dependencies:
        yield from _parameters(inner, body)


def _begun(sentence: str) -> str:
    """As it stands within another one."""
    return f"{sentence[:1].lower()}{sentence[1:]}".rstrip(".")
