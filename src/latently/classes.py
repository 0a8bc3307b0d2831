"""The labels that a conditional model tells apart: what they are called, and how common each is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .errors import InputError

FEW, MOST = 20, 1000  # so many labels are always classes, and more never


@dataclass(frozen=True, slots=True)
class Classes:
    """Names and counts of labels.

    Parameters
    ----------
    names
        (C,) the labels, in order, each as it was given.
    counts
        (C,) how many items had it.

    Examples
    --------
    >>> classes = Classes.of(np.array(["cat", "dog", "cat"]))
    >>> classes.index("dog", 2), classes.counts
    (array([1, 1]), array([2, 1]))
    """

    names: NDArray[Any]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, labels: Any) -> Self:
        """The classes among `labels` (n,).

        Raises
        ------
        InputError
            Some are missing, all are one, or they are measurements rather than classes.
        """
        labels = np.asarray(labels)
        if labels.ndim != 1:
            raise InputError(f"labels of shape {labels.shape} were given; they are one a sample, of shape (n,).")
        gaps = sum(label is None or label != label or label == "" for label in labels.tolist())
        if gaps:
            raise InputError(f"{gaps} of {len(labels)} items have no label; leave those items out, or label them.")
        names, counts = np.unique(labels.astype(str) if labels.dtype == object else labels, return_counts=True)
        if len(names) < 2:
            raise InputError(
                f"all {len(labels)} labels are {names.tolist()[0]!r}; to learn what labels mean takes at least two."
            )
        if len(names) > min(MOST, max(FEW, len(labels) // 2)):
            raise InputError(
                f"{len(names)} different labels on {len(labels)} items are no classes; group them into fewer."
            )
        return cls(names, counts.astype(np.int64))

    def index(self, labels: Any, n: int) -> NDArray[np.int64]:
        """The place (n,) of each label among `names`; one label stands for all n items."""
        given = np.asarray(labels)
        if given.ndim == 0:
            given = np.full(n, given[()])
        if given.shape != (n,):
            raise InputError(f"{n} items and labels of shape {given.shape} were given; give one label, or one an item.")
        places = {said(name): i for i, name in enumerate(self.names.tolist())}
        unknown = sorted({said(label) for label in given.tolist()} - places.keys())
        if unknown:
            raise InputError(
                f"label {unknown[0]!r} was not seen in training; it is one of {meant(unknown[0], places)}."
            )
        return np.array([places[said(label)] for label in given.tolist()], np.int64)

    def draw(self, n: int, seed: int | None) -> NDArray[np.int64]:
        """Places (n,) of labels, as common as they were in the data."""
        return np.random.default_rng(seed).choice(len(self.names), n, p=self.counts / self.counts.sum())

    def to_json(self) -> dict[str, Any]:
        return {"names": self.names.tolist(), "counts": self.counts.tolist()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        return cls(np.array(plain["names"]), np.array(plain["counts"], np.int64))


def meant(label: str, known: Iterable[str]) -> str:
    """The labels that there are, twelve at most, and the one that was perhaps meant.

    >>> meant("cta", ["cat", "dog"])
    'cat, dog'
    """
    names = [*known]
    near = get_close_matches(label, names, 1) if len(names) > 12 else []  # fewer are all listed
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") + (f", perhaps {near[0]}" if near else "")


def said(label: Any) -> str:
    """A label as a person says it, so that 1, 1.0 and "1" are one.

    >>> said(1.0), said("cat")
    ('1', 'cat')
    """
    return f"{label:g}" if isinstance(label, float) else str(label)
