"""What each number of a code stands for: one of them is moved, the others stay, and what comes out is looked at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError, ParameterError
from ..given import one, read
from .paths import counted
from .sheet import Sheet

MOST = 10_000  # items whose codes say how far the axes reach
_DRAWN = 2_000  # codes that say so where there are no items
_WIDEST = 6  # axes where none were asked for

Floats = NDArray[np.float64]
Axis = int | str


@dataclass(frozen=True, slots=True)
class _Line:
    """A straight line through the codes: its name, its direction, and where along it the codes lie."""

    name: str
    direction: Floats  # (D,), of length 1
    mean: float
    spread: float

    def through(self, code: Floats, far: Floats) -> Floats:
        """Codes (n, D): `code` moved along the line to so many spreads from the mean."""
        place = self.mean + far * self.spread
        return code + (place - code @ self.direction)[:, None] * self.direction


def traverse(
    model: Any,
    item: Any = None,
    axis: Axis | Sequence[Axis] | None = None,
    n: int = 9,
    *,
    code: Any = None,
    data: Any = None,
    reach: float = 2.5,
    label: Any = None,
) -> Sheet:
    r"""Moves a code along an axis, from one end of where codes lie to the other, and decodes it: one axis a row.

    .. math:: z(t) = z + (\mu_v + t \sigma_v - z \cdot v) \, v, \quad -\mathrm{reach} \le t \le \mathrm{reach}

    with the axis :math:`v` of length 1 and the mean and standard deviation of all codes along it. So every row shows
    the whole of its axis, and what changes in it is what the axis stands for.

    Parameters
    ----------
    model
        A fitted model.
    item
        The item whose code is moved: a picture, a row, a text; by default none, and the mean code is moved.
    axis
        A number of the code, counted from 0, as 3 or "z3"; or a principal axis of the codes, the widest being "pc1";
        or several of either. By default the six numbers that vary most.
    n
        Steps, at least 2.
    code
        The code itself, (D,), in the place of `item`.
    data
        Whose codes say where codes lie; by default 2,000 codes drawn from the model's own density.
    reach
        How far to go to either side, in standard deviations.
    label
        Of a conditional model: the label of all items.

    Returns
    -------
    Sheet
        One row an axis, named; one column a step.

    Raises
    ------
    InputError
        The item is not of the model's kind, the code of another size, or the model decodes nothing from a code.
    ParameterError
        There is no such axis, or `n` or `reach` is not allowed.

    References
    ----------
    "beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework" (Higgins et al., 2017).

    Examples
    --------
    >>> import latently
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().images
    >>> model = latently.VAE(latent=8, epochs=1).fit(X)
    >>> sheet = traverse(model, X[0], [3, "pc1"], 5)
    >>> sheet.items.shape, sheet.rows[0], sheet.columns
    ((10, 8, 8), 'z3', ('−2.5σ', '−1.25σ', '0σ', '+1.25σ', '+2.5σ'))
    """
    steps = counted("traverse", n)
    if isinstance(reach, bool) or not 0 < float(reach) < np.inf:
        raise ParameterError(f"traverse: reach={reach!r} is not allowed; it is a number above 0.")
    if item is not None and code is not None:
        raise ParameterError("traverse: item and code were both given; give the one whose code is to be moved.")
    codes = _codes(model, data)
    start = _start(model, item, code, codes)
    far = np.linspace(-reach, reach, steps)
    lines = _lines(axis, codes)
    moved = np.stack([line.through(start, far) for line in lines])
    return Sheet.of(model, moved, [line.name for line in lines], [_sigmas(t) for t in far], label)


def _codes(model: Any, data: Any) -> Floats:
    """The codes that say where codes lie: (m, D)."""
    if data is None:
        if not getattr(model, "latent_", 1):  # a model of texts without codes says so
            model.inverse_transform(np.zeros((1, 1)))
        return np.asarray(model.prior_.sample(_DRAWN, seed=0), np.float64)
    source = read(model, data)
    rows = np.sort(np.random.default_rng(0).permutation(len(source))[:MOST])
    return np.asarray(model.transform(source[rows]), np.float64)


def _start(model: Any, item: Any, code: Any, codes: Floats) -> Floats:
    if item is not None:
        return np.asarray(model.transform(one(model, item, "item")), np.float64)[0]
    if code is None:
        return codes.mean(0)
    given = np.asarray(code)
    if given.shape != codes.shape[1:] or given.dtype.kind not in "biuf" or not np.isfinite(given).all():
        raise InputError(
            f"traverse: a code of shape {given.shape} and type {given.dtype} was given; give {codes.shape[1]} finite "
            "numbers, such as transform gives for one item."
        )
    return given.astype(np.float64)


def _lines(axis: Any, codes: Floats) -> list[_Line]:
    """The axes that were asked for."""
    size = codes.shape[1]
    if axis is None:
        axis = np.argsort(-codes.std(0), kind="stable")[:_WIDEST].tolist()
    asked: list[Any] = [axis] if isinstance(axis, str | Integral) else [*axis]
    if not asked:
        raise ParameterError("traverse: no axis was given; leave axis out for those that vary most.")
    centred = codes - codes.mean(0)
    found: list[_Line] = []
    turned: tuple[Floats, Floats] | None = None
    for one_axis in asked:
        kind, place = _named(one_axis, size)
        direction = np.eye(size)[place]
        name = f"z{place}"
        if kind == "pc":
            values, vectors = turned = turned or _principal(centred)
            direction = vectors[place]
            name = f"pc{place + 1} ({values[place] / values.sum():.0%})"
        along = codes @ direction
        found.append(_Line(name, direction, float(along.mean()), float(along.std())))
    return found


def _named(axis: Any, size: int) -> tuple[str, int]:
    """Whether a number of the code or a principal axis is meant, and which, counted from 0."""
    readable = not isinstance(axis, bool) and isinstance(axis, str | Integral)
    text = str(axis).strip().lower() if readable else ""
    match = re.fullmatch(r"(z|pc|)(\d+)", text)
    place = int(match[2]) - (match[1] == "pc") if match else -1
    if match is None or not 0 <= place < size:
        raise ParameterError(
            f"traverse: axis={axis!r} is not allowed; it is a number of the code from 0 to {size - 1}, or a principal "
            f"axis from 'pc1' to 'pc{size}'."
        )
    return ("pc" if match[1] == "pc" else "z"), place


def _principal(centred: Floats) -> tuple[Floats, Floats]:
    """The variances, falling, and the directions as rows; the largest part of each direction is positive."""
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    rows = vectors.T[::-1]
    signs = np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(1)])
    return np.maximum(values[::-1], 0) + 1e-300, rows * signs[:, None]


def _sigmas(t: float) -> str:
    """
    >>> _sigmas(-2.5), _sigmas(0.0), _sigmas(1 / 3)
    ('−2.5σ', '0σ', '+0.33σ')
    """
    text = f"{t:+.3g}" if abs(t) >= 1 else f"{t:+.2g}"
    return ("0" if abs(t) < 1e-9 else text.replace("-", "−")) + "σ"
