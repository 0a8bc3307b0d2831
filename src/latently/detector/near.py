"""How far away the nearest known rows are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .judging import Rows, Scores

AT_ONCE = 2**22  # distances that are held at a time


@dataclass(frozen=True, slots=True)
class Near:
    r"""The mean distance to the k nearest of the rows that were trusted.

    .. math:: s(x) = \frac{1}{k} \sum_{i=1}^{k} \lVert x - x_{(i)} \rVert

    Among all rows of clean data one neighbour says most; copies of one odd row, though, vouch for each other. Among
    the trusted rows alone they cannot, and ten neighbours are steadier than one. No row is its own neighbour, neither
    in the fit nor when it is asked for again.

    Parameters
    ----------
    known
        (m, F) the trusted rows.
    k
        How many neighbours; all where fewer are known.
    own
        (n,) the scores of all rows of the fit.

    References
    ----------
    "Efficient Algorithms for Mining Outliers from Large Data Sets" (Ramaswamy, Rastogi & Shim, 2000).

    Examples
    --------
    >>> near = Near.fit(np.array([[0.0], [1.0], [3.0], [50.0]]), k=1, trusted=np.array([True, True, True, False]))
    >>> near.own.tolist(), near.score(np.array([[1.25], [3.0]])).tolist()
    ([1.0, 1.0, 2.0, 47.0], [0.25, 2.0])
    """

    known: Rows
    k: int
    own: Scores

    @classmethod
    def fit(cls, rows: Rows, k: int, trusted: NDArray[np.bool_] | None = None) -> Self:
        known = rows if trusted is None else rows[trusted]
        return cls(known, k, _distances(known, k, rows, 0.0))

    def score(self, rows: Rows, equal: float = 0.0) -> Scores:
        """(n,) of any rows; a known one that is no farther than `equal` is the row itself, and no neighbour of it."""
        return _distances(self.known, self.k, rows, equal)

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {"known": self.known, "k": np.array(self.k)}

    @classmethod
    def restore(cls, tensors: Mapping[str, NDArray[Any]]) -> Self:
        return cls(tensors["known"], int(tensors["k"]), np.empty(0))


def _distances(known: Rows, k: int, rows: Rows, equal: float) -> Scores:
    """The mean distance of each row to its k nearest, itself aside: (n,).

    Products find who is near, and differences say how near: of products alone little is left where rows lie together
    and far from the middle.
    """
    middle = known.mean(0)
    there, asked = torch.from_numpy(known - middle), torch.from_numpy(rows - middle)
    length, found = there.square().sum(1), list[Tensor]()
    k = max(1, min(k, len(there) - 1))
    step = max(1, AT_ONCE // len(there))
    for start in range(0, len(asked), step):
        x = asked[start : start + step]
        nearest = torch.addmm(length, x, there.T, alpha=-2).topk(min(k + 1, len(there)), largest=False).indices
        away = (x[:, None] - there[nearest]).square().sum(2).sqrt().sort(1).values
        found.append(torch.where(away[:, :1] <= equal, away[:, -k:], away[:, :k]).mean(1))
    return torch.cat(found).numpy()
