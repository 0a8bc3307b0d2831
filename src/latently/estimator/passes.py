"""Passes over many items: a fitted module is shown them in batches as large as is quick, on its device, in its type."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..autoencoder import Autoencoder
from ..compute import kept_memory
from ..data import Codec, Source
from ..data.blocks import Gathered
from ..data.loader import Loader
from ..data.packed import Packed, packed
from ..data.spill import rows
from ..prior import Coded

FEW = 1000  # items up to which keeping memory costs more than it saves
Use = Callable[[Tensor, Tensor | None], Tensor]  # of a batch (B, *S) and its labels (B,), if any


@torch.inference_mode()
def run(
    module: Autoencoder, items: Tensor | Packed, use: Use, chosen: Tensor | None = None, labels: Tensor | None = None
) -> NDArray[Any]:
    """`use` over all items, or over those chosen: (n, ...)."""
    weight = next(module.parameters())
    loader, found = Loader(items, rows=chosen, labels=labels), Gathered()
    with _kept(len(loader)):
        for x, label in loader.ordered():
            told = None if label is None else label.to(weight.device)
            found.add(use(x.to(weight.device, weight.dtype), told).cpu().numpy())
    return found.rows


def over(module: Autoencoder, codec: Codec, source: Source, use: Use) -> NDArray[Any]:
    """`use` over all of a source, packed a part at a time: (n, ...)."""
    with _kept(len(source)):
        return np.concatenate([run(module, packed(codec.pack(part)), use) for part in source.parts(rows(codec))])


def restored(module: Autoencoder, codec: Codec, source: Source) -> Any:
    """A source through its codes and back, in the types that it came in."""
    with _kept(len(source)):
        parts = (
            (part, run(module, packed(codec.pack(part)), lambda x, _: module.restore(x)))
            for part in source.parts(rows(codec))
        )
        return codec.restored(parts, source)


def decoded(
    module: Autoencoder, codes: NDArray[np.float64], use: Use, places: NDArray[np.int64] | None = None
) -> NDArray[Any]:
    """`use` over the nearest codes that can occur, each with its label: (n, *S)."""
    labels = None if places is None else torch.from_numpy(places)
    return run(
        module, torch.from_numpy(codes), lambda z, label: use(module.bottleneck.project(z), label), labels=labels
    )


def coded(module: Autoencoder, items: Packed, chosen: Tensor | None = None) -> Coded:
    """All items, or those chosen, as codes."""
    weight = next(module.parameters())
    return Coded.of(module, (x.to(weight.device, weight.dtype) for x, _ in Loader(items, rows=chosen).ordered()))


def _kept(items: int) -> AbstractContextManager[None]:
    """Memory kept where so many items are worth it."""
    return kept_memory() if items > FEW else nullcontext()
