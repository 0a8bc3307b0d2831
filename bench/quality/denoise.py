"""The network of `conv`, taught to clear digits of noise: cross-entropy a pixel of the 10,000 test digits.

python -m bench.quality.denoise [--quick] [--epochs 20] [--lr 4e-3]

The noise is N(0, .4^2) on every pixel, clipped to [0, 1], as in keras-io's "Convolutional autoencoder for image
denoising" (Valdarrama, 2021), which comes to .0839 in 100 epochs of Adam in batches of 128. There each digit keeps one
draw of the noise; here a training digit gets a new one each time, and the test digits have one, by the seed.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

import latently
from latently.autoencoder import Autoencoder
from latently.parts import Corruption

from ..data import idx
from ..record import Run, options
from .conv import NETWORKS
from .training import descend, few, mean, parameters

SIGMA = 0.4


class Clipped(Corruption):
    """Gaussian noise that leaves no pixel darker than black or brighter than white."""

    def forward(self, x: Tensor) -> Tensor:
        return (x + SIGMA * torch.randn_like(x)).clamp_(0, 1)


def main() -> None:
    given = options(__doc__, epochs={"type": int, "default": 20}, lr={"type": float, "default": 4e-3})
    torch.set_num_threads(given.threads)
    training = few(
        given.quick, epochs=given.epochs, batch_size=32, lr=given.lr, schedule="linear", validation=0.0, seed=given.seed
    )
    about = {"noise": f"N(0, {SIGMA}^2), clipped to [0, 1]"}
    run = Run("quality-denoise", given, **NETWORKS, **training, **about, anchor="keras-io: .0839 after 100 epochs")
    X, T = idx("train", quick=given.quick)[0], idx("t10k", quick=given.quick)[0]
    drawn = np.random.default_rng(given.seed).standard_normal(T.shape, dtype=np.float32)
    noisy = np.clip(T / np.float32(255) + np.float32(SIGMA) * drawn, 0, 1)
    model = latently.AE(**NETWORKS, **training)
    fitting = model.begin(X)
    fitting.training.model.corruption = Clipped()

    def measured(module: Autoencoder, epoch: int) -> None:
        bce = mean(lambda x, seen: module.likelihood.nll(x, module.write(module.encode(seen).z)) / 784, T, noisy)
        run.found(epochs=epoch, **{"test BCE a pixel": round(bce, 5), "parameters": parameters(module)})

    descend(fitting, measured)
    run.finish()


if __name__ == "__main__":
    main()
