"""Descending: how long and how fast, and the weights that go together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import unwrap
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adadelta, Adam, AdamW, Optimizer, RMSprop


def _bare(kind: type[Optimizer]) -> Callable[..., Optimizer]:
    """An optimizer without the notes to PyTorch's compiler around its methods, which import all of it: 1.2 s.

    A training step is compiled, where it is, without the optimizer's. Nor is each step noted for PyTorch's profiler,
    which takes a third of one that is small.
    """
    methods = {name: unwrap(getattr(kind, name)) for name in ("add_param_group", "state_dict", "load_state_dict")}
    step: Any = torch.no_grad()(unwrap(cast(Any, kind.step)))
    step.hooked = True
    return type(kind.__name__, (kind,), {**methods, "step": step})


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "adam": partial(_bare(Adam), fused=True),
    "adamw": partial(_bare(AdamW), fused=True),
    "nimble": partial(_bare(Adam), betas=(0.9, 0.99), fused=True),  # forgets the sizes of gradients in 100 steps
    "adadelta": _bare(Adadelta),
    "rmsprop": _bare(RMSprop),
    "sgd": partial(_bare(SGD), fused=True),
}
GAME_BETAS = (0.5, 0.999)  # of two players: a long memory of where the other one stood misleads (Radford et al., 2016)
# The share of the learning rate that is taken, by the share of the epochs that is over. `warm` is the cosine after a
# rise over a twentieth of the epochs, down to a hundredth.
SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda over: 1.0,
    "linear": lambda over: 1 - over,
    "cosine": lambda over: 0.5 * (1 + math.cos(math.pi * over)),
    "warm": lambda over: min(1, (over + 0.01) / 0.05) * (0.505 + 0.495 * math.cos(math.pi * over)),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to train; every field is data.

    `epochs` are passes over the training part; `patience` epochs without a better held-out loss end them early (0:
    never). `schedule` says how the learning rate falls from epoch to epoch, to nearly nothing in the last. `clip`
    bounds the gradient's norm of the loss per number of an item (0: no bound). `max_minutes` counts from the start of
    this process's training. `precision` and `compile` are how a step is computed, see `compute`.
    """

    epochs: int
    lr: float = 1e-3
    schedule: str = "constant"
    optimizer: str = "adam"
    clip: float = 5.0
    patience: int = 0
    max_minutes: float | None = None
    precision: str = "float32"
    seed: int = 0
    compile: bool = False


class Player:
    """Weights that descend together: the model's, or those of its opponents.

    Parameters
    ----------
    params
        The weights.
    plan
        How fast.
    game
        Whether another player descends at the same time.
    """

    def __init__(self, params: list[nn.Parameter], plan: Plan, game: bool) -> None:
        more = {"betas": GAME_BETAS} if game and plan.optimizer in ("adam", "adamw") else {}
        self.params, self.clip = params, plan.clip
        self.optimizer = OPTIMIZERS[plan.optimizer](params, lr=plan.lr, **more)

    def descend(self, loss: Tensor) -> None:
        """One step down; only this player's weights get a gradient."""
        for p in self.params:  # the optimizer's own zero_grad takes 30 microseconds more, a tenth of a small step
            p.grad = None
        loss.backward(inputs=self.params)
        if self.clip:
            clip(self.params, self.clip)
        self.optimizer.step()

    def memory(self) -> list[dict[str, Any]]:
        """What the optimizer remembers of each weight, copied."""
        slots = [self.optimizer.state.get(p, {}) for p in self.params]
        return [{name: v.clone() if isinstance(v, Tensor) else v for name, v in slot.items()} for slot in slots]

    def remember(self, memory: list[dict[str, Any]]) -> None:
        """Puts back what `memory` gave."""
        self.optimizer.state.clear()
        for p, slot in zip(self.params, memory, strict=True):
            if slot:
                self.optimizer.state[p] = {n: v.clone() if isinstance(v, Tensor) else v for n, v in slot.items()}

    def state(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """What the optimizer remembers: plain data, and tensors by name."""
        plain, tensors = dict[str, Any](), dict[str, Tensor]()
        for i, entry in self.optimizer.state_dict()["state"].items():
            for name, value in entry.items():
                (tensors if isinstance(value, Tensor) else plain)[f"{i}.{name}"] = value
        return plain, tensors

    def load_state(self, plain: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
        """Takes up where `state` was taken."""
        entries: dict[int, dict[str, Any]] = {}
        for name, value in (*tensors.items(), *plain.items()):
            i, _, slot = name.partition(".")
            like = self.params[int(i)]
            if isinstance(value, Tensor) and value.shape == like.shape:  # in its layout, as fused steps want it
                value = torch.empty_like(like, dtype=value.dtype).copy_(value)
            entries.setdefault(int(i), {})[slot] = value
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": entries})


def clip(params: list[nn.Parameter], most: float) -> None:
    """Scales all gradients together so that their norm is at most so much.

    A processor's norm is asked for, and mostly nothing is left to do: 110 microseconds less, a tenth of a small step.
    To ask a GPU for it would be to wait for it.
    """
    if params[0].device.type != "cpu":
        nn.utils.clip_grad_norm_(params, most, foreach=True)
        return
    slopes = [p.grad for p in params if p.grad is not None]
    norms: list[float] = [slope.norm().item() for slope in slopes]  # pyright: ignore
    norm = math.hypot(*norms)
    if norm > most:
        for slope in slopes:
            slope.mul_(most / norm)
