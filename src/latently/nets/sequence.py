"""Layers for sequences (T, F): embedding of tokens, and recurrent ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from .flat import Dense
from .layer import Layer, Shape, whole
from .network import Embedding, Recurrent


@dataclass(frozen=True, slots=True)
class Embed(Layer):
    """`embed256:v7001`: each of T tokens, whole numbers below the vocabulary's 7,001, as a vector: T to T x 256.

    The first layer of its network, since what another layer makes are no whole numbers.
    """

    size: int = whole()
    vocabulary: int | None = whole(None, "v")

    word: ClassVar[str] = "embed"
    example: ClassVar[str] = "embed256:v7001"
    reads: ClassVar[str] = "tokens"

    def shape(self, before: Shape) -> Shape:
        if len(before) != 1:
            raise ValueError("it needs tokens, a flat row of whole numbers, and has to be the first layer")
        if self.vocabulary is None:
            raise ValueError(f"it has to know how many tokens there are; write embed{self.size}:v7001 for 7,001")
        return (*before, self.size)

    def module(self, before: Shape) -> nn.Module:
        return Embedding(self.vocabulary or 0, self.size)

    def mirror(self, before: Shape) -> Layer:
        return Dense(self.vocabulary or 1)


@dataclass(frozen=True, slots=True)
class Recurring(Layer):
    """Reads a sequence step by step and gives its state after each: T x F to T x size."""

    size: int = whole()

    reads: ClassVar[str] = "sequence"
    sees_all: ClassVar[bool] = True

    def shape(self, before: Shape) -> Shape:
        if len(before) != 2:
            what = "a picture" if len(before) == 3 else "a flat vector"
            raise ValueError(f"it needs a sequence (steps x features), not {what}; put embed or reshapeTxF before it")
        return (before[0], self.size)


@dataclass(frozen=True, slots=True)
class LSTM(Recurring):
    """`lstm1024`: long short-term memory. "Long Short-Term Memory" (Hochreiter & Schmidhuber, 1997)."""

    word: ClassVar[str] = "lstm"
    example: ClassVar[str] = "lstm1024"

    def module(self, before: Shape) -> nn.Module:
        return Recurrent(nn.LSTM(before[1], self.size, batch_first=True))

    def mirror(self, before: Shape) -> Layer:
        return LSTM(before[1])


@dataclass(frozen=True, slots=True)
class GRU(Recurring):
    """`gru128`: gated recurrent units. "Learning Phrase Representations" (Cho et al., 2014)."""

    word: ClassVar[str] = "gru"
    example: ClassVar[str] = "gru128"

    def module(self, before: Shape) -> nn.Module:
        return Recurrent(nn.GRU(before[1], self.size, batch_first=True))

    def mirror(self, before: Shape) -> Layer:
        return GRU(before[1])
