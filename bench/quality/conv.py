"""The convolutional autoencoder of 28,353 parameters on MNIST: cross-entropy a pixel of the 10,000 test digits.

python -m bench.quality.conv [--quick] [--epochs 12] [--lr 2e-3]

The network is that of keras-io's "Convolutional autoencoder for image denoising" (Valdarrama, 2021), which comes to
.0622 in 50 epochs of Adam in batches of 128. The entropy of the test digits' own grey values is .0581: no network
comes below it.
"""

from __future__ import annotations

import torch

import latently
from latently.autoencoder import Autoencoder

from ..data import idx
from ..record import Run, options
from .training import descend, few, mean, parameters

NETWORKS = {
    "latent": 7 * 7 * 32,
    "encoder": "conv32:k3 relu pool2 conv32:k3 relu pool2 flatten",
    "decoder": "reshape7x7x32 convt32:k3:s2 relu convt32:k3:s2 relu conv1:k3 sigmoid",
    "likelihood": "bernoulli",
}


def main() -> None:
    given = options(__doc__, epochs={"type": int, "default": 12}, lr={"type": float, "default": 2e-3})
    torch.set_num_threads(given.threads)
    training = few(
        given.quick, epochs=given.epochs, batch_size=32, lr=given.lr, schedule="linear", validation=0.0, seed=given.seed
    )
    anchor = "keras-io: .0622 after 50 epochs"
    run = Run("quality-conv", given, **NETWORKS, **training, anchor=anchor)
    X, T = idx("train", quick=given.quick)[0], idx("t10k", quick=given.quick)[0]
    model = latently.AE(**NETWORKS, **training)
    fitting = model.begin(X)

    def measured(module: Autoencoder, epoch: int) -> None:
        bce = mean(lambda x: module.likelihood.nll(x, module.write(module.encode(x).z)) / 784, T)
        run.found(epochs=epoch, **{"test BCE a pixel": round(bce, 5), "parameters": parameters(module)})

    descend(fitting, measured)
    run.finish()


if __name__ == "__main__":
    main()
