"""The encoder of texts: it reads the tokens one by one, and keeps of what it knew the most."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..spec import PAD, Spec
from .layer import Layer
from .network import Recurrent
from .sequence import GRU, LSTM
from .spelling import Spelled, spell
from .stepwise import begin, read_on, stepwise


class Reader(nn.Module):
    r"""Reads texts x (B, T) and gives features h (B, F): the largest of its states, number by number.

    .. math:: h_j = \max_{t \le \text{end}} s_{tj}

    It reads from left to right, and what is padded behind a text is never looked at. The state behind the last token
    alone tells less of the first ones, and less of the code is used: "Preventing Posterior Collapse in Sequence VAEs
    with Pooling" (Long et al., 2019).

    Parameters
    ----------
    layers
        Spelled; the first an `embed`; those behind the last recurrent one read the largest of its states.
    spec
        A text's.

    Examples
    --------
    >>> read = reader(Spec("text", (6,), vocabulary=9), "embed4 lstm8", features=3)
    >>> read.spelling
    'embed4:v9 lstm8 dense3'
    >>> x = torch.tensor([[1, 5, 6, 2], [1, 7, 2, 0]])
    >>> read(x).shape, torch.allclose(read(x)[1:], read(x[1:, :3]), atol=1e-6)
    (torch.Size([2, 3]), True)
    """

    def __init__(self, layers: Sequence[Layer], spec: Spec) -> None:
        super().__init__()
        self.spelling = spell(layers)
        last = _last(layers)
        embed, *body = layers[: last + 1]
        self.embedding, self.body, self.head = embed.module(spec.shape), nn.ModuleList(), nn.ModuleList()
        before = embed.shape(spec.shape)
        for layer in body:
            self.body.append(layer.module(before))
            before = layer.shape(before)
        before = before[1:]
        for layer in layers[last + 1 :]:
            self.head.append(layer.module(before))
            before = layer.shape(before)
        for module in self.modules():
            begin(module)

    def largest(self, x: Tensor) -> Tensor:
        """The largest of the states behind the tokens of texts x (B, T), number by number."""
        told = x.long()
        h: Tensor = self.embedding(told)
        for module in self.body:
            h = read_on(module.cells, h, None)[0] if isinstance(module, Recurrent) else module(h)
        return h.masked_fill((told == PAD).unsqueeze(2), -torch.inf).amax(1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.largest(x)
        for module in self.head:
            h = module(h)
        return h


def reader(spec: Spec, spelled: Spelled, features: int) -> Reader:
    """The reader of texts of `spec` that is spelled so; the last dense layer, to `features` numbers, is added.

    Raises
    ------
    ParameterError
        It does not begin with an embedding, has no recurrent layer, or one that does not go token by token.
    """
    return Reader(stepwise(spec, spelled, features, "encoder", "embed128 lstm256"), spec)


def told(layers: Sequence[Layer]) -> list[Layer]:
    """A writer's layers that mirror a reader's: the embedding and what reads its vectors, without what follows."""
    return [*layers[: _last(layers) + 1]]


def _last(layers: Sequence[Layer]) -> int:
    """The place of the last recurrent layer."""
    return max(i for i, layer in enumerate(layers) if isinstance(layer, LSTM | GRU))
