"""A VAE of one hidden layer of 400 and 40 codes on static binary MNIST: nats a test digit, by importance sampling.

python -m bench.quality.nll [--quick] [--epochs 80] [--draws 200] [--importance 1]

Each pixel of the digits is drawn once, by a fixed seed, white with its grey value as the probability, in the training
and in the test part; 10,000 training digits are held out and watched. pythae's reproduction of this network, on
Larochelle's draw of the same, with 50,000 digits to train on, comes to 89.78 with 200 draws.

    -log p(x) <= -log 1/K sum_k p(x | z_k) p(z_k) / q(z_k | x),     z_k drawn from q(z | x)

"Importance Weighted Autoencoders" (Burda et al., 2016). With --importance K the same networks are trained as an IWAE of
K draws, and the result is kept beside the VAE's.
"""

from __future__ import annotations

import math

import numpy as np
import torch

import latently
from latently.autoencoder import Autoencoder
from latently.randomness import seeded

from ..data import binary
from ..record import Run, options
from .training import descend, few, mean, parameters, per_item, where

NETWORKS = {
    "latent": 40,
    "encoder": "dense400 silu",
    "decoder": "dense400 silu dense784 sigmoid",
    "likelihood": "bernoulli",
}
DRAWN_BY = 0  # the seed of the binary digits


def nats(module: Autoencoder, X: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """-log p(x) of each item: (n,)."""
    with seeded(seed, where()):
        return per_item(lambda x: math.log(draws) - module.log_weights(x, draws).logsumexp(0), X, at_once=100)


def main() -> None:
    numbers = {"epochs": 80, "draws": 200, "importance": 1}
    given = options(__doc__, **{name: {"type": int, "default": default} for name, default in numbers.items()})
    weighted = given.importance > 1
    torch.set_num_threads(given.threads)
    training = few(
        given.quick,
        epochs=given.epochs,
        batch_size=128,
        lr=3e-3,
        schedule="linear",
        validation=1 / 6,
        patience=0,
        seed=given.seed,
    )
    run = Run(
        f"quality-nll-iwae{given.importance}" if weighted else "quality-nll",
        given,
        **NETWORKS,
        **training,
        data=f"static binary MNIST: each pixel drawn once with its grey value as probability, seed {DRAWN_BY}",
        draws=given.draws,
        anchor="pythae: 89.78 (200 draws, Larochelle's binary MNIST)",
    )
    X, T = (binary(part, seed=DRAWN_BY, quick=given.quick) for part in ("train", "t10k"))
    networks = {**NETWORKS, **training}
    model = latently.IWAE(draws=given.importance, **networks) if weighted else latently.VAE(**networks)

    def measured(module: Autoencoder, epoch: int) -> None:
        loss = mean(lambda x: module(x).cost, T)
        found = {"test loss at the mean code, nats": round(loss, 3), "parameters": parameters(module)}
        run.found(epochs=epoch, **found)

    module = descend(model.begin(X), measured, every=10)
    found = nats(module, T, given.draws, given.seed)
    error = round(float(found.std() / math.sqrt(len(found))), 3)
    run.finish(**{"test NLL, nats": round(float(found.mean()), 3), "standard error": error})


if __name__ == "__main__":
    main()
