"""Sums with the codes of many: the ideal member of a class and its variations, and what two classes differ by."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...classes import meant, said
from ...data import Source
from ...errors import InputError, ParameterError
from ..given import given, read
from ..tables import natural
from .paths import counted
from .sheet import Sheet

MOST = 100  # labels at most

Floats = NDArray[np.float64]


def class_means(
    model: Any,
    data: Any,
    *,
    labels: Any = None,
    of: Any = None,
    variations: int = 7,
    strength: float = 0.7,
    seed: int = 0,
) -> Sheet:
    r"""The ideal member of each class, the mean of its codes decoded, and new members around it: one label a row.

    .. math:: z = \mu_c + s \, \Sigma_c^{1/2} \epsilon, \quad \epsilon \sim N(0, I)

    with the mean and the covariance of the class's codes: variations differ from the ideal in the directions and the
    proportions in which the class's members do. With s = 1 they spread as the members, with less they stay nearer to
    what all of these have in common.

    Parameters
    ----------
    model
        A fitted model; it need not have been told of labels.
    data
        Items of its kind: anything `latently.open` takes.
    labels
        One an item, (n,), or the name of a table's column; by default those that the data come with.
    of
        One label, or several, where not all of them are wanted.
    variations
        New members of each; 0 for the ideal ones alone.
    strength
        :math:`s`, at least 0.
    seed
        Of the variations.

    Returns
    -------
    Sheet
        A row for each label, named by it: the ideal member, then its variations; `codes[:, 0]` are the mean codes.
        Items without a label count for none. A conditional model is told the row's label.

    Raises
    ------
    InputError
        There are no labels, one that is asked for is not there, or there are more than 100.
    ParameterError
        `variations` or `strength` is not allowed.

    Examples
    --------
    >>> import latently
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> model = latently.AE(latent=8, epochs=1).fit(digits.images)
    >>> sheet = class_means(model, digits.images, labels=digits.target, of=[3, 8], variations=2)
    >>> sheet.rows, sheet.columns, sheet.items.shape
    (('3', '8'), ('ideal', 'new 1', 'new 2'), (6, 8, 8))
    """
    if isinstance(variations, bool) or not isinstance(variations, Integral) or variations < 0:
        raise ParameterError(
            f"class_means: variations={variations!r} is not allowed; it is a whole number, at least 0."
        )
    if isinstance(strength, bool) or not 0 <= float(strength) < np.inf:
        raise ParameterError(f"class_means: strength={strength!r} is not allowed; it is a number, at least 0.")
    source = _labelled(read(model, data), labels)
    members = _members(source, of)
    codes = np.asarray(model.transform(source), np.float64)
    drawn = np.random.default_rng(seed)
    varied = np.stack([_varied(codes[rows], int(variations), strength, drawn) for rows in members.values()])
    told = np.repeat([*members], varied.shape[1]) if getattr(model, "conditional", False) else None
    return Sheet.of(model, varied, [*members], ["ideal", *(f"new {i + 1}" for i in range(variations))], told)


def analogy(
    model: Any,
    items: Any,
    plus: Any,
    minus: Any,
    n: int = 5,
    *,
    data: Any = None,
    strength: float = 1.0,
    label: Any = None,
) -> Sheet:
    r"""Adds to items what `plus` have and `minus` lack: the difference of the mean codes. One item a row.

    .. math:: z(t) = z + t \left(\mu_{+} - \mu_{-}\right), \quad 0 \le t \le \mathrm{strength}

    Parameters
    ----------
    model
        A fitted model.
    items
        One item, or several.
    plus, minus
        Sets of items of the model's kind, or, where `data` are given, labels of these.
    n
        Steps, at least 2; the first is the item itself.
    data
        Items with labels: anything `latently.open` takes.
    strength
        How much of the difference is added at last; 1 for all of it, less than 0 to take it away.
    label
        Of a conditional model: the label of all items.

    Returns
    -------
    Sheet
        A row for each item, a column for each step.

    Raises
    ------
    InputError
        The items are not of the model's kind, or a label is not there.
    ParameterError
        `n` or `strength` is not allowed.

    References
    ----------
    "Linguistic Regularities in Continuous Space Word Representations" (Mikolov et al., 2013), of words; of pictures
    "Autoencoding Beyond Pixels Using a Learned Similarity Metric" (Larsen et al., 2016).

    Examples
    --------
    >>> import latently
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> data = latently.open(digits.images, labels=digits.target)
    >>> model = latently.AE(latent=8, epochs=1).fit(data)
    >>> analogy(model, digits.images[4], 9, 4, 3, data=data).items.shape
    (3, 8, 8)
    """
    steps = counted("analogy", n)
    if isinstance(strength, bool) or not np.isfinite(float(strength)):
        raise ParameterError(f"analogy: strength={strength!r} is not allowed; it is a number.")
    source = given(model, items)
    start = np.asarray(model.transform(source), np.float64)
    means = [_mean(model, side, data) for side in (plus, minus)]
    t = np.linspace(0, strength, steps)
    codes = start[:, None] + t[:, None] * (means[0] - means[1])
    names = source.names if len(source) > 1 else [""]
    return Sheet.of(model, codes, names, [f"t = {step:.3g}".replace("-", "−") for step in t], label)


def _mean(model: Any, side: Any, data: Any) -> Floats:
    """The mean code of some items, or of those of a label."""
    source = given(model, side) if data is None else _of_label(model, data, side)
    return np.asarray(model.transform(source), np.float64).mean(0)


def _of_label(model: Any, data: Any, label: Any) -> Source:
    source = _labelled(read(model, data), None)
    (rows,) = _members(source, [label]).values()
    return source[rows]


def _labelled(source: Source, labels: Any) -> Source:
    source = source if labels is None else source.labelled(labels)
    if source.labels is None:
        raise InputError(
            "the data have no labels, so there are no classes; name the table's column (labels='COLUMN', or --label "
            "COLUMN), pass one label an item, or sort pictures into folders."
        )
    return source


def _members(source: Source, of: Any) -> dict[str, NDArray[np.intp]]:
    """The rows of each label that was asked for, or of all."""
    names = np.array([said(label) for label in np.asarray(source.labels).tolist()])
    known = sorted(set(names.tolist()) - {"", "nan"}, key=natural)
    asked = known if of is None else [said(label) for label in _listed(of)]
    if not asked:
        raise InputError("no item has a label, so there are no classes; label some, or pass labels.")
    unknown = [label for label in asked if label not in known]
    if unknown:
        raise InputError(f"no item has the label {unknown[0]!r}; labels there are {meant(unknown[0], known)}.")
    if len(asked) > MOST:
        raise InputError(f"{len(asked)} different labels are no classes to look at; name at most {MOST} with of=.")
    return {label: np.flatnonzero(names == label) for label in asked}


def _listed(of: Any) -> Sequence[Any]:
    return np.atleast_1d(np.asarray(of)).tolist()


def _varied(members: Floats, count: int, strength: float, drawn: np.random.Generator) -> Floats:
    """The mean of codes (m, D), and as many around it: (1 + count, D).

    A normal vector over the members' deviations has just their covariance, and needs no matrix of D x D.
    """
    mean = members.mean(0)
    noise = drawn.standard_normal((count, len(members))) / np.sqrt(max(1, len(members) - 1))
    return np.vstack([mean, mean + strength * noise @ (members - mean)])
