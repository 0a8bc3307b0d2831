"""What the long measurements share: an estimator's training, looked at every few epochs, and means over many items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from latently.autoencoder import Autoencoder
from latently.data.packed import as_float
from latently.estimator import Fitting


def descend(fitting: Fitting, after: Callable[[Autoencoder, int], None], every: int = 2) -> Autoencoder:
    """Trains; `after` sees the model every few epochs and at the end.

    The weights lie with their channels last: a step of a convolutional network on the CPU then takes two thirds of
    the time.
    """
    training = fitting.training
    module = training.model.to(memory_format=torch.channels_last)
    epochs = training.plan.epochs
    for event in training.events():
        done, held_out = event["epoch"], event["validation"]
        beside = f", held out {held_out['loss']:.4f}" if held_out else ""
        print(f"epoch {done}: {event['train']['loss']:.4f}{beside} in {event['seconds']:.0f} s", flush=True)
        if done % every == 0 and done < epochs:
            after(module.eval(), done)
    training.finish()
    after(module, len(training.history))
    return module


def where() -> torch.device:
    """Where a model is that was told no device."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return torch.device(next((name for name, found in there.items() if found), "cpu"))


@torch.inference_mode()
def per_item(use: Callable[..., Tensor], *arrays: np.ndarray, at_once: int = 500) -> np.ndarray:
    """What `use` makes of batches of the arrays, (B, ...); grey pictures (n, H, W) come as (B, 1, H, W) of 0 to 1."""
    items = [torch.tensor(a).unsqueeze(1) if a.ndim == 3 else torch.tensor(a) for a in arrays]
    batches = zip(*(torch.split(of_one, at_once) for of_one in items), strict=True)
    found = [use(*(as_float(x.to(where())) for x in batch)).cpu() for batch in batches]
    return torch.cat(found).numpy()


def mean(use: Callable[..., Tensor], *arrays: np.ndarray) -> float:
    """The mean of `per_item`, in float64."""
    return float(per_item(use, *arrays).astype(np.float64).mean())


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def few(quick: bool, **settings: Any) -> dict[str, Any]:
    """The settings of a training, of one epoch where it is only to be seen that it runs."""
    return settings | ({"epochs": 1} if quick else {})
