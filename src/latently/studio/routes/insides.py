"""The network of a model: its layers, and with an item what each makes of it."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from PIL import Image

import latently

from .. import items
from .asked import Asked

router = APIRouter(tags=["anatomy"])
CHANNELS = 16  # of a layer that are shown
NUMBERS = 4_096  # of a vector that are shown
COLD, MIDDLE, HOT = (38, 92, 196), (246, 246, 248), (206, 62, 38)


@router.get("/models/{run:path}/anatomy")
def anatomy(run: Asked, row: Annotated[int | None, Query(description="An item to follow.")] = None) -> dict[str, Any]:
    """Each layer: its part, name, shape, parameters, multiply-adds and receptive field; with an item, its outputs."""
    follows = row is not None and run.kind != "text"
    with run.lock:
        found = latently.anatomy(run.model, item=run.only([row]) if follows and row is not None else None)
    layers = found.to_dict()["layers"]
    for layer, values in zip(layers, found.activations, strict=False):
        layer["picture"] = _drawn(values)
    return {**found.to_dict(), "layers": layers, "item": None if found.item is None else _drawn(found.item)}


def _drawn(values: NDArray[Any]) -> dict[str, Any]:
    """What a layer gives as a picture: channels side by side, other numbers in a square; blue below 0, red above."""
    tiles, shown = _tiles(np.asarray(values, np.float64))
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    share = np.clip(tiles / (max(abs(low), abs(high)) or 1.0), -1, 1)
    cold, middle, hot = (np.array(colour, np.float64) for colour in (COLD, MIDDLE, HOT))
    ends = np.where(share[..., None] < 0, cold, hot)
    colours = middle + (ends - middle) * np.abs(np.nan_to_num(share))[..., None]
    alpha = np.where(np.isnan(tiles), 0, 255)[..., None]
    pixels = np.rint(np.concatenate([colours, alpha], 2)).astype(np.uint8)
    return {"png": items.address(Image.fromarray(pixels, "RGBA")), "low": low, "high": high, "shown": shown}


def _tiles(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """(H, W, C) as C squares with a line of nothing between them; (T, F) as it is; (D,) in lines."""
    if values.ndim == 3:
        some = np.moveaxis(values[:, :, :CHANNELS], 2, 0)
        across = ceil(sqrt(len(some)))
        down = ceil(len(some) / across)
        height, width = values.shape[:2]
        whole = np.full((down * (height + 1) - 1, across * (width + 1) - 1), np.nan)
        for i, channel in enumerate(some):
            top, left = i // across * (height + 1), i % across * (width + 1)
            whole[top : top + height, left : left + width] = channel
        return whole, len(some)
    if values.ndim == 2:
        return values[:256, :256].T, min(256, values.shape[0])  # time goes to the right
    flat = values.reshape(-1)[:NUMBERS]
    across = ceil(sqrt(len(flat)))
    whole = np.full(across * ceil(len(flat) / across), np.nan)
    whole[: len(flat)] = flat
    return whole.reshape(-1, across), len(flat)
