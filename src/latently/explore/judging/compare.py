"""Several models on the same items, beside PCA with as short a code and the network before its training."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as untyped

from ...classes import meant, said
from ...data import Source
from ...data.source import KINDS
from ...detector import AnomalyDetector
from ...errors import InputError, ParameterError, listed
from ...estimator import Latent
from ...loading import load
from ..given import read
from .comparison import ACROSS, SHOWN, Comparison, Entry, Numbers
from .evaluate import evaluate
from .features import undrawable
from .linear import Linear, untrained
from .quality import code_size, one_size, parted, pick

_DRAWS = 10  # codes drawn of each text to tell how likely it is
_SCORED = 10_000  # items at most whose scores tell odd ones from others
_TIMES = 7
_METRICS: Any = untyped  # scikit-learn carries no types

Odd = NDArray[np.bool_]


def compare(
    models: Any,
    data: Any,
    *,
    train: Any = None,
    labels: Any = None,
    odd: Any = None,
    n: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Measures models on the same items, beside PCA with as short a code and the network before its training.

    Parameters
    ----------
    models
        Fitted models, or paths of saved ones or of runs; a mapping gives them names.
    data
        Items of the kind that they were fitted to: anything `latently.open` takes.
    train
        What the models were fitted to, and PCA is; then all of `data` is measured. None where that is `data` itself:
        PCA is fitted to the part that the first model trained on, and what it held out is measured.
    labels
        One an item, (n,), or the name of a table's column; by default those that the data come with. Class separation
        is measured where there are some.
    odd
        Which items are odd: a label, several, or (n,) of true and false. By default none is known to be, and no AUROC
        is told; odd items count in nothing else.
    n
        Items to measure at most.
    seed
        Of all draws.

    Returns
    -------
    Comparison
        One row a model, then for each size of code PCA, and the first such model untrained.

    Raises
    ------
    InputError
        There is nothing to compare, the models are fitted to different kinds of data, or a label is not there.
    ParameterError
        `n` is not allowed.

    Examples
    --------
    >>> import latently
    >>> X = np.random.default_rng(0).normal(size=(300, 6))
    >>> found = compare([latently.AE(latent=2, epochs=1).fit(X), latently.VAE(latent=2, epochs=1).fit(X)], X)
    >>> [entry.name for entry in found.entries]
    ['AE', 'VAE', 'PCA, 2 numbers', 'AE untrained']
    """
    if isinstance(cast(Any, n), bool) or not isinstance(cast(Any, n), int | np.integer) or n < 2:
        raise ParameterError(f"compare: n={n!r} is not allowed; it is a whole number, at least 2.")
    named = _models(models)
    first = next(iter(named.values()))
    source = _labelled(first, data, labels)
    unusual = strange(source, odd)
    if train is None:
        trained, rows, unseen = parted(source, first.validation, first.seed)
        seen = source[trained]
    else:
        seen = _labelled(first, train, labels if isinstance(labels, str) else None)
        rows, unseen = np.arange(len(source)), True
    drawn = np.random.default_rng(seed)
    usual = drawn.permutation(rows[~unusual[rows]])
    if len(usual) < 2:
        raise InputError("fewer than two items are left to measure; give more, or call fewer of them odd.")
    scored = np.sort(drawn.permutation(rows)[:_SCORED])
    judge = _Judge(one_size(source[np.sort(usual[:n])]), one_size(source[scored]), unusual[scored], seed)
    notes = judge.about(named)
    rivals = [(name, "model", model) for name, model in named.items()]
    rivals += _baselines(named, one_size(seen), seed, notes)
    entries = tuple(judge.entry(*rival, notes) for rival in rivals)
    return Comparison(entries, len(judge.source), unseen, judge.some, tuple(dict.fromkeys(notes)))


@dataclass(frozen=True, slots=True)
class _Judge:
    """The items that all are measured on."""

    source: Source  # without odd ones
    scored: Source
    unusual: Odd  # which of `scored` are odd
    seed: int

    @property
    def some(self) -> Source:
        """The items that are shown."""
        return self.source[pick(len(self.source), ACROSS, self.seed)]

    def about(self, named: Mapping[str, Any]) -> list[str]:
        """What is to be said of the comparison itself."""
        shapes = {name: tuple(model.codec_.spec.shape) for name, model in named.items()}
        if self.source.kind == "image" and len(set(shapes.values())) > 1:
            sizes = ", ".join(f"{name} {h} x {w}" for name, (_, h, w) in shapes.items())
            return [f"The networks see pictures of different sizes ({sizes}), and each is judged at its own."]
        if self.source.kind == "table":
            seen = {frozenset((c.name, c.kind) for c in model.codec_.used) for model in named.values()}
            if len(seen) > 1:
                return [
                    "The models see different columns, and each is judged by its own: the errors, distances and "
                    "likelihoods of one say little of another's."
                ]
        return []

    def entry(self, name: str, kind: str, model: Any, notes: list[str]) -> Entry:
        """One row: everything that is measured of one model."""
        found = evaluate(model, self.source, n=len(self.source), draws=_DRAWS, seed=self.seed, only=SHOWN)
        notes += [note if "label" in note else f"{name}: {note}" for note in found["notes"]]
        numbers: Numbers = {key: found.get(key) for key in SHOWN}
        numbers |= {"encode": self._encoding(model), "auroc": self._auroc(model), **_costs(model)}
        if kind == "untrained":
            numbers["fit"] = None
        some, decodes = self.some, model.latent_ > 0
        back = model.reconstruct(some) if decodes else None
        new = None if self.source.kind != "image" or undrawable(model) else model.sample(ACROSS, seed=self.seed)
        return Entry(name, kind, model, numbers, found.get("columns", {}), back, new)

    def _encoding(self, model: Any) -> float:
        """Milliseconds for a thousand items."""
        spent: list[float] = []
        for _ in range(_TIMES):
            started = time.perf_counter()
            model.transform(self.source)
            spent.append(time.perf_counter() - started)
        return 1e6 * min(spent) / len(self.source)

    def _auroc(self, model: Any) -> float | None:
        if not self.unusual.any() or self.unusual.all():
            return None
        return float(_METRICS.roc_auc_score(self.unusual, -model.score_samples(self.scored)))


