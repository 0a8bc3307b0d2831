from typing import Any

import numpy as np
import polars as pl
import pytest

import latently
from latently.explore.judging.principal import Principal, Wide
from latently.explore.judging.quality import against_pca, columns, halves, one_size, packed, restored, share


def test_a_column_is_judged_by_what_it_is() -> None:
    spec = latently.Spec("table", (3,), levels=(0, 3, 0), missing=(False,) * 3)
    before = np.array([[0.0, 0, 1], [2, 0, 1], [4, 2, 1], [np.nan, 2, 1]], np.float32)
    after = np.array([[0.0, 0, 5], [2, 0, 5], [1, 0, 5], [9, 2, 5]], np.float32)
    number, category = columns(before, after, spec, ["a", "b", "never changes"])
    assert (number.score, number.guess) == (pytest.approx(1 - 9 / 8), 0)
    assert (category.score, category.guess, category.restored) == (0.75, 0.5, 0.5)
    assert share(before, after, spec) == pytest.approx((1 - 9 / 8 + 0.5) / 2)


def test_guessing_the_mean_restores_nothing() -> None:
    spec = latently.Spec("image", (1, 2, 2))
    x = np.random.default_rng(0).random((50, 1, 2, 2), np.float32)
    assert share(x, np.broadcast_to(x.mean(0), x.shape), spec) == pytest.approx(0, abs=1e-5)
    assert share(x, x, spec) == 1
    assert np.isnan(share(x[:1], x[:1], spec))


def test_pca_is_exact_where_the_code_is_as_long_as_the_item() -> None:
    X = np.random.default_rng(0).normal(size=(200, 3))
    model = latently.AE(latent=3, epochs=1).fit(X)
    found = against_pca(model, *halves(latently.open(X), model.validation, 0)[:2], unseen=True)
    assert found.pca == pytest.approx(1, abs=1e-4)
    assert (found.rows, found.pca_rows, found.latent, found.size) == (20, 180, 3, 3)


def test_restored_pictures_are_not_resized_twice() -> None:
    X = np.random.default_rng(0).random((30, 12, 12))
    source = latently.open(X, size=(8, 8))
    model = latently.AE(latent=64, epochs=1).fit(source)
    seen = one_size(source)
    assert restored(model, source) == pytest.approx(packed(model, latently.open(model.reconstruct(seen))), abs=1e-6)


def test_pca_reads_categories_as_columns_and_gaps_as_the_mean() -> None:
    spec = latently.Spec("table", (3,), levels=(3, 0, 2), missing=(True, True, False))
    rng = np.random.default_rng(0)
    x = np.stack([rng.integers(0, 3, 90), rng.normal(size=90), rng.integers(0, 2, 90)], 1).astype(np.float32)
    principal = Principal.of(x, spec, 6, 0)
    assert principal.back(principal.codes(x)) == pytest.approx(x, abs=1e-4)
    gaps = x.copy()
    gaps[:5, 0], gaps[:5, 1] = np.nan, np.nan
    principal = Principal.of(gaps, spec, 6, 0)
    back = principal.back(principal.codes(gaps))
    assert back[5:] == pytest.approx(x[5:], abs=1e-4)
    assert back[:5, 1] == pytest.approx(np.full(5, gaps[5:, 1].mean()), abs=1e-4)


def test_held_out_items_are_those_that_the_fit_held_out(picture_model: Any, digits: Any) -> None:
    seen, held, unseen = halves(digits, picture_model.validation, picture_model.seed)
    assert (len(seen), len(held), unseen) == (270, 30, True)
    assert not set(seen.names) & set(held.names)
    assert halves(digits[:30], 0.1, 0)[2] is False


def test_tables_with_gaps_and_categories_are_compared(table_model: Any, table: pl.DataFrame) -> None:
    seen, held, unseen = halves(latently.open(table), 0.1, 0)
    found = against_pca(table_model, seen, held, unseen=unseen)
    assert -1 < found.model < 1
    assert 0 < found.pca <= 1


def test_columns_judged_together_are_judged_as_one_by_one() -> None:
    drawn = np.random.default_rng(0)
    before = drawn.normal(size=(40, 150)).astype(np.float32)
    after = (before + drawn.normal(size=before.shape)).astype(np.float32)
    before[3, 5], before[:, 9] = np.nan, 1.0
    spec = latently.Spec("table", (150,), levels=(0,) * 150, missing=(False,) * 150)
    found = {column.name: column.score for column in columns(before, after, spec, [str(j) for j in range(150)])}
    one = latently.Spec("table", (1,), levels=(0,), missing=(False,))
    for j in range(150):
        alone = columns(before[:, [j]], after[:, [j]], one, [str(j)])
        assert [column.score for column in alone] == ([found[str(j)]] if j != 9 else [])


def test_rows_go_to_pca_and_back() -> None:
    spec = latently.Spec("table", (4,), levels=(3, 0, 2, 0), missing=(False,) * 4)
    rows = np.array([[2, 0.5, 1, -1.0], [0, 2.0, 0, 3.0]], np.float32)
    wide = Wide(spec)
    np.testing.assert_array_equal(wide.back(wide(rows)), rows)
