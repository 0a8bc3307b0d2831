"""The decoder of texts: it reads a code and the tokens that came before, and says what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn

from ..spec import END, PAD, START, UNKNOWN, Spec
from . import halves
from .layer import Layer
from .network import Memory, Mindful, Recurrent
from .spelling import Spelled, spell
from .stepwise import begin, read_on, stepwise

Carry = list[Any]  # what each layer carries from one token to the next: (h, c) of an LSTM, h of a GRU, else None
NO_WORDS = (PAD, START, UNKNOWN)  # tokens that are read and never written


class Writer(Mindful):
    """Reads codes z (B, D) and tokens, and gives the logits of the tokens after them.

    While training it is told what really came before (teacher forcing): `memory` ends with the texts x (B, T), as the
    likelihood gives them, and the logits are those of the N tokens x[:, 1:] that are not padding, (N, V), text after
    text. Without a memory it writes by itself, always the likeliest word: tokens (B, T), `<start>` first.

    Parameters
    ----------
    layers
        Spelled; the first an `embed`, the last the `dense` to the vocabulary.
    spec
        A text's.
    code
        Numbers in a code, D; they are read beside every token. May be 0.

    Examples
    --------
    >>> write = writer(Spec("text", (6,), vocabulary=9), "embed4 lstm8")
    >>> write.spelling
    'embed4:v9 lstm8 dense9'
    >>> z, x = torch.zeros(2, 0), torch.tensor([[1, 5, 6, 2], [1, 7, 2, 0]])
    >>> write(z, [x]).shape, write(z).shape
    (torch.Size([5, 9]), torch.Size([2, 6]))
    """

    causal: ClassVar[bool] = True

    def __init__(self, layers: Sequence[Layer], spec: Spec, code: int = 0) -> None:
        super().__init__()
        self.spelling, (self.length,), self.vocabulary = spell(layers), spec.shape, spec.vocabulary
        embed, *body, last = layers
        self.embedding, self.body = embed.module(spec.shape), nn.ModuleList()
        before = (self.length, embed.shape(spec.shape)[1] + code)
        for layer in body:
            self.body.append(layer.module(before))
            before = (self.length, layer.shape(before)[1])
        self.dense, self.width = last.module(before), before[1]
        for module in self.modules():
            begin(module)

    def forward(self, x: Tensor, memory: Memory | None = None) -> Tensor:
        if not memory:
            return self._written(x)
        told = memory.pop().long()
        states, _ = self.states(x, told[:, :-1])
        return self.dense(states[told[:, 1:] != PAD])

    def states(self, z: Tensor, tokens: Tensor, carry: Carry | None = None) -> tuple[Tensor, Carry]:
        """What the last dense layer reads after each of the tokens (B, T): (B, T, width); and what is carried on."""
        h: Tensor = self.embedding(tokens)
        if z.shape[1]:
            h = torch.cat((h, z.to(h.dtype).unsqueeze(1).expand(-1, h.shape[1], -1)), 2)
        after: Carry = []
        for module, state in zip(self.body, carry or [None] * len(self.body), strict=True):
            if isinstance(module, Recurrent):
                h, state = read_on(module.cells, h, state)
            else:
                h = module(h)
            after.append(state)
        return h, after

    def next(self, z: Tensor, tokens: Tensor, carry: Carry | None = None) -> tuple[Tensor, Carry]:
        """The logits (B, V) of what comes after the tokens (B, T), and what is carried on."""
        states, carry = self.states(z, tokens, carry)
        last = cast(nn.Linear, self.dense)
        return halves.linear(states[:, -1], last.weight, last.bias), carry

    def _written(self, z: Tensor) -> Tensor:
        told = torch.full((len(z), self.length), PAD, device=z.device)
        told[:, 0], carry, done = START, None, torch.zeros(len(z), dtype=torch.bool, device=z.device)
        for t in range(1, self.length):
            logits, carry = self.next(z, told[:, t - 1 : t], carry)
            told[:, t] = barred(logits).argmax(1).masked_fill(done, PAD)
            done |= told[:, t] == END
        return told


def writer(spec: Spec, spelled: Spelled, code: int = 0, where: str = "network") -> Writer:
    """The writer of texts of `spec` that is spelled so; the dense layer to the vocabulary is added.

    Raises
    ------
    ParameterError
        It does not begin with an embedding, has no recurrent layer, or one that does not go token by token.
    """
    return Writer(stepwise(spec, spelled, spec.vocabulary, where, "embed256 lstm512 lstm512"), spec, code)


def barred(logits: Tensor) -> Tensor:
    """Logits (B, V) with those of tokens that are no words at -inf: padding, `<start>` and `<unk>`."""
    return logits.index_fill(-1, torch.tensor(NO_WORDS, device=logits.device), -torch.inf)


def picked(carry: Carry, rows: Tensor) -> Carry:
    """What is carried of those rows (n,) of the batch."""
    return [_picked(state, rows) for state in carry]


def _picked(state: Any, rows: Tensor) -> Any:
    if state is None:
        return None
    return tuple(_picked(one, rows) for one in cast(Carry, state)) if isinstance(state, tuple) else state[:, rows]
