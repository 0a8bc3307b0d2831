"""Codes on a map: the ways, new codes among the old, and the way back from any place."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

import latently
from latently import InputError, LatentMap, MissingPackageError, ParameterError
from latently.explore import figures
from latently.explore.places import projections
from latently.explore.places.told import named, told

BENT = [*projections.WAYS]
compiled = pytest.mark.xdist_group("maps")  # numba compiles once a process, which takes longer than all tests here


def groups(n=240, size=6, seed=0):
    """Codes in three groups that lie far apart, and the group of each."""
    rng = np.random.default_rng(seed)
    of = np.arange(n) % 3
    return rng.normal(size=(n, size)) + 12 * np.eye(3, size)[of], of


@compiled
@pytest.mark.parametrize("how", ["pca", *BENT])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_groups_stay_together_and_new_codes_join_theirs(how, dimensions):
    codes, of = groups()
    found = LatentMap(how, dimensions, seed=3).fit(codes)
    assert found.points_.shape == (240, dimensions) and np.isfinite(found.points_).all()
    middles = np.stack([found.points_[of == k].mean(0) for k in range(3)])
    new, new_of = groups(60, seed=1)
    for points, true in ((found.points_, of), (found.transform(new), new_of)):
        nearest = np.linalg.norm(points[:, None] - middles, axis=2).argmin(1)
        assert (nearest == true).mean() > 0.98
    assert np.linalg.norm(found.codes(middles) - codes.reshape(-1, 3, 6).mean(0), axis=1).max() < 6


@compiled
@pytest.mark.parametrize("how", BENT)
def test_the_same_seed_gives_the_same_map_and_leaves_random_numbers_alone(how):
    codes, _ = groups(120)
    np.random.seed(7)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    one, two, other = (LatentMap(how, seed=seed).fit(codes).points_ for seed in (1, 1, 2))
    assert (one == two).all() and not (one == other).all()
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_straight_axes_lead_back_exactly():
    codes, _ = groups()
    found = LatentMap().fit(codes)
    places = np.random.default_rng(0).normal(size=(9, 2)) * 30
    assert np.allclose(found.transform(found.codes(places)), places)
    flat = codes[:, :2]
    assert (LatentMap().fit(flat).points_ == flat).all()
    assert np.allclose(LatentMap(dimensions=3).fit(flat).codes([[1, 2, 9]]), [[1, 2]])
    line = LatentMap().fit(codes[:, :1])
    assert np.allclose(line.codes(line.points_), codes[:, :1])


def test_a_place_says_how_far_from_any_item_it_is():
    codes, _ = groups()
    found = LatentMap("pca").fit(codes)
    assert (found.distances(found.points_) == 0).all()
    inside, outside = found.distances([found.points_[0] + 1e-3, [1e3, 1e3]])
    assert inside < 1 < 20 < outside
    assert found.distances([0.0, 0.0]).shape == (1,)


def test_a_blend_is_of_the_nearest_items():
    codes, _ = groups(60)
    found = LatentMap("pca").fit(codes)
    found.axes_ = None  # as of a map that is bent
    place = found.points_[5] + [0.3, -0.2]
    far = np.linalg.norm(found.points_ - place, axis=1)
    near = np.argsort(far)[:12]
    weights = np.exp(-0.5 * (far[near] / (0.35 * far[near[-1]])) ** 2)
    assert np.allclose(found.codes(place), weights @ codes[near] / weights.sum())


@compiled
def test_few_items_and_items_all_alike():
    codes, _ = groups(8)
    for how in BENT:
        assert np.isfinite(LatentMap(how).fit(codes).points_).all()
        with pytest.raises(
            InputError, match=r'7 items were given, and .* needs 8 to tell neighbours; choose how="pca"'
        ):
            LatentMap(how).fit(codes[:7])
    assert LatentMap().fit(codes[:1]).points_.shape == (1, 2)
    assert LatentMap(dimensions=3).fit(codes[:2]).points_.shape == (2, 3)
    for how in ("pca", "umap"):
        found = LatentMap(how).fit(np.ones((9, 4)))
        assert found.plain and np.ptp(found.points_) == 0 and np.allclose(found.codes([[0.0, 0.0]]), 1)


@compiled
@pytest.mark.parametrize(
    ("ask", "error", "sentence"),
    [
        (lambda _: LatentMap("mds"), ParameterError, "how='mds' is not known; it is one of pca, tsne, umap, localmap"),
        (lambda _: LatentMap(dimensions=4), ParameterError, "dimensions=4 is not allowed; it is 2 or 3"),
        (lambda _: LatentMap(neighbors=1), ParameterError, "neighbors=1 is not allowed; it is None or a whole number"),
        (lambda _: LatentMap(seed=-1), ParameterError, "seed=-1 is not allowed"),
        (lambda _: LatentMap().fit([[1.0], [np.nan]]), InputError, "the code in row 1 holds values that are missing"),
        (lambda _: LatentMap().fit([1.0]), InputError, "give a table of numbers"),
        (lambda m: m.transform([[1.0]]), InputError, "codes of shape 1 x 1 were given; .* are rows of 6 numbers"),
        (lambda m: m.codes([1.0, 2.0, 3.0]), InputError, "places of shape 3 were given; .* are rows of 2 numbers"),
        (lambda m: m.distances([[np.inf, 0]]), InputError, "places hold values that are missing or infinite"),
        (lambda m: m.items([[0, 0]]), InputError, "this map was made of codes alone and knows no model"),
        (lambda m: m.place([[0] * 6]), InputError, "place: this map was made of codes alone"),
        (lambda m: m.save("map.txt"), InputError, r"map.txt: maps go to .html, .png, .svg, .csv, .parquet"),
        (lambda m: m.save("map.html", by="age"), InputError, "by='age' is not known of these items; known is nothing"),
    ],
)
def test_what_cannot_be_is_one_sentence(ask, error, sentence):
    with pytest.raises(error, match=sentence):
        ask(LatentMap().fit(groups(30)[0]))


@compiled
def test_new_codes_of_another_size_are_refused_on_bent_maps_too():
    with pytest.raises(InputError, match="give a code of 6 numbers"):
        LatentMap("umap").fit(groups(30)[0]).transform([[1.0]])


def test_a_missing_package_is_said_with_what_to_install(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(projections, "import_module", absent)
    with pytest.raises(MissingPackageError, match=r'how="umap" needs umap, .*; pip install "umap-learn>='):
        LatentMap("umap").fit(groups(30)[0])


def test_pictures_of_any_place(picture_model, digits):
    found = latently.latent_map(picture_model, digits)
    pictures, far = found.items([found.points_[0], [1e3, 1e3]])
    assert pictures.shape == (2, 8, 8) and pictures.dtype == digits.data.dtype
    assert far[0] == 0 and far[1] > 5
    assert np.allclose(found.place(digits.data[3]), found.points_[3], atol=1e-4)
    assert found.scores.shape == (300,) and found.total == 300
    some = latently.latent_map(picture_model, digits, most=40, seed=1)
    assert len(some.points_) == 40 and some.total == 300
    assert (some.source.data == digits.data[some.rows]).all()
    with pytest.raises(ParameterError, match="most=0 is not allowed"):
        latently.latent_map(picture_model, digits, most=0)


def test_a_conditional_model_is_told_the_label_of_the_nearest_item(digits):
    model = latently.ConditionalVAE(latent=2, epochs=1).fit(digits)
    found = latently.latent_map(model, digits)
    own = found.items(found.points_[:5])[0]
    assert (own == model.inverse_transform(found.codes_[:5], label=digits.labels[:5])).all()
    other = found.items(found.points_[:5], label="둘")[0]
    assert (other == model.inverse_transform(found.codes_[:5], label="둘")).all()


def test_what_is_known_of_rows(table_model, table, tmp_path):
    found = latently.latent_map(table_model, table)
    about = {one.name: one for one in told(found)}
    assert about["gaps"].kind == "number" and np.isnan(about["gaps"].values[0]) and about["gaps"].values[1] == 1
    assert about["<town>"].kind == "class" and set(about["<town>"].values) == {"서울", "부산", "Jeju"}
    assert about["day"].kind == "date" and about["day"].values[0] == table["day"].dt.epoch("s")[0]
    assert about["paid"].shown == ["False", "True"]
    assert about["constant"].values[0] == 7
    assert named(found, None).name == "score" and named(found, "<town>").kind == "class"
    with pytest.raises(InputError, match="by='town' is not known of these items; known is score, "):
        found.save(tmp_path / "map.png", by="town")
    frame = pl.read_csv(found.save(tmp_path / "map.csv"))
    assert frame.columns == ["name", "x", "y", "score"] and len(frame) == 240


def test_what_colours_say_is_checked_before_anything_is_computed(table_model, table, tmp_path, monkeypatch):
    monkeypatch.setattr(type(table_model), "score_samples", lambda *_: pytest.fail("this needs no score"))
    with pytest.raises(latently.InputError, match="by='wage' is not known of these items; known is score,"):
        latently.latent_map(table_model, table, by="wage")
    monkeypatch.undo()
    found = latently.latent_map(table_model, table, by="score")
    assert found.by == "score" and found.save(tmp_path / "map.png").exists()


@pytest.mark.parametrize("by", [None, "<town>", "day", "gaps", "무게 $w$"])
def test_figures_of_maps_are_coloured_by_anything(table_model, table, tmp_path, by):
    found = latently.latent_map(table_model, table)
    assert found.save(tmp_path / "map.png", by=by).stat().st_size > 5000
    assert found.save(tmp_path / "map.svg", by=by).read_text("utf-8").startswith("<?xml")


def test_a_figure_in_three_dimensions_and_of_codes_alone(picture_model, digits, tmp_path):
    figure = figures.latent_map(picture_model, digits, dimensions=3, max_points=50)
    assert any("50 of 300 items drawn" in text.get_text() for text in figure.findobj(lambda o: hasattr(o, "get_text")))
    assert LatentMap(dimensions=3).fit(groups()[0]).save(tmp_path / "map.png").stat().st_size > 5000


@pytest.mark.parametrize("library", ["polars", "pandas", "pyarrow"])
def test_dates_are_seconds_since_1970_of_any_library_and_zone(library):
    day = dt.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Asia/Seoul"))
    rows = pl.DataFrame(
        {
            "a": np.arange(60.0),
            "said": ["2024-07-01 03:00:00", "1969-12-31 00:00:00", None] * 20,
            "told": [day, None, day] * 20,
            "left": [day, day, day] * 20,
            "many": [2**40, None, 1] * 20,
        }
    )
    frame = {"polars": lambda: rows, "pandas": rows.to_pandas, "pyarrow": rows.to_arrow}[library]()
    source = latently.open(frame, kinds={"said": "date", "left": "ignored", "many": "ignored"})
    model = latently.AE(latent=1, epochs=1).fit(source)
    seconds = day.timestamp()
    for name, kind, values in (
        ("said", "date", [seconds, -86400.0, np.nan]),
        ("told", "date", [seconds, np.nan, seconds]),
        ("left", "date", [seconds] * 3),
        ("many", "number", [2.0**40, np.nan, 1.0]),
    ):
        one = latently.cells(model, source, name)
        assert (one.kind, one.name) == (kind, name) and np.array_equal(one.values[:3], values, equal_nan=True), name
    with pytest.raises(InputError, match="there is no column 'b'; the data have a, said, told, left, many"):
        latently.cells(model, source, "b")


def test_columns_that_the_model_does_not_see_are_told_as_texts():
    rng = np.random.default_rng(0)
    rows = pl.DataFrame({"id": [f"p{i}" for i in range(80)], "a": rng.normal(size=80), "b": rng.normal(size=80)})
    source = latently.open(rows, kinds={"id": "ignored"})
    about = told(latently.latent_map(latently.AE(latent=1, epochs=1).fit(source), source))
    assert [(one.name, one.kind) for one in about] == [
        ("score", "number"),
        ("a", "number"),
        ("b", "number"),
        ("id", "text"),
    ]
    assert about[-1].values[3] == "p3"
