"""The four upsamplings on a small grid: what each makes of it, and of which numbers each number is the sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from fastapi import APIRouter
from torch import Tensor

import latently

router = APIRouter(tags=["anatomy"])
PICTURE = ((9, 1, 3, 2), (4, 2, 6, 8), (1, 5, 1, 1), (3, 2, 4, 2))
KERNEL = ((1, 2, 1), (2, 4, 2), (1, 2, 1))
WAYS = {"nearest": "up2", "nails": "nails2", "unpool": "unpool2", "transposed": "convt1:s2:nobias"}


@router.get("/upsamplings")
def upsamplings() -> dict[str, Any]:
    """A picture of 4 x 4, the maxima of its 2 x 2 windows, and for each way the output with the terms of each cell.

    A term is the place of a cell of the pooled picture, and the weight by which its number counts.
    """
    picture = torch.tensor(PICTURE, dtype=torch.float32)[None, None]
    pooled, stood = torch.nn.functional.max_pool2d(picture, 2, return_indices=True)
    small = cast("list[float]", pooled.flatten().tolist())
    places = cast("list[int]", stood.flatten().tolist())
    return {
        "picture": PICTURE,
        "pooled": pooled[0, 0].tolist(),
        "stood": [divmod(place, len(PICTURE)) for place in places],
        "kernel": KERNEL,
        "ways": [{"name": name, "word": word, **_enlarged(word, small, picture)} for name, word in WAYS.items()],
    }


def _enlarged(word: str, small: list[float], picture: Tensor) -> dict[str, Any]:
    """The terms of every cell, told by what the layer makes of each cell alone: all four are linear."""
    enlarge = _layer(word, picture)
    side = int(len(small) ** 0.5)
    alone = torch.eye(len(small)).reshape(len(small), 1, 1, side, side)
    found = torch.stack([enlarge(one)[0, 0] for one in alone], 2)
    weights = cast("list[list[list[float]]]", found.tolist())
    terms = [
        [[{"at": divmod(i, side), "weight": w} for i, w in enumerate(cell) if w] for cell in row] for row in weights
    ]
    made = enlarge(torch.tensor(small).reshape(1, 1, side, side))[0, 0]
    return {"output": made.tolist(), "terms": terms}


@torch.no_grad()
def _layer(word: str, picture: Tensor) -> Callable[[Tensor], Tensor]:
    """A layer as a network has it; max unpooling behind the pool that remembers where the picture's maxima stood."""
    shape = (1, picture.shape[2] // 2, picture.shape[3] // 2)
    if word == "unpool2":
        stood = torch.nn.functional.max_pool2d(picture, 2, return_indices=True)[1]
        return lambda x: torch.nn.functional.max_unpool2d(x, stood, [2, 2])
    network: Any = latently.nets.build(latently.nets.parse(word, "decoder"), shape, "decoder")
    for weight in network.parameters():
        weight.copy_(torch.tensor(KERNEL, dtype=torch.float32)[None, None])
    return torch.no_grad()(network)
