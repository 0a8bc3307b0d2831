"""Products with large matrices that are read in half precision, where reading them is what takes the time.

A text is written a token at a time, and each token needs every weight once: the writer of row 20 reads 83 MB for a
word. As 16-bit floats they are half of that. A weight is then off by a two-thousandth of itself at most, a logit by
about a thousandth of a nat; what is summed, and what is carried from token to token, stays in single precision.
"""

from __future__ import annotations

import platform
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

_LEAST = 2**20  # weights of a matrix; a smaller one stays in the processor's cache
_MOST = 16  # rows at once; with more the products take the time, which are quicker in single precision
_on: ContextVar[bool] = ContextVar("_on", default=False)
_packed: Any = WeakTensorKeyDictionary()  # of each: the version that was packed, and how


@contextmanager
def halved(wanted: bool = True) -> Generator[None]:
    """Large matrices are read as 16-bit floats in this thread, as long as this lasts; their own values stay.

    >>> from torch import nn
    >>> layer, x = nn.Linear(1024, 1024), torch.rand(1, 1024)
    >>> with torch.inference_mode(), halved():
    ...     quick = linear(x, layer.weight, layer.bias)
    >>> torch.allclose(quick, layer(x), atol=1e-2)
    True
    """
    token = _on.set(wanted)
    try:
        yield
    finally:
        _on.reset(token)


def suits(weight: Tensor, rows: int) -> bool:
    """Whether a matrix is read in half precision here and now, for so many rows at once."""
    return (
        _on.get()
        and rows <= _MOST
        and weight.numel() >= _LEAST
        and weight.device.type == "cpu"
        and weight.dtype == torch.float32
        and not (torch.is_grad_enabled() or weight.is_inference())
        and _able()
    )


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """x W' + b for x (B, F), W (G, F) and b (G,): (B, G)."""
    if not suits(weight, len(x)):
        return F.linear(x, weight, bias)
    version, kept = _packed.get(weight, (-1, None))
    if version != weight._version:
        kept = torch.ops.quantized.linear_prepack_fp16(weight.detach(), bias.detach())
        _packed[weight] = weight._version, kept
    return torch.ops.quantized.linear_dynamic_fp16(x, kept)


@cache
def _able() -> bool:
    """Whether PyTorch brings such a product for this processor: FBGEMM's, which is for x86."""
    return platform.machine().lower() in ("x86_64", "amd64") and "fbgemm" in torch.backends.quantized.supported_engines
