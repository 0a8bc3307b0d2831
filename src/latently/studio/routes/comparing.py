"""Runs side by side: asked for once, looked for until they are there."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Body, Depends, Request

from ..comparisons import Comparisons

router = APIRouter(tags=["compare"])


def comparisons(request: Request) -> Comparisons:
    """The comparisons of this studio."""
    return cast(Comparisons, request.app.state.comparisons)


Comparing = Annotated[Comparisons, Depends(comparisons)]


@router.post("/comparisons")
def compare(
    comparing: Comparing,
    runs: Annotated[list[str], Body(description="Runs of one kind of data; all are measured on that of the first.")],
    odd: Annotated[list[str] | None, Body(description="Labels of items that are odd: which model finds them?")] = None,
    n: Annotated[int, Body(ge=2, le=20_000, description="Items to measure at most.")] = 2_000,
) -> dict[str, Any]:
    """Begins a comparison and names it; the same question is answered from before."""
    return {"comparison": comparing.ask(runs, odd or [], n)}


@router.get("/comparisons/{name}")
def comparison(comparing: Comparing, name: str) -> dict[str, Any]:
    """What was found, once `state` is "ready": numbers of each run, of PCA, of untrained networks."""
    found = comparing.found(name)
    return {"state": "working"} if found is None else {"state": "ready", **found}
