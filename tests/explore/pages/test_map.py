"""The page of a map: one file that fetches nothing, holds what it must, and turns no text of a person's into markup."""

import json
import re
import shutil
import subprocess
from base64 import b64decode
from hashlib import sha256
from io import BytesIO

import numpy as np
import polars as pl
import pytest
from PIL import Image

import latently
from latently.explore.pages import map as pages
from latently.explore.pages import sheets

HOSTILE = "</script><script>document.title='run'</script><img src=x onerror=alert(1)>"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
KINDS = {"u1": np.uint8, "u2": np.uint16, "u4": np.uint32, "f4": np.float32, "f8": np.float64}


def given(page):
    """What the script reads."""
    found = re.search(r'<script type="application/json" id="given">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def numbers(packed):
    return np.frombuffer(b64decode(packed["data"]), KINDS[packed["type"]])


def sheet(page, name):
    found = re.search(rf'id="{name}">data:image/webp;base64,(.*?)</script>', page, re.DOTALL)
    assert found
    return Image.open(BytesIO(b64decode(found[1])))


@pytest.fixture(scope="module")
def picture_page(picture_model, digits, tmp_path_factory):
    found = latently.latent_map(picture_model, digits)
    return found, found.save(tmp_path_factory.mktemp("page") / "map.html").read_text("utf-8")


def test_points_and_values_are_those_of_the_map(picture_page, digits):
    found, page = picture_page
    about = given(page)
    rows = numbers(about["rows"])
    assert sorted(rows.tolist()) == list(range(300)) and about["count"] == about["total"] == 300
    share = numbers(about["points"]).reshape(-1, 2) / 65535
    places = np.array(about["low"]) + share * (np.array(about["high"]) - np.array(about["low"]))
    assert np.abs(places - found.points_[rows]).max() < 1e-4 * np.ptp(found.points_)
    label, score = about["columns"]
    assert [label["name"], score["name"]] == ["label", "score"]
    assert [label["levels"][k] for k in numbers(label["values"])] == digits.labels[rows].tolist()
    assert np.allclose(numbers(score["values"]), found.scores[rows], rtol=1e-6)
    assert sum(line["count"] for line in label["legend"]) == 300


def test_each_item_has_its_picture_and_decoded_places_theirs(picture_page, picture_model, digits):
    found, page = picture_page
    about = given(page)["sheets"]
    rows = numbers(given(page)["rows"])
    whole = np.asarray(sheet(page, "sheet-0").convert("L"), float)
    assert about["count"] == 300
    for k in (0, 40, 299):
        across, down = k % about["columns"] * 8, k // about["columns"] * 8
        picture = whole[down : down + 8, across : across + 8]
        assert np.abs(picture - digits.data[rows[k]]).max() <= 9  # sixteen shades
    under = given(page)["background"]
    centres = numbers(under["centres"]).reshape(-1, 2)
    assert len(centres) == len(numbers(under["alphas"])) > 100
    assert found.distances(centres).max() <= sheets.FADE[1] + 1e-3
    tiles = np.asarray(sheet(page, "background-sheet").convert("L"), float)
    assert np.abs(tiles[:8, :8] - found.items(centres[:1])[0][0]).mean() < 25


def test_only_some_have_pictures_where_all_would_be_too_large(picture_model, digits, monkeypatch, tmp_path):
    many = latently.open(np.tile(digits.data, (8, 1, 1)))
    monkeypatch.setattr(sheets, "MOST_BYTES", 1)
    page = latently.latent_map(picture_model, many).save(tmp_path / "map.html").read_text("utf-8")
    about = given(page)
    assert about["sheets"]["count"] == 1024 < about["count"] == 2400
    first = numbers(about["rows"])[:1024]
    assert len(np.unique(first)) == 1024 and 1100 < np.median(first) < 1300
    assert "sheet-0" in page and 'id="sheet-1"' not in page


def test_part_of_the_items_is_said_to_be_a_part(picture_model, digits, tmp_path):
    page = latently.latent_map(picture_model, digits, most=50).save(tmp_path / "map.html").read_text("utf-8")
    assert (given(page)["count"], given(page)["total"]) == (50, 300)


def test_nothing_is_fetched_and_nothing_but_our_script_may_run(picture_page):
    _, page = picture_page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    script = re.search(r'<script type="module" async>(.*?)</script>', page, re.DOTALL)
    assert policy and script and "default-src 'none'" in policy[1]
    named = re.search(r"script-src 'sha256-([^']*)'", policy[1])
    assert named and b64decode(named[1]) == sha256(script[1].encode()).digest()
    assert not re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", re.sub(r"data:image/webp[^<]*", "", page))
    assert "innerHTML" not in page and "eval(" not in page


def hostile(tmp_path):
    rng = np.random.default_rng(0)
    rows = {HOSTILE: rng.choice([HOSTILE, "plain"], 80), "n": rng.normal(size=80), "kind": [HOSTILE, "<b>"] * 40}
    model = latently.AE(latent=2, epochs=1).fit(latently.open(pl.DataFrame(rows), labels="kind"))
    found = latently.latent_map(model, latently.open(pl.DataFrame(rows), labels="kind"))
    assert found.source is not None
    found.source.names = [f"{HOSTILE} {i}" for i in range(80)]
    found.source.origin = f"/data/{HOSTILE.replace('/', '')}.csv"
    return found.save(tmp_path / "map.html")


def test_hostile_names_and_labels_are_text(tmp_path):
    page = hostile(tmp_path).read_text("utf-8")
    assert "<img" not in page and page.count("</script>") == page.count("<script")
    about = given(page)
    assert about["names"][0].startswith(HOSTILE) and HOSTILE in about["columns"][0]["levels"]
    assert any(column["name"] == HOSTILE for column in about["columns"])


def test_tables_texts_and_codes_alone_are_shown_as_what_they_are(table_model, table, tmp_path):
    found = latently.latent_map(table_model, table)
    about = given(found.save(tmp_path / "map.html", by="<town>").read_text("utf-8"))
    kinds = {column["name"]: column["kind"] for column in about["columns"]}
    assert about["columns"][0]["name"] == "<town>" and "sheets" not in about and about["names"] is None
    assert (kinds["크기"], kinds["day"], kinds["paid"], kinds["constant"]) == ("number", "date", "class", "number")
    lines = ["the cat sat", "a dog <b>ran</b> far away", "my house is red"] * 10
    writer = latently.LanguageModel(network="embed4 lstm8", epochs=1).fit(lines)
    about = given(latently.latent_map(writer, lines).save(tmp_path / "texts.html").read_text("utf-8"))
    assert sorted(about["texts"]) == sorted(lines)
    alone = latently.LatentMap(dimensions=3).fit(np.random.default_rng(0).normal(size=(30, 5)))
    about = given(alone.save(tmp_path / "codes.html").read_text("utf-8"))
    assert about["dimensions"] == 3 and len(numbers(about["points"])) == 90 and len(about["columns"]) == 1


def test_windows_of_series_are_kept_as_steps_between_their_ends():
    windows = np.stack([np.linspace(0, 1, 6), np.linspace(1, 0, 6)])[:, :, None] * [1, 10]
    about = pages._series(windows)
    assert (about["length"], about["channels"]) == (6, 2)
    assert numbers(about["values"]).reshape(2, 6, 2)[0, :, 1].tolist() == [0, 51, 102, 153, 204, 255]


def test_many_columns_and_many_classes_are_cut_and_counted(monkeypatch, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 9))
    model = latently.AE(latent=2, epochs=1).fit(X)
    monkeypatch.setattr(pages, "MOST_CELLS", 300)
    labels = [f"class {i % 30}" for i in range(60)]
    about = given(
        latently.latent_map(model, latently.open(X, labels=labels)).save(tmp_path / "m.html").read_text("utf-8")
    )
    assert len(about["columns"]) == 5 and about["left"] == 6
    legend = about["columns"][0]["legend"]
    assert len(legend) == 20 and legend[-1] == {"place": -1, "name": "11 others", "count": 22}


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("renderer", ["canvas", "webgl"])
def test_a_browser_draws_it_and_runs_nothing_of_a_hostile_label(tmp_path, renderer):
    page = hostile(tmp_path)
    flags = ["--headless=new", "--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND"]
    flags += ["--enable-unsafe-swiftshader", "--enable-logging=stderr", "--virtual-time-budget=4000", "--dump-dom"]
    address = f"file://{page}#item=3&renderer={renderer}"
    done = subprocess.run([str(CHROMIUM), *flags, address], capture_output=True, text=True, timeout=240, check=False)
    root = re.search(r"<html[^>]*>", done.stdout)
    assert root and 'data-drawn="' in root[0] and f'data-renderer="{renderer}"' in root[0], done.stderr[-2000:]
    assert "<title>run</title>" not in done.stdout and "Uncaught" not in done.stderr
    assert "80 items" in done.stdout and "&lt;img src=x" in done.stdout
