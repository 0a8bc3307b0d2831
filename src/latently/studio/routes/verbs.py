"""What a model does, for any program: encode, decode, reconstruct, score, neighbors, sample, interpolate, write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Body, Header, Query
from fastapi.responses import Response, StreamingResponse

import latently

from .. import items
from ..opened import Opened
from .asked import TOGETHER, Asked, Sent, binary

router = APIRouter(tags=["verbs"])
Binary = Annotated[str, Header(alias="accept", description="application/octet-stream for float32 instead of JSON.")]


@router.post("/models/{run:path}/encode", response_model=None)
def encode(run: Asked, sent: Sent, accept: Binary = "") -> dict[str, Any] | Response:
    """The code of each item: n rows of D numbers, or as many float32."""
    with run.lock:
        codes = run.model.transform(sent.source(run))
    return binary(codes) if "octet-stream" in accept else {"codes": codes.tolist()}


@router.post("/models/{run:path}/decode")
def decode(
    run: Asked,
    codes: Annotated[list[list[float]], Body(min_length=1, max_length=TOGETHER)],
    label: Annotated[str | list[str] | None, Body(description="Of a conditional model.")] = None,
) -> dict[str, Any]:
    """The item of each code."""
    with run.lock:
        return {"items": items.told(run.model, run.model.inverse_transform(_codes(run, codes), **_label(run, label)))}


@router.post("/models/{run:path}/reconstruct")
def reconstruct(run: Asked, sent: Sent) -> dict[str, Any]:
    """Each item, as it comes back through its code."""
    with run.lock:
        return {"items": items.told(run.model, run.model.reconstruct(sent.source(run)))}


@router.post("/models/{run:path}/score")
def score(run: Asked, sent: Sent) -> dict[str, Any]:
    """How normal each item is, in nats; how likely a normal one is to be as odd; and whether it is called odd."""
    with run.lock:
        source = sent.source(run)
        scores, p = run.judge.score_samples(source), run.judge.p_values(source)
        odd = scores < run.judge.offset_
    return {"scores": scores.tolist(), "p_values": p.tolist(), "flagged": odd.tolist()}


@router.post("/models/{run:path}/neighbors")
def neighbors(run: Asked, sent: Sent, k: Annotated[int, Body(ge=1, le=500)] = 10) -> dict[str, Any]:
    """The items of the run's data whose codes are nearest to each; of a row, the row itself left out."""
    if sent.rows is not None:
        run.only(sent.rows)
        found = run.near.of(sent.rows, min(k, max(1, len(run.near) - 1)))
    else:
        with run.lock:
            codes = run.model.transform(sent.source(run))
        found = run.near.near(codes, min(k, len(run.near)))
    rows: list[list[int]] = found.rows.tolist()
    names = [[run.names[row] for row in some] for some in rows]
    return {"rows": rows, "distances": found.distances.tolist(), "names": names}


@router.post("/models/{run:path}/sample")
def sample(
    run: Asked,
    n: Annotated[int, Body(ge=1, le=1_000)] = 16,
    seed: Annotated[int | None, Body(ge=0)] = None,
    label: Annotated[str | None, Body(description="Of a conditional model.")] = None,
) -> dict[str, Any]:
    """New items, drawn from the density of the codes."""
    with run.lock:
        drawn = run.model.sample(n, seed=seed, **_label(run, label, whole=False))
        return {"items": items.told(run.model, drawn)}


@router.post("/models/{run:path}/interpolate")
def interpolate(
    run: Asked,
    a: Annotated[int, Body(description="The row of the item to begin at.")],
    b: Annotated[int, Body(description="The row of the item to end at.")],
    n: Annotated[int, Body(ge=2, le=64)] = 9,
    how: Annotated[str, Body()] = "straight",
    label: Annotated[str | None, Body(description="Of a conditional model.")] = None,
) -> dict[str, Any]:
    """Items on the way from one to another."""
    with run.lock:
        ends = run.only([a]), run.only([b])
        told = _label(run, label) if label is not None or not run.model.conditional else {"label": run.labels[a]}
        found = latently.interpolate(run.model, *ends, n, how=how, **told)
        return {"items": items.told(run.model, found.items)}


@router.post("/models/{run:path}/write", response_model=None)
def write(
    run: Asked,
    prompt: Annotated[str, Body(max_length=20_000)] = "",
    max_words: Annotated[int, Body(ge=1, le=2_000)] = 60,
    temperature: Annotated[float, Body(ge=0, le=10)] = 1.0,
    top_p: Annotated[float | None, Body(gt=0, le=1)] = None,
    seed: Annotated[int | None, Body(ge=0)] = None,
    n: Annotated[int, Body(ge=1, le=100, description="How many texts.")] = 1,
) -> dict[str, Any] | StreamingResponse:
    """What a language model puts behind a prompt: plain text that comes as it is written, or `n` texts at once."""
    how = {"max_words": max_words, "temperature": temperature, "top_p": top_p, "seed": seed}
    if n > 1:
        with run.lock:
            return {"texts": _writer(run).write(prompt, n=n, **how)}
    pieces: Iterator[str] = _writer(run).writing(prompt, **how)
    return StreamingResponse(pieces, media_type="text/plain; charset=utf-8", headers={"x-accel-buffering": "no"})


@router.get("/models/{run:path}/next")
def following(
    run: Asked, prompt: Annotated[str, Query(max_length=20_000)] = "", k: Annotated[int, Query(ge=1, le=100)] = 8
) -> dict[str, Any]:
    """The words that a language model finds likeliest to come next."""
    return {"words": [{"word": word, "probability": share} for word, share in _writer(run).next_words(prompt, k)]}


def _writer(run: Opened) -> Any:
    if not run.writes:
        raise latently.InputError(f"a {run.model.name} writes no texts; choose a language-model.")
    return run.model


def _codes(run: Opened, codes: list[list[float]]) -> Any:
    if len({len(code) for code in codes}) != 1:
        raise latently.InputError("codes of several lengths were sent; send as many numbers in each.")
    if not run.decodes:
        raise latently.InputError(f"this {run.model.name} makes no item of a code alone.")
    return np.array(codes, np.float64)


def _label(run: Opened, label: Any, whole: bool = True) -> dict[str, Any]:
    """The argument `label` of a conditional model, in the type of its labels."""
    if label is None:
        if whole and run.model.conditional:
            return {"label": run.model.classes_[0]}
        return {}
    if not run.model.conditional:
        raise latently.InputError(f"a {run.model.name} knows no labels; leave label out.")
    known = {str(one): one for one in run.model.classes_.tolist()}
    asked = [label] if isinstance(label, str) else label
    if strange := [one for one in asked if one not in known]:
        raise latently.InputError(f"there is no label {strange[0]!r}; there are {', '.join([*known][:12])}.")
    return {"label": known[label] if isinstance(label, str) else [known[one] for one in asked]}
