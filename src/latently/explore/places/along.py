"""A way among the data: from neighbour to neighbour, where the codes of real items lie."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEIGHBOURS = 10
MOST = 10_000  # codes that a way leads through: the graph of so many takes a second or two


def along(a: Floats, b: Floats, codes: NDArray[Any], n: int, k: int = NEIGHBOURS) -> Floats:
    r"""Codes (n, D) from `a` to `b`, at equal distances on the shortest way through a graph of neighbours.

    Each of `codes` (m, D), `a` and `b` is linked to its k nearest, k doubled until a way leads from one to the other.
    A link costs the square of its length,

    .. math:: \min_{a = z_0, z_1, \dots, z_s = b} \sum_i \lVert z_{i+1} - z_i \rVert^2

    so that many short steps among items are cheaper than one long step over a gap.

    References
    ----------
    "A Global Geometric Framework for Nonlinear Dimensionality Reduction" (Tenenbaum et al., 2000), the graph;
    "Weighted Geodesic Distance Following Fermat's Principle" (Sapienza et al., 2018), the powers of lengths.

    Examples
    --------
    >>> angle = np.linspace(0, np.pi, 60)[:, None]
    >>> ring = np.hstack([np.cos(angle), np.sin(angle)])
    >>> way = along(ring[0], ring[-1], ring, 5)
    >>> bool(np.allclose(np.linalg.norm(way, axis=1), 1, atol=0.01))
    True
    """
    points = np.vstack([a, b, codes]).astype(np.float64)
    hops = points[_linked(points, k)]
    far = np.concatenate([[0.0], np.linalg.norm(np.diff(hops, axis=0), axis=1).cumsum()])
    t: Floats = np.linspace(0, float(far[-1]), n)
    axes: list[Floats] = [np.interp(t, far, axis) for axis in hops.T]
    way = np.stack(axes, 1)
    way[0], way[-1] = a, b
    return way


def _linked(points: Floats, k: int) -> list[int]:
    """The rows on the cheapest way from the first to the second."""
    from scipy.sparse import csgraph
    from sklearn import neighbors

    k = min(k, len(points) - 1)
    while True:
        near: Any = cast(Any, neighbors).NearestNeighbors(n_neighbors=k).fit(points)
        graph: Any = near.kneighbors_graph(mode="distance")
        graph.data = graph.data**2 + 1e-12 * (graph.data.max() ** 2 or 1.0)  # copies are linked, too
        far, before = cast(Any, csgraph).dijkstra(graph, directed=False, indices=0, return_predecessors=True)
        if np.isfinite(far[1]):
            break
        k = min(2 * k, len(points) - 1)
    rows = [1]
    while rows[-1] != 0:
        rows.append(int(before[rows[-1]]))
    return rows[::-1]
