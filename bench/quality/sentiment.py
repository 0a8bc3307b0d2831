"""Sentiment of Korean film reviews from codes that were learned without labels, beside TF-IDF of the same texts.

python -m bench.quality.sentiment [--quick] [--epochs 5]

Models learn from unlabelled reviews alone; a logistic regression on their codes of 6,000 other reviews, half of them
good and half bad, is judged in five folds. TF-IDF is fitted in each fold: of words, and of one to three syllables.
"""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import latently

from ..data import DATA
from ..record import Run, options
from .training import few

TEXTS = DATA / "text"
FEW = 400
COUNTED: dict[str, dict[str, Any]] = {
    "TF-IDF of words": {"token_pattern": r"\S+"},
    "TF-IDF of syllables": {"analyzer": "char_wb", "ngram_range": (1, 3), "min_df": 2},
}
MODELS: dict[str, dict[str, Any]] = {
    "LanguageModel": {"network": "embed128 drop0.3 lstm256 drop0.3"},
    "TextVAE": {"latent": 64, "encoder": "embed128 drop0.3 lstm256", "free_nats": 16.0},
}


def reviews(quick: bool) -> tuple[list[str], NDArray[np.str_]]:
    """Labelled reviews and their labels: "1" good, "0" bad."""
    with (TEXTS / "korean-sentiment.tsv").open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)][: FEW if quick else None]
    return [row["text"] for row in rows], np.array([row["label"] for row in rows])


def judged(steps: Any, X: Any, y: NDArray[np.str_], seed: int) -> dict[str, float]:
    """Accuracy over five folds, and how far apart they are."""
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    found = cross_val_score(steps, X, y, cv=folds)
    return {"accuracy": round(float(found.mean()), 4), "deviation": round(float(found.std(ddof=1)), 4)}


def regression() -> GridSearchCV:
    """With a penalty chosen within the fold."""
    return GridSearchCV(LogisticRegression(max_iter=2000), {"C": np.logspace(-3, 2, 6)}, cv=3)


def main() -> None:
    given = options(
        __doc__,
        epochs={"type": int, "default": 5},
        unit={"default": "bpe"},
        vocabulary={"type": int, "default": 5000},
    )
    torch.set_num_threads(given.threads)
    texts, labels = reviews(given.quick)
    known = set(texts)
    unlabelled = [line for line in (TEXTS / "korean.txt").read_text("utf-8").splitlines() if line not in known]
    unlabelled = unlabelled[: FEW if given.quick else None]
    training = few(given.quick, epochs=given.epochs, batch_size=64, lr=2e-3, schedule="linear", seed=given.seed)
    reading: Any = {"unit": given.unit, "vocabulary": given.vocabulary}
    run = Run(
        "quality-sentiment",
        given,
        **training,
        models=MODELS,
        data=f"{len(unlabelled)} reviews of korean.txt by {given.unit} without labels, then {len(texts)} of "
        "korean-sentiment.tsv in five folds",
        target="within .05 of TF-IDF",
    )
    for name, how in COUNTED.items():
        run.found(**{name: judged(make_pipeline(TfidfVectorizer(**how), regression()), texts, labels, given.seed)})
    for name, settings in MODELS.items():
        model = latently.make(getattr(latently, name).name, **settings, **training)
        codes = model.fit(latently.open(unlabelled, **reading)).transform(texts)
        run.found(**{name: judged(make_pipeline(StandardScaler(), regression()), codes, labels, given.seed)})
    run.finish()


if __name__ == "__main__":
    main()
