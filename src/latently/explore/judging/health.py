"""Whether a model learned anything: its numbers, and what they mean in plain sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import neighbors

from ...data import Source
from ...estimator.learned import Learned
from ...parts import Quantized
from .. import metrics
from ..given import read
from . import telling
from .features import Features, feature_space, undrawable
from .finding import Finding as Finding
from .finding import Health as Health
from .finding import Level, few
from .quality import AgainstPCA, against_pca, halves, one_size, packed
from .usage import Checked, encoded, hints, in_use

_ITEMS = 2000  # looked at, at most
_NOTHING = 0.01  # share of the variation: restoring less is restoring the mean item
_EVEN = 0.005  # closer than half a percent of the variation is called even
_FEW, _HALF = 0.1, 0.5  # shares below which a finding is bad, or only fair
_LABELS = 40  # different labels at most
_ENOUGH = 20  # items below which samples are not compared with them

Array = NDArray[Any]
_NEIGHBORS: Any = neighbors  # scikit-learn carries no types


@dataclass(frozen=True, slots=True)
class _Patient:
    """A model, what its encoder makes of some items, and how it restores what it has not seen."""

    model: Any
    source: Source
    comparison: AgainstPCA
    mean: Array  # (n, D)
    kl: Array | None  # (n, D) nats
    indices: Array | None  # (n, P)


def health(model: Any, data: Any, *, comparison: AgainstPCA | None = None) -> Health:
    """Looks at a fitted model the way one would before trusting it.

    Posterior collapse shows in the numbers of a code whose mean does not vary with the item (active units) and in their
    divergence from the prior; an idle codebook in the entries used and their perplexity; mode collapse in the share of
    items that have a sample near (coverage), and in labels that no sample falls into. The loss is set beside that of
    the untrained network, the restoration beside PCA's with a code of the same size.

    Parameters
    ----------
    model
        A fitted model.
    data
        What it was fitted to: anything `latently.open` takes.
    comparison
        With PCA, where it was made before.

    References
    ----------
    Active units: "Importance Weighted Autoencoders" (Burda et al., 2016). Coverage: "Reliable Fidelity and Diversity
    Metrics for Generative Models" (Naeem et al., 2020).

    Examples
    --------
    >>> import latently
    >>> noise = np.random.default_rng(0).normal(size=(200, 6))
    >>> found = health(latently.VAE(latent=3, beta=100.0, epochs=5).fit(noise), noise)
    >>> found.numbers["active_units"], "Posterior collapse" in str(found)
    (0, True)
    """
    source = one_size(read(model, data))
    if source.kind == "text":
        return telling.health(model, *halves(source, model.validation, model.seed)[:2])
    if comparison is None:
        seen, held, unseen = halves(source, model.validation, model.seed)
        comparison = against_pca(model, seen, held, unseen=unseen, seed=model.seed)
    rows = np.sort(np.random.default_rng(model.seed).permutation(len(source))[:_ITEMS])
    code = encoded(model, source[rows])
    patient = _Patient(model, source[rows], comparison, code.mean, code.kl, code.indices)
    numbers: dict[str, Any] = {}
    findings: list[Finding] = []
    for check in _CHECKS if isfinite(comparison.model) else _CHECKS[:1]:  # where no item differs, nothing else is told
        found, said = check(patient)
        numbers |= found
        findings += said
    return Health(numbers, (*few(len(source), model.held_out_), *findings))


def _learning(p: _Patient) -> Checked:
    """The loss against that of the network before its first step, and against restoring the mean item for all."""
    learned, share = Learned.of(p.model.history_, p.model.untrained_), p.comparison.model
    found: dict[str, Any] = {"loss": learned.loss, "restored": share if isfinite(share) else None}
    told = learned.told
    if learned.before is not None:
        found["untrained_loss"] = learned.before
    if learned.nothing:
        return found, [Finding("learning", "bad", f"It learned nothing: {told}.{hints(p.model, 'lr', 'epochs')}")]
    if not isfinite(share):
        text = "There is nothing to learn: the items do not differ from each other; give items that do."
        return found, [Finding("learning", "bad", text)]
    if share > _NOTHING:
        return found, [Finding("learning", "good", f"It learned: {told}.")]
    if p.model.module_.bottleneck.drawn:  # what a generator learned shows in its samples
        text = "Its encoder, learned by inverting the generator, does not find the items: they come back as others"
        return found, [Finding("learning", "fair", f"{text} ({told}).")]
    text = "It learned nothing that tells the items apart: what it restores is no closer than the mean item for all"
    return found, [Finding("learning", "bad", f"{text} ({told}).{hints(p.model, 'beta', 'epochs', 'lr')}")]


def _against_pca(p: _Patient) -> Checked:
    c = p.comparison
    if not (isfinite(c.model) and isfinite(c.pca)):
        return {}, []
    both = f"{c.model:.1%} of what differs between items comes back, {c.pca:.1%} through PCA with as short a code"
    level, said = "good", f"It restores more than PCA: {both}."
    if p.model.module_.handed:
        text = f"{c.model:.1%} comes back, but the decoder is handed more than the code, so PCA is no match for it."
        return {}, [Finding("PCA", "fair", text)]
    if c.latent >= c.size:
        level, said = "fair", f"Nothing is compressed: a code of {c.latent} for {c.size} numbers can be a copy of them."
    elif c.model < c.pca - _EVEN:
        level, said = "fair", f"PCA restores more: {both}."
    elif c.model <= c.pca + _EVEN:
        level, said = "fair", f"It restores as much as PCA: {both}."
    return {"pca": c.pca}, [Finding("PCA", level, said)]


def _code(p: _Patient) -> Checked:
    return ({}, []) if isinstance(p.model.module_.bottleneck, Quantized) else in_use(p.model, p.mean, p.kl)


def _codebook(p: _Patient) -> Checked:
    """How many entries of a codebook are used, and how evenly: their perplexity is as many that are used alike."""
    if p.indices is None:
        return {}, []
    codes = int(p.model.module_.bottleneck.codes)
    shares: Array = np.bincount(p.indices.reshape(-1).astype(int), minlength=codes) / p.indices.size
    known = shares[shares > 0]
    used, perplexity = len(known), float(np.exp(-(known * np.log(known)).sum()))
    found = {"codebook": {"codes": codes, "used": used, "perplexity": perplexity, "shares": shares.tolist()}}
    what = "entries of the codebook" if isinstance(p.model.module_.bottleneck, Quantized) else "levels of a number"
    said = f"{used} of {codes} {what} are used, as evenly as {perplexity:.3g} equal ones"
    room = min(codes, p.indices.size)  # few items cannot use more
    if codes > 1 and used < max(2, _FEW * room):
        text = f"Codebook collapse: {said}." + hints(p.model, "codes", "lr")
        return found, [Finding("codebook", "bad", text)]
    level: Level = "fair" if used < _HALF * room else "good"
    return found, [Finding("codebook", level, f"{said}.")]


def _samples(p: _Patient) -> Checked:
    """Whether samples are like the items, and whether all kinds of items have samples like them."""
    if len(p.source) < _ENOUGH:
        return {}, []
    if reason := undrawable(p.model):
        return {}, [Finding("samples", "fair", f"No samples can be drawn: {reason}")]
    before = packed(p.model, p.source)
    compared: Features = feature_space(p.model, p.source, None, before, p.model.seed)
    near = metrics.covered(compared.real, compared.drawn)
    precision = metrics.precision_recall(compared.real, compared.drawn)[0]
    density = metrics.density_coverage(compared.real, compared.drawn)[0]
    coverage = float(near.mean())
    found = {"coverage": coverage, "precision": precision, "density": density}
    labels, more = _labels(p.source, compared, near)
    said = f"{_percent(coverage)} of the items have a sample near"
    if coverage >= _FEW:
        level: Level = "good" if coverage >= _HALF else "fair"
        text = f"{said}, {_percent(precision)} of the samples lie among the items."
        return found | labels, [Finding("samples", level, text), *more]
    if precision >= _HALF:
        text = f"Mode collapse: the samples are like a few items only; {said}."
    else:
        text = f"The samples are not like the data: {said}."
    return found | labels, [Finding("samples", "bad", text)]


def _labels(source: Source, compared: Features, near: Array) -> Checked:
    """Which labels the samples fall into, by the nearest items, and which have none near."""
    if source.labels is None:
        return {}, []
    labels = np.asarray(source.labels).astype(str)
    names = sorted(set(labels.tolist()))
    if not 2 <= len(names) <= min(_LABELS, len(labels) // 2):
        return {}, []
    voting = _NEIGHBORS.KNeighborsClassifier(min(5, len(labels))).fit(compared.real, labels)
    fallen = voting.predict(compared.drawn)
    table = {
        name: {
            "items": float((labels == name).mean()),
            "samples": float((fallen == name).mean()),
            "coverage": float(near[labels == name].mean()),
        }
        for name in names
    }
    missed = [name for name, row in table.items() if row["coverage"] < _FEW]
    found = {"labels": table, "missed": missed}
    if not missed:
        return found, [Finding("labels", "good", f"All {len(names)} labels have samples near their items.")]
    level: Level = "bad" if len(missed) >= _HALF * len(names) else "fair"
    text = f"Hardly any sample is near the items of {len(missed)} of {len(names)} labels: {_listed(missed)}."
    return found, [Finding("labels", level, text)]


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.01 else f"{share:.0%}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


_CHECKS: tuple[Callable[[_Patient], Checked], ...] = (_learning, _against_pca, _code, _codebook, _samples)
