"""Missing cells of a table filled in: error of numbers and accuracy of categories, beside scikit-learn's imputers.

python -m bench.quality.imputation [--quick] [--tables adult penguins]

Of a table's cells that are there a share is hidden at random (.1, .3, .5; one draw by the seed), label column left out;
those of the test rows are what is told. adult.csv: 8,000 rows to fit and 2,000 to test, drawn by the seed; penguins:
two thirds and one third. Everybody is fitted to the training rows with their gaps and fills in those of the test rows:

- `DenoisingAE`: `noise=0`, `mask` .3 at .1 hidden, else .5, a code of 32 (adult) or 8 (penguins), the same otherwise;
  the rows as they are, categories and all.
- `KNNImputer` (5 neighbours, distance weights) and `IterativeImputer` (BayesianRidge, 10 rounds), as scikit-learn has
  them, on standardised numbers and one-hot categories, the largest of a category's columns being the one that is told;
  for the iterative one a category's commonest column is left out and told by what the others leave of 1, for else each
  is foretold by the others, which are missing with it, and stays at its mean.
- the mean of a column, or its commonest category.

Numbers: mean absolute error over the column's standard deviation. Categories: share told rightly.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import polars as pl
import torch
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer

import latently

from ..data import DATA
from ..record import Run, options
from .training import few

LABELS = {"adult": "income", "penguins": "species"}
RATES = (0.1, 0.3, 0.5)
LATENT = {"adult": 32, "penguins": 8}


def parts(name: str, seed: int, quick: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows to fit and rows to test, without the label; numbers as floats."""
    table = pl.read_csv(DATA / "tables" / f"{name}.csv", null_values=[""]).drop(LABELS[name])
    table = table.with_columns(pl.col(c).cast(pl.Float64) for c in table.columns if table[c].dtype.is_numeric())
    rows = np.random.default_rng(seed).permutation(len(table))
    count = 300 if quick else 10_000
    rows = rows[: min(count, len(rows))]
    cut = len(rows) * (4 if len(rows) == count else 10) // (5 if len(rows) == count else 15)
    return table[rows[:cut]], table[rows[cut:]]


def hidden(table: pl.DataFrame, rate: float, seed: int) -> tuple[pl.DataFrame, dict[str, np.ndarray]]:
    """The table with a share of its cells gone, and by column which of them were there before."""
    drawn = np.random.default_rng(seed).random(table.shape) < rate
    gone = {c: drawn[:, j] & table[c].is_not_null().to_numpy() for j, c in enumerate(table.columns)}
    frame = table.with_columns(
        pl.when(pl.Series(~gone[c])).then(pl.col(c)).otherwise(None).alias(c) for c in table.columns
    )
    return frame, gone


def scores(
    whole: pl.DataFrame, found: pl.DataFrame, gone: dict[str, np.ndarray], fitted: pl.DataFrame
) -> dict[str, Any]:
    """By column, and the two means."""
    columns: dict[str, float] = {}
    for name, rows in gone.items():
        a, b = whole[name].filter(pl.Series(rows)), found[name].filter(pl.Series(rows))
        if a.dtype.is_numeric():
            columns[name] = float((a - b).abs().mean() or 0.0) / float(fitted[name].std() or 1.0)
        else:
            columns[name] = float((a == b).mean() or 0.0)
    numbers = [v for c, v in columns.items() if whole[c].dtype.is_numeric()]
    words = [v for c, v in columns.items() if not whole[c].dtype.is_numeric()]
    return {
        "numbers: mean absolute error": round(float(np.mean(numbers)), 4),
        "categories: accuracy": round(float(np.mean(words)), 4),
        "columns": {c: round(v, 4) for c, v in columns.items()},
    }


