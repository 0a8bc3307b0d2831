"""Every number that says how good a model is on some data, as one plain dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, log
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from ...data import Source, open
from ...errors import InputError, ParameterError
from ...progress import track
from ...spec import Spec
from ...train import seeded
from .. import metrics, tables
from ..given import read
from . import telling
from .features import FeatureMap, Features, feature_space, flat, undrawable
from .quality import columns, packed, restored, share

_TRUSTED = 2000  # rows: trustworthiness sorts all pairs
_AT_ONCE = 2**22  # numbers that are decoded at once
_CLASSES = 100  # different labels at most

Array = NDArray[Any]
Found = dict[str, Any]


class _Without(Exception):
    """Why some numbers cannot be had of these data; said in the notes."""


@dataclass(slots=True)
class _Subject:
    """What is measured: a model, some items, and what is known of them."""

    model: Any
    source: Source  # with labels, where there are some
    factors: Array | None
    features: FeatureMap | None
    draws: int
    seed: int
    before: Array  # (n, *S) as the network sees them; empty for texts, which differ in length
    codes: Array  # (n, D)

    @property
    def spec(self) -> Spec:
        return self.model.codec_.spec


def evaluate(
    model: Any,
    data: Any,
    *,
    labels: Any = None,
    factors: Any = None,
    features: FeatureMap | None = None,
    n: int = 2000,
    draws: int = 100,
    seed: int = 0,
    only: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Measures a model on data, best on items that it was not trained on.

    Parameters
    ----------
    model
        A fitted model.
    data
        Items of the kind that it was fitted to: anything `latently.open` takes.
    labels
        One class an item; None for the data's own, such as the names of sub-folders.
    factors
        What the items were made of, where that is known: (n, K), an array, a DataFrame or a file of one.
    features
        Maps items, in the types that `data` came in, to rows of features (n, F), in which samples are compared with
        data; None for the leading principal components of the items as the network sees them, at most 64.
    n
        Items to measure at most, drawn at random; as many samples are drawn from the model.
    draws
        Codes drawn an item to estimate the likelihood.
    seed
        Of all draws.
    only
        Names of `latently.MEASURES` that are wanted; what is not computed together with one of them is left out.

    Returns
    -------
    dict
        `model`, `items`, `feature_space` and the numbers of `latently.MEASURES`, which says what each is counted in.
        What makes no sense for this kind of data is left out; what could not be computed is None, and `notes` say why.
        `columns` holds each column of a table: R² of a number, accuracy of a category, and that of always guessing.

    Raises
    ------
    InputError
        The data, the labels, the factors or the features do not fit.
    ParameterError
        `n` or `draws` is no whole number of at least 1.

    Examples
    --------
    >>> import latently
    >>> X = np.random.default_rng(0).random((80, 6, 6))
    >>> found = evaluate(latently.VAE(latent=2, epochs=1).fit(X), X, labels=np.arange(80) % 2)
    >>> found["items"], found["feature_space"], 0 <= found["knn_accuracy"] <= 1
    (80, '36 principal components of the items as the network sees them, fitted to these 80', True)
    """
    for name, value in (("n", n), ("draws", draws)):
        if not isinstance(cast(object, value), int | np.integer) or isinstance(value, bool) or value < 1:
            raise ParameterError(f"evaluate: {name}={value!r} is not allowed; it is a whole number, at least 1.")
    subject = _subject(model, read(model, data), labels, factors, features, n, draws, seed)
    found: Found = {"model": type(model).name, "items": len(subject.source)}
    notes: list[str] = []
    for keys, measured in _OF_TEXTS if subject.source.kind == "text" else _GROUPS:
        if (measured is _factors and factors is None) or (only is not None and not set(keys) & set(only)):
            continue
        try:
            found |= measured(subject)
        except _Without as reason:
            found |= dict.fromkeys(keys)
            notes.append(str(reason))
    for key, value in found.items():
        if isinstance(value, float) and not isfinite(value):
            found[key] = None
            notes.append(_NOT_FINITE.get(key, f"{key} cannot be computed on these items."))
    return {**found, "notes": notes}


