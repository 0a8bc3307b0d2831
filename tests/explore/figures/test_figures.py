import importlib
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure
from PIL import Image

import latently
from latently.explore import figures, look, tables
from latently.explore.judging.quality import Column

room = importlib.import_module("latently.explore.figures.restored")


def drawn(figure: Figure) -> Image.Image:
    """The figure as a picture; a glyph without a font or a layout that fails would warn, and warnings are errors."""
    written = BytesIO()
    look.save(figure, written)
    return Image.open(written)


def texts(figure: Figure) -> set[str]:
    return {t.get_text() for t in figure.findobj(matplotlib.text.Text)}


def test_pictures_stand_under_their_originals(picture_model: Any, digits: Any) -> None:
    figure = figures.restored(picture_model, digits, n=5)
    assert len(figure.axes) == 10
    assert {"original", "restored"} <= texts(figure)
    assert drawn(figure).width > 500


def test_every_column_of_a_table_has_a_bar(table_model: Any, table: pl.DataFrame) -> None:
    figure = figures.restored(table_model, table)
    drawn(figure)
    assert {"크기", "무게 $w$", "<town>", "paid", "day", "gaps"} <= texts(figure)
    assert "constant" not in texts(figure)


@pytest.mark.parametrize("count", [0, 1, 200])
def test_any_number_of_columns_has_room(count: int) -> None:
    figure = room._bars([Column(f"열 {j}", j % 2 == 0, j / 200, 0.1) for j in range(count)])  # pyright: ignore
    drawn(figure)
    assert ("160 between" in " ".join(texts(figure))) == (count == 200)


def test_samples(picture_model: Any, table_model: Any, table: pl.DataFrame) -> None:
    drawn(figures.samples(picture_model, n=7))
    figure = figures.samples(table_model, table, n=50)
    drawn(figure)
    assert {"크기", "<town>", "서울"} <= texts(figure)


def test_a_table_of_the_other_container_is_drawn_by_place() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame(
        {"left out": [f"name {i}" for i in range(60)], "a": rng.normal(size=60), "paid": rng.random(60) < 0.5}
    ).with_columns(pl.lit("x").alias("left out"))
    kinds = {"left out": "ignored"}
    model = latently.AE(latent=1, epochs=1).fit(latently.open(frame, kinds=kinds))
    array = np.stack([np.zeros(60), frame["a"].to_numpy(), frame["paid"].to_numpy()], 1)
    found = dict(tables.cells(model, array))
    assert found["a"].values.tolist() == frame["a"].to_list()
    assert set(found["paid"].values) == set(dict(tables.cells(model, frame))["paid"].values) == {"True", "False"}
    assert tables.rows(model, array, 1) == tables.rows(model, frame, 1)
    drawn(figures.samples(model, array, n=20))
    with pytest.raises(latently.InputError):
        figures.samples(model, array[:, :2], n=20)


def test_categories_of_an_array_and_of_a_frame_are_the_same_words() -> None:
    array = np.array([[float(i % 3), i] for i in range(30)])
    array[0, 0] = np.nan
    model = latently.AE(latent=1, epochs=1).fit(latently.open(array, kinds={"0": "category"}))
    frame = pl.DataFrame({"zip": [None if i == 0 else i % 3 for i in range(30)], "n": range(30)})
    words = [set(dict(tables.cells(model, items))["0"].values) for items in (array, frame)]
    assert words == [{"0", "1", "2"}] * 2


@pytest.mark.parametrize("low", [0.0, 1e15, 1e17, -1e300])
@pytest.mark.parametrize("gap", [0, 1, 0.5, 1e-9, 20, 1e4])
def test_big_numbers_that_are_close_have_a_histogram(low: float, gap: float) -> None:
    values = np.array([low, low + gap, low + gap / 2])
    edges = room._edges(values)  # pyright: ignore[reportPrivateUsage]
    assert np.histogram(values, edges)[0].sum() == 3
    cells = tables.Cells(values, numeric=True)
    drawn(room._spreads({"n": cells}, {"n": cells}))  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("classes", [1, 2, 10, 20, 31])
def test_the_map_takes_any_number_of_classes(picture_model: Any, digits: Any, classes: int) -> None:
    source = digits[:120]
    source.labels = np.array([f"class {i % classes}" for i in range(120)], object)
    figure = figures.latent_map(picture_model, source)
    drawn(figure)
    legend = [t.get_text() for box in figure.legends for t in box.get_texts()]
    assert len(legend) == (0 if classes == 1 else min(classes, 20))
    assert ("12 others" in legend) == (classes == 31)


def test_the_map_without_labels_shows_scores(picture_model: Any, digits: Any) -> None:
    source = digits[:50]
    source.labels = None
    assert "score: higher is more normal" in texts(figures.latent_map(picture_model, source))


@pytest.mark.parametrize("latent", [1, 2])
@pytest.mark.parametrize("rows", [1, 30])
def test_the_map_of_short_codes_and_few_rows(latent: int, rows: int) -> None:
    X = np.random.default_rng(0).normal(size=(30, 3))
    model = latently.AE(latent=latent, epochs=1).fit(X)
    drawn(figures.latent_map(model, X[:rows]))


def test_curves_of_one_epoch_without_held_out_items() -> None:
    event = {"epoch": 1, "epochs": 1, "train": {"reconstruction": 3.0, "loss": 3.0}, "validation": None, "best": True}
    assert len(figures.curves([event]).axes) == 1
    drawn(figures.curves([event]))


def test_without_held_out_items_the_last_weights_are_kept() -> None:
    model = latently.AE(latent=1, epochs=3, lr=0.5).fit(np.random.default_rng(0).normal(size=(8, 3)))
    assert latently.kept(model.history_)["epoch"] == 3
    assert "kept: the weights of epoch 3" in texts(figures.curves(model.history_))


def test_curves_of_a_loss_that_falls_far(picture_model: Any) -> None:
    first = picture_model.history_[0]
    steep = [{**first, "epoch": e, "train": dict.fromkeys(first["train"], 100000.0 / e**3)} for e in range(1, 30)]
    drawn(figures.curves(steep))


def test_settings_and_state_of_matplotlib_are_left_alone(picture_model: Any, digits: Any) -> None:
    before = dict(matplotlib.rcParams)
    drawn(figures.latent_map(picture_model, digits[:50]))
    assert dict(matplotlib.rcParams) == before


def test_letters_without_a_font_are_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "families", lambda: ("DejaVu Sans",))
    figure = look.blank(2, 1)
    figure.text(0, 0, "한글 \ue000")
    drawn(look.dress(figure))


def test_a_grid_is_written_whole(tmp_path: Path) -> None:
    for name in ("grid.png", "grid.jpg"):
        figures.save_grid(tmp_path / name, np.zeros((5, 8, 8), np.uint8))
        with Image.open(tmp_path / name) as image:
            assert image.width > 100
    with pytest.raises(latently.OutputError, match="not written"):
        figures.save_grid(tmp_path / "grid.png" / "grid.png", np.zeros((5, 8, 8), np.uint8))
