"""What codes keep of labels and of neighbourhoods."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import manifold, metrics, neighbors

Array = NDArray[Any]
_MANIFOLD: Any = manifold  # scikit-learn carries no types
_METRICS: Any = metrics
_NEIGHBORS: Any = neighbors


def knn_accuracy(codes: Array, labels: Array, k: int = 5) -> float:
    """The share of items whose label is that of most of their k nearest neighbours, themselves left out.

    Every item is predicted from all others: leave-one-out cross-validation, which needs no fit and no folds.

    Parameters
    ----------
    codes
        (n, D).
    labels
        (n,), one class an item.
    k
        Neighbours that vote; at most n - 1.

    References
    ----------
    "Nearest Neighbor Pattern Classification" (Cover & Hart, 1967).

    Examples
    --------
    >>> knn_accuracy(np.array([[0.0], [0.1], [9.0], [9.1]]), np.array(["a", "a", "b", "b"]), k=1)
    1.0
    """
    voting = _NEIGHBORS.KNeighborsClassifier(max(1, min(k, len(codes) - 1)))
    return float(voting.fit(codes, labels).score(None, labels))


def silhouette(codes: Array, labels: Array) -> float:
    r"""How much nearer items are to their own class than to the next one, from -1 to 1.

    .. math:: s = \tfrac1n \sum_i \frac{b_i - a_i}{\max(a_i, b_i)}

    a is the mean distance to the item's own class, b to the nearest other one.

    Parameters
    ----------
    codes
        (n, D).
    labels
        (n,), at least two classes and at most n - 1.

    References
    ----------
    "Silhouettes: A Graphical Aid to the Interpretation and Validation of Cluster Analysis" (Rousseeuw, 1987).

    Examples
    --------
    >>> round(silhouette(np.array([[0.0], [1.0], [9.0], [10.0]]), np.array([0, 0, 1, 1])), 4)
    0.8885
    """
    return float(_METRICS.silhouette_score(codes, labels))


def trustworthiness(items: Array, codes: Array, k: int = 5) -> float:
    r"""Whether neighbours by code are neighbours as items, from 0 to 1.

    .. math:: T = 1 - \frac{2}{nk(2n - 3k - 1)} \sum_i \sum_{j \in U_k(i)} (r(i, j) - k)

    U_k(i) are the k nearest by code that are not among the k nearest as items, r(i, j) their rank as items.

    Parameters
    ----------
    items, codes
        (n, F) and (n, D).
    k
        Neighbours looked at; fewer than n / 2.

    References
    ----------
    "Neighborhood Preservation in Nonlinear Projection Methods" (Venna & Kaski, 2001).

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> trustworthiness(x, 2 * x)
    1.0
    """
    return float(_MANIFOLD.trustworthiness(items, codes, n_neighbors=min(k, (len(items) - 1) // 2)))


def variance_ratio(codes: Array, labels: Array) -> float:
    r"""The variance within classes over that between them: 0 for classes that are single points.

    .. math:: \frac{\sum_c \sum_{i \in c} \lVert z_i - \mu_c \rVert^2}{\sum_c n_c \lVert \mu_c - \mu \rVert^2}

    It is (n - C) / (C - 1) over the index of "A Dendrite Method for Cluster Analysis" (Calinski & Harabasz, 1974).

    Parameters
    ----------
    codes
        (n, D).
    labels
        (n,), at least two classes.

    Examples
    --------
    >>> variance_ratio(np.array([[0.0], [2.0], [10.0], [12.0]]), np.array([0, 0, 1, 1]))
    0.04
    """
    codes = codes.astype(np.float64)
    of = np.unique(labels, return_inverse=True)[1]
    counts = np.bincount(of)
    centres = np.stack([codes[of == c].mean(0) for c in range(len(counts))])
    between = float(counts @ ((centres - codes.mean(0)) ** 2).sum(1))
    within = float(((codes - centres[of]) ** 2).sum())
    return within / between if between else float("inf")
