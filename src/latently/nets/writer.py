"""The decoder of texts: it reads a code and the tokens that came before, and says what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn

from ..errors import ParameterError
from ..spec import END, PAD, START, UNKNOWN, Spec
from .flat import Activation, Dense, Drop, Norm
from .layer import MOST, Layer
from .network import Memory, Mindful, Recurrent
from .sequence import GRU, LSTM, Embed
from .spelling import Spelled, misfit, parameters, parse, shapes, spell

Carry = list[Any]  # what each layer carries from one token to the next: (h, c) of an LSTM, h of a GRU, else None
NO_WORDS = (PAD, START, UNKNOWN)  # tokens that are read and never written
_STEPWISE = (LSTM, GRU, Dense, Drop, Norm, Activation)  # layers that never look ahead
_EXAMPLE = "write it like embed256 lstm512 lstm512"


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
            _begin(module)

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
                h, state = _read(module.cells, h, state)
            else:
                h = module(h)
            after.append(state)
        return h, after

    def next(self, z: Tensor, tokens: Tensor, carry: Carry | None = None) -> tuple[Tensor, Carry]:
        """The logits (B, V) of what comes after the tokens (B, T), and what is carried on."""
        states, carry = self.states(z, tokens, carry)
        return self.dense(states[:, -1]), carry

    def _written(self, z: Tensor) -> Tensor:
        told = torch.full((len(z), self.length), PAD, device=z.device)
        told[:, 0], carry, done = START, None, torch.zeros(len(z), dtype=torch.bool, device=z.device)
        for t in range(1, self.length):
            logits, carry = self.next(z, told[:, t - 1 : t], carry)
            told[:, t] = barred(logits).argmax(1).masked_fill(done, PAD)
            done |= told[:, t] == END
        return told


def writer(spec: Spec, spelled: Spelled, code: int = 0) -> Writer:
    """The writer of texts of `spec` that is spelled so; the dense layer to the vocabulary is added.

    Raises
    ------
    ParameterError
        It does not begin with an embedding, has no recurrent layer, or one that does not go token by token.
    """
    layers = parse(spelled, "network")
    if not layers or not isinstance(layers[0], Embed):
        what = f"begins with {layers[0]}" if layers else "is empty"
        raise ParameterError(f"network: it {what} and what comes in are tokens; {_EXAMPLE}.")
    size, vocabulary = layers[0].size, layers[0].vocabulary
    if vocabulary not in (None, spec.vocabulary):
        raise ParameterError(
            f"network, layer 1 ({layers[0]}): the texts have a vocabulary of {spec.vocabulary:,} with the padding; "
            f"write embed{size}."
        )
    last = Dense(spec.vocabulary)
    layers = [Embed(size, spec.vocabulary), *layers[1:], *([] if layers[-1] == last else [last])]
    seen = shapes(layers, spec.shape, "network")
    for i, (layer, comes) in enumerate(zip(layers, seen, strict=False), 1):
        if i > 1 and not isinstance(layer, _STEPWISE):
            why = "a writer goes token by token and has embed, lstm, gru, dense, drop, norm and curves"
            raise misfit(layer, i, len(layers), comes, "network", why)
        if (weights := parameters(layer, comes)) > MOST:
            why = f"it would have {weights:,} weights; at most {MOST:,} are possible, choose a smaller size"
            raise misfit(layer, i, len(layers), comes, "network", why)
    if not any(isinstance(layer, LSTM | GRU) for layer in layers):
        raise ParameterError(f"network: it has no lstm or gru and would see only the last token; {_EXAMPLE}.")
    return Writer(layers, spec, code)


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


def _read(cells: nn.LSTM | nn.GRU, x: Tensor, state: Any) -> tuple[Tensor, Any]:
    """Tokens (B, T, F) through a recurrent layer, in single precision where a CPU has no other for it."""
    single = x.device.type == "cpu" and torch.is_autocast_enabled("cpu") and not _halves()
    with torch.autocast("cpu", enabled=False) if single else nullcontext():
        x = x.float() if single else x
        return _stepped(cells, x, state) if x.shape[1] == 1 else cells(x, state)


@cache
def _halves() -> bool:
    """Whether the CPU reads sequences in bf16: oneDNN refuses where the processor lacks the instructions."""
    try:
        with torch.random.fork_rng(devices=[]), torch.enable_grad(), torch.autocast("cpu", torch.bfloat16):
            nn.LSTM(8, 8)(torch.zeros(1, 1, 8))
    except RuntimeError:
        return False
    return True


def _stepped(cells: nn.LSTM | nn.GRU, x: Tensor, state: Any) -> tuple[Tensor, Any]:
    """One token (B, 1, F) through a recurrent layer.

    The same numbers as the layer's own, which is made for sequences: for one step of 1,024 cells it takes 19 to
    30 ms on a CPU, and this 1.5 to 2.4.
    """
    weights = cells.all_weights[0]  # from the token, from the state, and a bias of each
    nothing = x.new_zeros(len(x), cells.hidden_size)
    if isinstance(cells, nn.GRU):
        h = torch.gru_cell(x[:, 0], nothing if state is None else state[0], *weights)
        return h.unsqueeze(1), h.unsqueeze(0)
    before = (nothing, nothing) if state is None else (state[0][0], state[1][0])
    h, c = torch.lstm_cell(x[:, 0], before, *weights)
    return h.unsqueeze(1), (h.unsqueeze(0), c.unsqueeze(0))


def _begin(module: nn.Module) -> None:
    """The weights to start from."""
    match module:
        case nn.Linear():
            nn.init.xavier_uniform_(module.weight)
            nn.init.zeros_(module.bias)
        case nn.Embedding():
            nn.init.normal_(module.weight, std=0.1)
        case nn.LSTM(hidden_size=n):  # "An Empirical Exploration of Recurrent Network Architectures" (Jozefowicz et
            for bias in module.all_weights[0][2:]:  # al., 2015): open at first, so that it can remember
                nn.init.zeros_(bias)
            nn.init.ones_(module.all_weights[0][2][n : 2 * n])
        case _:
            pass
