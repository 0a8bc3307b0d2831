"""What a reader and a writer of texts share: layers that go token by token."""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import ParameterError
from ..spec import Spec
from . import halves
from .flat import Activation, Dense, Drop, Norm
from .layer import MOST, Layer
from .sequence import GRU, LSTM, Embed
from .spelling import Spelled, misfit, parameters, parse, shapes

_STEPWISE = (LSTM, GRU, Dense, Drop, Norm, Activation)  # layers that never look ahead


def stepwise(spec: Spec, spelled: Spelled, features: int, where: str, example: str) -> list[Layer]:
    """The layers that are spelled so, of texts of `spec`; the last dense layer, to `features` numbers, is added.

    Raises
    ------
    ParameterError
        It does not begin with an embedding, has no recurrent layer, or one that does not go token by token.

    Examples
    --------
    >>> [str(layer) for layer in stepwise(Spec("text", (6,), vocabulary=9), "embed4 lstm8", 3, "encoder", "")]
    ['embed4:v9', 'lstm8', 'dense3']
    """
    layers = parse(spelled, where)
    if not layers or not isinstance(layers[0], Embed):
        what = f"begins with {layers[0]}" if layers else "is empty"
        raise ParameterError(f"{where}: it {what} and what comes in are tokens; write it like {example}.")
    size, vocabulary = layers[0].size, layers[0].vocabulary
    if vocabulary not in (None, spec.vocabulary):
        raise ParameterError(
            f"{where}, layer 1 ({layers[0]}): the texts have a vocabulary of {spec.vocabulary:,} with the padding; "
            f"write embed{size}."
        )
    last = Dense(features)
    layers = [Embed(size, spec.vocabulary), *layers[1:], *([] if layers[-1] == last else [last])]
    seen = shapes(layers, spec.shape, where)
    for i, (layer, comes) in enumerate(zip(layers, seen, strict=False), 1):
        if i > 1 and not isinstance(layer, _STEPWISE):
            why = "texts go token by token through embed, lstm, gru, dense, drop, norm and curves"
            raise misfit(layer, i, len(layers), comes, where, why)
        if (weights := parameters(layer, comes)) > MOST:
            why = f"it would have {weights:,} weights; at most {MOST:,} are possible, choose a smaller size"
            raise misfit(layer, i, len(layers), comes, where, why)
    if not any(isinstance(layer, LSTM | GRU) for layer in layers):
        raise ParameterError(
            f"{where}: it has no lstm or gru and would see only the last token; write it like {example}."
        )
    return layers


def read_on(cells: nn.LSTM | nn.GRU, x: Tensor, state: Any) -> tuple[Tensor, Any]:
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
    nothing, half = x.new_zeros(len(x), cells.hidden_size), halves.suits(weights[1], len(x))
    if isinstance(cells, nn.GRU):
        h = (_gru if half else torch.gru_cell)(x[:, 0], nothing if state is None else state[0], *weights)
        return h.unsqueeze(1), h.unsqueeze(0)
    before = (nothing, nothing) if state is None else (state[0][0], state[1][0])
    h, c = (_lstm if half else torch.lstm_cell)(x[:, 0], before, *weights)
    return h.unsqueeze(1), (h.unsqueeze(0), c.unsqueeze(0))


def _lstm(
    x: Tensor, before: tuple[Tensor, Tensor], w: Tensor, u: Tensor, b: Tensor, d: Tensor
) -> tuple[Tensor, Tensor]:
    """`torch.lstm_cell`, with matrices that may be read in half precision."""
    h, c = before
    enter, forget, new, leave = (halves.linear(x, w, b) + halves.linear(h, u, d)).chunk(4, 1)
    c = forget.sigmoid() * c + enter.sigmoid() * new.tanh()
    return leave.sigmoid() * c.tanh(), c


def _gru(x: Tensor, h: Tensor, w: Tensor, u: Tensor, b: Tensor, d: Tensor) -> Tensor:
    """`torch.gru_cell`, likewise."""
    come, stay = halves.linear(x, w, b).chunk(3, 1), halves.linear(h, u, d).chunk(3, 1)
    reset, update = (come[0] + stay[0]).sigmoid(), (come[1] + stay[1]).sigmoid()
    new = (come[2] + reset * stay[2]).tanh()
    return new + update * (h - new)


def begin(module: nn.Module) -> None:
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
