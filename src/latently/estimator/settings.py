"""The hyper-parameters that all models share, as data."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar, cast, dataclass_transform

from .. import nets
from ..compute import DEVICES, PRECISIONS
from ..params import param
from ..player import OPTIMIZERS, SCHEDULES, Plan
from ..prior import CHOICES

T = TypeVar("T", bound=type)
SEEDS = 2**32 - 1  # the largest that NumPy and scikit-learn take


@dataclass_transform(kw_only_default=True, field_specifiers=(param,))
def model(cls: T) -> T:
    """Makes a class of declared hyper-parameters a model: its constructor takes them by keyword and only assigns."""
    return cast(Any, dataclass(kw_only=True, eq=False, repr=False))(cls)


@model
class Settings:
    """What can be said of any model; a model's own hyper-parameters come after these."""

    latent: int | None = param(
        None, "numbers in a code; by default 16, or half as many as an item has where that is fewer", low=1
    )
    encoder: str | list[nets.Layer] | None = param(
        None, "the encoder spelled as words, such as 'dense128 relu'; by default chosen to fit"
    )
    decoder: str | list[nets.Layer] | None = param(
        None, "the decoder spelled as words; by default the encoder's mirror"
    )
    likelihood: str = param(
        "auto",
        "how restored pictures are judged; auto: bernoulli where they are black and white, else normal",
        choices=nets.LIKELIHOODS,
    )
    epochs: int | None = param(
        None, "passes over the data; by default 20, or more where the data are few: 2,000 steps in all", low=1
    )
    batch_size: int | None = param(
        None,
        "items in a training step; by default 128, or a sixteenth of the items where that is fewer, at least 16",
        low=1,
    )
    lr: float = param(1e-3, "learning rate", low=1e-9, high=10)
    schedule: str = param(
        "constant", "how the learning rate falls over the epochs, to nearly nothing", choices=tuple(SCHEDULES)
    )
    optimizer: str = param("adam", "how the weights descend", choices=tuple(OPTIMIZERS))
    clip: float = param(5.0, "bound on the gradient's norm, for the loss per number of an item; 0: none", low=0)
    validation: float = param(0.1, "share of the items held out to watch the training", low=0, high=0.9)
    patience: int | None = param(
        None,
        "epochs without a better held-out loss before stopping; by default a fifth of them, at least 5; 0: never",
        low=0,
    )
    max_minutes: float | None = param(None, "stop training after so many minutes", low=0)
    prior: str = param(
        "auto",
        "the density of codes that new items are drawn from; auto: the one that suits the model",
        choices=CHOICES,
    )
    false_alarms: float = param(0.05, "share of normal items that predict may call anomalies", low=0, high=1)
    memory: float | None = param(
        None,
        "gigabytes of memory that the items may take; more are read from disk as they are needed; by default half of "
        "what is free",
        low=0,
    )
    seed: int = param(0, "the seed of all that is random", low=0, high=SEEDS)
    device: str = param("auto", "where to compute", choices=DEVICES)
    precision: str = param(
        "auto",
        "precision of a training step; auto: bf16 for convolutional and recurrent networks where the device has it, "
        "and words are written with 16-bit weights",
        choices=PRECISIONS,
    )
    compile: bool = param(
        False, "compile the training step, some 10 to 30 s: to be tried on a GPU; on a CPU it hardly pays"
    )
    verbose: bool = param(False, "show a progress bar while fitting")

    def _plan(self, steps: int) -> Plan:
        """How long to train, at `steps` an epoch."""
        epochs = self.epochs or max(20, ceil(2000 / steps))
        patience = max(5, epochs // 5) if self.patience is None else self.patience
        return Plan(
            epochs,
            self.lr,
            self.schedule,
            self.optimizer,
            self.clip,
            patience,
            self.max_minutes,
            self.precision,
            self.seed,
            self.compile,
        )
