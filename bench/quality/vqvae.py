"""A VQ-VAE of 128 entries of 16 numbers on MNIST: what it loses of the digits' variance, and how many entries it uses.

python -m bench.quality.vqvae [--quick] [--epochs 6] [--lr 3e-3]

The network is that of keras-io's "Vector-Quantized Variational Autoencoders" (Paul, 2021): 7 x 7 entries a digit. It
comes to a squared error of .0444 of the training digits' variance in 30 epochs of Adam in batches of 128.
"""

from __future__ import annotations

import numpy as np
import torch

import latently
from latently.autoencoder import Autoencoder

from ..data import idx
from ..record import Run, options
from .training import descend, few, mean, parameters, per_item

NETWORKS = {
    "latent": 16,
    "codes": 128,
    "encoder": "conv32:k3:s2 relu conv64:k3:s2 relu conv16:k1 flatten",
    "decoder": "reshape7x7x16 convt64:k3:s2 relu convt32:k3:s2 relu convt1:k3",
    "likelihood": "normal",
}


def main() -> None:
    given = options(__doc__, epochs={"type": int, "default": 6}, lr={"type": float, "default": 3e-3})
    torch.set_num_threads(given.threads)
    training = few(
        given.quick, epochs=given.epochs, batch_size=32, lr=given.lr, schedule="linear", validation=0.0, seed=given.seed
    )
    anchor = "keras-io: .0444 after 30 epochs"
    run = Run("quality-vqvae", given, **NETWORKS, **training, anchor=anchor)
    X, T = idx("train", quick=given.quick)[0], idx("t10k", quick=given.quick)[0]
    variance = float((X / np.float32(255)).var(dtype=np.float64))
    model = latently.VQVAE(**NETWORKS, **training)

    def measured(module: Autoencoder, epoch: int) -> None:
        error = mean(lambda x: (module.restore(x) - x).square().flatten(1).mean(1), T)
        hits = np.bincount(per_item(lambda x: module.encode(x).indices, T).ravel(), minlength=NETWORKS["codes"])
        share = hits[hits > 0] / hits.sum()
        run.found(
            epochs=epoch,
            **{
                "test MSE / train variance": round(error / variance, 5),
                "share of the entries used by the test digits": round(len(share) / len(hits), 4),
                "perplexity of the entries": round(float(np.exp(-(share * np.log(share)).sum())), 1),
                "parameters, the codebook beside them": parameters(module),
            },
        )

    descend(model.begin(X), measured)
    run.finish()


if __name__ == "__main__":
    main()
