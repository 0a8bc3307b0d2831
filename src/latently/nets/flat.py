"""Layers for vectors, and those that take anything: dense, flatten, reshape, activations, norm, drop."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from torch import nn

from .layer import Layer, Shape, flag, lengths, named, ordered, people, share, whole


@dataclass(frozen=True, slots=True)
class Dense(Layer):
    """`dense32`: a full matrix and a bias; `:nobias` leaves the bias out.

    A picture is flattened first; on a sequence it works step by step, so `flatten` before it makes one vector of all.
    """

    size: int = whole()
    nobias: bool = flag("nobias")

    word: ClassVar[str] = "dense"
    example: ClassVar[str] = "dense32"

    def shape(self, before: Shape) -> Shape:
        return (before[0], self.size) if len(before) == 2 else (self.size,)

    def module(self, before: Shape) -> nn.Module:
        linear = nn.Linear(before[1] if len(before) == 2 else prod(before), self.size, bias=not self.nobias)
        return nn.Sequential(nn.Flatten(), linear) if len(before) == 3 else linear

    def mirror(self, before: Shape) -> Layer:
        return Dense(before[1] if len(before) == 2 else prod(before), self.nobias)


@dataclass(frozen=True, slots=True)
class Flatten(Layer):
    """`flatten`: a picture or a sequence as one vector."""

    word: ClassVar[str] = "flatten"
    example: ClassVar[str] = "flatten"

    def shape(self, before: Shape) -> Shape:
        return (prod(before),)

    def module(self, before: Shape) -> nn.Module:
        return nn.Flatten()

    def mirror(self, before: Shape) -> Layer:
        return self if len(before) == 1 else Reshape(ordered(before))


@dataclass(frozen=True, slots=True)
class Reshape(Layer):
    """`reshape24x24x16`: a vector as a picture, height x width x channels; `reshape12x8`: a sequence, 12 steps of 8.

    Channel by channel inside, as `flatten` leaves them.
    """

    sides: tuple[int, ...] = lengths((2, 3))

    word: ClassVar[str] = "reshape"
    example: ClassVar[str] = "reshape24x24x16"

    def shape(self, before: Shape) -> Shape:
        after = self._inside()
        if prod(before) != prod(after):
            raise ValueError(
                f"{people(after)} are {prod(after):,} numbers and {prod(before):,} come in; put dense{prod(after)} "
                "before it, or reshape to other sides"
            )
        return after

    def module(self, before: Shape) -> nn.Module:
        after = self._inside()
        return nn.Unflatten(1, after) if len(before) == 1 else nn.Sequential(nn.Flatten(), nn.Unflatten(1, after))

    def mirror(self, before: Shape) -> Layer:
        return Flatten() if len(before) == 1 else Reshape(ordered(before))

    def _inside(self) -> Shape:
        return self.sides if len(self.sides) == 2 else (self.sides[2], *self.sides[:2])


class Alike(Layer):
    """A layer that keeps the shape and is its own mirror."""

    __slots__ = ()

    def shape(self, before: Shape) -> Shape:
        return before

    def mirror(self, before: Shape) -> Layer:
        return self


CURVES: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "softplus": nn.Softplus,
    "leaky": nn.LeakyReLU,
}


@dataclass(frozen=True, slots=True)
class Activation(Alike):
    """`relu`, `elu`, `silu`, `tanh`, `sigmoid`, `softplus`, `leaky`: a curve, number by number."""

    name: str = named(*CURVES)

    example: ClassVar[str] = "relu"

    def module(self, before: Shape) -> nn.Module:
        return CURVES[self.name]()


@dataclass(frozen=True, slots=True)
class Norm(Alike):
    """`norm`: mean 0 and spread 1 over an item's own numbers, then a learned scale and shift.

    Unlike batch normalisation an item's code does not depend on the items beside it, and a batch of one will do.
    "Layer Normalization" (Ba et al., 2016); for pictures one group of "Group Normalization" (Wu & He, 2018).
    """

    word: ClassVar[str] = "norm"
    example: ClassVar[str] = "norm"

    def module(self, before: Shape) -> nn.Module:
        return nn.GroupNorm(1, before[0]) if len(before) == 3 else nn.LayerNorm(before[-1])


@dataclass(frozen=True, slots=True)
class Drop(Alike):
    """`drop0.2`: in training a random fifth of the numbers is set to 0 and the others are raised to make up for it."""

    rate: float = share()

    word: ClassVar[str] = "drop"
    example: ClassVar[str] = "drop0.2"

    def module(self, before: Shape) -> nn.Module:
        return nn.Dropout(self.rate)
