"""The HTTP API of what is known of items: colours, labels of the person's own, files, runs of the same items."""

import csv
import io

import numpy as np
import pytest

import latently
from latently.studio.known import NONE, known
from latently.studio.opened import Opened
from latently.studio.own import FILE
from latently.studio.routes.mapping import within


@pytest.fixture
def ask(client):
    def asking(path, body=None, status=200, **params):
        where = f"/api/{path}"
        answer = client.get(where, params=params) if body is None else client.post(where, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer

    return asking


def test_items_are_coloured_by_what_is_known_of_them(ask, hostile):
    assert ask("models/people/known")["by"] == [
        *("score", "kmeans", "hdbscan", "own"),
        *("column:size", "column:weight", f"column:{hostile}"),
    ]
    told = ask("models/digits/colours", by="label")
    letters = np.frombuffer(ask("models/digits/coloured", by="label").content, np.uint8)
    assert told["kind"] == "class" and sum(told["counts"]) == len(letters) == 200
    assert told["counts"] == np.bincount(letters).tolist() and sorted(told["counts"], reverse=True) == told["counts"]


def test_a_column_is_numbers_or_classes(ask, hostile):
    told = ask("models/people/colours", by="column:weight")
    weights = np.frombuffer(ask("models/people/coloured", by="column:weight").content, np.float32)
    assert told["kind"] == "number" and told["low"] < 60 < told["high"]
    assert np.flatnonzero(np.isnan(weights)).tolist() == [3]
    towns = ask("models/people/colours", by=f"column:{hostile}")
    assert towns["kind"] == "class" and set(towns["classes"]) == {hostile, "Jeju", "서울"}


@pytest.mark.parametrize("memory", [None, 0])
def test_a_column_is_what_the_model_takes_it_for(tmp_path, monkeypatch, memory):
    rows = [f"{i % 7},{['2024-07-01', '0001-01-01', ''][i % 3]},{i % 2}" for i in range(3000)]
    (tmp_path / "table.csv").write_text("\n".join(["a,d,b", *rows]), "utf-8")
    run = latently.Run(tmp_path / "run")
    kinds = {"d": "date", "b": "category"}
    list(run.fit(latently.AE(latent=1, epochs=1, memory=memory), tmp_path / "table.csv", kinds=kinds))
    opened = Opened(run.path, run.load())
    if memory is not None:  # a column at a time
        monkeypatch.setattr(type(opened.source), "native", property(lambda _: pytest.fail("all was read")))
    days = known(opened, "column:d")
    assert days.kind == "date" and days.values[:2] == pytest.approx([1719792000, -62135596800])
    assert np.flatnonzero(np.isnan(days.values)).tolist() == [*range(2, 3000, 3)]
    assert known(opened, "column:b").classes == ["0", "1"]


@pytest.mark.parametrize("run", ["digits", "people", "lines"])
def test_groups_of_codes_are_found(ask, run):
    told = ask(f"models/{run}/colours", by="kmeans", k=3)
    assert len(told["classes"]) == 3 and told["counts"] == sorted(told["counts"], reverse=True)
    letters = np.frombuffer(ask(f"models/{run}/coloured", by="hdbscan").content, np.uint8)
    assert set(letters.tolist()) <= {*range(len(ask(f"models/{run}/colours", by="hdbscan")["classes"])), NONE}


def test_what_is_not_known_is_said(ask):
    for by in ("shoe", "column:shoe", "column:"):
        assert "known" in ask("models/people/colours", status=400, by=by)["error"] or by.startswith("column")


def test_labels_of_ones_own_are_kept_beside_the_run(ask, unlabelled):
    assert ask("models/digits/label", {"rows": [3, 1], "label": " odd ones "})["labels"] == {"odd ones": 2}
    assert ask("models/digits/label", {"rows": [1, 7], "label": "서울"})["labels"] == {"odd ones": 1, "서울": 2}
    letters = np.frombuffer(ask("models/digits/coloured", by="own").content, np.uint8)
    assert ask("models/digits/known")["own"] == ["서울", "odd ones"]
    assert np.flatnonzero(letters == 0).tolist() == [1, 7] and np.flatnonzero(letters == 1).tolist() == [3]
    assert ask("models/digits/label", {"rows": [7], "label": ""})["labels"] == {"odd ones": 1, "서울": 1}
    with (unlabelled / "digits" / FILE).open(encoding="utf-8", newline="") as file:
        assert [(line["row"], line["label"]) for line in csv.DictReader(file)] == [("1", "서울"), ("3", "odd ones")]


def test_a_label_takes_no_other_item_and_no_line_break(ask, unlabelled):
    for row, label, why in (
        (200, "a", "no item 200"),
        (0, "a\nb", r"holds '\n'"),
        (0, "a\u2028b", r"holds '\u2028'"),
        (0, "a\x1bb", r"holds '\x1b'"),
        (0, "a" * 81, "has 81 characters"),
    ):
        assert why in ask("models/digits/label", {"rows": [row], "label": label}, 400)["error"]
    assert not (unlabelled / "digits" / FILE).exists()


@pytest.mark.parametrize("label", ["새\u3000것", "👩\u200d🔬", "=1+1"])
def test_a_label_holds_any_letter_or_sign(ask, unlabelled, label):
    assert ask("models/digits/label", {"rows": [1], "label": label})["labels"] == {label: 1}
    assert ask("models/digits/known")["own"] == [label]


@pytest.mark.parametrize("content", ["row,name,label\n0,another,a\n", "mine\n", "row,name,label\n900,x,a\n", "\0"])
def test_a_file_that_is_not_the_studios_is_left_as_it_is(ask, unlabelled, content):
    (unlabelled / "digits" / FILE).write_text(content, "utf-8")
    assert FILE in ask("models/digits/label", {"rows": [0], "label": "a"}, 400)["error"]
    assert (unlabelled / "digits" / FILE).read_text("utf-8") == content
    assert ask("models/digits/known")["own"] == []
    assert FILE in ask("models/digits/export", {"rows": [0]}, 400)["error"]  # not an empty file


def test_labels_that_a_spreadsheet_saved_are_read(ask, unlabelled):
    ask("models/digits/label", {"rows": [5], "label": "서울"})
    path = unlabelled / "digits" / FILE
    path.write_text(path.read_text("utf-8").replace("\n", "\r\n"), "utf-8-sig")
    assert ask("models/digits/known")["own"] == ["서울"]
    assert ask("models/digits/label", {"rows": [6], "label": "서울"})["labels"] == {"서울": 2}


def test_chosen_items_go_to_a_file(ask, unlabelled):
    ask("models/digits/label", {"rows": [5], "label": "=1+1"})
    places = ask("models/digits/export", {"rows": [5, 2]}).text
    lines = list(csv.DictReader(io.StringIO(places)))
    assert [line["row"] for line in lines] == ["5", "2"] and lines[0]["own label"] == "'=1+1"
    whole = np.frombuffer(ask("models/digits/map").content[:1600], np.float32).reshape(-1, 2)
    assert [float(lines[1][axis]) for axis in "xy"] == pytest.approx(whole[2].tolist(), rel=1e-5)
    codes = list(csv.reader(io.StringIO(ask("models/digits/export", {"rows": [2], "what": "codes"}).text)))
    assert len(codes) == 2 and len(codes[1]) == 4 + 6
    names = ask("models/digits/export", {"rows": [5, 2], "what": "names"}).text.splitlines()
    assert names == [line["name"] for line in lines] and all(name.endswith(".png") for name in names)


def test_runs_of_the_same_items_are_alike(ask):
    assert [one["run"] for one in ask("models/digits/alike")["runs"]] == ["twin"]
    assert ask("models/people/alike")["runs"] == []


def test_who_is_inside_a_line_is_told_exactly():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(3000, 2))
    points = points[points[:, 1].argsort()]
    angles = np.sort(rng.uniform(0, 2 * np.pi, 40))
    line = rng.uniform(0.3, 2, (40, 1)) * np.stack([np.cos(angles), np.sin(angles)], 1)
    from matplotlib.path import Path

    assert (within(points, line) == Path(line).contains_points(points)).all()
