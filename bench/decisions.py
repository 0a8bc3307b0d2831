"""The figures behind two decisions of docs/internals.md: how weights start, and how grey pictures are judged.

python -m bench.decisions
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits
from torch import nn

import latently

from .data import DATA
from .record import keep


def start(*, glorot: bool) -> float:
    """Test cross-entropy a pixel of the dense 784-32-784 network, from Glorot's weights or PyTorch's own."""
    network = {"encoder": "dense32 relu", "decoder": "dense784 sigmoid", "likelihood": "bernoulli"}
    model = latently.AE(latent=32, **network, epochs=10, batch_size=256, validation=0)
    fitting = model.begin(DATA / "mnist")
    if not glorot:
        for module in fitting.training.model.modules():
            if isinstance(module, nn.Linear):
                module.reset_parameters()
    for _ in fitting.training.events():
        pass
    return -model.finish(fitting).score(DATA / "mnist" / "t10k-images-idx3-ubyte.gz") / 784


def restored(likelihood: str) -> float:
    """The share of the digits' variance that a VAE of 16 numbers brings back."""
    X = load_digits().images
    back = latently.VAE(latent=16, likelihood=likelihood).fit(X).reconstruct(X)
    return float(1 - np.square(back - X).sum() / np.square(X - X.mean(0)).sum())


def main() -> None:
    found = {f"start {name}: test BCE a pixel": start(glorot=name == "Glorot's") for name in ("Glorot's", "PyTorch's")}
    found |= {f"digits, VAE, {name}: share restored": restored(name) for name in ("bernoulli", "normal")}
    keep("decisions", {name: round(value, 4) for name, value in found.items()}, "torch")


if __name__ == "__main__":
    main()
