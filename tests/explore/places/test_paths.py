import numpy as np
import polars as pl
import pytest
from PIL import Image

import latently
from latently import InputError, ParameterError
from latently.explore.places.along import along
from latently.explore.places.paths import way


def test_a_way_leads_from_one_restored_item_to_the_other(picture_model, digits):
    a, b = digits.data[0], digits.data[1]
    for how in ("straight", "spherical"):
        found = latently.interpolate(picture_model, a, b, 5, how=how).items
        assert found.shape == (5, 8, 8) and found.dtype == np.uint8
        assert (found[[0, 4]] == picture_model.reconstruct(digits.data[:2])).all()
    codes = picture_model.transform(digits.data[:2])
    middle = picture_model.inverse_transform(codes.mean(0, keepdims=True))
    assert (latently.interpolate(picture_model, a, Image.fromarray(b), 3).items[1] == middle[0]).all()


def test_rows_come_back_as_rows(table_model, table):
    found = latently.interpolate(table_model, table[:1], table.row(9, named=True), 4).items
    assert isinstance(found, pl.DataFrame) and found.shape == (4, table.width)


def test_the_spherical_way_keeps_its_length_and_its_step():
    rng = np.random.default_rng(0)
    a, b = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 30)))
    found = way(a, b, 9, "spherical")
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    steps = (found[1:] * found[:-1]).sum(1)
    assert np.allclose(steps, steps[0])
    assert (found[0] == a).all() and (found[-1] == b).all()


def test_a_way_along_the_data_stays_among_them():
    angle = np.linspace(0, np.pi, 100)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    found = along(ring[0], ring[-1], ring, 9)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=0.01)  # the straight way leads through 0
    steps = np.linalg.norm(np.diff(found, axis=0), axis=1)
    assert np.allclose(steps, steps[0], rtol=0.01)
    assert (found[0] == ring[0]).all() and (found[-1] == ring[-1]).all()


def test_islands_are_linked_where_they_are_nearest():
    rng = np.random.default_rng(0)
    islands = np.concatenate([rng.normal(0, 0.1, (40, 2)), rng.normal(5, 0.1, (40, 2))])
    found = along(islands[0], islands[-1], islands, 6, k=3)
    assert np.isfinite(found).all() and (found[-1] == islands[-1]).all()
    same = along(islands[0], islands[0], np.repeat(islands[:1], 5, axis=0), 3)  # copies of one item
    assert (same == islands[0]).all()


def test_a_way_along_the_data_is_nearer_to_real_items(picture_model, digits):
    ends = digits.data[0], digits.data[5]
    places = latently.Neighbors(picture_model.transform(digits))
    far = {}
    for how, more in (("straight", {}), ("data", {"data": digits})):
        codes = latently.interpolate(picture_model, *ends, 9, how=how, **more).codes[0]
        far[how] = places.near(codes, k=1).distances[1:-1].mean()
    assert far["data"] < far["straight"]


@pytest.mark.parametrize("b", [[1.0, 2.0], [2.0, 4.0], [0.0, 0.0]])
def test_where_there_is_no_circle_the_way_is_straight(b):
    a = np.array([1.0, 2.0])
    assert np.allclose(way(a, np.array(b), 4, "spherical"), way(a, np.array(b), 4, "straight"))


def test_opposite_codes_have_every_way():
    with pytest.raises(InputError, match=r"point in opposite directions.*choose how="):
        way(np.array([1.0, 2.0]), np.array([-2.0, -4.0]), 3, "spherical")


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"n": 1}, "n=1 is not allowed"),
        ({"n": 2.5}, "n=2.5 is not allowed"),
        ({"how": "curved"}, "how='curved'"),
        ({"how": "data"}, "how='data' needs data="),
        ({"data": [[1.0]]}, "how='straight' goes along no data"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(picture_model, digits, how, sentence):
    with pytest.raises(ParameterError, match=sentence):
        latently.interpolate(picture_model, digits.data[0], digits.data[1], **how)


def test_one_item_is_wanted_at_each_end(picture_model, digits):
    with pytest.raises(InputError, match="a holds 2 items, and one is wanted"):
        latently.interpolate(picture_model, digits.data[:2], digits.data[1])


def test_a_conditional_model_is_told_the_label(digits):
    model = latently.ConditionalVAE(latent=2, epochs=1).fit(digits.data, digits.labels)
    assert latently.interpolate(model, digits.data[0], digits.data[1], 3, label="둘").items.shape == (3, 8, 8)
    with pytest.raises(InputError, match="pass label="):
        latently.interpolate(model, digits.data[0], digits.data[1], 3)


def test_a_model_without_codes_says_so():
    model = latently.LanguageModel(network="embed4 lstm8", epochs=1).fit(["the cat sat", "a dog ran"] * 10)
    with pytest.raises(InputError, match="a LanguageModel has no codes"):
        latently.interpolate(model, "the cat", "a dog", 3)
