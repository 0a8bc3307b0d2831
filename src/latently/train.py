"""Training: one step, one loop, for every model. Knows modules and tensors; knows nothing of estimators or files.

Randomness is a function of (seed, epoch): each epoch seeds its own generators and puts the caller's back, so a run
that is stopped after any epoch goes on exactly as it would have.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Generator, Iterator, Mapping
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor

from .autoencoder import Autoencoder
from .compute import Compute, kept_memory
from .data.loader import Batch, Loader, epoch_seed
from .errors import TrainingError
from .parts import total
from .player import SCHEDULES, Plan, Player
from .randomness import seeded

Event = dict[str, Any]

ROLES = ("optimizer", "opponent")  # how the players are called in a checkpoint
ROLLBACKS = 5  # halvings of the learning rate: 1 / 32 of the chosen one, below which it was not the rate


class Trainer:
    """One step of descent: of the model, and of whatever opposes it."""

    def __init__(self, model: Autoencoder, plan: Plan, size: int, compute: Compute | None = None) -> None:
        self.model, self.size = model, size
        self.compute = compute or Compute.chosen(model, 1, plan.precision, plan.compile)
        self.run = self.compute.run(model)
        self.adversaries = model.adversaries
        theirs = {id(p) for adversary in self.adversaries for p in adversary.critic.parameters()}
        self.params = [p for p in model.parameters() if p.requires_grad]
        self.players = [Player([p for p in self.params if id(p) not in theirs], plan, bool(theirs))]
        if theirs:
            self.players.append(Player([p for p in self.params if id(p) in theirs], plan, True))

    def step(self, x: Tensor, label: Tensor | None = None) -> dict[str, Tensor]:
        """Descends once; gives the terms' means, () each, still on the device: nothing here waits for it."""
        with self.compute.cast():
            done = self.run(x, label)
            means = done.means
            loss = total(means)
        self.players[0].descend(loss / self.size)
        found = {name: mean.detach() for name, mean in {**means, "loss": loss}.items()}
        for adversary in self.adversaries:
            for _ in range(adversary.rounds):
                with self.compute.cast():
                    opponent = adversary.opponent(self.model, done)
                self.players[1].descend(opponent)
                found["critic"] = opponent.detach()
            found["game"] = found[str(adversary.name)] + found["critic"]
        return found

    @torch.inference_mode()
    def evaluate(self, batches: Iterator[Batch]) -> dict[str, float]:
        """The terms' means over all items, in evaluation mode."""
        self.model.eval()
        sums = Sums()
        for batch in batches:
            means = self.model(*batch).means
            sums.add({**means, "loss": total(means)}, len(batch.x))
        self.model.train()
        return sums.means()

    @property
    def lr(self) -> float:
        return self.players[0].optimizer.param_groups[0]["lr"]

    @lr.setter
    def lr(self, value: float) -> None:
        for player in self.players:
            for group in player.optimizer.param_groups:
                group["lr"] = value


