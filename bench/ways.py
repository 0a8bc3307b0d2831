"""How near to real items each way between two codes stays: straight, spherical, along the data.

python -m bench.ways [--quick]

A VAE with 8 numbers learns scikit-learn's digits. Between 100 pairs of them drawn at random seven codes of each way are
looked at: how far they are from the nearest code of a digit that is neither end, as a share of the usual distance of a
digit from the one nearest to it.
"""

from __future__ import annotations

import numpy as np
import torch
from sklearn.datasets import load_digits

import latently

from .record import keep, options

PAIRS, STEPS = 100, 9


def main() -> None:
    given = options(__doc__)
    torch.set_num_threads(given.threads)
    X = load_digits().images
    model = latently.VAE(latent=8, beta=0.5, epochs=2 if given.quick else 40, seed=given.seed).fit(X)
    codes = model.transform(X).astype(np.float64)
    places = latently.Neighbors(codes)
    usual = float(np.median(places.of(range(len(X)), k=1).distances))
    pairs = np.random.default_rng(given.seed).integers(0, len(X), (10 if given.quick else PAIRS, 2))
    found: dict[str, float] = {}
    for how in ("straight", "spherical", "data"):
        more = {"data": X} if how == "data" else {}
        far = []
        for a, b in pairs:
            way = latently.interpolate(model, X[a], X[b], STEPS, how=how, **more).codes[0, 1:-1]
            near = places.near(way, k=3)
            other = ~np.isin(near.rows, (a, b))
            far.append(near.distances[np.arange(len(way)), other.argmax(1)].mean())
        found[f"{how}: distance to the nearest digit / usual"] = round(float(np.mean(far)) / usual, 3)
    keep("ways", found, "torch", quick=given.quick, pairs=len(pairs))


if __name__ == "__main__":
    main()
