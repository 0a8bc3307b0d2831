"""How far away the nearest known rows are, and how an item is restored beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .judging import Rows, Scores, nothing

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
    equal
        The distance that is as good as none.
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
    equal: float
    own: Scores

    @classmethod
    def fit(cls, rows: Rows, k: int, trusted: NDArray[np.bool_] | None = None) -> Self:
        known = rows if trusted is None else rows[trusted]
        away, who = _nearest(cls._place(known), k, cls._place(rows), 0.0)
        return cls(known, k, nothing(away.mean(1)), cls._said(known, rows, away, who))

    def score(self, rows: Rows) -> Scores:
        """(n,) of any rows; a known one that is as good as equal is the row itself, and no neighbour of it."""
        away, who = _nearest(self._place(self.known), self.k, self._place(rows), self.equal)
        return self._said(self.known, rows, away, who)

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {"known": self.known, "k": np.array(self.k), "equal": np.array(self.equal)}

    @classmethod
    def restore(cls, tensors: Mapping[str, NDArray[Any]]) -> Self:
        return cls(tensors["known"], int(tensors["k"]), float(tensors["equal"]), np.empty(0))

    @staticmethod
    def _place(rows: Rows) -> Rows:
        """By what neighbours are found."""
        return rows

    @staticmethod
    def _said(known: Rows, rows: Rows, away: NDArray[np.float64], who: NDArray[np.intp]) -> Scores:
        """Scores of rows (n, F) whose neighbours, at these places (n, k) of the known, are so far away (n, k)."""
        return away.mean(1)


class Beside(Near):
    r"""How large an item's error is beside the errors of those with the nearest codes.

    .. math:: s(x) = e(x) \Bigm/ \Bigl(\prod_{i=1}^{k} e(x_{(i)})\Bigr)^{1 / k}

    A row is a code and, last, the logarithm of the error that the model makes in restoring the item. Some items are
    harder to restore than others, however normal they are; those that a code's neighbours are say how hard it is there.

    Examples
    --------
    >>> rows = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [50.0, 4.0], [51.0, 4.0]])
    >>> near = Beside.fit(rows, k=1)
    >>> near.own.tolist(), np.log(near.score(np.array([[1.5, 4.0], [50.5, 4.0]]))).tolist()
    ([1.0, 1.0, 1.0, 1.0, 1.0], [3.0, 0.0])
    """

    @staticmethod
    def _place(rows: Rows) -> Rows:
        return rows[:, :-1]

    @staticmethod
    def _said(known: Rows, rows: Rows, away: NDArray[np.float64], who: NDArray[np.intp]) -> Scores:
        return np.exp(rows[:, -1] - known[who, -1].mean(1))


def _nearest(known: Rows, k: int, rows: Rows, equal: float) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The distances of each row to its k nearest, itself aside, and their places among the known: (n, k) each.

    Products find who is near, and differences say how near: of products alone little is left where rows lie together
    and far from the middle.
    """
    middle = known.mean(0)
    there, asked = torch.from_numpy(known - middle), torch.from_numpy(rows - middle)
    length, found = there.square().sum(1), list[tuple[Tensor, Tensor]]()
    k = max(1, min(k, len(there) - 1))
    step = max(1, AT_ONCE // len(there))
    for start in range(0, len(asked), step):
        x = asked[start : start + step]
        nearest = torch.addmm(length, x, there.T, alpha=-2).topk(min(k + 1, len(there)), largest=False).indices
        away, order = (x[:, None] - there[nearest]).square().sum(2).sqrt().sort(1)
        first = (away[:, :1] <= equal).long() * (away.shape[1] - k)  # past itself
        kept = first + torch.arange(k)
        found.append((away.gather(1, kept), nearest.gather(1, order.gather(1, kept))))
    distances, places = (torch.cat(parts).numpy() for parts in zip(*found, strict=True))
    return distances, places