class Training:
    """A training that can be stopped after any epoch and continued to the same end.

    Parameters
    ----------
    model
        On its device.
    plan
        How long and how fast.
    train, held_out
        The items; `held_out` may be None, then nothing stops early and the last weights are kept.
    size
        Numbers in an item, which sets the scale of the gradient.
    """

    def __init__(self, model: Autoencoder, plan: Plan, train: Loader, held_out: Loader | None, size: int) -> None:
        self.model, self.plan, self.train, self.held_out = model, plan, train, held_out
        self.compute = Compute.chosen(model, train.batch_size, plan.precision, plan.compile)
        self.trainer = Trainer(model, plan, size, self.compute)
        self.history: list[Event] = []
        self.best: dict[str, Tensor] | None = None  # the best weights so far, where there are held-out items
        self.rate = plan.lr  # before the schedule; halved where the loss was no number
        self.stopped = False  # by the clock
        self.notes: list[str] = []  # told with the first epoch

    def events(self) -> Iterator[Event]:
        """Trains, one event an epoch; ends when the plan says so. The caller may stop at any of them."""
        budget = math.inf if self.plan.max_minutes is None else 60 * self.plan.max_minutes
        deadline = time.monotonic() + budget
        with kept_memory():
            while not self._ended():
                with self.compute.at_work():
                    event = self._epoch(len(self.history) + 1, deadline)
                yield event

    def finish(self) -> None:
        """Puts the best weights in place and the model in evaluation mode."""
        if self.best:
            self.model.load_state_dict(self.best)
        self.model.eval()

    def _ended(self) -> bool:
        return len(self.history) >= self.plan.epochs or self.stopped or self._stuck() is not None

    def _stuck(self) -> str | None:
        """That patience has run out, in words."""
        stale = len(self.history) - max((e["epoch"] for e in self.history if e["best"]), default=0)
        if not (self.held_out and self.plan.patience and stale >= self.plan.patience):
            return None
        return f"no better held-out loss for {stale} epoch{'s' * (stale != 1)}."

    def _epoch(self, epoch: int, deadline: float) -> Event:
        started, notes = time.monotonic(), list(self.notes) if epoch == 1 else []
        self._set_rate()
        with seeded(epoch_seed(self.plan.seed, epoch), self.trainer.params[0].device):
            before = self._weights()
            while True:
                terms, held_out = self._pass(epoch, deadline), None
                if self.held_out:
                    held_out = self.trainer.evaluate(self.held_out.ordered())
                if self._sound({**terms, **(held_out or {})}):
                    break
                notes.append(self._roll_back(before, epoch))
        watched = held_out["loss"] if held_out else terms["loss"]
        comparable = takewhile(
            lambda e: not e.get("rising"), reversed(self.history)
        )  # resumed for longer it rises anew
        least = min((e["watched"] for e in comparable), default=math.inf)
        game = self.model.bottleneck.drawn  # has no best epoch: what one player loses the other wins
        rising = self.model.bottleneck.rising  # is not yet trained for what is watched
        best = watched < least if held_out and not (game or rising) else True  # else the last weights are kept
        if best and held_out and not game:
            self.best = {name: t.detach().clone() for name, t in self.model.state_dict().items()}
        event: Event = {
            "epoch": epoch,
            "epochs": self.plan.epochs,
            "train": terms,
            "validation": held_out,
            "watched": watched,
            "seconds": round(time.monotonic() - started, 3),
            "lr": self.trainer.lr,
            "best": best,
        }
        if rising:
            event["rising"] = True
        if epoch == 1:
            event["compute"] = str(self.compute)
        if notes:
            event["note"] = " ".join(notes)
        self.history.append(event)
        self.stopped = self.stopped or time.monotonic() > deadline  # the held-out items take time too
        why = f"max_minutes={self.plan.max_minutes:g} is over." if self.stopped else self._stuck()
        if why:
            event["stopped"] = why
        return event

    def _pass(self, epoch: int, deadline: float) -> dict[str, float]:
        """Once over the training items, or as far as there is time: the terms' means."""
        self.model.train()
        sums = Sums()
        for batch in self.train.shuffled(self.plan.seed, epoch):
            sums.add(self.trainer.step(*batch), len(batch.x))
            if time.monotonic() > deadline:
                self.stopped = True
                break
        return sums.means()

    def _sound(self, terms: dict[str, float]) -> bool:
        """Whether all terms and all weights are finite; the only place where the loop waits for the device."""
        weights = torch.stack([p.detach().sum() for p in self.trainer.params]).sum().item()
        return all(map(math.isfinite, (*terms.values(), weights)))

    def _weights(self) -> tuple[dict[str, Tensor], list[Any]]:
        weights = {name: t.detach().clone() for name, t in self.model.state_dict().items()}
        return weights, [player.memory() for player in self.trainer.players]

    def _set_rate(self) -> None:
        self.trainer.lr = self.rate * SCHEDULES[self.plan.schedule](len(self.history) / self.plan.epochs)

    def _roll_back(self, before: tuple[dict[str, Tensor], list[Any]], epoch: int) -> str:
        if self.rate <= self.plan.lr / 2**ROLLBACKS:
            raise TrainingError(
                f"epoch {epoch}: the loss is not a number even at a learning rate of {self.rate:g}; look for extreme "
                "values in the data, or choose a smaller lr or another likelihood."
            )
        self.model.load_state_dict(before[0])
        for player, state in zip(self.trainer.players, before[1], strict=True):
            player.remember(state)
        self.rate /= 2
        self._set_rate()
        return (
            f"The loss became not a number at a learning rate of {2 * self.rate:g}: went back to the weights before "
            f"this epoch and goes on with {self.rate:g}."
        )

    def state(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        """Everything that the next epoch depends on: plain data, and tensors by name."""
        tensors = {f"model.{name}": t for name, t in self.model.state_dict().items()}
        tensors |= {f"best.{name}": t for name, t in (self.best or {}).items()}
        header: dict[str, Any] = {"history": self.history, "lr": self.rate}
        for role, player in zip(ROLES, self.trainer.players, strict=False):
            header[role], slots = player.state()
            tensors |= {f"{role}.{name}": t for name, t in slots.items()}
        return header, tensors

    def load_state(self, header: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
        """Takes up where `state` was taken."""
        parts: dict[str, dict[str, Tensor]] = {part: {} for part in ("model", "best", *ROLES)}
        for name, tensor in tensors.items():
            part, _, rest = name.partition(".")
            parts[part][rest] = tensor
        self.model.load_state_dict(parts["model"])
        self.best = {name: t.to(self.trainer.params[0].device) for name, t in parts["best"].items()} or None
        for role, player in zip(ROLES, self.trainer.players, strict=False):
            player.load_state(header[role], parts[role])
        self.rate = header["lr"]
        self.history = list(header["history"])


class Sums:
    """The terms of many batches, weighed by their sizes; nothing here waits for the device until `means`."""

    def __init__(self) -> None:
        self.sums, self.n = dict[str, Tensor](), 0

    def add(self, means: Mapping[str, Tensor], n: int) -> None:
        """One batch of `n` items: in float64, where a sum over a million items keeps its digits."""
        self.n += n
        for name, value in means.items():
            if name not in self.sums:
                self.sums[name] = torch.zeros_like(value, dtype=None if value.device.type == "mps" else torch.float64)
            self.sums[name].add_(value, alpha=n)

    def means(self) -> dict[str, float]:
        """Over all items."""
        return {name: value.item() / self.n for name, value in self.sums.items()}


@contextlib.contextmanager
def room(what: str, remedy: str) -> Generator[None]:
    """Says what does not fit in memory, and what to do."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # PyTorch raises RuntimeError
        if isinstance(error, RuntimeError) and "memory" not in str(error):
            raise
        raise TrainingError(f"{what} do not fit in memory; {remedy}.") from error
