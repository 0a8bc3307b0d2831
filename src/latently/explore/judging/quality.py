"""How well a model restores what it has not seen, against PCA with as short a code and against always guessing."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA  # pyright: ignore[reportMissingTypeStubs]

from ...data import Source, open
from ...data.images import ImageSource
from ...nets.spread import Spread
from ...parts import Quantized, Rounded
from ...spec import Spec

_NUMBERS = 40_000_000  # at most so many are handed to PCA at once: 160 MB as float32
_ENOUGH = 20

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Column:
    """One column restored: R² of a number, accuracy of a category, and what always guessing the same would give."""

    name: str
    numeric: bool
    score: float
    guess: float

    @property
    def restored(self) -> float:
        """The share of the guess's error that is gone: 1 for a perfect restoration, 0 for no better than guessing."""
        return (self.score - self.guess) / (1 - self.guess)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Shares of the variation that come back, 1 for all of it.

    Parameters
    ----------
    rows, unseen
        How many items were compared, and whether the model had been trained without them.
    latent, size
        Numbers in a code (entries, where they are a codebook's), and in an item as the comparison sees it.
    model, pca
        The shares; PCA has a code of the same size, fitted to `pca_rows` items of the training rows.
    """

    rows: int
    unseen: bool
    latent: int
    size: int
    model: float
    pca: float
    pca_rows: int


def pick(n: int, most: int, seed: int) -> NDArray[np.intp]:
    """At most `most` of `n` row numbers, drawn at random, in their order."""
    return np.sort(np.random.default_rng(seed).permutation(n)[:most])


def halves(source: Source, validation: float, seed: int) -> tuple[Source, Source, bool]:
    """The items that a fit with these settings trains on and holds out, and whether the second were kept unseen.

    Where fewer than 20 are held out they say little, so both are then all items.
    """
    train, held = source.split(validation, seed)
    if len(held) < _ENOUGH:
        return source, source, False
    return source[train.numpy()], source[held.numpy()], True


def one_size(source: Source) -> Source:
    """`source` with its pictures as if they had come at the size they were brought to: restored, they have it too."""
    if not isinstance(source, ImageSource):
        return source
    same = copy(source)
    same.sizes = None
    return same


def packed(model: Any, source: Source) -> Floats:
    """`source` as the network sees it: (n, *shape), pictures in [0, 1], tables standardised with NaN for missing."""
    x = model.codec_.pack(source).numpy()
    return x.astype(np.float32) / 255 if x.dtype == np.uint8 else x.astype(np.float32)


def restored(model: Any, source: Source) -> Floats:
    """What comes back of `source`, in the same form as `packed`."""
    model, source = bare(model), unscaled(model, source)
    return packed(model, open(model.reconstruct(source), kind=source.kind))


def bare(model: Any) -> Any:
    """`model` for pictures as the network sees them: twice resized, or rounded, what it makes would be blurred."""
    if model.codec_.spec.kind != "image":
        return model
    model = copy(model)
    size = model.codec_.spec.shape[1:]
    model.codec_ = replace(model.codec_, dtype="float32", flat=False, low=0.0, high=1.0, size=size)
    return model


def unscaled(model: Any, source: Source) -> Source:
    """`source` for the bare model."""
    if source.kind != "image":
        return source
    seen = open(packed(model, source).transpose(0, 2, 3, 1), kind="image")
    seen.labels, seen.names = source.labels, source.names
    return seen


def rows(x: Floats, spec: Spec) -> Floats:
    """Items as rows of columns (n, F): of a series every step of every window is one."""
    return x.reshape(-1, x.shape[-1]) if spec.kind == "series" else x


def columns(before: Floats, after: Floats, spec: Spec, names: list[str]) -> list[Column]:
    """Every column's restoration on the cells that are known; columns that never change are left out."""
    found: list[Column] = []
    before, after = rows(before, spec), rows(after, spec)
    for j, (name, levels) in enumerate(zip(names, spec.levels or (0,) * len(names), strict=True)):
        known = np.isfinite(before[:, j])
        x, y = before[known, j].astype(np.float64), after[known, j].astype(np.float64)
        if len(x) == 0 or np.ptp(x) == 0:
            continue
        if levels:
            guess = int(np.bincount(x.astype(int)).max()) / len(x)
            found.append(Column(name, False, float((x == y).mean()), guess))
        else:
            found.append(Column(name, True, float(1 - ((x - y) ** 2).mean() / x.var()), 0.0))
    return found


def share(before: Floats, after: Floats, spec: Spec) -> float:
    """The share of the variation that comes back: over all pixels, or the mean over a table's columns."""
    if spec.kind == "image":
        spread = float(((before - before.mean(0)) ** 2).sum())
        return 1 - float(((before - after) ** 2).sum()) / spread if spread else float("nan")
    shares = [c.restored for c in columns(before, after, spec, [""] * before.shape[-1])]
    return float(np.mean(shares)) if shares else float("nan")


def compare(model: Any, seen: Source, held: Source, *, unseen: bool, seed: int = 0) -> Comparison:
    """Sets `model` against PCA, fitted to `seen`: both restore `held`, or a random part where there is much of it."""
    spec: Spec = model.codec_.spec
    drawn = np.random.default_rng(seed)
    size = spec.width
    held = held[_some(drawn, len(held), min(2_000, max(10, _NUMBERS // size // 4)))]
    seen = seen[_some(drawn, len(seen), min(10_000, max(50, _NUMBERS // size)))]
    before, known = packed(model, held), packed(model, seen)
    latent = code_size(model)
    by_pca = _pca(known, before, spec, latent, seed)
    return Comparison(
        len(held),
        unseen,
        latent,
        size,
        share(before, restored(model, held), spec),
        share(before, by_pca, spec),
        len(seen),
    )


def code_size(model: Any) -> int:
    """Numbers that say what a code is: an entry of a codebook is one, whatever numbers it stands for."""
    bottleneck = model.module_.bottleneck
    discrete = isinstance(bottleneck, Quantized | Rounded)
    return model.latent_ // bottleneck.features if discrete else model.latent_


def _some(drawn: np.random.Generator, n: int, most: int) -> NDArray[np.intp]:
    return np.sort(drawn.permutation(n)[:most])


def _pca(seen: Floats, held: Floats, spec: Spec, latent: int, seed: int) -> Floats:
    """`held` through as many numbers as the model has, by PCA fitted to `seen`; categories as one column a level."""
    spread = Wide(spec)
    wide, narrow = spread(seen), spread(held)
    known = np.isfinite(wide)
    mean = np.where(known, wide, 0).sum(0) / np.maximum(known.sum(0), 1)
    wide, narrow = (np.where(np.isfinite(x), x, mean).astype(np.float32) for x in (wide, narrow))
    if not np.ptp(wide, axis=0).any():
        return held.copy()
    pca: Any = PCA(min(latent, *wide.shape), random_state=seed)
    pca.fit(wide)
    return spread.back(pca.inverse_transform(pca.transform(narrow)).astype(np.float32)).reshape(held.shape)


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
        blocks = [wide[:, self.column == j] for j in range(len(self.levels))]
        return np.stack([b.argmax(1) if k else b[:, 0] for b, k in zip(blocks, self.levels, strict=True)], 1).astype(
            np.float32
        )
