"""Items and samples as rows of features, in which sets of them can be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA  # pyright: ignore[reportMissingTypeStubs]

from ...data import Source, open
from ...errors import InputError
from .principal import Wide
from .quality import bare, packed

FEATURES = 64  # principal components at most

Array = NDArray[Any]
FeatureMap = Callable[[Any], Array]


@dataclass(frozen=True, slots=True)
class Features:
    """Items and as many samples in one space, and what that space is."""

    real: Array  # (n, F)
    drawn: Array  # (n, F)
    space: str


def feature_space(model: Any, source: Source, features: FeatureMap | None, before: Array, seed: int) -> Features:
    """The items of `source` and as many samples, as rows of features.

    Parameters
    ----------
    model, source
        A fitted model, and items of its kind.
    features
        Maps items in their own types to (n, F); None for the leading principal components of the items as the network
        sees them: pictures as grey or colour values from 0 to 1, rows standardised, with a column for each level of a
        category and the mean where a cell is missing.
    before
        `source` packed: (n, *S).
    seed
        Of the samples.
    """
    if features is not None:
        name = getattr(features, "__name__", type(features).__name__)
        real, drawn = (_mapped(features, items, name) for items in (source.data, model.sample(len(source), seed=seed)))
        if real.shape[1] != drawn.shape[1]:
            raise InputError(
                f"features gave {real.shape[1]} numbers for an item and {drawn.shape[1]} for a sample; "
                "they must be in one space."
            )
        return Features(real, drawn, f"{real.shape[1]} numbers of {name}")
    wide = flat(model, before)
    samples = open(bare(model).sample(len(source), seed=seed), kind=source.kind)
    drawn = flat(model, packed(bare(model), samples), wide.mean(0))
    count = max(1, min(FEATURES, wide.shape[1], len(wide) - 1))
    pca: Any = PCA(count, random_state=seed)
    if not np.ptp(wide, axis=0).any():
        return Features(wide, drawn, "the items as the network sees them, which do not differ")
    real = pca.fit_transform(wide)
    components = f"{count} principal component{'s' * (count != 1)}"
    return Features(
        real, pca.transform(drawn), f"{components} of the items as the network sees them, fitted to these {len(wide)}"
    )


def undrawable(model: Any) -> str | None:
    """Why no samples can be drawn, where none can: a network with skips reads more than a code."""
    try:
        model.sample(1, seed=0)
    except InputError as reason:
        return str(reason)
    return None


def flat(model: Any, x: Array, fill: Array | None = None) -> NDArray[np.float64]:
    """Packed items as rows of numbers (n, F) without gaps: categories as one column a level, the mean where missing."""
    wide = Wide(model.codec_.spec)(x).astype(np.float64)
    known = np.isfinite(wide)
    mean = np.where(known, wide, 0).sum(0) / np.maximum(known.sum(0), 1) if fill is None else fill
    return np.where(known, wide, mean)


def _mapped(features: FeatureMap, items: Any, name: str) -> Array:
    rows = np.asarray(features(items), np.float64)
    if rows.ndim != 2 or len(rows) != len(items) or not np.isfinite(rows).all():
        raise InputError(
            f"features: {name} gave an array of shape {rows.shape} for {len(items)} items; it must give finite "
            "numbers, one row an item: (n, F)."
        )
    return rows
