"""A way from one item to another, through their codes."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError, ParameterError
from ..given import one, read
from .along import MOST, along
from .sheet import Sheet

WAYS = ("straight", "spherical", "data")

Floats = NDArray[np.float64]


def interpolate(
    model: Any, a: Any, b: Any, n: int = 7, *, how: str = "straight", data: Any = None, label: Any = None
) -> Sheet:
    r"""`n` items from `a` to `b`, in equal steps of the code, as the model restores them; both ends are among them.

    .. math:: z(t) = (1 - t) z_a + t z_b, \quad t = 0, 1/(n-1), \dots, 1

    or "spherical", where the direction goes along the great circle and the length goes straight:

    .. math:: z(t) = ((1 - t) \lVert z_a \rVert + t \lVert z_b \rVert) \,
              \frac{\sin((1 - t) \omega) u_a + \sin(t \omega) u_b}{\sin \omega}, \quad
              u = z / \lVert z \rVert, \ \cos \omega = u_a \cdot u_b

    Codes of many numbers that were asked to be normal all lie near one sphere and none in its middle, where the
    straight way leads; the spherical way stays among them. "data" goes from item to item of `data`, over the neighbours
    in the space of codes; its steps are equal along that way:

    .. math:: \min_{a = z_0, z_1, \dots, z_s = b} \sum_i \lVert z_{i+1} - z_i \rVert^2, \quad
              z_{i+1} \text{ among the 10 nearest of } z_i

    Parameters
    ----------
    model
        A fitted model that restores items.
    a, b
        Two items of the kind that it was fitted to: pictures (arrays, Pillow's, or paths of files), rows, texts.
    n
        How many items, at least 2.
    how
        "straight", "spherical" or "data".
    data
        What the way "data" leads through: anything `latently.open` takes; of more than 10,000 items so many, drawn at
        random. Where ten neighbours do not link the two ends, twice as many are tried, and so on.
    label
        Of a conditional model: one label for the whole way, or `n`.

    Returns
    -------
    Sheet
        One row: `codes` (1, n, D), and `items`, `n` of them in the types that `fit` saw: an array of pictures, a
        table, a list of texts. It prints, and saves itself as a strip, a GIF, a table.

    Raises
    ------
    InputError
        An item is not of the model's kind, or the model restores nothing from a code.
    ParameterError
        `n` or `how` is not allowed, or `data` does not go with it.

    References
    ----------
    "Sampling Generative Networks" (White, 2016), https://arxiv.org/abs/1609.04468; the way along the data: "A Global
    Geometric Framework for Nonlinear Dimensionality Reduction" (Tenenbaum et al., 2000), "Weighted Geodesic Distance
    Following Fermat's Principle" (Sapienza et al., 2018).

    Examples
    --------
    >>> import latently
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().images
    >>> model = latently.AE(latent=8, epochs=1).fit(X)
    >>> interpolate(model, X[0], X[1], 5).items.shape
    (5, 8, 8)
    >>> interpolate(model, X[0], X[1], 5, how="data", data=X).codes.shape
    (1, 5, 8)
    """
    steps = counted("interpolate", n)
    if how not in WAYS:
        raise ParameterError(f"interpolate: how={how!r} is not known; it is {' or '.join(map(repr, WAYS))}.")
    if (how == "data") is (data is None):
        needs = (
            "needs data=, the items to go along"
            if how == "data"
            else 'goes along no data; leave data out, or how="data"'
        )
        raise ParameterError(f"interpolate: how={how!r} {needs}.")
    first, last = (
        np.asarray(model.transform(one(model, item, name)), np.float64)[0] for item, name in ((a, "a"), (b, "b"))
    )
    if how == "data":
        source = read(model, data)
        rows = np.sort(np.random.default_rng(0).permutation(len(source))[:MOST])
        codes = along(first, last, model.transform(source[rows]), steps)
    else:
        codes = way(first, last, steps, how)
    return Sheet.of(model, codes[None], label=label)


def counted(verb: str, n: Any) -> int:
    """A number of steps, at least two."""
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 2:
        raise ParameterError(f"{verb}: n={n!r} is not allowed; it is a whole number, at least 2.")
    return int(n)


def way(a: Floats, b: Floats, n: int, how: str) -> Floats:
    """Codes (n, D) from one to another.

    >>> way(np.array([2.0, 0.0]), np.array([0.0, 4.0]), 3, "straight").tolist()
    [[2.0, 0.0], [1.0, 2.0], [0.0, 4.0]]
    >>> way(np.array([2.0, 0.0]), np.array([0.0, 4.0]), 3, "spherical").round(4).tolist()
    [[2.0, 0.0], [2.1213, 2.1213], [0.0, 4.0]]
    """
    t = np.linspace(0, 1, n)[:, None]
    straight = (1 - t) * a + t * b
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if how == "straight" or not all(lengths):  # the zero code has no direction
        return straight
    u, v = a / lengths[0], b / lengths[1]
    angle = 2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))  # exact where the arc cosine is not: near 0
    if angle < 1e-6:  # the sine is the angle, and the ways are one
        return straight
    if np.pi - angle < 1e-6:
        raise InputError(
            "the two codes point in opposite directions, and every great circle leads from one to the other; choose "
            'how="straight", or other items.'
        )
    turned = (np.sin((1 - t) * angle) * u + np.sin(t * angle) * v) / np.sin(angle)
    way = ((1 - t) * lengths[0] + t * lengths[1]) * turned
    way[0], way[-1] = a, b
    return way
