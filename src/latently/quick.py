"""Whether something may be computed in a quicker form of the same result, and where such forms were measured."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor

LARGE = 2**15  # numbers in a batch below which a form's fixed cost is more than it gains

_off: ContextVar[bool] = ContextVar("_off", default=False)


@contextmanager
def plain() -> Generator[None]:
    """Everything is computed as PyTorch does, one module after the other, in this thread and as long as this lasts.

    >>> from latently.nets import build, parse
    >>> network, x = build(parse("conv4 relu pool2"), (1, 8, 8), "encoder"), torch.rand(2, 1, 8, 8)
    >>> with plain():
    ...     slow = network(x)
    >>> torch.allclose(slow, network(x), atol=1e-5)
    True
    """
    token = _off.set(True)
    try:
        yield
    finally:
        _off.reset(token)


def allowed() -> bool:
    """Whether forms are on: not in `plain`, nor while `torch.compile` reads the network, which has forms of its own."""
    return not torch.compiler.is_compiling() and not _off.get()


def computed(x: Tensor) -> bool:
    """Whether what was measured holds here: on a processor, in the numbers' own precision."""
    return x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64) and not torch.is_autocast_enabled("cpu")
