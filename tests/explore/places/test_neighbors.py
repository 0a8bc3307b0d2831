"""Nearest codes against a naive computation in double precision."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import latently
from latently import InputError, Neighbors, ParameterError
from latently.explore import figures


def naive(codes, q, k):
    """Rows and distances by differences, ties by row."""
    far = np.sqrt(((np.asarray(codes, np.float64) - np.asarray(q, np.float64)) ** 2).sum(1))
    rows = np.lexsort((np.arange(len(far)), far))[:k]
    return rows, far[rows]


def drawn(kind, n=3000, size=7):
    rng = np.random.default_rng(0)
    normal = rng.normal(size=(n, size))
    return {
        "normal": normal,
        "far from zero": normal + 1e4,
        "ties": rng.integers(0, 3, (n, size)),
        "all the same": np.ones((n, size)),
        "copies": np.repeat(normal[: n // 10], 10, 0),
        "huge": normal * 1e25,
        "tiny": normal * 1e-22,
        "mixed lengths": normal * 10.0 ** rng.integers(-6, 7, (n, 1)),
    }[kind]


KINDS = ("normal", "far from zero", "ties", "all the same", "copies", "huge", "tiny", "mixed lengths")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("k", [1, 10, 3000])
def test_exactly_the_nearest_are_found(kind, dtype, k):
    codes = drawn(kind).astype(dtype)
    moved = 1 if kind in ("ties", "all the same") else codes.std(dtype=np.float64) * 0.1  # whole numbers stay exact
    queries = np.concatenate([codes[:3], codes[5:7] + moved])
    found = Neighbors(codes).near(queries, k)
    for q, rows, distances in zip(queries, found.rows, found.distances, strict=True):
        expected, far = naive(codes, q, k)
        assert np.allclose(distances, far, rtol=1e-12, atol=0)
        if k < 3000 or kind in ("ties", "all the same"):
            assert (rows == expected).all()
        else:
            assert sorted(rows.tolist()) == list(range(3000))


@pytest.mark.parametrize("dtype", [np.int64, np.float16, np.uint8, ">f4", bool])
def test_codes_of_other_types_are_searched(dtype):
    codes = np.random.default_rng(0).integers(0, 9, (400, 3)).astype(dtype)
    found = Neighbors(codes).near(codes[7], 20)
    expected, far = naive(codes, codes[7], 20)
    assert (found.rows == expected).all() and np.allclose(found.distances, far)


def test_codes_are_not_copied_and_may_lie_anyhow(tmp_path):
    codes = np.random.default_rng(0).normal(size=(500, 4)).astype(np.float32)
    assert np.shares_memory(Neighbors(codes).codes, codes)
    np.save(tmp_path / "codes.npy", codes)
    mapped = np.load(tmp_path / "codes.npy", mmap_mode="r")
    still = codes.copy()
    still.flags.writeable = False
    expected = Neighbors(codes).near(codes[3], 5).rows
    for other in (mapped, still, np.asfortranarray(codes), codes[::-1][::-1]):
        assert (Neighbors(other).near(codes[3], 5).rows == expected).all()
    assert (Neighbors(codes[::-2]).near(codes[3], 5).rows == naive(codes[::-2], codes[3], 5)[0]).all()


def test_an_item_is_not_its_own_neighbour_and_its_copies_are():
    codes = np.array([[0.0], [0.0], [0.0], [1.0], [3.0]])
    places = Neighbors(codes, ["a", "b", "c", "d", "e"])
    assert places.of(2, 1).rows.tolist() == [0]
    assert places.of("c", 3).names.tolist() == ["a", "b", "d"]
    assert places.of([0, 4], 2).rows.tolist() == [[1, 2], [3, 0]]
    assert places.near([0.1], 1).rows.shape == (1,)
    assert places.near([[0.1]], 1).rows.shape == (1, 1)


@pytest.mark.parametrize(
    ("ask", "error", "sentence"),
    [
        (lambda p: p.near([0, 0], 4), ParameterError, "k=4 is not allowed; it is a whole number from 1 to 3"),
        (lambda p: p.near([0, 0], 0), ParameterError, "k=0 is not allowed"),
        (lambda p: p.near([0, 0], True), ParameterError, "k=True is not allowed"),
        (lambda p: p.of(0, 3), ParameterError, "k=3 is not allowed; it is a whole number from 1 to 2"),
        (lambda p: p.near([0, 0, 0]), InputError, "codes of shape 3 .* have 2 numbers each; give a code of 2"),
        (lambda p: p.near([0, np.nan], 1), InputError, "missing or infinite; give finite ones"),
        (lambda p: p.of(3, 1), InputError, "no item 3 among the 3; give a row from 0 to 2"),
        (lambda p: p.of(-1, 1), InputError, "no item -1"),
        (lambda p: p.of([], 1), InputError, "no item was asked for; give at least one"),
        (lambda p: p.near(np.empty((0, 2)), 1), InputError, "no item was asked for; give at least one"),
        (lambda p: p.of("z", 1), InputError, "no item named 'z'"),
        (lambda p: p.groups(-1), ParameterError, "distance=-1 is not allowed"),
        (lambda _: Neighbors([1, 2]), InputError, "codes of shape 2 and type int64 were given; give a table"),
        (lambda _: Neighbors([[1], [np.inf]]), InputError, "the code in row 1 holds values that are missing"),
        (lambda _: Neighbors([[1], [2]], ["a"]), InputError, "1 names were given for 2 codes"),
        (lambda _: Neighbors([[1]]).of(0, 1), InputError, "one item and none beside it"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(ask, error, sentence):
    with pytest.raises(error, match=sentence):
        ask(Neighbors([[0, 0], [1, 1], [2, 2]]))


@pytest.mark.parametrize("kind", ["normal", "ties", "copies", "all the same", "far from zero"])
@pytest.mark.parametrize("distance", [0, 0.8])
def test_groups_are_those_of_all_pairs(kind, distance):
    codes = drawn(kind, n=600, size=3).astype(np.float32)
    wide = codes.astype(np.float64)
    near = np.sqrt(((wide[:, None] - wide) ** 2).sum(2)) <= distance
    root = np.arange(600)
    while True:  # each takes the least row that it is linked to, until nothing moves
        least = np.where(near, root, 600).min(1)
        if (least == root).all():
            break
        root = least
    expected = [np.flatnonzero(root == r) for r in np.unique(root)]
    expected = sorted((g for g in expected if len(g) > 1), key=lambda g: (-len(g), g[0]))
    found = Neighbors(codes).groups(distance)
    assert [g.tolist() for g in found] == [g.tolist() for g in expected]


def test_pictures_near_a_picture(picture_model, digits, tmp_path):
    codes = picture_model.transform(digits)
    found = latently.neighbors(picture_model, digits, 5, k=4)
    assert (found.rows == Neighbors(codes).of(5, 4).rows).all()
    assert len(found.items) == 4 and "row" in str(found)
    for new in (digits.data[5], Image.fromarray(digits.data[5])):
        assert latently.neighbors(picture_model, digits, new, k=1).rows.tolist() == [5]
    Image.fromarray(digits.data[5]).save(tmp_path / "five.png")
    for path in (tmp_path / "five.png", str(tmp_path / "five.png")):
        found = latently.neighbors(picture_model, digits, path, k=12)
        assert found.rows[0] == 5
    assert found.frame()["query"].to_list() == ["five.png"] * 12
    Image.fromarray(np.kron(digits.data[5], np.ones((3, 2), np.uint8))).save(tmp_path / "tall.png")
    with pytest.warns(latently.LatentlyWarning, match=r"tall\.png was resized from 24 x 16 to the 8 x 8"):
        latently.neighbors(picture_model, digits, tmp_path / "tall.png", k=1)
    figure = figures.neighbors(found)
    assert len([axes for axes in figure.axes if axes.axison]) == 13
    assert latently.neighbors(picture_model, digits, digits.data[:3], k=2).rows[:, 0].tolist() == [0, 1, 2]


def test_a_file_that_is_no_picture_is_said(picture_model, digits, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"bad.png cannot be read as a picture \(not a picture\); give another"):
        latently.neighbors(picture_model, digits, tmp_path / "bad.png")


def test_rows_near_a_row(table_model, table):
    found = latently.neighbors(table_model, table, 3, k=5)
    assert "서울" in str(found) or "부산" in str(found) or "Jeju" in str(found)
    assert found.frame()["<town>"].to_list() == [table["<town>"][r] for r in found.rows.tolist()]
    new = latently.neighbors(table_model, table, table.row(3, named=True), k=1)
    assert new.rows.tolist() == [3] and new.distances[0] < 1e-4, "a new row finds the one that equals it"
    assert 3 not in found.rows and 3 not in latently.neighbors(table_model, table, "3", k=5).rows, "a row not itself"
    assert latently.neighbors(table_model, table, table.to_pandas().iloc[3], k=1).rows.tolist() == [3]
    with pytest.raises(InputError, match="no row 240 in the data; it has 240, from 0 to 239"):
        latently.neighbors(table_model, table, 240)
    with pytest.raises(InputError, match=r"figures.neighbors draws pictures"):
        figures.neighbors(found)


def test_a_column_called_like_ours_keeps_its_cells():
    rng = np.random.default_rng(0)
    table = pl.DataFrame({"distance": rng.normal(size=40), "row": rng.normal(size=40)})
    model = latently.AE(latent=1, epochs=1).fit(table)
    frame = latently.neighbors(model, table, 0, k=2).frame()
    assert {"row", "distance", "row of the row", "distance of the row"} <= set(frame.columns)


def test_a_wide_table_says_what_it_does_not_show_and_shows_what_was_asked():
    wide = pl.DataFrame({f"c{j}": np.random.default_rng(j).normal(size=40).round(2) for j in range(12)})
    model = latently.AE(latent=2, epochs=1).fit(wide)
    page = str(latently.neighbors(model, wide, 7, k=2)).splitlines()
    assert page[1].split() == ["asked", *(f"{value:.4g}" for value in wide.row(7)[:8])]
    assert page[-1] == "8 of 12 columns are shown; frame(), or a file, has all."
    several = str(latently.neighbors(model, wide, wide[3:5], k=2)).split("\n\n")
    assert [block.splitlines()[2].split()[0] for block in several[:2]] == ["asked"] * 2


@pytest.mark.parametrize("k", [0, -1, 240, 2.5, True])
def test_how_many_is_checked_before_anything_is_encoded(table_model, table, k, monkeypatch):
    def encoded(*_):
        raise AssertionError("nothing need be encoded")

    monkeypatch.setattr(type(table_model), "transform", encoded)
    with pytest.raises(ParameterError, match="it is a whole number from 1 to 239"):
        latently.neighbors(table_model, table, 0, k=k)


def test_texts_near_a_text():
    lines = ["the cat sat", "a dog ran far away", "the cat sat", "my house is red"] * 5
    model = latently.LanguageModel(network="embed4 lstm8", epochs=1).fit(lines)
    found = latently.neighbors(model, lines, "the cat sat", k=10)
    assert found.rows.tolist() == [r for r in range(20) if r % 2 == 0 and lines[r] == "the cat sat"]
    assert str(found).splitlines()[1].endswith("the cat sat")
    assert found.frame()["text"].to_list() == ["the cat sat"] * 10
    assert latently.neighbors(model, lines, 1, k=4).rows.tolist() == [5, 9, 13, 17]
    several = latently.neighbors(model, lines, ["a dog ran far away", "my house is red"], k=1)
    assert several.rows.tolist() == [[1], [3]] and "nearest to my house is red" not in str(several).splitlines()[0]


def test_data_of_another_kind_are_refused(picture_model, table):
    with pytest.raises(InputError, match="pictures"):
        latently.neighbors(picture_model, table, 0)
    with pytest.raises(InputError, match="query=True is no item"):
        latently.neighbors(picture_model, np.zeros((4, 8, 8), np.uint8), True)
    with pytest.raises(InputError, match=r"x.png' is neither an item of the data nor a file; give a row from 0 to 3"):
        latently.neighbors(picture_model, np.zeros((4, 8, 8), np.uint8), str(Path("nowhere") / "x.png"))
    with pytest.raises(InputError, match="is neither an item of the data nor a file"):
        latently.neighbors(picture_model, np.zeros((4, 8, 8), np.uint8), "x" * 5000)
