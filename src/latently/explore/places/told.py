"""What is known of the items on a map, each as one value an item: their label, their score, the cells of their row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ...data import TableSource
from ...data.columns import free
from ...errors import InputError
from .. import look, tables

if TYPE_CHECKING:
    from .maps import LatentMap

MOST_CLASSES = len(look.CLASSES) * len(look.MARKS)  # that colours and marks tell apart
SCORE = "higher is more normal"


@dataclass(frozen=True, slots=True)
class Told:
    """One value an item.

    Parameters
    ----------
    name
        What it is called.
    kind
        Classes and texts hold texts, "" where one is missing; numbers and dates (seconds since 1970) hold NaN there.
    values
        (n,).
    about
        What more there is to say of it.
    """

    name: str
    kind: Literal["class", "number", "date", "text"]
    values: NDArray[Any]
    about: str = ""

    @property
    def shown(self) -> list[str]:
        """The classes that get a colour, in the order of the legend: all, or the commonest where they are too many."""
        names = [name for name, _ in Counter[str](self.values.tolist()).most_common() if name]
        kept = names if len(names) <= MOST_CLASSES else names[: MOST_CLASSES - 1]
        return sorted(kept, key=tables.natural)

    @property
    def several(self) -> bool:
        """Whether it tells items apart."""
        return len(set(self.values.tolist())) > 1

    @property
    def ends(self) -> tuple[float, float]:
        """Where the colours of numbers begin and end: a few wild values would leave one shade for all the others."""
        known = self.values[np.isfinite(self.values)]
        if not len(known):
            return 0.0, 1.0
        low, high = np.percentile(known, [1, 99])
        return (float(low), float(high)) if high > low else (float(known.min()), float(known.max()))


def told(found: LatentMap, most: int | None = None) -> list[Told]:
    """All that is known, the label first, then the score, then the cells of the first `most` columns."""
    source = found.source
    about: list[Told] = []
    if source is not None and source.labels is not None:
        about.append(_label(str(source.label or "label"), source.labels))
    if found.scores is not None:
        taken = {one.name for one in about}
        about.append(Told(free("score", taken), "number", found.scores, SCORE))
    if isinstance(source, TableSource):
        taken = {one.name for one in about}
        for place, one in enumerate(_cells(found.model, source)):
            if most is not None and place >= most:
                break
            if one.name not in taken:
                about.append(one)
    return about


def named(found: LatentMap, name: str | None) -> Told | None:
    """What is called so; by default the label where it tells items apart, else the score."""
    about = [one for one in told(found) if one.kind != "text"]
    if name is None:
        label = next((one for one in about if one.about != SCORE and _is_label(found, one)), None)
        return label if label is not None and label.several else next((o for o in about if o.about == SCORE), None)
    for one in about:
        if one.name == name or (name == "label" and _is_label(found, one)):
            return one
    known = ", ".join(one.name for one in about[:20]) or "nothing"
    raise InputError(f"by={name!r} is not known of these items; known is {known}.")


def _is_label(found: LatentMap, one: Told) -> bool:
    source = found.source
    return source is not None and source.labels is not None and one.name == str(source.label or "label")


def _label(name: str, labels: NDArray[Any]) -> Told:
    if np.issubdtype(labels.dtype, np.floating) and len(set(labels.tolist())) > MOST_CLASSES:
        return Told(name, "number", labels.astype(np.float64))
    return Told(name, "class", labels.astype(str).astype(object))


def _cells(model: Any, source: TableSource) -> Iterator[Told]:
    """The columns that the model sees, then those that it does not, such as names."""
    seen = tables.whole(model, source.data)
    for name, cells in seen.items():
        kind = "date" if cells.date else "number" if cells.numeric else "class"
        yield Told(name, kind, cells.values)
    if not isinstance(source.table, np.ndarray):
        for place, name in enumerate(map(str, source.columns)):
            if name not in seen:
                texts = ["" if cell is None else str(cell) for cell in source.series(place).to_list()]
                yield Told(name, "text", np.array(texts, object))