class Coded:
    """Numbers standardised and categories one-hot, a gap missing in all of its columns; and back."""

    def __init__(self, fitted: pl.DataFrame, implied: bool) -> None:
        self.columns, self.implied = fitted.columns, int(implied)
        counted = {c: fitted[c].drop_nulls().value_counts(sort=True)[c] for c in fitted.columns}
        self.levels = {c: found for c, found in counted.items() if not fitted[c].dtype.is_numeric()}
        self.scales = {c: (fitted[c].mean(), fitted[c].std() or 1.0) for c in fitted.columns if c not in self.levels}

    def there(self, table: pl.DataFrame) -> np.ndarray:
        """(n, width), NaN where a cell is missing."""
        blocks = []
        for c in self.columns:
            if c in self.scales:
                mean, scale = self.scales[c]
                blocks.append(((table[c] - mean) / scale).to_numpy().astype(float)[:, None])
            else:
                levels = self.levels[c][self.implied :]
                blocks.append(np.stack([(table[c] == level).cast(pl.Float64).to_numpy() for level in levels], 1))
        return np.concatenate(blocks, 1)

    def back(self, x: np.ndarray) -> pl.DataFrame:
        """The table of (n, width) numbers."""
        made: dict[str, Any] = {}
        at = 0
        for c in self.columns:
            if c in self.scales:
                mean, scale = self.scales[c]
                made[c], at = x[:, at] * scale + mean, at + 1
            else:
                levels = self.levels[c]
                shares = x[:, at : (at := at + len(levels) - self.implied)]
                if self.implied:
                    shares = np.concatenate((1 - shares.sum(1, keepdims=True), shares), 1)
                made[c] = levels.gather(shares.argmax(1))
        return pl.DataFrame(made)


def ours(train: pl.DataFrame, test: pl.DataFrame, rate: float, name: str, given: Any) -> pl.DataFrame:
    model = latently.DenoisingAE(
        noise=0.0,
        mask=0.3 if rate < 0.3 else 0.5,
        latent=LATENT[name],
        encoder="dense256 silu dense256 silu",
        schedule="cosine",
        seed=given.seed,
        **few(given.quick, patience=0, epochs=60 if name == "adult" else 300),
    )
    return model.fit(train).impute(test)


def theirs(imputer: Any, implied: bool = False) -> Any:
    def filled(train: pl.DataFrame, test: pl.DataFrame, *_: Any) -> pl.DataFrame:
        coded = Coded(train, implied)
        return coded.back(imputer.fit(coded.there(train)).transform(coded.there(test)))

    return filled


def floor(train: pl.DataFrame, test: pl.DataFrame, *_: Any) -> pl.DataFrame:
    told = {
        c: train[c].mean() if train[c].dtype.is_numeric() else train[c].drop_nulls().mode()[0] for c in train.columns
    }
    return test.with_columns(pl.col(c).fill_null(told[c]) for c in train.columns)


def main() -> None:
    given = options(__doc__, tables={"nargs": "+", "default": list(LABELS), "choices": list(LABELS)})
    torch.set_num_threads(given.threads)
    rivals = {
        "mean or commonest": floor,
        "Latently DenoisingAE": ours,
        "scikit-learn KNNImputer": theirs(KNNImputer(weights="distance", keep_empty_features=True)),
        "scikit-learn IterativeImputer": theirs(
            IterativeImputer(max_iter=10, random_state=0, keep_empty_features=True), implied=True
        ),
    }
    run = Run("quality-imputation", given, "scikit-learn", "polars", rates=RATES, latent=LATENT)
    for name in given.tables:
        train, test = parts(name, given.seed, given.quick)
        for rate in RATES[:1] if given.quick else RATES:
            gaps, _ = hidden(train, rate, given.seed + 1)
            asked, gone = hidden(test, rate, given.seed + 2)
            rows: dict[str, Any] = {}
            for rival, fill in rivals.items():
                started = time.perf_counter()
                found = fill(gaps, asked, rate, name, given)
                seconds = round(time.perf_counter() - started, 1)
                rows[rival] = {**scores(test, found, gone, train), "seconds": seconds}
                print(name, rate, rival, {k: v for k, v in rows[rival].items() if k != "columns"}, flush=True)
            run.found(**{f"{name}, {rate:.0%} hidden": rows})
    run.finish()


if __name__ == "__main__":
    main()
