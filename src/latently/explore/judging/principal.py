"""PCA of items as the network sees them: what a model with as short a code has to beat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA  # pyright: ignore[reportMissingTypeStubs]

from ...nets.spread import Spread
from ...spec import Spec

NUMBERS = 40_000_000  # at most so many are handed to PCA at once: 160 MB as float32

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Principal:
    """PCA of packed items; categories are one column a level, and a missing cell is the mean.

    Parameters
    ----------
    wide
        How items become rows of numbers.
    mean
        (F,) of the known cells.
    pca
        scikit-learn's; None where the items do not differ.
    """

    wide: Wide
    mean: Floats
    pca: Any

    @classmethod
    def of(cls, seen: Floats, spec: Spec, latent: int, seed: int) -> Principal:
        """Fitted to packed items (n, *S), with `latent` numbers in a code, or as many as there can be."""
        wide = Wide(spec)
        rows = wide(seen)
        known = np.isfinite(rows)
        mean = (np.where(known, rows, 0).sum(0) / np.maximum(known.sum(0), 1)).astype(np.float32)
        rows = np.where(known, rows, mean).astype(np.float32)
        pca: Any = None
        if np.ptp(rows, axis=0).any():
            pca = PCA(min(latent, *rows.shape), random_state=seed)
            pca.fit(rows)
        return cls(wide, mean, pca)

    def codes(self, x: Floats) -> Floats:
        """Packed items (n, *S) as codes (n, D)."""
        if self.pca is None:
            return np.zeros((len(x), 1), np.float32)
        rows = self.wide(x)
        return self.pca.transform(np.where(np.isfinite(rows), rows, self.mean).astype(np.float32))

    def back(self, codes: NDArray[Any]) -> Floats:
        """Codes (n, D) as packed items, flat: (n, size)."""
        rows = np.tile(self.mean, (len(codes), 1)) if self.pca is None else self.pca.inverse_transform(codes)
        return self.wide.back(rows.astype(np.float32))

    @property
    def parameters(self) -> int:
        """How many numbers it is."""
        return len(self.mean) * (1 + (0 if self.pca is None else len(self.pca.components_)))


class Wide:
    """Items as rows of numbers, as the encoder reads them but for the flags, which PCA need not spend its code on."""

    def __init__(self, spec: Spec) -> None:
        self.levels = np.array(spec.levels, int)
        self.spread = Spread(replace(spec, missing=(False,) * len(spec.levels))) if spec.kind == "table" else None
        self.column = np.concatenate(
            [np.flatnonzero(self.levels == 0), np.repeat(np.arange(len(self.levels)), self.levels)]
        )

    def __call__(self, x: Floats) -> Floats:
        if self.spread is None:
            return x.reshape(len(x), -1)
        wide: Floats = self.spread(torch.from_numpy(x)).numpy()
        return np.where(np.isfinite(x)[:, self.column], wide, np.float32(np.nan))

    def back(self, wide: Floats) -> Floats:
        """The rows again: of a category the level that stands out."""
        if self.spread is None:
            return wide
        rows = np.empty((len(wide), len(self.levels)), np.float32)
        numbers = np.flatnonzero(self.levels == 0)
        rows[:, numbers] = wide[:, : len(numbers)]
        for j in np.flatnonzero(self.levels):
            first, last = np.searchsorted(self.column[len(numbers) :], [j, j + 1]) + len(numbers)
            rows[:, j] = wide[:, first:last].argmax(1)
        return rows
