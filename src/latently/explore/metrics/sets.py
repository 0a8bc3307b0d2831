"""How like a set of samples is to a set of real items, both as rows of features."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import distance
from sklearn import neighbors

Array = NDArray[Any]
_DISTANCE: Any = distance  # SciPy and scikit-learn carry no types
_NEIGHBORS: Any = neighbors

_BLOCK = 1000
_SAME = 1e-6  # of the features' spread: nearer is the same place, whatever rounding says


def frechet(real: Array, drawn: Array) -> float:
    r"""Frechet distance of the two normal densities that share the sets' means and covariances; 0 for equal ones.

    .. math:: d^2 = \lVert \mu_r - \mu_d \rVert^2
              + \mathrm{tr}\left(C_r + C_d - 2 (C_r C_d)^{1/2}\right)

    The trace of the root is the sum of the roots of the eigenvalues of :math:`C_r^{1/2} C_d C_r^{1/2}`. The distance
    shrinks as the sets grow: compare only numbers of sets of the same sizes and the same features.

    Parameters
    ----------
    real, drawn
        Features (n, F) and (m, F), at least two rows each.

    References
    ----------
    "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium" (Heusel et al., 2017);
    "The Fréchet Distance between Multivariate Normal Distributions" (Dowson & Landau, 1982).

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(500, 3))
    >>> round(frechet(x, x), 6), round(frechet(x, x + [3, 4, 0]), 6)
    (0.0, 25.0)
    """
    real, drawn = real.astype(np.float64), drawn.astype(np.float64)
    ours, theirs = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (real, drawn))
    values, vectors = np.linalg.eigh(ours)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ theirs @ root), 0, None)).sum()
    apart = np.sum((real.mean(0) - drawn.mean(0)) ** 2)
    return float(max(0.0, apart + np.trace(ours) + np.trace(theirs) - 2 * shared))


def precision_recall(real: Array, drawn: Array, k: int = 3) -> tuple[float, float]:
    r"""Precision: the share of samples that lie where real items do. Recall: the share of items where samples do.

    .. math:: \mathrm{precision} = \tfrac1m \sum_j \mathbb{1}\left[\exists i: \lVert d_j - r_i \rVert \le
              \mathrm{NND}_k(r_i)\right]

    NND_k is the distance of an item to its k-th neighbour among its own; recall is the same with the sets exchanged.

    Parameters
    ----------
    real, drawn
        Features (n, F) and (m, F).
    k
        The neighbour whose distance is an item's reach; the paper's is 3.

    References
    ----------
    "Improved Precision and Recall Metric for Assessing Generative Models" (Kynkäänniemi et al., 2019).

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(200, 2))
    >>> precision_recall(x, x), precision_recall(x, x + 100)
    ((1.0, 1.0), (0.0, 0.0))
    """
    return float(_inside(real, drawn, k).any(1).mean()), float(_inside(drawn, real, k).any(1).mean())


def density_coverage(real: Array, drawn: Array, k: int = 5) -> tuple[float, float]:
    r"""Density: how many items' neighbourhoods a sample lies in. Coverage: the share of items that have a sample near.

    .. math:: \mathrm{density} = \frac{1}{km} \sum_j \sum_i \mathbb{1}[d_j \in B_i], \quad
              \mathrm{coverage} = \tfrac1n \sum_i \mathbb{1}[\exists j: d_j \in B_i], \quad
              B_i = B(r_i, \mathrm{NND}_k(r_i))

    Samples of the data's own density have a density of 1 and, where they are as many, a coverage of
    :math:`1 - 2^{-k}`, .97 for k = 5.

    Parameters
    ----------
    real, drawn
        Features (n, F) and (m, F).
    k
        The neighbour whose distance is an item's reach.

    References
    ----------
    "Reliable Fidelity and Diversity Metrics for Generative Models" (Naeem et al., 2020).

    Examples
    --------
    >>> x = np.arange(6.0)[:, None]
    >>> density_coverage(x, np.zeros((6, 1)), k=1)  # 0 lies within reach of 0 and of 1
    (2.0, 0.3333333333333333)
    """
    inside = _inside(real, drawn, k)
    return float(inside.sum() / (_at_most(k, real) * len(drawn))), float(inside.any(0).mean())


def covered(real: Array, drawn: Array, k: int = 5) -> NDArray[np.bool_]:
    """Whether each real item has a sample within the distance of its k-th neighbour: (n,)."""
    return np.asarray(_inside(real, drawn, k).any(0))


def _at_most(k: int, x: Array) -> int:
    return max(1, min(k, len(x) - 1))


def _inside(owners: Array, others: Array, k: int) -> NDArray[np.bool_]:
    """Whether each of `others` lies within the reach of each of `owners`: (others, owners)."""
    owners, others = owners.astype(np.float64), others.astype(np.float64)
    scale = float(np.sqrt(owners.var(0).sum()))
    near = _NEIGHBORS.NearestNeighbors(n_neighbors=_at_most(k, owners), algorithm="brute").fit(owners)
    reach: Array = near.kneighbors()[0][:, -1] if len(owners) > 1 else np.zeros(1)
    parts = np.array_split(others, -(-len(others) // _BLOCK))  # all distances at once would be 800 MB for 10,000 items
    return np.concatenate([_DISTANCE.cdist(part, owners) <= reach + _SAME * scale for part in parts])
