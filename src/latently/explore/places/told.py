"""What is known of the items on a map, each as one value an item: their label, their score, the cells of their row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from ...data import Source, TableSource
from ...data.columns import Column, free, number
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
    source, label = found.source, _labelled(found.source)
    about: list[Told] = []
    if source is not None and source.labels is not None and label is not None:
        about.append(_label(label, source.labels))
    if found.scores is not None:
        about.append(Told(_score(label), "number", found.scores, SCORE))
    if isinstance(source, TableSource):
        taken = {one.name for one in about}
        columns = [_column(source, place, column) for place, column in _columns(found.model, source)[:most]]
        about += [one for one in columns if one.name not in taken]
    return about


def named(found: LatentMap, name: str | None) -> Told | None:
    """What is called so; by default the label where it tells items apart, else the score."""
    about = {one.name: one for one in told(found, 0 if name is None else None) if one.kind != "text"}
    label = _labelled(found.source)
    if name is not None:
        return about[_meant(name, [*about], label)]
    first = about.get(label or "")
    return first if first is not None and first.several else about.get(_score(label))


def check(model: Any, source: Source, name: str) -> None:
    """Refuses a name by which nothing will be known of these items; computes nothing.

    Raises
    ------
    InputError
        The name is neither the label's, nor the score's, nor that of a column that is no text.
    """
    label = _labelled(source)
    known = [*([] if label is None else [label]), _score(label)]
    if isinstance(source, TableSource):
        columns = [str(column.name) for _, column in _columns(model, source) if column is not None]
        known += [one for one in columns if one not in known]
    _meant(name, known, label)


def _meant(name: str, known: list[str], label: str | None) -> str:
    """The one of the known names that is meant: the label is called "label" too."""
    meant = label if name == "label" and label is not None else name
    if meant not in known:
        raise InputError(f"by={name!r} is not known of these items; known is {', '.join(known[:20]) or 'nothing'}.")
    return meant


def _labelled(source: Source | None) -> str | None:
    """What the label is called, where there is one."""
    return None if source is None or source.labels is None else str(source.label or "label")


def _score(label: str | None) -> str:
    return free("score", set[str]() if label is None else {label})


def _label(name: str, labels: NDArray[Any]) -> Told:
    if np.issubdtype(labels.dtype, np.floating) and len(set(labels.tolist())) > MOST_CLASSES:
        return Told(name, "number", labels.astype(np.float64))
    return Told(name, "class", labels.astype(str).astype(object))


def cells(model: Any, source: Source, name: str) -> Told:
    """One column of a table, as one value an item: as `model` reads it, or by its type where the model leaves it out.

    >>> import latently, polars
    >>> frame = polars.DataFrame({"age": [30.0, 40.0, 50.0], "born": ["1970-01-02", None, "0001-01-01"]})
    >>> people = latently.open(frame, kinds={"born": "date"})
    >>> cells(latently.AE(latent=1, epochs=1, validation=0.0).fit(people), people, "born").values.tolist()
    [86400.0, nan, -62135596800.0]

    Parameters
    ----------
    model
        Fitted to a table.
    source
        The table, opened by `latently.open`.
    name
        Of the column.

    Raises
    ------
    InputError
        The data are no table or have no such column, or a cell is not what its column is.
    """
    names = [str(one) for one in source.columns] if isinstance(source, TableSource) else []
    if not isinstance(source, TableSource) or name not in names:
        raise InputError(f"there is no column {name[:80]!r}; the data have {', '.join(names[:12]) or 'none'}.")
    place = names.index(name)
    return _column(source, place, _read(model, source)[place] or _typed(source, place))


def _columns(model: Any, source: TableSource) -> list[tuple[int, Column | None]]:
    """The places of the columns, those that the model sees first, and what each holds; None where that are texts."""
    read = _read(model, source)
    places = sorted(range(len(read)), key=lambda place: read[place] is None)
    kept = [place for place in places if read[place] is not None or source.container != "numpy"]
    return [(place, read[place] or _typed(source, place)) for place in kept]


def _read(model: Any, source: TableSource) -> list[Column | None]:
    """How the model reads each column: by its name in frames, by its place where either is an array; None where not."""
    codec = model.codec_
    placed, named = "numpy" in (source.container, codec.container), {c.name: c for c in codec.columns}
    found: list[Column | None] = [*codec.columns] if placed else [named.get(name) for name in source.columns]
    return [None if one is None or one.kind == "ignored" else one for one in found]


def _column(source: TableSource, place: int, column: Column | None) -> Told:
    name = str(source.columns[place] if column is None else column.name)
    if column is None:
        return Told(name, "text", np.array(["" if v is None else str(v) for v in source.values(place)], object))
    if column.levels:
        words = ["" if tables.text(v) == "" else tables.word(column, v) for v in source.values(place)]
        return Told(name, "class", np.array(words, object))
    return Told(name, "date" if column.kind == "date" else "number", number(column, source, place))


def _typed(source: TableSource, place: int) -> Column | None:
    """A column that the model leaves out, by its type; None where it holds neither numbers nor dates."""
    name = source.columns[place]
    dtype = None if source.container == "numpy" else source.series(place).dtype
    numeric = dtype is None or dtype.is_numeric()
    dated = isinstance(dtype, nw.Date | nw.Datetime)
    return Column(name, "date" if dated else "number", str(dtype)) if numeric or dated else None
