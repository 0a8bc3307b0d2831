"""Several models trained under one time budget, and ranked on items that none of them has seen."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn import base

from ...classes import Classes
from ...data import Source, open
from ...data.source import KINDS
from ...errors import InputError, ParameterError
from ...estimator import Latent
from ...models import make
from ...params import check
from ...progress import track
from ...spec import Kind
from .compare import compare, strange
from .comparison import SHOWN, Comparison, Entry, measure
from .quality import parted

LEADS = ("restored", "nll_token", "knn_accuracy", "frechet", "auroc")  # one for each thing that a model is for
SETS: dict[Kind, tuple[str, ...]] = {  # what is tried where nothing was named: one model of each idea
    "image": ("ae", "denoising", "vae", "rae", "wae", "vqvae"),
    "table": ("ae", "denoising", "vae", "rae", "wae", "vqvae"),
    "text": ("language-model", "text-vae"),
    "series": ("ae", "denoising", "vae", "rae", "wae"),
}
_LEAST = 200  # items, of which a tenth is measured
_HELD = 0.1
_STATS: Any = stats  # SciPy and scikit-learn carry no types
_BASE: Any = base


def bench_models(
    data: Any,
    models: Any = None,
    *,
    minutes: float = 10.0,
    labels: Any = None,
    odd: Any = None,
    by: str | None = None,
    n: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Trains models on nine tenths of the items within one time budget, and ranks them on the tenth.

    Each model may take its part of the time that is left, so what one does not use is the others'. The rank is that of
    the mean rank over what models are for: restoring (of texts, telling them), keeping classes apart, drawing samples,
    finding odd items; as far as the data can say. PCA and the untrained network are ranked among them.

    Parameters
    ----------
    data
        Anything `latently.open` takes, at least 200 items.
    models
        Names in `latently.MODELS`, models that are not yet fitted, or a mapping from names to either; by default one
        of each idea that suits the data.
    minutes
        For all trainings together, above 0. Each model trains for one epoch at least, or until it stops by itself.
    labels, odd
        As in `compare`; no model is trained on items that are odd.
    by
        One name among `latently.Comparison.columns` to rank by, in the place of all.
    n
        Items to measure at most.
    seed
        Of the split and of all draws; models keep their own.

    Returns
    -------
    Comparison
        The best first, each row with its rank and its fitted `model`.

    Raises
    ------
    InputError
        There are no models, they do not suit the data, or there are too few items.
    ParameterError
        `minutes`, `by` or a hyper-parameter is not allowed.

    Examples
    --------
    >>> import latently
    >>> X = np.random.default_rng(0).normal(size=(300, 6)) @ np.random.default_rng(1).normal(size=(6, 6))
    >>> found = bench_models(X, [latently.AE(latent=2, epochs=2), latently.VAE(latent=2, epochs=2)], minutes=1)
    >>> found.entries[0].rank, sorted(entry.name for entry in found.entries)
    (1.0, ['AE', 'AE untrained', 'PCA, 2 numbers', 'VAE'])
    """
    if (
        isinstance(cast(Any, minutes), bool)
        or not isinstance(cast(Any, minutes), int | float)
        or not 0 < minutes < np.inf
    ):
        raise ParameterError(f"bench_models: minutes={minutes!r} is not allowed; it is a number above 0.")
    judged = [key for key in SHOWN if measure(key).better]
    if by is not None and by not in judged:
        raise ParameterError(f"bench_models: by={by!r} is not allowed; it is None or one of {', '.join(judged)}.")
    source = open(data) if labels is None else open(data, labels=labels)
    chosen = _chosen(models, source)
    if len(source) < _LEAST:
        raise InputError(
            f"{len(source)} items are too few to train on some and measure on others; give {_LEAST} or more."
        )
    unusual = strange(source, odd)
    trained, held, _ = parted(source, _HELD, seed)
    seen = source[trained[~unusual[trained]]]
    deadline = time.monotonic() + 60 * minutes
    for left, model in enumerate(track(chosen.values(), len(chosen), "Training models")):
        share = max(0.0, deadline - time.monotonic()) / 60 / (len(chosen) - left)
        model.max_minutes = share if model.max_minutes is None else min(share, model.max_minutes)
        model.fit(seen)
    found = compare(chosen, source[held], train=seen, odd=unusual[held], n=n, seed=seed)
    if by is not None and by not in found.columns:
        raise InputError(
            f"these data do not say what {by!r} is, so nothing can be ranked by it; {' '.join(found.notes)}".rstrip(
                "; "
            )
        )
    return ranked(found, [by] if by else [key for key in LEADS if key in found.columns])


def ranked(found: Comparison, columns: Sequence[str]) -> Comparison:
    """The rows by their mean rank over some columns, the best first; who lacks a number is the last of its column."""
    ranks: list[NDArray[np.float64]] = []
    for key in columns:
        sign = -1 if measure(key).better == "higher" else 1
        values = np.array([np.inf if (v := e.numbers.get(key)) is None else sign * v for e in found.entries])
        ranks.append(_STATS.rankdata(values))
    mean = np.mean(ranks, axis=0) if ranks else np.ones(len(found.entries))
    places: NDArray[np.float64] = _STATS.rankdata(np.round(mean, 9), method="min")
    order: list[int] = np.argsort(places, kind="stable").tolist()
    entries: list[Entry] = [replace(found.entries[i], rank=float(places[i])) for i in order]
    titles = ", ".join(measure(key).title for key in columns)
    said = f"Ranked by {titles}{', each counting the same' if len(columns) > 1 else ''}."
    return replace(found, entries=tuple(entries), notes=(said, *found.notes))


def _chosen(models: Any, source: Source) -> dict[str, Latent]:
    """The models to be trained, by name; refuses those that cannot be, before any time is spent."""
    given: Any = SETS[source.kind] if models is None else models
    if isinstance(given, Mapping):
        pairs = [(str(name), one) for name, one in cast(Mapping[Any, Any], given).items()]
    else:
        each: list[Any] = [given] if isinstance(given, str | Latent) else [*given]
        pairs = [("", one) for one in each]
    if not pairs:
        raise InputError("there is nothing to compare; name at least one model, such as 'vae'.")
    found: dict[str, Latent] = {}
    for name, one in pairs:
        model: Any = make(one) if isinstance(one, str) else one
        if not isinstance(model, Latent):
            raise InputError(f"{model!r} is no model; give names such as 'vae', or models that are not yet fitted.")
        title = name or type(model).__name__
        twice = sum(known == title or known.startswith(f"{title} (") for known in found)
        found[f"{title} ({twice + 1})" if twice else title] = _BASE.clone(model)
        check(model)
        if source.kind not in model.reads:
            raise InputError(f"{title} cannot be trained on {KINDS[source.kind]} ({source.summary}); leave it out.")
        if model.conditional:
            if source.labels is None:
                raise InputError(
                    f"{title} is told of labels and the data have none; name them with labels=, or leave it out."
                )
            Classes.of(source.labels)
    return found
