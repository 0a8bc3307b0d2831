"""Tables whose missing cells are filled in, and no other cell touched."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np

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
    are.
    """
    gaps = np.isnan(codec.pack(source).numpy())  # (n, F)
    if isinstance(source.table, np.ndarray):
        whole = np.array(source.table, np.asarray(restored).dtype)
        used = [j for j, c in enumerate(codec.columns) if c.kind != "ignored"]
        for gap, j in zip(gaps.T, used, strict=True):
            whole[gap, j] = np.asarray(restored)[gap, j]
        return whole
    given, told = nw.from_native(source.native, eager_only=True), nw.from_native(restored, eager_only=True)
    names = dict(zip(codec.places(source), gaps.T, strict=True))
    for place, gap in names.items():
        name = str(source.columns[place])
        mine = given.get_column(name)
        known = nw.new_series("known", ~gap, nw.Boolean, backend=mine.implementation)
        known = nw.from_native(_aligned(known.to_native(), mine.to_native()), series_only=True)
        other = nw.from_native(_aligned(told.get_column(name).to_native(), mine.to_native()), series_only=True)
        given = given.with_columns(mine.zip_with(known, other).alias(name))
    return given.to_native()


def _aligned(series: Any, like: Any) -> Any:
    """With the index of another, where there is such a thing."""
    return series.set_axis(like.index) if hasattr(like, "index") and hasattr(series, "set_axis") else series
