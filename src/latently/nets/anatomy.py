"""What a network is made of, layer by layer, computed on PyTorch's meta device: shapes without memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from .flat import Dense
from .layer import Layer, Places, Shape, ordered
from .network import Memory, through

BYTES = 4  # a number in float32


@dataclass(frozen=True, slots=True)
class Row:
    """One layer.

    Parameters
    ----------
    part
        Where it stands: `encoder`, `code`, `decoder`; `network` where there is but one; `beside` where no item passes.
    name
        Its word.
    shape
        Its output's, in people's order: height x width x channels, steps x features, or numbers.
    parameters
        Its weights and biases.
    multiply_adds
        Products of a weight and a number, for one item. Biases, curves, norms, pools and the bottleneck count nothing.
    receptive_field
        The part of the input, along each of its sides, that one number of the output can depend on, norms left aside;
        never more than the input. A pool or a stride makes that of all later layers grow faster.
    memory
        Bytes of its output for the whole batch, in float32.
    """

    part: str
    name: str
    shape: Shape
    parameters: int
    multiply_adds: int
    receptive_field: Shape
    memory: int


@dataclass(frozen=True, slots=True)
class Part:
    """A network to take apart: its place, its layers where they are known as words, its modules one by one."""

    name: str
    layers: Sequence[Layer | str]
    modules: Sequence[nn.Module]


class Field:
    """The receptive field, followed from layer to layer: of each position the first and the last of the input it sees.

    Where no layer enlarges, the width of it is the well-known

    .. math:: r_l = r_{l-1} + (k_l - 1) \\prod_{i < l} s_i

    with k the kernels and s the strides; "Computing Receptive Fields of Convolutional Neural Networks" (Araujo et al.,
    2019). What enlarges by s sees with each position only one or two of its own input, depending on where it stands, so
    all positions are followed and the widest counts.

    Examples
    --------
    >>> from .spelling import parse, shapes
    >>> field, layers = Field((1, 28, 28)), parse("conv8 pool2 conv8 flatten dense3")
    >>> seen = shapes(layers, (1, 28, 28), "network")
    >>> [field.after(layer, *pair) for layer, pair in zip(layers, zip(seen, seen[1:]))]
    [(3, 3), (4, 4), (8, 8), (8, 8), (28, 28)]
    """

    def __init__(self, shape: Shape) -> None:
        self.sides = shape[1:] if len(shape) == 3 else shape[:1]
        self.first: list[Places] = [np.arange(side) for side in self.sides]
        self.last = list(self.first)
        self.everything = False

    def after(self, layer: Layer | str, before: Shape, after: Shape) -> Shape:
        """The field of the next layer's output, of a layer that turns `before` into `after`."""
        if isinstance(layer, Layer):
            strange = layer.reads == "picture" and len(self.sides) == 1  # a row that was reshaped
            mixing = isinstance(layer, Dense) and len(before) != 2
            self.everything = self.everything or layer.sees_all or strange or mixing
            if not self.everything and len(before) == len(after) == 3:
                self._follow(layer, before[1:], after[1:])
        if self.everything:
            return tuple(self.sides)
        return tuple(int((b - a).max()) + 1 for a, b in zip(self.first, self.last, strict=True))

    def _follow(self, layer: Layer, before: Shape, after: Shape) -> None:
        for axis, (old, new) in enumerate(zip(before, after, strict=True)):
            first, last = layer.sees(np.arange(new), old, new)
            self.first[axis] = self.first[axis][first.clip(0, old - 1)]
            self.last[axis] = self.last[axis][last.clip(0, old - 1)]


def dissect(
    parts: Iterable[Part], shape: Shape, batch: int = 1, x: Tensor | None = None
) -> Iterator[tuple[Row, NDArray[Any] | None]]:
    """Each layer's row, and with an item `x` (1, *shape) its output, in people's order.

    Parameters
    ----------
    parts
        The networks in their order; the memory of the first goes to the next.
    shape
        An item's.
    batch
        Items in a batch, for the memory.
    x
        An item, on the device of the modules. None: the modules are on the meta device, and nothing is computed.
    """
    field, memory = Field(shape), list[Tensor]()
    at = torch.empty(1, *shape, device="meta") if x is None else x
    for part in parts:
        for layer, module in zip(part.layers, part.modules, strict=True):
            before = tuple(at.shape[1:])
            at, work = _step(module, at, memory)
            after = tuple(at.shape[1:])
            row = Row(
                part.name,
                str(layer),
                ordered(after),
                sum(p.numel() for p in module.parameters()),
                work if isinstance(layer, Layer) else 0,
                field.after(layer, before, after),
                BYTES * batch * prod(after),
            )
            yield row, None if x is None else pictured(at)


@torch.no_grad()
def _step(module: nn.Module, x: Tensor, memory: Memory) -> tuple[Tensor, int]:
    with FlopCounterMode(display=False) as counter:  # counts a product and its sum as two
        out = through(module, x, memory)
    return out, counter.get_total_flops() // 2


def pictured(x: Tensor) -> NDArray[Any]:
    """The first of a batch, in people's order."""
    item = x[0].movedim(0, -1) if x.ndim == 4 else x[0]
    return item.detach().cpu().float().numpy()


def matrix(layer: nn.Module, shape: Shape) -> NDArray[Any]:
    """A linear layer as the matrix that it is, bias left aside: (numbers out, numbers in).

    The matrix of a transposed convolution is the transposed matrix of the convolution with the same kernel, which is
    where its name comes from. "A guide to convolution arithmetic for deep learning" (Dumoulin & Visin, 2016).

    Parameters
    ----------
    layer
        A module that is linear, such as `torch.nn.Conv2d`, or a network of one such layer.
    shape
        Of an item that it reads, in people's order: height x width x channels.

    Examples
    --------
    >>> back = nn.ConvTranspose2d(1, 1, 2, bias=False)
    >>> there = nn.Conv2d(1, 1, 2, bias=False)
    >>> there.weight = back.weight
    >>> matrix(back, (2, 2, 1)).shape, bool((matrix(back, (2, 2, 1)) == matrix(there, (3, 3, 1)).T).all())
    ((9, 4), True)
    """
    inside = (shape[2], *shape[:2]) if len(shape) == 3 else shape
    weight = next(layer.parameters(), torch.empty(0))
    basis = torch.eye(prod(inside), dtype=weight.dtype, device=weight.device).reshape(-1, *inside)
    with torch.no_grad():
        columns: Tensor = layer(basis) - layer(torch.zeros_like(basis[:1]))
    return columns.flatten(1).T.cpu().numpy()
