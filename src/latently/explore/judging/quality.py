"""How well a model restores what it has not seen, against PCA with as short a code and against always guessing."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data import Source, open
from ...data.images import ImageSource
from ...parts import Quantized, Rounded
from ...spec import Spec
from .principal import NUMBERS, Principal

_ENOUGH = 20
TOGETHER = 64  # columns that are judged at a time

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
class AgainstPCA:
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
    train, held, unseen = parted(source, validation, seed)
    return (source[train], source[held], True) if unseen else (source, source, False)


def parted(source: Source, validation: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    """The rows of `halves`."""
    train, held = source.split(validation, seed)
    if len(held) < _ENOUGH:
        return np.arange(len(source)), np.arange(len(source)), False
    return train.numpy(), held.numpy(), True


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
    told = spec.levels or (0,) * len(names)
    scores = _together(before, after, np.array(told) == 0)
    for j, (name, levels) in enumerate(zip(names, told, strict=True)):
        if j in scores:
            found.append(Column(name, True, scores[j], 0.0))
            continue
        known = np.isfinite(before[:, j])
        x, y = before[known, j].astype(np.float64), after[known, j].astype(np.float64)
        if len(x) == 0 or np.ptp(x) == 0:
            continue
        if levels:
            guess = int(np.bincount(x.astype(int)).max()) / len(x)
            found.append(Column(name, False, float((x == y).mean()), guess))
        else:
            found.append(Column(name, True, float(_r2(x[None], y[None])[0]), 0.0))
    return found


def _together(before: Floats, after: Floats, numeric: NDArray[np.bool_]) -> dict[int, float]:
    """R² of the columns of numbers that change and of which no cell is missing, by their place."""
    plain = np.flatnonzero(numeric & np.isfinite(before).all(0) & (before != before[:1]).any(0))
    parts = np.array_split(plain, -(-len(plain) // TOGETHER) or 1)
    both = ((part, *(np.ascontiguousarray(side[:, part].T, np.float64) for side in (before, after))) for part in parts)
    return {int(j): float(score) for part, x, y in both for j, score in zip(part, _r2(x, y), strict=True)}


def _r2(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row (G, n)."""
    return 1 - ((x - y) ** 2).mean(1) / x.var(1)


def share(before: Floats, after: Floats, spec: Spec) -> float:
    """The share of the variation that comes back: over all pixels, or the mean over a table's columns."""
    if spec.kind == "image":
        spread = float(((before - before.mean(0)) ** 2).sum())
        return 1 - float(((before - after) ** 2).sum()) / spread if spread else float("nan")
    shares = [c.restored for c in columns(before, after, spec, [""] * before.shape[-1])]
    return float(np.mean(shares)) if shares else float("nan")


def against_pca(model: Any, seen: Source, held: Source, *, unseen: bool, seed: int = 0) -> AgainstPCA:
    """Sets `model` against PCA, fitted to `seen`: both restore `held`, or a random part where there is much of it."""
    spec: Spec = model.codec_.spec
    drawn = np.random.default_rng(seed)
    size = spec.width
    held = held[_some(drawn, len(held), min(2_000, max(10, NUMBERS // size // 4)))]
    seen = seen[_some(drawn, len(seen), min(10_000, max(50, NUMBERS // size)))]
    before, known = packed(model, held), packed(model, seen)
    latent = code_size(model)
    principal = Principal.of(known, spec, latent, seed)
    by_pca = principal.back(principal.codes(before)).reshape(before.shape)
    return AgainstPCA(
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
