"""What is known of each item, by which a map can be coloured: label, score, groups of codes, cells of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

import latently

from .opened import Opened

NONE = 255  # of an item without a class, or of one that is too rare to have a number of its own
COLUMN = "column:"  # before the name of a table's column
LINKED = 20_000  # items that HDBSCAN links; of more, the others are taken to where their nearest one is
SEED = 0

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """One value an item.

    Parameters
    ----------
    kind
        "class", "number", or "date", which is seconds since 1970.
    values
        (n,): the class's place among `classes`, 255 for none, as uint8; or float32 with NaN where there is none.
    classes
        The commonest first.
    counts
        How many items each class has.
    """

    kind: str
    values: Array
    classes: list[str] = field(default_factory=list[str])
    counts: list[int] = field(default_factory=list[int])


def choices(run: Opened) -> list[str]:
    """All that `known` can be asked for, labels only where there are some."""
    labelled = any(label is not None for label in run.labels)
    return [*["label"] * labelled, "score", "kmeans", "hdbscan", "own", *(COLUMN + name for name in _columns(run))]


def known(run: Opened, by: str, k: int = 8) -> Known:
    """What is asked for of all items; what the person says of them changes, all else is computed once.

    Raises
    ------
    InputError
        Nothing is called so.
    """
    if by == "own":
        return classes(run.own.each())
    return run.once(f"known {by} {k if by == 'kmeans' else ''}", lambda: _found(run, by, k))


def _found(run: Opened, by: str, k: int) -> Known:
    if by.startswith(COLUMN):
        return _cells(run, by.removeprefix(COLUMN))
    match by:
        case "label":
            return classes(run.labels)
        case "score":
            return Known("number", run.scores.astype(np.float32))
        case "kmeans":
            return _groups(_kmeans(run.codes, k))
        case "hdbscan":
            return _groups(_linked(run.codes))
        case _:
            raise latently.InputError(f"by={by[:80]!r} is not known; it is one of {', '.join(choices(run)[:20])}.")


def classes(labels: Sequence[str | None]) -> Known:
    """Labels, None where one is missing, as numbers.

    >>> found = classes(["cat", None, "dog", "cat"])
    >>> found.values.tolist(), found.classes, found.counts
    ([0, 255, 1, 0], ['cat', 'dog'], [2, 1])
    """
    common = sorted(Counter(label for label in labels if label is not None).items(), key=lambda one: (-one[1], one[0]))
    letters = {label: i for i, (label, _) in enumerate(common[:NONE])}
    values = np.fromiter((NONE if one is None else letters.get(one, NONE) for one in labels), np.uint8, len(labels))
    return Known("class", values, [*letters], [count for _, count in common[:NONE]])


def _groups(found: Array) -> Known:
    """Numbers of groups, -1 for none, as classes that are counted from 1, the largest first."""
    values, counts = np.unique(found[found >= 0], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:NONE]
    letters = np.full(int(found.max(initial=0)) + 2, NONE, np.uint8)  # the last stands for -1
    letters[values[order]] = np.arange(len(order))
    return Known("class", letters[found], [str(i + 1) for i in range(len(order))], counts[order].tolist())


def _kmeans(codes: Array, k: int) -> Array:
    from sklearn import cluster

    some = _some(codes, 100_000)
    means: Any = cast(Any, cluster).KMeans(min(k, len(np.unique(some, axis=0))), n_init=3, random_state=SEED)
    return np.asarray(means.fit(some).predict(codes))


def _linked(codes: Array) -> Array:
    """HDBSCAN; a group is at least a hundredth of the items, or five."""
    from sklearn import cluster

    some = _some(codes, LINKED)
    least = max(5, len(some) // 100)
    if len(some) < 2 * least:
        return np.full(len(codes), -1)
    found = np.asarray(cast(Any, cluster).HDBSCAN(least, copy=True).fit_predict(some))
    if len(some) == len(codes):
        return found
    return found[latently.Neighbors(some).near(codes, 1).rows[:, 0]]


def _some(codes: Array, most: int) -> Array:
    if len(codes) <= most:
        return codes
    return codes[np.random.default_rng(SEED).choice(len(codes), most, replace=False)]


def _columns(run: Opened) -> list[str]:
    return [str(name) for name in cast(Any, run.source).columns] if run.kind == "table" else []


def _cells(run: Opened, name: str) -> Known:
    told = latently.cells(run.model, run.source, name)
    if told.kind in ("number", "date"):
        with np.errstate(over="ignore"):  # what no colour can show is infinite
            return Known(told.kind, told.values.astype(np.float32))
    return classes([text or None for text in told.values.tolist()])
