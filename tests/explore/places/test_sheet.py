"""Decoded items in rows and columns: along axes, around means, by differences; printed, drawn, written."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import latently
from latently import InputError, ParameterError


@pytest.fixture(scope="module")
def text_model():
    lines = ["the cat sat", "a dog ran", "the dog sat", "a cat ran home"] * 15
    return latently.TextVAE(latent=2, encoder="embed4 lstm8", epochs=1).fit(lines)


def test_an_axis_is_gone_along_from_one_end_to_the_other(picture_model, digits):
    codes = picture_model.transform(digits).astype(np.float64)
    item = digits.data[3]
    sheet = latently.traverse(picture_model, item, 1, 5, data=digits, reach=2)
    assert sheet.codes.shape == (1, 5, 3) and sheet.items.shape == (5, 8, 8)
    assert np.allclose(sheet.codes[0, :, 1], codes[:, 1].mean() + np.linspace(-2, 2, 5) * codes[:, 1].std())
    assert np.allclose(sheet.codes[0][:, [0, 2]], codes[3, [0, 2]], atol=1e-5)
    assert (sheet.items == picture_model.inverse_transform(sheet.codes[0])).all()
    assert sheet.rows == ("z1",) and sheet.columns == ("−2σ", "−1σ", "0σ", "+1σ", "+2σ")


def test_principal_axes_are_those_of_pca(picture_model, digits):
    from sklearn.decomposition import PCA

    codes = picture_model.transform(digits).astype(np.float64)
    pca = PCA().fit(codes)
    sheet = latently.traverse(picture_model, None, ["pc1", "pc3"], 3, data=digits, reach=1)
    for row, place in zip(sheet.codes, (0, 2), strict=True):
        step = (row[2] - row[0]) / 2
        assert abs(step @ pca.components_[place]) == pytest.approx(np.sqrt(pca.explained_variance_[place]), rel=0.01)
        assert np.allclose(row[1], codes.mean(0))
    assert sheet.rows[0] == f"pc1 ({pca.explained_variance_ratio_[0]:.0%})"


def test_the_widest_axes_come_first_and_a_code_can_be_given(picture_model):
    sheet = latently.traverse(picture_model, code=[0.0, 1.0, 2.0], n=3)
    drawn = picture_model.prior_.sample(2000, seed=0)
    assert sheet.rows == tuple(f"z{j}" for j in np.argsort(-drawn.std(0)))
    assert (sheet.codes[sheet.rows.index("z0")][:, 1:] == [1.0, 2.0]).all()


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"axis": 3}, r"axis=3 is not allowed; it is a number of the code from 0 to 2, or .* 'pc1' to 'pc3'"),
        ({"axis": "pc0"}, "axis='pc0' is not allowed"),
        ({"axis": True}, "axis=True is not allowed"),
        ({"axis": []}, "no axis was given"),
        ({"n": 1}, "traverse: n=1 is not allowed"),
        ({"reach": 0}, "reach=0 is not allowed"),
        ({"item": np.zeros((8, 8), np.uint8), "code": [0.0] * 3}, "item and code were both given"),
    ],
)
def test_what_no_axis_can_be_is_one_sentence(picture_model, how, sentence):
    with pytest.raises(ParameterError, match=sentence):
        latently.traverse(picture_model, **how)


def test_a_code_of_another_size_is_refused(picture_model):
    with pytest.raises(InputError, match=r"a code of shape \(2,\) .* give 3 finite numbers"):
        latently.traverse(picture_model, code=[0.0, 1.0])


def test_the_ideal_member_is_the_decoded_mean_code(picture_model, digits):
    sheet = latently.class_means(picture_model, digits, variations=200, strength=1.0)
    assert sheet.rows == ("둘", "셋", "영", "하나") and sheet.columns[:2] == ("ideal", "new 1")
    codes = picture_model.transform(digits).astype(np.float64)
    for row, name in zip(sheet.codes, sheet.rows, strict=True):
        members = codes[digits.labels == name]
        assert np.allclose(row[0], members.mean(0))
        assert np.allclose(np.cov(row[1:].T), np.cov(members.T), atol=0.35 * np.cov(members.T).max())
    assert (sheet["영"][0] == picture_model.inverse_transform(sheet.codes[2, :1])[0]).all()
    again = latently.class_means(picture_model, digits, of="영", variations=0)
    assert again.codes.shape == (1, 1, 3) and (again.codes[0, 0] == sheet.codes[2, 0]).all()
    still = latently.class_means(picture_model, digits, of="영", variations=3, strength=0)
    assert np.allclose(still.codes[0], still.codes[0, 0])


def test_a_class_of_one_member_has_no_variations(picture_model, digits):
    labels = np.array(["many"] * 299 + ["one"])
    sheet = latently.class_means(picture_model, digits.data, labels=labels, of="one", variations=2)
    assert np.allclose(sheet.codes[0], picture_model.transform(digits.data[299:]), atol=1e-5)


def test_classes_that_are_not_there_are_one_sentence(picture_model, digits):
    with pytest.raises(InputError, match="no item has the label 'zebra'; labels there are 둘, 셋, 영, 하나"):
        latently.class_means(picture_model, digits, of="zebra")
    with pytest.raises(InputError, match="no item has the label 'zebra'"):
        latently.analogy(picture_model, digits.data[0], "영", "zebra", data=digits)
    with pytest.raises(InputError, match="the data have no labels"):
        latently.class_means(picture_model, digits.data)
    with pytest.raises(InputError, match="no item has a label"):
        latently.class_means(picture_model, digits.data, labels=[""] * 300)
    with pytest.raises(InputError, match="300 different labels are no classes"):
        latently.class_means(picture_model, digits.data, labels=range(300))
    for how in ({"variations": -1}, {"strength": -0.1}, {"variations": 1.5}):
        with pytest.raises(ParameterError, match="is not allowed; it is"):
            latently.class_means(picture_model, digits, **how)
    with pytest.raises(ParameterError, match="strength=inf is not allowed"):
        latently.analogy(picture_model, digits.data[0], "영", "둘", data=digits, strength=np.inf)


def test_a_difference_is_added_to_items(picture_model, digits):
    zeros, ones = (digits.data[digits.labels == name] for name in ("영", "하나"))
    codes = {name: picture_model.transform(x).astype(np.float64) for name, x in (("0", zeros), ("1", ones))}
    sheet = latently.analogy(picture_model, zeros[:2], "하나", "영", 3, data=digits)
    step = codes["1"].mean(0) - codes["0"].mean(0)
    assert np.allclose(sheet.codes, codes["0"][:2, None] + np.array([0, 0.5, 1])[:, None] * step, atol=1e-5)
    assert sheet.columns == ("t = 0", "t = 0.5", "t = 1")
    same = latently.analogy(picture_model, zeros[:2], ones, zeros, 3)  # sets of items in the place of labels
    assert np.allclose(same.codes, sheet.codes, atol=1e-5)


def test_a_conditional_model_is_told_the_label_of_each_row(digits):
    model = latently.ConditionalVAE(latent=2, epochs=1).fit(digits.data, digits.labels)
    sheet = latently.class_means(model, digits, of=["영", "둘"], variations=1)
    assert (sheet["영"] == model.inverse_transform(sheet.codes[0], label="영")).all()
    assert (
        latently.traverse(model, axis=0, n=2, label="둘").items
        == latently.traverse(model, None, 0, 2, label="둘").items
    ).all()


def test_rows_of_a_table_are_printed_drawn_and_written(table_model, table, tmp_path: Path):
    sheet = latently.traverse(table_model, table[:1], ["z0", "pc1"], 3)
    assert isinstance(sheet.items, pl.DataFrame) and sheet.items.shape == (6, table.width)
    page = str(sheet)
    assert page.splitlines()[0] == "z0" and "무게 $w$" in page and "−2.5σ" in page
    for name in ("sheet.png", "sheet.csv", "sheet.parquet"):
        assert sheet.save(tmp_path / name).stat().st_size > 100
    written = pl.read_parquet(tmp_path / "sheet.parquet")
    assert written.columns == ["row", "column", *table.columns]
    assert written["column"].to_list() == ["−2.5σ", "0σ", "+2.5σ"] * 2
    assert len(sheet.plain()) == 6 and isinstance(sheet.plain()[0]["day"], str)
    assert sheet["z0"].equals(sheet.items[:3])
    with pytest.raises(InputError, match=r"sheet.gif would be a picture of pictures.*\.csv or \.parquet"):
        sheet.save(tmp_path / "sheet.gif")


def test_wide_tables_show_what_changes_most():
    X = np.random.default_rng(0).normal(size=(100, 30))
    model = latently.AE(latent=2, epochs=1).fit(X)
    page = str(latently.traverse(model, X[0], 0, 3))
    assert "18 more columns change less" in page and len(page.splitlines()) == 16
    frame = latently.interpolate(model, X[0], X[1], 3).frame()
    assert frame.shape == (3, 30)


def test_texts_are_printed_drawn_and_written(text_model, tmp_path: Path):
    sheet = latently.interpolate(text_model, "the cat sat", "a dog ran", 3)
    assert str(sheet).splitlines() == [t.strip() for t in sheet.items]
    sheet = latently.traverse(text_model, "the cat sat", n=3)
    assert len(sheet.items) == 6 and "−2.5σ" in str(sheet)
    for name in ("sheet.txt", "sheet.png"):
        assert sheet.save(tmp_path / name).stat().st_size > 10
    assert sheet.frame().columns == ["row", "column", "text"]


def test_a_model_without_codes_has_no_axes():
    model = latently.LanguageModel(network="embed4 lstm8", epochs=1).fit(["the cat sat", "a dog ran"] * 10)
    with pytest.raises(InputError, match="a LanguageModel has no codes"):
        latently.traverse(model)


def test_pictures_are_drawn_and_move(picture_model, digits, tmp_path: Path):
    named = latently.class_means(picture_model, digits, variations=3)
    bare = latently.interpolate(picture_model, digits.data[0], digits.data[1], 5)
    assert "4 rows of 4: 16 pictures, 8 x 8, uint8. Rows: 둘, 셋" in str(named)
    for sheet, frames in ((named, 4), (bare, 5)):
        for name in ("sheet.png", "sheet.webp", "sheet.jpg"):
            with Image.open(sheet.save(tmp_path / name)) as drawn:
                drawn.load()
        with Image.open(sheet.save(tmp_path / "sheet.gif")) as moving:
            assert moving.n_frames <= 2 * frames - 2 and moving.info["loop"] == 0
            sizes = set()
            for i in range(moving.n_frames):
                moving.seek(i)
                sizes.add(moving.size)
        assert len(sizes) == 1
    assert np.load(bare.save(tmp_path / "sheet.npy")).shape == (5, 8, 8)
    assert len(list(named.save(tmp_path / "each").glob("*.png"))) == 16
    assert named.frame().columns == ["row", "column", "z0", "z1", "z2"]
    with pytest.raises(InputError, match="there is no row '일'"):
        _ = named["일"]


def test_a_moving_picture_shows_what_the_still_one_does(tmp_path: Path):
    X = np.zeros((40, 8, 8))
    X[:, :, :4] = np.random.default_rng(0).random((40, 1, 1))
    model = latently.AE(latent=1, epochs=2).fit(X)
    sheet = latently.interpolate(model, X[0], X[1], 3)
    sheet.save(tmp_path / "way.gif")
    with Image.open(tmp_path / "way.gif") as moving:
        first = np.asarray(moving.convert("L"), float)[::32, ::32] / 255
    assert np.allclose(first, sheet.items[0], atol=0.03)