def _subject(
    model: Any, source: Source, labels: Any, factors: Any, features: FeatureMap | None, n: int, draws: int, seed: int
) -> _Subject:
    given = None if labels is None else _beside(labels, source, "labels").reshape(len(source), -1)
    if given is not None and given.shape[1] != 1:
        raise InputError(f"{given.shape[1]} labels were given for each item; give one.")
    made = None if factors is None else _beside(factors, source, "factors").reshape(len(source), -1)
    rows = np.sort(np.random.default_rng(seed).permutation(len(source))[:n])
    some = source[rows]
    some.labels = some.labels if given is None else given[rows, 0]
    before = np.empty(0) if some.kind == "text" else packed(model, some)
    codes = np.asarray(model.transform(some), np.float64)
    return _Subject(model, some, None if made is None else made[rows], features, draws, seed, before, codes)


def _beside(values: Any, source: Source, what: str) -> Array:
    """Labels or factors as an array with a row for each item."""
    array = np.asarray(open(values).data if isinstance(values, str | Path) else values)
    if array.ndim == 0 or len(array) != len(source):
        count = len(array) if array.ndim else "one value"
        raise InputError(
            f"{what} for {count} items were given and there are {len(source)} items; give one row an item."
        )
    if array.dtype.kind == "O" and any(v is None or v != v for v in array.reshape(-1).tolist()):
        raise InputError(f"{what} are missing for some items; leave these items out.")
    if array.dtype.kind in "fc" and not np.isfinite(array).all():
        raise InputError(f"{what} hold values that are missing or infinite; leave these items out.")
    return array


def _restoration(s: _Subject) -> Found:
    after = restored(s.model, s.source)
    found: Found = {"restored": share(s.before, after, s.spec)}
    if s.spec.kind == "image":
        pair = s.before, after
        return {
            **found,
            "mse": metrics.mse(*pair),
            "bce": metrics.bce(*pair),
            "psnr": metrics.psnr(*pair),
            "ssim": metrics.ssim(*pair),
        }
    numbers = np.array(s.spec.levels or (0,) * after.shape[-1]) == 0
    if numbers.any():
        found["mse"] = metrics.mse(s.before[..., numbers], after[..., numbers])
    judged = columns(s.before, after, s.spec, tables.names(s.model))
    kinds = {True: "r2", False: "accuracy"}
    return {**found, "columns": {c.name: {kinds[c.numeric]: c.score, "guess": c.guess} for c in judged}}


def _likelihood(s: _Subject) -> Found:
    """The log-mean-exp of the importance weights over the draws, for each item."""
    try:
        with seeded(s.seed):
            nll = -np.concatenate(list(_log_likelihoods(s)))
    except ParameterError as reason:
        raise _Without(f"The likelihood cannot be estimated: {reason}") from reason
    error = float(nll.std(ddof=1) / np.sqrt(len(nll))) if len(nll) > 1 else None
    return {"nll": float(nll.mean()), "nll_error": error, "nll_draws": s.draws}


