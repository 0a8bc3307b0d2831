"""What a column's kind hangs on, counted in bounded memory: how many values differ, and which are the frequent ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from polars import Series

DIFFERENT = 2**16  # hashes that are kept: counts are exact up to it, and have a standard error of 0.4 % beyond
CANDIDATES = 2**17  # values that are counted at once: 10 MB of texts of 80 letters


def distinct(parts: Iterable[Series]) -> int:
    r"""How many values differ: exact below `DIFFERENT`, else estimated from the smallest of their hashes.

    Where the k-th smallest of all hashes, as a share of the largest possible, is u, there are about

    .. math:: n = (k - 1) / u

    "On Synopses for Distinct-Value Estimation Under Multiset Operations" (Beyer et al., 2007),
    https://doi.org/10.1145/1247480.1247504

    >>> import polars
    >>> distinct([polars.Series(["a", "b"]), polars.Series(["b", "c"])])
    3
    """
    smallest: NDArray[np.uint64] = np.empty(0, np.uint64)
    for part in parts:
        found = np.unique(part.hash(seed=0).to_numpy())[:DIFFERENT]
        smallest = np.union1d(smallest, found)[:DIFFERENT]
    if len(smallest) < DIFFERENT:
        return len(smallest)
    return round((DIFFERENT - 1) / (float(smallest[-1]) / 2**64))


def frequencies(parts: Callable[[], Iterable[Series]], most: int = CANDIDATES) -> dict[Any, int]:
    """How often each value occurs; where more than `most` differ, of those that occur in more than one cell of `most`.

    A first pass keeps at most so many candidates, and takes the count of the first that has no room from all the others
    as often as there are too many; what is left holds all the frequent ones ("Mergeable Summaries", Agarwal et al.,
    2012, https://doi.org/10.1145/2213556.2213562). A second pass counts them.

    >>> import polars
    >>> frequencies(lambda: [polars.Series(["a", "b"]), polars.Series(["b"])])
    {'a': 1, 'b': 2}
    """
    import polars as pl

    table, cut = pl.DataFrame(), False
    for part in parts():
        counted = part.alias("value").value_counts(name="count")
        table = pl.concat([table, counted]).group_by("value").sum() if table.height else counted
        if table.height > most:
            cut = True
            beyond = table["count"].sort(descending=True)[most]
            table = table.filter(pl.col("count") > beyond).with_columns(pl.col("count") - beyond)
    if cut and table.height:
        candidates = table.select("value")
        exact = pl.DataFrame()
        for part in parts():
            counted = part.alias("value").value_counts(name="count").join(candidates, on="value", how="semi")
            exact = pl.concat([exact, counted]).group_by("value").sum() if exact.height else counted
        table = exact
    if not table.height:
        return {}
    return dict(sorted(zip(table["value"].to_list(), table["count"].to_list(), strict=True), key=lambda v: str(v[0])))
