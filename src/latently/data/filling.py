"""Tables whose missing cells are filled in, and no other cell touched."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from .manner import digits
from .table_codec import TableCodec
from .tables import TableSource


def filled(codec: TableCodec, source: TableSource, restored: Any) -> Any:
    """The table of `source` with cells of `restored`, what a model made of it, where its own are missing.

    Parameters
    ----------
    codec
        Tells which columns the model sees, and which cells are missing.
    source
        The rows as they were given.
    restored
        The same rows, each cell told by the model: a frame with the codec's columns, or an array.

    Returns
    -------
    An array or a frame like the one given, with its columns in their order; columns that the model does not see as they
    are. Numbers are filled in with as many digits behind the point as their column's others have.
    """
    gaps = np.isnan(codec.pack(source).numpy())  # (n, F)
    if isinstance(source.table, np.ndarray):
        whole = np.array(source.table, np.asarray(restored).dtype)
        used = [j for j, c in enumerate(codec.columns) if c.kind != "ignored"]
        for gap, j in zip(gaps.T, used, strict=True):
            whole[gap, j] = _rounded(np.asarray(restored)[gap, j], whole[~gap, j])
        return whole
    given, told = nw.from_native(source.native, eager_only=True), nw.from_native(restored, eager_only=True)
    names = dict(zip(codec.places(source), gaps.T, strict=True))
    for place, gap in names.items():
        name = str(source.columns[place])
        mine = given.get_column(name)
        known = nw.new_series("known", ~gap, nw.Boolean, backend=mine.implementation)
        known = nw.from_native(_aligned(known.to_native(), mine.to_native()), series_only=True)
        guess = told.get_column(name)
        if guess.dtype.is_float():
            there = mine.filter((~gap).tolist()).to_numpy()
            guess = nw.new_series(name, _rounded(guess.to_numpy(), there), guess.dtype, backend=guess.implementation)
        other = nw.from_native(_aligned(guess.to_native(), mine.to_native()), series_only=True)
        given = given.with_columns(mine.zip_with(known, other).alias(name))
    return given.to_native()


def _aligned(series: Any, like: Any) -> Any:
    """With the index of another, where there is such a thing."""
    return series.set_axis(like.index) if hasattr(like, "index") and hasattr(series, "set_axis") else series


def _rounded(guess: NDArray[Any], there: NDArray[Any]) -> NDArray[Any]:
    """With as many digits behind the point as those that are there; as it is where these were not rounded.

    >>> _rounded(np.array([2.3456]), np.array([1.5, 3.25])), _rounded(np.array([2.3456]), np.array([1 / 3]))
    (array([2.35]), array([2.3456]))
    >>> _rounded(np.array([2.3456]), np.array([]))
    array([2.3456])
    """
    places = digits(there)
    return guess if places is None else np.round(guess, places)
