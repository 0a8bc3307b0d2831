"""Codes for other learners: LightGBM and logistic regression on codes, doubled by mirror images, bagged with a vote.

An autoencoder needs no labels, so its codes can be learned from all pictures there are. Each voter is a scikit-learn
Pipeline, from pictures to codes to classes; three of them with other seeds vote, and the whole of it is fitted to the
pictures and their mirror images. Mirrored clothes are clothes; a mirrored digit may be none, and that shows.
"""

from typing import Any

import numpy as np
from _common import asked, digits, headline, look, save, table
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import latently

try:
    from lightgbm import LGBMClassifier
except ImportError:  # pip install lightgbm
    LGBMClassifier = None

VOTERS = 3
WAYS = "raw pixels", "codes", "codes, mirrored", "codes, mirrored, voted"


class Mirrored(ClassifierMixin, BaseEstimator):
    """Fits a learner to pictures (n, H, W) and to their mirror images."""

    def __init__(self, learner: Any) -> None:
        self.learner = learner

    def fit(self, X: np.ndarray, y: np.ndarray) -> "Mirrored":
        both = np.concatenate([X, X[:, :, ::-1]])
        self.learner_ = clone(self.learner).fit(both, np.concatenate([y, y]))
        self.classes_ = self.learner_.classes_
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return self.learner_.predict(X)


def main() -> None:
    args = asked("Classify pictures by their codes, beside their pixels.")
    pictures, labels = digits(args, some=750)
    held_out = min(10_000, len(pictures) // 3)
    seen, unseen = (pictures[:-held_out], labels[:-held_out]), (pictures[-held_out:], labels[-held_out:])
    trees, epochs = (200, 30) if args.full else (12, 8)
    learners: dict[str, Any] = {"logistic regression": LogisticRegression(max_iter=300)}
    if LGBMClassifier is None:
        print("LightGBM is not installed (pip install lightgbm); logistic regression goes alone.")
    else:
        learners["LightGBM"] = LGBMClassifier(n_estimators=trees, verbosity=-1, n_jobs=2, random_state=0)

    found = {name: measured(ways(learner, epochs), seen, unseen) for name, learner in learners.items()}
    rows = [(way, *(accuracies[way] for accuracies in found.values())) for way in WAYS]
    table(("accuracy on unseen pictures", *found), rows)
    save(args, "accuracy", drawn(found))


def ways(learner: Any, epochs: int) -> dict[str, Any]:
    """From pictures to classes, in ever more steps; each is one scikit-learn estimator."""

    def coded(seed: int) -> Any:
        return latently.AE(latent=48, encoder="dense256 relu dense128 relu", epochs=epochs, patience=0, seed=seed)

    def voter(seed: int) -> Any:
        return make_pipeline(coded(seed), StandardScaler(), clone(learner))

    voted = VotingClassifier([(f"seed {seed}", voter(seed)) for seed in range(VOTERS)], voting="hard")
    pixels = make_pipeline(FunctionTransformer(flat), clone(learner))
    return dict(zip(WAYS, (pixels, voter(0), Mirrored(voter(0)), Mirrored(voted)), strict=True))


def flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1) / 255


def measured(estimators: dict[str, Any], seen: tuple[Any, Any], unseen: tuple[Any, Any]) -> dict[str, float]:
    return {name: float(estimator.fit(*seen).score(*unseen)) for name, estimator in estimators.items()}


def drawn(found: dict[str, dict[str, float]]) -> object:
    """One bar a way, one colour a learner."""
    figure = look.blank(8, 0.9 + 0.32 * len(WAYS) * len(found))
    headline(figure, "Accuracy on unseen pictures")
    axes = figure.subplots()
    height = 0.8 / len(found)
    for i, (name, accuracies) in enumerate(found.items()):
        for y, way in enumerate(WAYS):
            place, value = y + (i + 0.5) * height - 0.4, accuracies[way]
            axes.barh(place, value, height * 0.9, color=look.CLASSES[i], label=name if y == 0 else None)
            axes.text(value - 0.01, place, f"{value:.1%}", va="center", ha="right", color=look.PAPER, fontsize=8)
    axes.set(yticks=range(len(WAYS)), yticklabels=WAYS, xticks=[], xlim=(0, 1), ylim=(len(WAYS) - 0.5, -0.5))
    axes.spines[["left", "bottom"]].set_visible(False)
    figure.legend(loc="outside lower right", ncols=len(found), frameon=False, fontsize=9)
    return look.dress(figure)


if __name__ == "__main__":
    main()
