"""What stands between some points: how much each of the nearest counts, and the middle of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDTH = 0.35  # of the Gaussian that weighs the nearest, in distances to the last of them: `python -m bench.maps`
STEPS = 20  # of Weiszfeld's

Floats = NDArray[np.float64]


def weights(far: Floats) -> Floats:
    """How much each of the nearest counts, by its distance: (m, k), ascending, to (m, k) that sum to 1.

    >>> weights(np.array([[0.0, 2.0]])).round(4).tolist()
    [[0.9834, 0.0166]]
    """
    width = np.maximum(WIDTH * far[:, -1:], np.finfo(np.float64).tiny)
    counted = np.exp(-0.5 * np.square(far / width))
    return counted / np.maximum(counted.sum(1, keepdims=True), np.finfo(np.float64).tiny)


def middle(weights: Floats, points: Floats) -> Floats:
    """The weighted geometric median of points (m, k, d), by Weiszfeld's steps: (m, d).

    >>> middle(np.array([[0.4, 0.3, 0.3]]), np.array([[[0.0], [0.1], [9.0]]])).round(1).tolist()
    [[0.1]]
    """
    found = np.einsum("mk,mkd->md", weights, points)
    for _ in range(STEPS):
        pull = weights / np.maximum(np.linalg.norm(points - found[:, None], axis=2), 1e-9)
        found = np.einsum("mk,mkd->md", pull / pull.sum(1, keepdims=True), points)
    return found