@torch.inference_mode()
def _log_likelihoods(s: _Subject) -> Iterable[Array]:
    module = s.model.module_
    weight = next(module.parameters())
    together = max(1, _AT_ONCE // s.spec.size)  # codes decoded at once
    items, labels = torch.from_numpy(s.before), _told(s)
    batches = torch.split(torch.arange(len(items)), max(1, together // s.draws))
    for rows in track(batches, len(batches), "Estimating the likelihood"):
        x = items[rows]
        parts = [min(together, s.draws - done) for done in range(0, s.draws, together)]
        label = None if labels is None else labels[rows].to(weight.device)
        weights = torch.cat([module.log_weights(x.to(weight.device, weight.dtype), part, label) for part in parts])
        yield (weights.double().logsumexp(0) - log(s.draws)).cpu().numpy()


def _told(s: _Subject) -> torch.Tensor | None:
    """The labels of a conditional model, whose likelihood is log p(x | label); without them it finds its own."""
    if not s.model.conditional or s.source.labels is None:
        return None
    return torch.from_numpy(s.model.known_.index(s.source.labels, len(s.source)))


def _samples(s: _Subject) -> Found:
    if len(s.source) < 2:
        raise _Without("One item is too few to compare samples with; give at least two.")
    if reason := undrawable(s.model):
        raise _Without(f"There are no samples to compare with the items: {reason}")
    compared: Features = feature_space(s.model, s.source, s.features, s.before, s.seed)
    precision, recall = metrics.precision_recall(compared.real, compared.drawn)
    density, coverage = metrics.density_coverage(compared.real, compared.drawn)
    return {
        "feature_space": compared.space,
        "samples": len(compared.drawn),
        "frechet": metrics.frechet(compared.real, compared.drawn),
        "precision": precision,
        "recall": recall,
        "density": density,
        "coverage": coverage,
    }


def _neighbourhoods(s: _Subject) -> Found:
    if len(s.codes) < 5:
        raise _Without("Trustworthiness needs at least 5 items.")
    some = np.random.default_rng(0).permutation(len(s.codes))[:_TRUSTED]
    return {"trustworthiness": metrics.trustworthiness(flat(s.model, s.before[some]), s.codes[some])}


def _classes(s: _Subject) -> Found:
    if s.source.labels is None:
        raise _Without("There are no labels, so nothing is said of how codes keep them.")
    labels = np.asarray(s.source.labels)
    names, counts = np.unique(labels.astype(str) if labels.dtype == object else labels, return_counts=True)
    if len(names) < 2:
        raise _Without(f"All items have the same label, {names[0]}; at least two labels are needed.")
    if len(names) > min(_CLASSES, len(labels) - 1):
        raise _Without(f"There are {len(names)} different labels for {len(labels)} items; give classes as labels.")
    known = labels.astype(str)
    return {
        "knn_accuracy": metrics.knn_accuracy(s.codes, known),
        "commonest": float(counts.max() / len(labels)),
        "silhouette": metrics.silhouette(s.codes, known),
        "variance_ratio": metrics.variance_ratio(s.codes, known),
    }


def _factors(s: _Subject) -> Found:
    assert s.factors is not None
    if len(s.codes) < 20:
        raise _Without("Disentanglement needs at least 20 items.")
    told = metrics.dci(s.codes, s.factors, s.seed)
    return {
        "mig": metrics.mig(s.codes, s.factors),
        **{f"dci_{name}": value for name, value in told._asdict().items()},
        "sap": metrics.sap(s.codes, s.factors, s.seed),
    }


def _prose(s: _Subject) -> Found:
    return telling.measured(s.model, s.source, s.draws, s.seed)


_Groups = tuple[tuple[tuple[str, ...], Callable[[_Subject], Found]], ...]
_GROUPS: _Groups = (
    (("restored", "mse", "bce", "psnr", "ssim"), _restoration),
    (("nll", "nll_error"), _likelihood),
    (("frechet", "precision", "recall", "density", "coverage"), _samples),
    (("trustworthiness",), _neighbourhoods),
    (("knn_accuracy", "commonest", "silhouette", "variance_ratio"), _classes),
    (("mig", "dci_disentanglement", "dci_completeness", "dci_informativeness", "sap"), _factors),
)

_OF_TEXTS: _Groups = ((("nll", "nll_token", "perplexity", "restored_words"), _prose), *_GROUPS[-2:])
_NOT_FINITE = {
    "restored": "The items do not differ from each other, so no share of it can come back.",
    "psnr": "Every value is restored exactly, so the signal-to-noise ratio is infinite.",
    "ssim": "SSIM needs pictures of at least 3 pixels a side.",
    "variance_ratio": "The codes of all labels have the same mean.",
    "mig": "No factor changes, so there is nothing to disentangle.",
}
