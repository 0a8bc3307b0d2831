"""The HTTP API, which pages of the studio and other programs share; it knows nothing of the pages.

| room | what |
|---|---|
| `asked` | what all routes need: the run that is meant, items by number or sent, failures as one sentence |
| `models` | which models there are, and what each can do |
| `verbs` | encode, decode, reconstruct, score, neighbors, sample, interpolate, write |
| `looking` | items one by one and by sheets, axes of the codes, all scores |
| `training` | what can be trained, on what; start, stop, resume |
| `mapping` | codes on a map, what stands at any place, who is inside a line |
| `knowing` | what is known of items, labels that a person gives, chosen items as files |
| `comparing` | runs side by side |
| `insides`, `enlarging` | the network, layer by layer; the four upsamplings on a small grid |
| `times` | a series over time, and when it was odd |
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from ..shelf import Unknown
from . import comparing, enlarging, insides, knowing, looking, mapping, models, times, training, verbs
from .asked import failures as failures
from .asked import known

PARTS = (
    training,
    comparing,
    verbs,
    mapping,
    knowing,
    looking,
    insides,
    enlarging,
    times,
    models,
)  # models takes any path
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
router = APIRouter(prefix="/api")
for _part in PARTS:
    router.include_router(_part.router, dependencies=[Depends(known)])


@router.api_route("", methods=METHODS, include_in_schema=False)
@router.api_route("/{rest:path}", methods=METHODS, include_in_schema=False)
def nothing(request: Request) -> None:
    """What is asked for by an address that means nothing, which would else get a page."""
    asked = f"{request.method} {request.url.path[:200]}"
    raise Unknown(f"there is no {asked} in the API; /api/openapi.json says what there is, /api/models lists models.")


__all__ = ["failures", "router"]
