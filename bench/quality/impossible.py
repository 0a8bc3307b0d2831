"""An impossible row among real ones: where it is ranked, which columns are named, and what one cell spoils.

python -m bench.quality.impossible [--quick] [--rows 20]

Each model learns adult.csv without its label and without the rows that are spoiled: `rows` of them, drawn by the seed,
get an age of 300 and work -5 hours a week, and are ranked one by one among those that were learned. Told are the worst
rank of the spoiled rows, and the share of them of which both columns are named first.

Then an age of 99,999 stands among the rows that are learned, once, and the ages of others are imputed: how far off they
are on average, in years, beside the median and the model that learned without it.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import torch

import latently

from ..data import DATA
from ..record import Run, options
from .training import few

WRONG = {"age": 300, "hours-per-week": -5}
STRAY = 99_999
MODELS = {kind.__name__: kind for kind in (latently.AE, latently.VAE, latently.AnomalyDetector)}


def ranks(model: Any, learned: pl.DataFrame, spoiled: pl.DataFrame) -> np.ndarray:
    """The rank of each spoiled row were it alone among the learned ones, 1 for the oddest: (n,)."""
    usual = np.sort(model.score_samples(learned))
    return 1 + np.searchsorted(usual, model.score_samples(spoiled))


def named(model: Any, spoiled: pl.DataFrame) -> float:
    """The share of rows whose first reasons are the two columns that are wrong."""
    wanted = {f"{column} {value}" for column, value in WRONG.items()}
    said = latently.explain(model, spoiled).sentences
    return sum({part.partition(",")[0] for part in one.split("; ")[:2]} == wanted for one in said) / len(said)


def imputed(learned: pl.DataFrame, asked: pl.DataFrame, given: Any) -> float:
    """Mean error of the ages of `asked` in years, imputed by a model of `learned`."""
    model = latently.DenoisingAE(seed=given.seed, **few(given.quick)).fit(learned)
    gaps = asked.with_columns(pl.lit(None, pl.Int64).alias("age"))
    return float(np.abs(model.impute(gaps)["age"].to_numpy() - asked["age"].to_numpy()).mean())


def main() -> None:
    given = options(__doc__, rows={"type": int, "default": 20})
    torch.set_num_threads(given.threads)
    warnings.simplefilter("ignore", latently.LatentlyWarning)
    table = pl.read_csv(DATA / "tables" / "adult.csv", null_values=[""]).drop("income")
    table = table[np.random.default_rng(given.seed).permutation(len(table))[: 400 if given.quick else 10_000]]
    spoiled = table[: given.rows].with_columns(pl.lit(value, pl.Int64).alias(c) for c, value in WRONG.items())
    learned = table[given.rows :]
    run = Run("quality-impossible", given, "polars", rows=given.rows, items=len(learned), epochs="default")
    for name, kind in MODELS.items():
        training = few(given.quick) if issubclass(kind, latently.Latent) else {}
        model = kind(seed=given.seed, **training).fit(learned)
        worst, share = int(ranks(model, learned, spoiled).max()), named(model, spoiled)
        run.found(**{name: {"worst rank": worst, "both columns named first": round(share, 3)}})
    asked, known = learned[: len(learned) // 10], learned[len(learned) // 10 :]
    stray = known.with_columns(pl.when(pl.int_range(pl.len()) == 0).then(STRAY).otherwise("age").alias("age"))
    ages = asked["age"].to_numpy()
    errors = {
        "learned without it": imputed(known, asked, given),
        "learned with it": imputed(stray, asked, given),
        "median": float(np.abs(ages - np.median(known["age"].to_numpy())).mean()),
    }
    run.finish(**{"one age of 99,999: years that imputed ages are off": {k: round(v, 2) for k, v in errors.items()}})


if __name__ == "__main__":
    main()
