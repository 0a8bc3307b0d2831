"""The items whose codes are nearest, exactly: a quick guess by products of matrices, then all that could be nearer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from ...data import Source
from ...data.blocks import blocks
from ...errors import InputError, ParameterError
from ..given import given, read
from .groups import linked
from .nearest import Nearest, Rows

_ROWS = 2**16  # codes that are measured in double precision at a time
_ROOM = 2**23  # numbers of approximate distances that are held at a time: 32 MB

Floats = NDArray[np.float64]


class Neighbors:
    r"""Finds the codes nearest to a code, by Euclid's distance, exactly and without a copy of the codes.

    .. math:: \lVert x - q \rVert^2 = \lVert x \rVert^2 - 2 x \cdot q + \lVert q \rVert^2

    The products are quick and, in single precision, a little wrong. So they only make a first guess, whose true
    distances bound how far the k-th neighbour can be; then everything that is nearer, or could be within the products'
    rounding error [1]_, is measured in double precision. Codes that all lie far from zero and near to one another leave
    much to be measured, which is as exact and takes longer.

    Parameters
    ----------
    codes
        (n, D), such as `transform` gives; a memory-mapped file will do.
    names
        One an item, by which `of` finds it.

    Raises
    ------
    InputError
        The codes are no table of finite numbers, or the names are not one a code.

    References
    ----------
    .. [1] "Accuracy and Stability of Numerical Algorithms" (Higham, 2002), section 3.1, the error of inner products.

    Examples
    --------
    >>> import numpy as np
    >>> places = Neighbors(np.array([[0, 0], [1, 0], [0, 2], [5, 5]]), ["a", "b", "c", "d"])
    >>> found = places.near([0.4, 0], k=2)
    >>> found.rows, found.distances, found.names
    (array([0, 1]), array([0.4, 0.6]), array(['a', 'b'], dtype='<U1'))
    >>> places.of("a", k=2).rows
    array([1, 2])
    >>> places.groups(1.0)
    [array([0, 1])]
    """

    def __init__(self, codes: ArrayLike, names: Sequence[str] | None = None) -> None:
        self.codes: NDArray[Any] = np.asarray(codes)
        if self.codes.ndim != 2 or not self.codes.size or self.codes.dtype.kind not in "biuf":
            shape = " x ".join(map(str, self.codes.shape)) or "a single value"
            raise InputError(
                f"codes of shape {shape} and type {self.codes.dtype} were given; give a table of numbers, one row an "
                "item, such as transform returns."
            )
        if names is not None and len(names) != len(self.codes):
            raise InputError(f"{len(names)} names were given for {len(self.codes)} codes; give one for each.")
        self.names = names
        self._type = np.dtype(np.float32 if self.codes.dtype == np.float32 else np.float64)
        with np.errstate(over="ignore"):
            self._squares = np.concatenate([np.einsum("ij,ij->i", part, part) for _, part in self._parts()])
        self._check_finite()

    def __len__(self) -> int:
        return len(self.codes)

    def near(self, codes: ArrayLike, k: int = 10) -> Nearest:
        """The `k` items nearest to a code (D,), or to each of several (m, D).

        Raises
        ------
        InputError
            The codes are of another size, or not finite.
        ParameterError
            `k` is no whole number from 1 to the number of items.
        """
        asked: NDArray[Any] = np.asarray(codes)
        size = self.codes.shape[1]
        if asked.ndim not in (1, 2) or asked.dtype.kind not in "biuf" or asked.shape[-1] != size:
            shape = " x ".join(map(str, asked.shape)) or "a single value"
            raise InputError(
                f"near: codes of shape {shape} and type {asked.dtype} were asked for, and those to search have {size} "
                f"numbers each; give a code of {size} numbers, or several as rows."
            )
        if not np.isfinite(asked).all():
            raise InputError("near: the code asked for holds values that are missing or infinite; give finite ones.")
        check_count(k, len(self))
        return self._found(*self._nearest(np.atleast_2d(asked).astype(np.float64), int(k)), asked.ndim == 1)

    def of(self, item: int | str | Sequence[int], k: int = 10) -> Nearest:
        """The `k` items nearest to one of these, which is itself left out; its copies are not.

        Parameters
        ----------
        item
            Its row, counted from 0, or its name; or several rows.
        k
            How many.

        Raises
        ------
        InputError
            There is no such row or name.
        ParameterError
            `k` is no whole number from 1 to the number of other items.
        """
        single = isinstance(item, str | int | np.integer)
        rows = np.array([self.row(one) for one in ([item] if single else cast(list[Any], item))], np.int64)
        check_count(k, len(self) - 1)
        found, far = self._nearest(np.asarray(self.codes[rows], np.float64), int(k) + 1)
        itself = found == rows[:, None]
        itself[~itself.any(1), -1] = True  # more copies of it than were asked for stand before it
        shape = (len(rows), int(k))
        return self._found(found[~itself].reshape(shape), far[~itself].reshape(shape), single)

    def row(self, item: Any) -> int:
        """The row of an item that is named by its row or its name."""
        number = -1 if isinstance(item, bool) or not isinstance(item, Integral) else int(item)
        if 0 <= number < len(self):
            return number
        if isinstance(item, str) and item in self._places:
            return self._places[item]
        what = f"named {item!r}" if isinstance(item, str) else f"{item!r}"
        raise InputError(f"there is no item {what} among the {len(self)}; give a row from 0 to {len(self) - 1}.")

    def groups(self, distance: float) -> list[Rows]:
        """Items that are nearly the same: linked by steps of at most `distance`; the largest group first.

        Each group is the rows of its items, at least two, ascending. Two items of a group can be farther apart than
        `distance`, with others between them. A small distance is quick; one that reaches most items compares all pairs.
        """
        if isinstance(distance, bool) or not 0 <= float(distance) < np.inf:
            raise ParameterError(f"groups: distance={distance!r} is not allowed; it is a number, at least 0.")
        return linked(self.codes, float(distance))

    @cached_property
    def _places(self) -> dict[str, int]:
        names = self.names or []
        return {str(name): row for row, name in reversed([*enumerate(names)])}

    def _found(self, rows: Rows, distances: Floats, single: bool) -> Nearest:
        names = None if self.names is None else np.array([[str(self.names[i]) for i in row] for row in rows.tolist()])
        if single:
            return Nearest(rows[0], distances[0], None if names is None else names[0])
        return Nearest(rows, distances, names)

    def _check_finite(self) -> None:
        if np.isfinite(self._squares).all():
            return
        for start, part in self._parts():
            bad = ~np.isfinite(part).all(1)
            if bad.any():
                raise InputError(
                    f"the code in row {start + int(bad.argmax())} holds values that are missing or infinite; leave "
                    "such items out."
                )

    def _parts(self) -> Iterator[tuple[int, NDArray[Any]]]:
        """The codes a part at a time, each with its first row, as floats in the form that PyTorch takes."""
        for rows, part in blocks(self.codes):
            part = part.astype(self._type, copy=False)
            fits = part.flags.c_contiguous and part.flags.writeable
            yield rows.start, part if fits else np.array(part, order="C")

    def _nearest(self, asked: Floats, k: int) -> tuple[Rows, Floats]:
        """Rows and distances (m, k) of the codes (m, D)."""
        if not len(asked):
            raise InputError("no item was asked for; give at least one, whose neighbours are to be found.")
        together = max(1, _ROOM // len(self))
        found = [self._sorted(some, k) for some in np.split(asked, range(together, len(asked), together))]
        rows, squares = (np.concatenate(part) for part in zip(*found, strict=True))
        return rows, np.sqrt(squares)

    def _sorted(self, asked: Floats, k: int) -> tuple[Rows, Floats]:
        guessed = np.empty((len(asked), len(self)), self._type)  # squared distances less |q|^2
        with np.errstate(over="ignore", invalid="ignore"):
            twice = torch.from_numpy((-2 * asked).astype(self._type))
            for start, part in self._parts():
                block = guessed[:, start : start + len(part)]
                if len(asked) == 1:
                    torch.mv(torch.from_numpy(part), twice[0], out=torch.from_numpy(block[0]))
                else:
                    block[:] = (twice @ torch.from_numpy(part).T).numpy()
            guessed += self._squares
        each = [self._measured(q, guess, k) for q, guess in zip(asked, guessed, strict=True)]
        return np.stack([rows for rows, _ in each]), np.stack([squares for _, squares in each])

    def _measured(self, q: Floats, guessed: NDArray[Any], k: int) -> tuple[Rows, Floats]:
        """The nearest rows and their squared distances, from a first guess of all."""
        first = np.flatnonzero(guessed <= np.partition(guessed, k - 1)[k - 1])[:k]  # what is NaN stands last
        if len(first) < k:  # and what is infinite or NaN is no guess
            first = np.arange(k)
        length, kind = float(np.linalg.norm(q)), np.finfo(self._type)
        bound = float(self._far(first, q).max())  # the k-th nearest is no farther than the farthest of the guess
        reach = length + bound**0.5  # no neighbour is longer
        with np.errstate(over="ignore", invalid="ignore"):
            error = 2 * (len(q) + 8) * (float(kind.eps) * reach * (reach + 2 * length) + float(kind.tiny))
            limit = bound - length**2 + error
            guessable = 4 * reach**2 < float(kind.max)  # what overflowed was not guessed at all
            near = np.flatnonzero(~(guessed > limit)) if guessable else np.arange(len(self))
        squares = self._far(near, q)
        best = np.lexsort((near, squares))[:k]
        return near[best], squares[best]

    def _far(self, rows: Rows, q: Floats) -> Floats:
        """The squared distances of rows from a code, in double precision."""
        parts = np.split(rows, range(_ROWS, len(rows), _ROWS))
        gaps = (np.asarray(self.codes[part], np.float64) - q for part in parts)
        return np.concatenate([np.einsum("ij,ij->i", gap, gap) for gap in gaps])


def neighbors(model: Any, data: Any, query: Any, k: int = 10) -> Nearest:
    """The items of `data` that a model finds most like an item: those with the nearest codes.

    Parameters
    ----------
    model
        A fitted model.
    data
        Where to look: anything `latently.open` takes.
    query
        An item of `data`, by its row (counted from 0), its name or the path of its picture, which is itself left out;
        or a new one: a picture (an array, Pillow's, or the path of a file), a row, a text; or several, as anything
        `latently.open` takes. What is new is looked up as it is: where it equals an item of `data`, such as `X[3]`
        instead of 3, that is its first neighbour, at a distance of 0. Of a model of texts a string is a text, and a
        `Path` is a file.
    k
        How many.

    Returns
    -------
    Nearest
        `rows`, `distances`, `names`, `items`; printed, it shows them.

    Raises
    ------
    InputError
        There is no such row, or the items are not of the model's kind.
    ParameterError
        `k` is no whole number, or more than there are items.

    Notes
    -----
    All of `data` is encoded each time. To ask often, keep the codes: `Neighbors(model.transform(data)).near(code)`.

    Examples
    --------
    >>> import latently
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().images[:200]
    >>> model = latently.AE(latent=8, epochs=5).fit(X)
    >>> neighbors(model, X, 0, k=3).rows.shape
    (3,)
    """
    source = read(model, data)
    row = _own(model, source, query)
    check_count(k, len(source) - (row is not None))
    asked = source[row : row + 1] if row is not None else given(model, query)
    places = Neighbors(model.transform(source), source.names)
    found = places.of(row, k) if row is not None else places.near(model.transform(asked), k)
    found = replace(found, queries=asked, items=source[found.rows.reshape(-1)], model=model)
    if row is None and len(asked) == 1:
        names = None if found.names is None else found.names[0]
        return replace(found, rows=found.rows[0], distances=found.distances[0], names=names)
    return found


def check_count(k: Any, most: int) -> None:
    """Refuses a number of neighbours that is none from 1 to `most`."""
    if not most:
        raise InputError("there is one item and none beside it to find; give data of at least two.")
    if isinstance(k, bool) or not isinstance(k, Integral) or not 1 <= int(k) <= most:
        raise ParameterError(
            f"neighbors: k={k!r} is not allowed; it is a whole number from 1 to {most}, the items to be found."
        )


def _own(model: Any, source: Source, query: Any) -> int | None:
    """The row that is meant, where it is an item of the data itself."""
    if isinstance(query, bool):
        raise InputError(f"query={query!r} is no item; give a row of the data, or a new item.")
    if isinstance(query, Integral):
        if 0 <= int(query) < len(source):
            return int(query)
        raise InputError(f"there is no row {query} in the data; it has {len(source)}, from 0 to {len(source) - 1}.")
    if not isinstance(query, str | Path) or model.codec_.spec.kind == "text":
        return None
    names = source.names
    for name in (query, _inside(source, query)):
        if name in names:
            return names.index(str(name))
    if isinstance(query, Path):
        return None
    try:
        there = Path(query).exists()
    except (OSError, ValueError):  # it can be no path at all
        there = False
    if not there:
        near = get_close_matches(query, names, 1, 0.8)
        or_else = f"give a row from 0 to {len(names) - 1}, or a name such as {names[0]!r}."
        meant = f"did you mean {near[0]}?" if near else or_else
        raise InputError(f"{query!r} is neither an item of the data nor a file; {meant}")
    return None


def _inside(source: Source, path: str | Path) -> str:
    """What a file in the folder of the data is called there; "" of any other."""
    try:
        return Path(path).resolve().relative_to(Path(source.origin or "").resolve()).as_posix() if source.origin else ""
    except (OSError, ValueError):  # it is elsewhere, or can be no path at all
        return ""
