"""The Frechet distance of 10,000 drawn digits from the 10,000 test digits: ours beside pythae's VAE and RAE-L2.

python -m bench.quality.frechet --peers PYTHON [--quick] [--epochs 10]

PYTHON is that of an environment with pythae:

    python -m venv peers && peers/bin/pip install torch==2.13.0 pythae==0.1.2

All models have the networks 784-512-16-512-784 (relu, a sigmoid at the end), the same 60,000 digits, epochs, batches of
128 and Adam at 1e-3. pythae's draw from N(0, I) and from its mixture of ten normals; its VAE is trained by
cross-entropy, for its default, half the squared error, blurs more. The space is the last hidden layer, 64 numbers, of a
classifier trained on the real training digits by a fixed seed.

    d^2 = |m - n|^2 + tr(C + D - 2 (C D)^1/2)

"GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium" (Heusel et al., 2017).
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch

import latently

from ..data import idx
from ..record import Run, options
from .classifier import classifier
from .training import few

NETWORKS = {"latent": 16, "encoder": "dense512 relu", "decoder": "dense512 relu dense784 sigmoid"}
OURS = {"VAE": latently.VAE, "RAE": latently.RAE}
PRIORS = ("standard", "mixture", "flow")


def frechet(A: np.ndarray, B: np.ndarray) -> float:
    """The distance of the normal densities that fit the features A (n, F) and B (m, F)."""
    a, b = (np.cov(of.T.astype(np.float64)) for of in (A, B))
    both = np.sqrt(np.linalg.eigvals(a @ b).real.clip(0)).sum()
    return float(np.square(A.mean(0) - B.mean(0)).sum() + np.trace(a) + np.trace(b) - 2 * both)
