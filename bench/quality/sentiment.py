"""Sentiment of Korean film reviews from codes that were learned without labels, beside TF-IDF of the same texts.

python -m bench.quality.sentiment [--quick] [--epochs 5] [--unit bpe] [--vocabulary 5000]

Models learn from unlabelled reviews alone; a logistic regression on their codes of 6,000 other reviews, half of them
good and half bad, is judged in five folds, its penalty chosen within each fold in three; the same for all. TF-IDF is
fitted in each fold: of words, and of one to three syllables; the latter also through as many numbers as a code has, by
SVD of the unlabelled reviews. Of each model what `transform` gives, and more of what it knows of a text.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

import latently
from latently.estimator import passes
from latently.spec import PAD

from ..data import DATA
from ..record import Run, options
from .training import few

TEXTS = DATA / "text"
FEW = 400
PENALTIES = [0.001, 0.01, 0.1, 1.0, 10.0]
SIZE = 256  # of the SVD: as many numbers as the language model has states
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


def regression(*, dense: bool) -> GridSearchCV:
    """With a penalty chosen within the fold; how its one optimum is found is a matter of time."""
    solver = "newton-cholesky" if dense else "lbfgs"  # of 256 columns 0.1 s instead of 2
    return GridSearchCV(LogisticRegression(solver=solver, max_iter=500), {"C": PENALTIES}, cv=3)


def pooled(states: Tensor, real: Tensor) -> Tensor:
    """States (B, T, D) of the tokens that are `real` (B, T), as their mean, largest and smallest: (B, 3 D)."""
    there = real.unsqueeze(2)
    mean = (states * there).sum(1) / there.sum(1).clamp(min=1)
    largest, smallest = (states.masked_fill(~there, fill) for fill in (-torch.inf, torch.inf))
    return torch.cat((mean, largest.amax(1), smallest.amin(1)), 1)


def of_writer(model: Any, x: Tensor) -> Tensor:
    """What a language model's last layer and its embedding know of texts (B, T)."""
    told, writer = x.long(), model.module_.decoder
    states, _ = writer.states(x.new_zeros(len(x), 0, dtype=torch.float32), told)
    return torch.cat((pooled(states, told != PAD), pooled(writer.embedding(told), told != PAD)), 1)


def of_reader(model: Any, x: Tensor) -> Tensor:
    """The encoder's largest states, number by number, and the mean code that is made of them."""
    return torch.cat((model.module_.encoder.largest(x), model.module_.encode(x).mean), 1)


Pool = Callable[[Any, Tensor], Tensor]
MORE: dict[str, tuple[str, Pool]] = {
    "LanguageModel": ("states and word vectors: mean, largest, smallest", of_writer),
    "TextVAE": ("codes and largest states", of_reader),
}


def trained(name: str, texts: list[str], training: dict[str, Any], reading: dict[str, Any], kept: Path | None) -> Any:
    """The model, fitted; one that was kept with the same settings is taken instead of trained again."""
    model = latently.make(getattr(latently, name).name, **MODELS[name], **training)
    path = kept and kept / f"{name}-{reading['unit']}.safetensors"
    if path and path.exists() and (found := latently.load(path)).get_params() == model.get_params():
        return found
    model.fit(latently.open(texts, **reading))
    if path:
        model.save(path)
    return model


def main() -> None:
    given = options(
        __doc__,
        epochs={"type": int, "default": 5},
        unit={"default": "bpe"},
        vocabulary={"type": int, "default": 5000},
        kept={"type": Path, "help": "where models are kept, and taken from"},
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
        **reading,
        kept=given.kept is not None,  # then `seconds` may lack the training
        data=f"{len(unlabelled)} reviews of korean.txt by {given.unit} without labels, then {len(texts)} of "
        "korean-sentiment.tsv in five folds",
        target="within .05 of TF-IDF",
    )
    counted = {name: make_pipeline(TfidfVectorizer(**how), regression(dense=False)) for name, how in COUNTED.items()}
    for name, steps in counted.items():
        run.found(**{name: judged(steps, texts, labels, given.seed)})
    size = min(SIZE, len(unlabelled) - 1)
    seen = make_pipeline(TfidfVectorizer(**COUNTED["TF-IDF of syllables"]), TruncatedSVD(size, random_state=given.seed))
    classified = make_pipeline(StandardScaler(), regression(dense=True))
    codes = seen.fit(unlabelled).transform(texts)
    run.found(**{f"SVD of TF-IDF of syllables, {size} numbers": judged(classified, codes, labels, given.seed)})
    for name, (about, use) in MORE.items():
        model = trained(name, unlabelled, training, reading, given.kept)
        source = latently.open(texts)
        pooled_too = passes.over(model.module_, model.codec_, source, lambda x, _, m=model, use=use: use(m, x))
        for called, found in ((name, model.transform(source)), (f"{name}, {about}", pooled_too)):
            told = {"numbers": found.shape[1], **judged(classified, found, labels, given.seed)}
            run.found(**{called: told})
    run.finish()


if __name__ == "__main__":
    main()
