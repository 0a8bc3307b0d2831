"""Where the items of a fit lie: on the device, in memory beside it, or in a file that is read as they are needed."""

from __future__ import annotations

import torch

from ..data import Codec, Source
from ..data import memory as system
from ..data.memory import GIGABYTE, SHARE
from ..data.packed import InMemory, Packed, packed
from ..data.spill import spill, weight


def placed(
    codec: Codec, source: Source, device: torch.device, gigabytes: float | None, streams: bool | None = None
) -> tuple[Packed, str]:
    """The packed items, and what is to be said of their place, if anything.

    Parameters
    ----------
    gigabytes
        What they may take of memory; None for half of what is free.
    streams
        Whether they are read from disk, where that is decided already: an epoch's order depends on it.
    """
    most = system.allowed(gigabytes)
    wanted = weight(codec, source)
    if codec.packs is None:
        items, note = _on(packed(codec.pack(source)), device)
        unused = (
            "A bound on memory has no effect on texts, which stay in memory whole." if gigabytes is not None else ""
        )
        return items, " ".join(filter(None, (note, unused)))
    if not (wanted > most if streams is None else streams):
        return _on(packed(codec.pack(source)), device)
    items = spill(codec, source)
    note = (
        f"The items take {wanted / GIGABYTE:.3g} GB and may take {most / GIGABYTE:.3g} GB of memory: they are read "
        f"from {items.path} as they are needed (a larger memory allows more)."
    )
    return items.to(device), note


def _on(items: Packed, device: torch.device) -> tuple[Packed, str]:
    """The items on the device, or their batches alone where it has no room for all."""
    if device.type == "cuda" and isinstance(items, InMemory):
        free, wanted = torch.cuda.mem_get_info(device)[0], items.items.nbytes
        if wanted > SHARE * free:
            return InMemory(items.items, device), (
                f"The items take {wanted / GIGABYTE:.3g} GB and the device has {free / GIGABYTE:.3g} GB free: they "
                "stay in the machine's memory, and their batches go to the device."
            )
    return items.to(device), ""
