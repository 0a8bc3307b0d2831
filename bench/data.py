"""The data that the measurements read, beside the checkout in shared/data."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

import latently

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
FEW = 512  # items of a quick run


def idx(part: str, *, folder: str = "mnist", quick: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 28, 28) and labels (n,) of a part, `train` or `t10k`, of one of the sets in the form of MNIST."""
    images = latently.open(DATA / folder / f"{part}-images-idx3-ubyte.gz").data
    with gzip.open(DATA / folder / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    few = FEW if quick else None
    return images[:few], labels[:few]


def binary(part: str, *, seed: int, quick: bool = False) -> np.ndarray:
    """Static binary digits (n, 28, 28), 0 or 255: each pixel drawn once, white with its grey value as the probability.

    So was the usual static binary MNIST made (Larochelle & Murray, 2011); its own draw is not to be had here.
    """
    images = idx(part, quick=quick)[0]
    drawn = np.random.default_rng((seed, part == "train")).random(images.shape, dtype=np.float32)
    return np.where(drawn * 255 < images, 255, 0).astype(np.uint8)
