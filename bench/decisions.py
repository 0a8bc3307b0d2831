"""The figures behind two decisions of docs/internals.md: how weights start, and how grey pictures are judged.

python -m bench.decisions [--quick] [--threads 2]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

import latently
from latently.randomness import seeded

from .data import idx
from .record import keep, options

ITEMS, EPOCHS, SEEDS = 20_000, 5, (0, 1)
STARTED: dict[str, tuple[str, dict[str, Any]]] = {  # the networks whose start is compared
    "dense AE 784-32-784": ("AE", {"latent": 32, "encoder": "dense32 relu", "decoder": "dense784 sigmoid"}),
    "VAE 784-512-16": (
        "VAE",
        {"latent": 16, "encoder": "dense512 relu", "decoder": "dense512 relu dense784 sigmoid"},
    ),
    "convolutional AE, default": ("AE", {"latent": 16}),
    "convolutional VAE, default": ("VAE", {"latent": 16}),
}


def glorot(module: nn.Module) -> None:
    nn.init.xavier_uniform_(module.weight)  # pyright: ignore


def pytorch(module: nn.Module) -> None:
    module.reset_parameters()  # pyright: ignore


STARTS: dict[str, Callable[[nn.Module], None] | None] = {"ours": None, "Glorot's": glorot, "PyTorch's": pytorch}


def start(what: str, seed: int, how: str, quick: bool) -> float:
    """Test loss of a network in nats a digit, from our weights or others'."""
    name, network = STARTED[what]
    settings = {**network, "likelihood": "bernoulli", "epochs": 1 if quick else EPOCHS, "seed": seed}
    model = getattr(latently, name)(**settings, batch_size=256, validation=0)
    fitting = model.begin(idx("train", quick=quick)[0][:ITEMS])
    if begin := STARTS[how]:
        with seeded(seed):
            for module in fitting.training.model.modules():
                if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                    begin(module)
    for _ in fitting.training.events():
        pass
    return -model.finish(fitting).score(idx("t10k", quick=quick)[0])


def restored(likelihood: str) -> float:
    """The share of the digits' variance that a VAE of 16 numbers brings back."""
    X = load_digits().images
    back = latently.VAE(latent=16, likelihood=likelihood).fit(X).reconstruct(X)
    return float(1 - np.square(back - X).sum() / np.square(X - X.mean(0)).sum())


def main() -> None:
    given = options(__doc__)
    torch.set_num_threads(given.threads)
    found: dict[str, float] = {}
    for what in STARTED:
        for name in STARTS:
            each = [start(what, seed, name, given.quick) for seed in SEEDS]
            found[f"{what}, start {name}: nats a test digit"] = sum(each) / len(each)
    if not given.quick:
        found |= {f"digits, VAE, {name}: share restored": restored(name) for name in ("bernoulli", "normal")}
    keep("decisions", {name: round(value, 4) for name, value in found.items()}, "torch", quick=given.quick)


if __name__ == "__main__":
    main()
