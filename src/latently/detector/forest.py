"""An isolation forest: how soon chance alone parts a row from all others."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from .judging import Rows, Scores

TREES = 300  # of 100 the luck of the draw moves the mean AUROC by .01
GROVE = 256  # rows that a tree is grown from, at most
SHARE = 2 / 3  # of the rows, at most: each row is left out by a third of the trees, which judge it as a new one
AT_ONCE = 2**20  # rows times trees that walk down together


@dataclass(frozen=True, slots=True)
class Forest:
    r"""Trees that split at random: what is parted from the others after few splits is odd.

    .. math:: s(x) = 2^{-\bar h(x) / c(m)}, \qquad c(m) = 2 H_{m-1} - 2 (m - 1) / m

    where h is the number of splits above the leaf of x, and c(k) more where k rows are still together in it. Every node
    has two children, so that all trees are one array and all rows go down all trees at once: node i of a level has
    the children 2 i and 2 i + 1 of the next. A split stands at random between the least and the greatest value of a
    column, drawn among those that vary.

    Parameters
    ----------
    columns, places
        (trees, 2^depth - 1) by which column a node splits and where: to the right is what is greater. Where there is
        nothing to split, the place is infinite.
    lengths
        (trees, 2^depth) h in each leaf, over c(m).
    own
        (n,) the scores of the rows of the fit, each by those trees that were not grown from it.

    References
    ----------
    "Isolation Forest" (Liu, Ting & Zhou, 2008).

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(300, 2))
    >>> forest = Forest.fit(x, seed=0)
    >>> bool(forest.score(np.array([[9.0, 9.0]])) > forest.own.max())
    True
    """

    columns: NDArray[np.int32]
    places: NDArray[np.float32]
    lengths: NDArray[np.float32]
    own: Scores

    @classmethod
    def fit(cls, rows: Rows, seed: int) -> Self:
        random = np.random.default_rng(seed)
        x = rows.astype(np.float32)
        size = min(GROVE, max(1, int(SHARE * len(x))))
        grown = np.stack([random.choice(len(x), size, replace=False) for _ in range(TREES)])
        columns, places, lengths = _grown(x, grown, random)
        forest = cls(columns, places, lengths, np.empty(0))
        return cls(columns, places, lengths, _score(forest.walk(x, grown)))

    def score(self, rows: Rows) -> Scores:
        return _score(self.walk(rows.astype(np.float32)))

    def walk(self, x: NDArray[np.float32], without: NDArray[np.intp] | None = None) -> Scores:
        """The mean length of each row's ways (n,): over all trees, or those that were not grown `without` it."""
        trees, depth = len(self.places), self.lengths.shape[1].bit_length() - 1
        found, every = np.empty(len(x)), np.arange(trees)
        strange = np.ones((len(x), trees), bool)
        if without is not None:
            strange[without, every[:, None]] = False
            strange[~strange.any(1)] = True  # a row that no tree left out
        step = max(1, AT_ONCE // trees)
        for start in range(0, len(x), step):
            part = x[start : start + step]
            row, node = np.arange(len(part))[:, None], np.zeros((len(part), trees), np.int64)
            for level in range(depth):
                here = node + (2**level - 1)
                node = 2 * node + (part[row, self.columns[every, here]] > self.places[every, here])
            found[start : start + step] = np.average(
                self.lengths[every, node], axis=1, weights=strange[start : start + step]
            )
        return found


def _score(lengths: Scores) -> Scores:
    return np.exp2(-lengths)


def _grown(
    x: NDArray[np.float32], grown: NDArray[np.intp], random: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Splits all trees a level at a time: columns and places of the nodes, lengths of the ways to the leaves.

    The rows of all trees lie in one list, in the order of their nodes.
    """
    trees, size = grown.shape
    depth = max(1, ceil(log2(size)))
    values = x[grown.ravel()]  # (trees * size, F)
    node = cast(Any, np.arange(trees)).repeat(size)  # of each of them
    splits = np.zeros(trees)  # above each node
    columns, places = list[NDArray[np.int32]](), list[NDArray[np.float32]]()
    for level in range(depth):
        start = np.flatnonzero(np.append(True, node[1:] > node[:-1]))  # of each node's rows
        there, count = node[start], np.diff(np.append(start, len(node)))
        least, most = np.minimum.reduceat(values, start), np.maximum.reduceat(values, start)
        varies = least < most
        column = (random.random(varies.shape, np.float32) * varies).argmax(1)
        pick = (np.arange(len(there)), column)
        low, high = least[pick], most[pick]
        place = np.minimum(low + (high - low) * random.random(len(there), np.float32), np.nextafter(high, low))
        place[~varies[pick]] = np.inf
        right = values[np.arange(len(values)), np.repeat(column, count)] > np.repeat(place, count)
        nodes = trees << level
        every = np.zeros(nodes, np.int32), np.full(nodes, np.inf, np.float32)
        every[0][there], every[1][there] = column, place
        columns.append(every[0].reshape(trees, -1))
        places.append(every[1].reshape(trees, -1))
        splits = np.repeat(splits + np.isfinite(every[1]), 2)
        node = 2 * node + right
        order = np.argsort(node, kind="stable")
        node, values = node[order], values[order]
    together = np.bincount(node, minlength=trees << depth)
    lengths = (splits + _usual(together)) / _usual(np.array([max(2, size)]))
    return np.hstack(columns), np.hstack(places), lengths.reshape(trees, -1).astype(np.float32)


def _usual(count: NDArray[Any]) -> Scores:
    """c(k): the splits that part one of k rows from the others, on average.

    >>> _usual(np.array([1, 2, 3])).tolist()
    [0.0, 1.0, 1.6666666666666667]
    """
    k = np.maximum(count, 1)
    harmonic = np.cumsum(np.append(0.0, 1 / np.arange(1, GROVE)))  # of 0, 1, ...
    return 2 * harmonic[k - 1] - 2 * (k - 1) / k
