"""How close restored texts are to their originals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WINDOW = 2048  # texts that are compared at once


def in_order(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    r"""The share of each text's tokens that come back, in their order: (n,).

    .. math:: \frac{|\mathrm{LCS}(x, y)|}{\max(|x|, |y|)}

    with the longest common subsequence, so that a word that is left out or put in costs one and not all behind it. Of
    two empty texts everything came back.

    Parameters
    ----------
    before, after
        Tokens of the originals, and of what came back.

    References
    ----------
    Its length as a measure of texts: "ROUGE: A Package for Automatic Evaluation of Summaries" (Lin, 2004).

    Examples
    --------
    >>> in_order([[4, 5, 6, 7]], [[5, 6, 7]]).tolist()
    [0.75]
    """
    parts = range(0, len(before), _WINDOW)
    found = [_in_order(before[i : i + _WINDOW], after[i : i + _WINDOW]) for i in parts]
    return np.concatenate(found) if found else np.empty(0)


def _in_order(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    x, y = _padded(before, -1), _padded(after, -2)
    row = np.zeros((len(x), y.shape[1] + 1), np.int32)  # of all texts together: the common ones of two beginnings
    for i in range(x.shape[1]):
        same, last = x[:, i, None] == y, row
        row = np.zeros_like(last)
        for j in range(y.shape[1]):
            kept = np.maximum(last[:, j + 1], row[:, j])
            row[:, j + 1] = np.where(same[:, j], last[:, j] + 1, kept)
    longest = np.array([max(len(a), len(b), 1) for a, b in zip(before, after, strict=True)])
    empty = np.array([not len(a) and not len(b) for a, b in zip(before, after, strict=True)])
    return np.where(empty, 1.0, row[:, -1] / longest)


def _padded(rows: Sequence[Sequence[int]], pad: int) -> NDArray[Any]:
    found = np.full((len(rows), max(map(len, rows), default=0)), pad)
    for row, tokens in zip(found, rows, strict=True):
        row[: len(tokens)] = tokens
    return found