def _costs(model: Any) -> Numbers:
    """What a model takes: numbers in a code, weights, megabytes of its file, seconds of training."""
    if isinstance(model, Linear):
        count = model.principal_.parameters
        return {"latent": model.latent_, "parameters": count, "size": 4e-6 * count, "fit": model.seconds_}
    weights = sum(p.numel() for p in model.module_.parameters())
    with TemporaryDirectory() as folder:
        size = model.save(Path(folder) / "model.safetensors").stat().st_size
    seconds = float(sum(event["seconds"] for event in model.history_))
    return {"latent": code_size(model) or None, "parameters": weights, "size": size / 1e6, "fit": seconds}


def _baselines(named: Mapping[str, Any], seen: Source, seed: int, notes: list[str]) -> list[tuple[str, str, Any]]:
    """For each size of code PCA, and the first such model before its training."""
    found: list[tuple[str, str, Any]] = []
    sizes: dict[int, tuple[str, Any]] = {}
    for name, model in named.items():
        sizes.setdefault(code_size(model), (name, model))
    for size, (name, model) in sizes.items():
        if seen.kind != "text":
            numbers = f"{size} number{'s' * (size != 1)}"
            found.append((f"PCA, {numbers}", "PCA", Linear(model, size, seed).fit(seen)))
        try:
            found.append((f"{name} untrained", "untrained", untrained(model, seen)))
        except InputError as reason:
            notes.append(f"{name}: {reason}")
    return found


def _models(models: Any) -> dict[str, Any]:
    """Fitted models of one kind of data, by name."""
    if isinstance(models, Mapping):
        given = [(str(name), one) for name, one in cast(Mapping[Any, Any], models).items()]
    else:
        each: list[Any] = [models] if isinstance(models, str | Path | Latent | AnomalyDetector) else [*models]
        given = [(_title(one), one) for one in each]
    if not given:
        raise InputError("there is nothing to compare; give at least one fitted model, or the path of one.")
    named: dict[str, Any] = {}
    for title, one in given:
        model = load(one) if isinstance(one, str | Path) else one
        if isinstance(model, AnomalyDetector):
            raise InputError(f"{title} is a detector, which makes no codes itself; compare its over_, the model in it.")
        if not isinstance(model, Latent) or not hasattr(model, "module_"):
            what = "is not fitted" if isinstance(model, Latent) else f"is {type(model).__name__}"
            raise InputError(
                f"{title} {what}; compare takes fitted models and paths of saved ones, and bench_models trains others."
            )
        twice = sum(known == title or known.startswith(f"{title} (") for known in named)
        named[f"{title} ({twice + 1})" if twice else title] = model
    kinds = {name: model.codec_.spec.kind for name, model in named.items()}
    if len(set(kinds.values())) > 1:
        one_each = {kind: name for name, kind in reversed(kinds.items())}
        told = listed([f"{name} to {KINDS[kind]}" for kind, name in reversed(one_each.items())])
        raise InputError(f"the models were fitted to different kinds of data, {told}; compare those of one kind.")
    if "table" in kinds.values():
        _agree(named)
    return named


def _agree(named: Mapping[str, Any]) -> None:
    """Refuses tables' models of which one learned from the column that is another's label."""
    labels = {model.codec_.label: name for name, model in named.items()}
    for name, model in named.items():
        column = next((c.name for c in model.codec_.used if c.name in labels), None)
        if column is not None:
            raise InputError(
                f"column {column!r} is the label of {labels[column]} and a column like others to {name}; compare "
                "models that see the same columns."
            )


def _title(one: Any) -> str:
    """What a model is called: its class, or the folder or file that it lies in."""
    if not isinstance(one, str | Path):
        return type(one).__name__
    path = Path(one)
    return path.parent.name if path.name == "model.safetensors" else path.name.removesuffix(".safetensors")


def _labelled(model: Any, data: Any, labels: Any) -> Source:
    source = read(model, data)
    return source if labels is None else source.labelled(labels)


def strange(source: Source, odd: Any) -> Odd:
    """Which items are odd, by their labels or as they were told: (n,)."""
    if odd is None:
        return np.zeros(len(source), bool)
    given = np.atleast_1d(np.asarray(odd))
    if given.dtype == bool and given.shape == (len(source),):
        return given
    if source.labels is None:
        raise InputError(
            "the data have no labels, so none of them says which items are odd; name the column of labels, or pass "
            "true or false for each item."
        )
    names = np.array([said(label) for label in np.asarray(source.labels).tolist()])
    known = sorted(set(names.tolist()))
    asked = [said(label) for label in given.tolist()]
    if unknown := [label for label in asked if label not in known]:
        raise InputError(
            f"no item has the label {unknown[0]!r} that is to be odd; labels there are {meant(unknown[0], known)}."
        )
    return np.isin(names, asked)
