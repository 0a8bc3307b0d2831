"""Disentanglement: whether single numbers of a code stand for single factors that the items were made of.

A factor is a column of `factors` (n, K): classes where it holds words, truth values or at most 20 different values,
else a number.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn import ensemble, metrics, model_selection, svm

Array = NDArray[Any]
_ENSEMBLE: Any = ensemble  # scikit-learn carries no types
_METRICS: Any = metrics
_MODEL_SELECTION: Any = model_selection
_SVM: Any = svm

_CLASSES = 20  # a number with more different values is one that varies


class DCI(NamedTuple):
    """Disentanglement, completeness and informativeness, each at most 1."""

    disentanglement: float
    completeness: float
    informativeness: float


def mig(codes: Array, factors: Array, bins: int = 20) -> float:
    r"""Mutual information gap: how much more the best number of a code knows of a factor than the second best.

    .. math:: \mathrm{MIG} = \tfrac1K \sum_k \frac{1}{H(v_k)} \left(I(z_{(1)}; v_k) - I(z_{(2)}; v_k)\right)

    Numbers are read in `bins` of equal width. A factor that never changes is left out.

    Parameters
    ----------
    codes, factors
        (n, D) and (n, K).
    bins
        Of each number of a code, and of a factor that is a number.

    References
    ----------
    "Isolating Sources of Disentanglement in Variational Autoencoders" (Chen et al., 2018).

    Examples
    --------
    >>> factors = np.random.default_rng(0).integers(0, 4, (5000, 2))
    >>> round(mig(factors.astype(float), factors), 2), round(mig(factors @ np.array([[1.0, 1], [4, 4]]), factors), 2)
    (1.0, 0.0)
    """
    read = [_binned(z, bins) for z in codes.T]
    gaps: list[float] = []
    for factor in factors.T:
        known = _classes(factor)
        known = _binned(factor, bins) if known is None else known
        entropy = _entropy(np.bincount(known) / len(known))
        if entropy > 0:
            gaps.append(_gap([float(_METRICS.mutual_info_score(z, known)) for z in read]) / entropy)
    return float(np.mean(gaps)) if gaps else float("nan")


def sap(codes: Array, factors: Array, seed: int = 0) -> float:
    r"""Separated attribute predictability: how much better the best number alone tells a factor than the second best.

    .. math:: \mathrm{SAP} = \tfrac1K \sum_k S_{(1)k} - S_{(2)k}

    S is the squared correlation with a factor that is a number, and for classes the accuracy on a held-out half of a
    linear support vector machine that reads that number alone.

    Parameters
    ----------
    codes, factors
        (n, D) and (n, K).
    seed
        Of the halves.

    References
    ----------
    "Variational Inference of Disentangled Latent Concepts from Unlabeled Observations" (Kumar et al., 2018).

    Examples
    --------
    >>> factors = np.random.default_rng(0).normal(size=(2000, 2))
    >>> round(sap(factors, factors), 2)
    1.0
    """
    gaps: list[float] = []
    for factor in factors.T:
        known = _classes(factor)
        if known is not None and known.max(initial=0) == 0:
            continue
        alone = [_squared(z, factor) if known is None else _told_apart(z, known, seed) for z in codes.T]
        gaps.append(_gap(alone))
    return float(np.mean(gaps)) if gaps else float("nan")


def dci(codes: Array, factors: Array, seed: int = 0) -> DCI:
    r"""Disentanglement, completeness and informativeness, from how much each number matters to tell each factor.

    .. math:: D = \sum_i \rho_i \left(1 - H_K(P_{i\cdot})\right), \quad
              C = \tfrac1K \sum_k \left(1 - H_D(\tilde P_{\cdot k})\right)

    R is the (D, K) matrix of the importances of a random forest that tells factor k from the whole code. P is R with
    rows that sum to one, :math:`\tilde P` with columns that do, :math:`\rho_i` the share of number i in R, and H_B the
    entropy to base B. D is 1 where each number matters to one factor only, C where each factor needs one number only.
    Informativeness is the forests' mean score on held-out items: accuracy of classes, R² of numbers.

    Parameters
    ----------
    codes, factors
        (n, D) and (n, K).
    seed
        Of the forests and of the items held out, a quarter.

    References
    ----------
    "A Framework for the Quantitative Evaluation of Disentangled Representations" (Eastwood & Williams, 2018).

    Examples
    --------
    >>> factors = np.random.default_rng(0).integers(0, 3, (3000, 2))
    >>> [round(v, 1) for v in dci(factors.astype(float), factors)]
    [1.0, 1.0, 1.0]
    """
    found = [told for told in (_forest(codes, factor, seed) for factor in factors.T) if told is not None]
    if not found:
        return DCI(*[float("nan")] * 3)
    matters = np.stack([importance for importance, _ in found], 1)  # (D, K)
    per_number = np.array([1 - _entropy(row, base=matters.shape[1]) for row in matters])
    per_factor = [1 - _entropy(column, base=matters.shape[0]) for column in matters.T]
    weights = matters.sum(1) / matters.sum()
    return DCI(float(weights @ per_number), float(np.mean(per_factor)), float(np.mean([score for _, score in found])))


def _forest(codes: Array, factor: Array, seed: int) -> tuple[Array, float] | None:
    """The importance of each number of the code for one factor, and the score on held-out items."""
    known = _classes(factor)
    if known is not None and known.max(initial=0) == 0:
        return None
    target = factor.astype(np.float64) if known is None else known
    grown = _ENSEMBLE.RandomForestRegressor if known is None else _ENSEMBLE.RandomForestClassifier
    forest = grown(n_estimators=50, min_samples_leaf=2, random_state=seed)
    seen, held, told, asked = _parts(codes, target, 0.25, seed)
    forest.fit(seen, told)
    return forest.feature_importances_, float(forest.score(held, asked))


def _classes(factor: Array) -> NDArray[np.intp] | None:
    """The factor as class numbers, or None where it is a number that varies."""
    values = factor.astype(str) if factor.dtype == object else factor
    distinct, index = np.unique(values, return_inverse=True)
    return None if len(distinct) > _CLASSES and values.dtype.kind in "iuf" else index


def _binned(values: Array, bins: int) -> NDArray[np.intp]:
    values = values.astype(np.float64)
    edges: Array = np.linspace(float(values.min()), float(values.max()), bins + 1)[1:-1]
    return np.digitize(values, edges)


def _entropy(shares: Array, base: float = np.e) -> float:
    """Of shares that are brought to a sum of one; to a base of one there is nothing to be unsure of."""
    shares = shares[shares > 0] / max(shares.sum(), 1e-300)
    return float(-(shares * np.log(shares)).sum() / np.log(base)) if base > 1 else 0.0


def _gap(scores: list[float]) -> float:
    """The best over the second best; a code of one number has no second."""
    best, *others = sorted(scores, reverse=True)
    return best - (others[0] if others else 0.0)


def _squared(z: Array, factor: Array) -> float:
    z, factor = z - z.mean(), factor.astype(np.float64) - factor.mean()
    scale = float((z**2).sum() * (factor**2).sum())
    return float((z * factor).sum()) ** 2 / scale if scale > 0 else 0.0


def _told_apart(z: Array, known: Array, seed: int) -> float:
    scale = float(z.std())
    if scale == 0:
        return float(np.bincount(known).max() / len(known))
    seen, held, told, asked = _parts(((z - z.mean()) / scale)[:, None], known, 0.5, seed)
    if len(np.unique(told)) < 2:
        return float((asked == told[0]).mean())
    machine = _SVM.LinearSVC(C=0.01, class_weight="balanced", random_state=seed)
    return float(machine.fit(seen, told).score(held, asked))


def _parts(x: Array, y: Array, held: float, seed: int) -> tuple[Array, Array, Array, Array]:
    return tuple(_MODEL_SELECTION.train_test_split(x, y, test_size=held, random_state=seed))
