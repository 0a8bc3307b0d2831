r"""A convolution of pictures whose products are each computed the quickest way that a processor has.

A convolution y = w * x + b with a gradient g has three products, and a transposed one the same in other roles:

.. math:: y = w * x, \quad \nabla_x = w^\top * g, \quad \nabla_w = x \star g

PyTorch's kernels for processors (oneDNN) are near the processor's peak for most of them and far from it for the few
that are computed here. Measured with 2 cores (AVX2), 256 pictures, channels last; docs/internals.md has the table.

"A guide to convolution arithmetic for deep learning" (Dumoulin & Visin, 2016).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor

Pair = tuple[int, int]


class Geometry(NamedTuple):
    """How a kernel moves: as the arguments of `torch.nn.Conv2d` and `ConvTranspose2d`; `extra` is `output_padding`."""

    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    extra: Pair = (0, 0)
    transposed: bool = False


def convolve(x: Tensor, weight: Tensor, bias: Tensor | None, how: Geometry) -> Tensor:
    """x (B, C, H, W) convolved with weight (O, C, k, m), of a transposed one (C, O, k, m), and bias (O,).

    Differentiable as often as one likes.

    >>> x, weight = torch.randn(2, 1, 5, 5), torch.randn(3, 1, 3, 3)
    >>> torch.allclose(convolve(x, weight, None, Geometry()), F.conv2d(x, weight), atol=1e-5)
    True
    """
    return cast(Tensor, _Convolution.apply(x, weight, bias, how))


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(x: Tensor, weight: Tensor, bias: Tensor | None, how: Geometry) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        if folds(weight, how):
            return _folded(x, weight, bias, how)
        return torch.convolution(x, weight, bias, how.stride, how.padding, (1, 1), how.transposed, how.extra, 1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        x, weight, _, ctx.how = inputs
        ctx.save_for_backward(x, weight)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        how: Geometry = ctx.how
        x, weight = cast(tuple[Tensor, Tensor], ctx.saved_tensors)
        of_x, of_weight, of_bias, _ = cast(tuple[bool, ...], ctx.needs_input_grad)
        gathers = of_weight and not of_x and not how.transposed and _gathers(weight)
        mask = [of_x, of_weight and not gathers, False]
        moves = (how.stride, how.padding, (1, 1), how.transposed, how.extra, 1, mask)
        to_x, to_weight = None, None
        if any(mask):
            to_x, to_weight, _ = torch.ops.aten.convolution_backward(g, x, weight, None, *moves)
        if gathers:
            to_weight = _gathered(x, g, weight, how)
        # oneDNN sums up the bias's gradient 1 to 4 ms slower than this, which takes 0.1 to 0.7 ms
        return to_x, to_weight, g.sum((0, 2, 3)) if of_bias else None, None


def _gathers(weight: Tensor) -> bool:
    """Of pictures of one channel, where the rows are at most as large as what the convolution made."""
    kernels, channels, *sides = weight.shape
    return channels == 1 and prod(sides) <= kernels


def _gathered(x: Tensor, g: Tensor, weight: Tensor, how: Geometry) -> Tensor:
    """The gradient of a weight (O, 1, k, m) as one matrix product for each picture: 1.3 ms instead of 4.6 ms (1 -> 16).

    What each weight was multiplied with stands in a row of its own, (B, k * m, H' * W').
    """
    (k, m), (s, t), (p, q) = weight.shape[2:], how.stride, how.padding
    padded = F.pad(x, (q, q, p, p))
    batch, _, row, column = padded.stride()
    rows = padded.as_strided((len(x), k, m, *g.shape[2:]), (batch, row, column, s * row, t * column))
    products = torch.bmm(rows.reshape(len(x), k * m, -1), g.flatten(2).transpose(1, 2))
    return products.sum(0).t().reshape(weight.shape)


def folds(weight: Tensor, how: Geometry) -> bool:
    """Whether a transposed convolution is quicker as a matrix product and a sum of shifted pictures.

    To one channel: 2.2 ms instead of 5.3 ms (16 -> 1, 26 x 26). To a few where windows do not overlap: 3.5 ms instead
    of 8.8 ms (16 -> 3, 21 x 21, kernel and stride of 3). To three channels with overlap it is slower: 20 ms, not 18 ms.
    The windows are at most twice as large as what comes in.
    """
    before, channels, *kernel = weight.shape
    apart = tuple(kernel) == how.stride and how.padding == how.extra == (0, 0)
    few = channels * prod(kernel) <= 2 * before
    return how.transposed and few and (channels == 1 or (apart and channels <= 4))


def _folded(x: Tensor, weight: Tensor, bias: Tensor | None, how: Geometry) -> Tensor:
    """Each pixel's window of the output by a matrix product, and then the windows laid over each other."""
    (batch, _, h, w), (_, channels, k, m) = x.shape, weight.shape
    windows = torch.bmm(weight.flatten(1).t().expand(batch, -1, -1), x.flatten(2)).view(batch, channels, k, m, h, w)
    if (k, m) == how.stride and how.padding == how.extra == (0, 0):
        out = windows.permute(0, 1, 4, 2, 5, 3).reshape(batch, channels, h * k, w * m)
    else:
        down, across = (reach(*sizes) for sizes in zip((h, w), (k, m), *how[:3], strict=True))
        rows = x.new_zeros(batch, channels, k, h, across)
        for j, there, here in _overlap(w, m, how.stride[1], how.padding[1], across):
            rows[..., there] += windows[:, :, :, j, :, here]
        out = x.new_zeros(batch, channels, down, across)
        for i, there, here in _overlap(h, k, how.stride[0], how.padding[0], down):
            out[:, :, there] += rows[:, :, i, here]
    return out if bias is None else out.add_(bias.view(-1, 1, 1))


def reach(side: int, kernel: int, stride: int, padding: int, extra: int) -> int:
    """The side that a transposed convolution makes of `side`."""
    return (side - 1) * stride + kernel - 2 * padding + extra


def _overlap(side: int, kernel: int, stride: int, padding: int, after: int) -> Iterator[tuple[int, slice, slice]]:
    """Of each place in the kernel: the positions of the output that it writes, and those of the input it reads."""
    for place in range(kernel):
        first = max(0, -((place - padding) // stride))
        last = min(side - 1, (after - 1 + padding - place) // stride)
        if first <= last:
            start = first * stride + place - padding
            yield place, slice(start, start + (last - first) * stride + 1, stride), slice(first, last + 1)
