"""A way from one item to another, through their codes."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError, ParameterError
from ..given import one

WAYS = ("straight", "spherical")

Floats = NDArray[np.float64]


def interpolate(model: Any, a: Any, b: Any, n: int = 7, *, how: str = "straight", label: Any = None) -> Any:
    r"""`n` items from `a` to `b`, in equal steps of the code, as the model restores them; both ends are among them.

    .. math:: z(t) = (1 - t) z_a + t z_b, \quad t = 0, 1/(n-1), \dots, 1

    or "spherical", where the direction goes along the great circle and the length goes straight:

    .. math:: z(t) = ((1 - t) \lVert z_a \rVert + t \lVert z_b \rVert) \,
              \frac{\sin((1 - t) \omega) u_a + \sin(t \omega) u_b}{\sin \omega}, \quad
              u = z / \lVert z \rVert, \ \cos \omega = u_a \cdot u_b

    Codes of many numbers that were asked to be normal all lie near one sphere and none in its middle, where the
    straight way leads; the spherical way stays among them.

    Parameters
    ----------
    model
        A fitted model that restores items.
    a, b
        Two items of the kind that it was fitted to: pictures (arrays, Pillow's, or paths of files), rows, texts.
    n
        How many items, at least 2.
    how
        "straight" or "spherical".
    label
        Of a conditional model: one label for the whole way, or `n`.

    Returns
    -------
    items
        `n` of them in the types that `fit` saw: an array of pictures, a table, a list of texts.

    Raises
    ------
    InputError
        An item is not of the model's kind, or the model restores nothing from a code.
    ParameterError
        `n` or `how` is not allowed.

    References
    ----------
    "Sampling Generative Networks" (White, 2016), https://arxiv.org/abs/1609.04468

    Examples
    --------
    >>> import latently
    >>> from sklearn.datasets import load_digits
    >>> X = load_digits().images
    >>> model = latently.AE(latent=8, epochs=1).fit(X)
    >>> interpolate(model, X[0], X[1], 5).shape
    (5, 8, 8)
    """
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 2:
        raise ParameterError(f"interpolate: n={n!r} is not allowed; it is a whole number, at least 2.")
    if how not in WAYS:
        raise ParameterError(f"interpolate: how={how!r} is not known; it is {' or '.join(map(repr, WAYS))}.")
    first, last = (
        np.asarray(model.transform(one(model, item, name)), np.float64)[0] for item, name in ((a, "a"), (b, "b"))
    )
    return model.inverse_transform(way(first, last, int(n), how), **({} if label is None else {"label": label}))


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
