"""Two small trained models and their data: pictures with labels, and a table with Korean names, gaps and dates."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
import torch
from sklearn.datasets import load_digits

import latently

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def digits() -> latently.Source:
    bunch = load_digits(n_class=4)
    source = latently.open((bunch.images[:300] * 255 / 16).round().astype(np.uint8))
    source.labels = np.array(["영", "하나", "둘", "셋"])[bunch.target[:300]]
    return source


@pytest.fixture(scope="session")
def picture_model(digits: latently.Source) -> latently.Latent:
    return latently.VAE(latent=3, epochs=2).fit(digits)


@pytest.fixture(scope="session")
def table() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    size = rng.normal(10, 2, 240)
    return pl.DataFrame(
        {
            "크기": size,
            "무게 $w$": size * 3 + rng.normal(0, 0.1, 240),
            "<town>": rng.choice(["서울", "부산", "Jeju"], 240),
            "paid": rng.random(240) < 0.5,
            "day": [date(2024, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 300, 240)],
            "gaps": [None if i % 5 == 0 else float(i) for i in range(240)],
            "constant": [7] * 240,
        }
    )


@pytest.fixture(scope="session")
def table_model(table: pl.DataFrame) -> latently.Latent:
    return latently.AE(latent=3, epochs=60).fit(table)
