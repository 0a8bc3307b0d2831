"""Binary cross-entropy on logits, computed quickly."""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..quick import LARGE, allowed, computed

FACTORS = 8  # of a product whose logarithm is taken, each a half at least


def cross_entropy(x: Tensor, logits: Tensor) -> Tensor:
    r"""-log p(x | logits) of each item, in nats: both (B, *S), the result (B,).

    With :math:`s = \sigma(o)` the logarithm of a product stands for the sum of as many logarithms:

    .. math:: \sum_i \log(1 + e^{o_i}) - x_i o_i
              = \sum_i \max(o_i, 0) - x_i o_i - \log \prod_i \max(s_i, 1 - s_i)

    and the sigmoid, which the slope needs, is the only curve that is computed of every number.

    >>> round(cross_entropy(torch.ones(1, 4), torch.zeros(1, 4)).item(), 3)  # 4 log 2
    2.773
    """
    if allowed() and computed(logits) and logits.numel() >= LARGE and not x.requires_grad:
        return cast(Tensor, _CrossEntropy.apply(x.flatten(1), logits.flatten(1)))
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, logits: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        s = logits.sigmoid()
        ctx.save_for_backward(x, s)
        sure = F.pad(torch.maximum(s, 1 - s), (0, -s.shape[1] % FACTORS), value=1.0)
        products = sure.view(len(s), FACTORS, -1).prod(1)
        return logits.relu().addcmul_(logits, x, value=-1).sum(1) - products.log_().sum(1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[None, Tensor]:  # pyright: ignore[reportIncompatibleMethodOverride]
        x, s = ctx.saved_tensors
        return None, (s - x).mul_(slope.unsqueeze(1))
