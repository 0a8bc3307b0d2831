"""Items that are nearly the same, as groups: linked where the codes are within a distance, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

_LEFT, _RIGHT = 512, 8192  # codes that are compared at a time, each with each: 32 MB of distances
_PAIRS = 2**16  # pairs that are measured at a time
_EDGES = 2**20  # links that are kept before they are drawn together

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


def linked(codes: NDArray[Any], distance: float) -> list[Rows]:
    """The rows of each group of at least two codes (n, D) linked by steps of at most `distance`, largest group first.

    Two codes within a distance are within it in each of their numbers. So codes are sorted by the number that varies
    most and compared with those that follow within the distance; nothing else can be a link.

    >>> linked(np.array([[0.0], [5.0], [0.5], [9.0], [1.0], [9.0]]), 0.5)
    [array([0, 2, 4]), array([3, 5])]
    """
    some = codes[:: max(1, len(codes) // 100_000)]
    axis = int(np.argmax(some.std(0, dtype=np.float64)))
    values = codes[:, axis].astype(np.float64)
    order = np.argsort(values, kind="stable")
    roots, waiting, count = np.arange(len(codes)), list[tuple[Rows, Rows]](), 0
    for pair in _links(codes, order, values[order], distance):
        waiting.append(pair)
        count += len(pair[0])
        if count > _EDGES:
            roots, waiting, count = _joined(roots, waiting), [], 0
    roots = _joined(roots, waiting)
    sorted_ = np.argsort(roots, kind="stable")
    groups = np.split(sorted_, np.flatnonzero(np.diff(roots[sorted_])) + 1)
    return sorted((group for group in groups if len(group) > 1), key=lambda group: (-len(group), group[0]))


def _links(codes: NDArray[Any], order: Rows, values: Floats, distance: float) -> Iterator[tuple[Rows, Rows]]:
    """Pairs of rows that are within the distance, some at a time."""
    for start in range(0, len(order), _LEFT):
        rows = order[start : start + _LEFT]
        reach: Any = np.nextafter(values[start + len(rows) - 1] + distance, np.inf)
        end = int(cast(Any, np.searchsorted(values, reach, "right")))
        left = codes[rows].astype(np.float64)
        squares = np.einsum("ij,ij->i", left, left)[:, None]
        for behind in range(start, end, _RIGHT):
            others = order[behind : min(behind + _RIGHT, end)]
            right = codes[others].astype(np.float64)
            lengths = squares + np.einsum("ij,ij->i", right, right)
            slack = 4 * (left.shape[1] + 8) * np.finfo(np.float64).eps * lengths  # of the products' rounding
            first, second = np.nonzero(lengths - 2 * left @ right.T <= distance**2 + slack)
            later = second + behind > first + start  # each pair once
            first, second = first[later], second[later]
            for part in range(0, len(first), _PAIRS):
                a, b = first[part : part + _PAIRS], second[part : part + _PAIRS]
                gaps = left[a] - right[b]
                near = np.sqrt(np.einsum("ij,ij->i", gaps, gaps)) <= distance
                yield rows[a[near]], others[b[near]]


def _joined(roots: Rows, pairs: list[tuple[Rows, Rows]]) -> Rows:
    """Each row's group once the pairs are linked, too."""
    if not pairs:
        return roots
    from scipy import sparse
    from scipy.sparse import csgraph

    first, second = (roots[np.concatenate(side)] for side in zip(*pairs, strict=True))
    size = len(roots)
    graph: Any = cast(Any, sparse).coo_matrix((np.ones(len(first), bool), (first, second)), shape=(size, size))
    _, groups = cast(Any, csgraph).connected_components(graph, directed=False)
    return groups.astype(np.int64)[roots]
