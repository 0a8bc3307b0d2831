"""The map in a real browser, drawn by WebGL and without it: lines around items, hovering, two models side by side."""

import csv
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from tests.studio.browsing import CHROMIUM, FLAGS, READY, hovered

from latently.studio.own import FILE

pytestmark = pytest.mark.xdist_group("studio")
WAYS = {"webgl": ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"], "canvas": ["--disable-3d-apis"]}
CORNERS = {"all": (0.01, 0.01, 0.99, 0.99), "left": (0.01, 0.01, 0.5, 0.99)}


@pytest.fixture(scope="module", params=[*WAYS])
def renderer(request):
    return request.param


@pytest.fixture(scope="module")
def browser(renderer):
    api = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: pip install playwright")
    if CHROMIUM is None:
        pytest.skip("browser tests need the system's Chromium: apt-get install chromium")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *WAYS[renderer]])
        yield opened
        opened.close()


@pytest.fixture
def show(visit, renderer):
    """Opens the map of a run, drawn as it is to be."""

    def opened(query, **how):
        page = visit(f"/map?renderer=webgl&{query}", **how)
        page.wait_for_selector(READY)
        assert page.locator(".map-board").first.get_attribute("data-renderer") == renderer
        return page

    return opened


def surround(page, part="all", board=0):
    """Draws a line around a part of a board."""
    page.evaluate("document.querySelector('.detail').removeAttribute('data-rows')")  # of a line before
    page.get_by_role("button", name="Draw around items").click()
    box = page.locator(".map-board").nth(board).bounding_box()
    left, top, right, bottom = CORNERS[part]
    for i, (x, y) in enumerate([(left, top), (right, top), (right, bottom), (left, bottom)]):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if not i:
            page.mouse.down()
    page.mouse.up()
    page.wait_for_selector(".detail[data-rows]")
    return [int(row) for row in page.locator(".detail").get_attribute("data-rows").split(",")]


def drawn(page, board=0):
    """What a board looks like with the mouse elsewhere; WebGL's own pixels cannot be read once they are shown."""
    page.mouse.move(5, 5)
    page.evaluate("scrollTo(0, 0)")  # a click may have scrolled, and a board between two pixels is another picture
    page.wait_for_timeout(300)
    box = page.locator(".map-board").nth(board).bounding_box()
    inner = {"x": box["x"] + 12, "y": box["y"] + 12, "width": box["width"] - 24, "height": box["height"] - 24}
    with Image.open(BytesIO(page.screenshot(clip=inner))) as picture:  # without its rounded border
        return np.asarray(picture.convert("L"), np.int16)


def alike(one, other):
    """Whether no pixel differs by more than drawing in software does from one time to the next."""
    return one.shape == other.shape and np.abs(one - other).max() < 24


def soon(seen):
    """Whether it is seen within some twenty looks: drawing in software takes its time on a busy machine."""
    return any(seen() for _ in range(20))


def test_a_line_tells_the_items_inside(show, address):
    page = show("run=digits")
    rows = surround(page, "left")
    answer = page.request.get(f"{address}/api/models/digits/map")
    places = np.frombuffer(answer.body()[:1600], np.float32).reshape(-1, 2)
    middle = (places[:, 0].min() + places[:, 0].max()) / 2
    assert 0 < len(rows) < 200 and rows == np.flatnonzero(places[:, 0] < middle).tolist()
    assert surround(page) == list(range(200))


def test_empty_space_changes_the_picture(show):
    shown = hovered(show("run=digits"), 0.02)
    assert len(set(shown)) == 3 and all("<img" in one for one in shown)


def test_colours_are_chosen(show, hostile):
    page = show("run=people&by=kmeans&k=3")
    page.wait_for_selector(".legend[data-by=kmeans]")
    assert page.locator(".legend button").count() == 3
    page.get_by_label("Number of groups").fill("5")
    page.get_by_label("Number of groups").press("Tab")
    page.wait_for_function("document.querySelectorAll('.legend button').length === 5")
    page.get_by_label("Colours").select_option(label=hostile)
    page.get_by_role("button", name=hostile).wait_for()
    page.get_by_label("Colours").select_option("column:weight")
    page.wait_for_selector(".legend .ramp")
    before = drawn(page)
    page.get_by_label("Colours").select_option("score")
    page.get_by_text("normal", exact=True).wait_for()
    assert not alike(drawn(page), before) and page.locator("img[src=x]").count() == 0
    page.reload()
    page.wait_for_selector(".legend[data-by=score]")


def test_chosen_items_are_labelled_and_saved(show, unlabelled, hostile, tmp_path):
    page = show("run=digits")
    rows = surround(page, "left")
    page.get_by_label("Your label").fill(hostile)
    page.get_by_role("button", name="Label them").click()
    page.wait_for_selector(".legend[data-by=own]")
    page.locator(".legend").get_by_text(hostile).wait_for()
    with (unlabelled / "digits" / FILE).open(encoding="utf-8", newline="") as file:
        assert [(int(line["row"]), line["label"]) for line in csv.DictReader(file)] == [(row, hostile) for row in rows]
    with page.expect_download() as saving:
        page.get_by_role("button", name="Places as .csv").click()
    saving.value.save_as(tmp_path / "chosen.csv")
    with (tmp_path / "chosen.csv").open(encoding="utf-8", newline="") as file:
        assert [int(line["row"]) for line in csv.DictReader(file)] == rows
    with page.expect_download() as saving:
        page.get_by_role("button", name="Names as .txt").click()
    saving.value.save_as(tmp_path / "chosen.txt")
    names = (tmp_path / "chosen.txt").read_text("utf-8").splitlines()
    assert len(names) == len(rows) and all(name.endswith(".png") for name in names)
    page.get_by_role("button", name="Remove the label").click()
    page.wait_for_function("text => !document.querySelector('.legend').textContent.includes(text)", arg=hostile)
    assert page.locator("img[src=x]").count() == 0


def test_a_class_that_is_hidden_is_not_gathered(show):
    page = show("run=digits")
    page.locator(".legend button", has_text="0").first.click()
    rows = surround(page)
    assert 0 < len(rows) < 200


def test_two_models_share_what_is_marked_and_chosen(show):
    page = show("run=digits")
    page.get_by_label("Second model").select_option("twin")
    page.wait_for_selector(".map-board >> nth=1")
    page.wait_for_function("document.querySelectorAll('.map-board')[1].dataset.painted")
    before = [drawn(page, board) for board in (0, 1)]
    rows = surround(page, "left", board=1)
    assert 0 < len(rows) < 200
    assert soon(lambda: not any(alike(drawn(page, board), before[board]) for board in (0, 1)))  # others are faint
    page.get_by_role("button", name="Let go").click()
    assert soon(lambda: all(alike(drawn(page, board), before[board]) for board in (0, 1)))
    page.locator(".map-board").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".detail h1")
    over = "n => document.querySelectorAll('.map-board')[n].querySelectorAll('canvas')[2].toDataURL()"
    ringed = page.evaluate(over, 1)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("before => (" + over + ")(1) !== before", arg=ringed)
    page.get_by_text("restored by twin").wait_for()
    page.reload()
    page.wait_for_selector(".map-board >> nth=1")


def test_hovering_one_map_marks_the_item_in_the_other(show):
    page = show("run=digits&beside=twin")
    page.wait_for_selector(".map-board >> nth=1")
    page.wait_for_function("document.querySelectorAll('.map-board')[1].dataset.painted")
    over = "document.querySelectorAll('.map-board')[1].querySelectorAll('canvas')[2].toDataURL()"
    empty = page.evaluate(over)
    box = page.locator(".map-board").first.bounding_box()
    for i in range(40):  # from side to side through the middle, until an item is met
        page.mouse.move(box["x"] + (0.1 + 0.02 * i) * box["width"], box["y"] + 0.5 * box["height"])
        page.wait_for_timeout(40)
        if page.evaluate(over) != empty:
            break
    assert page.evaluate(over) != empty
    page.mouse.move(5, 5)
    page.wait_for_function(f"empty => {over} === empty", arg=empty)


def test_items_are_gathered_by_keyboard(show):
    page = show("run=digits")
    page.locator(".map-board").focus()
    for rows in (1, 2):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        page.get_by_text(f"{rows} items inside").wait_for()
    page.keyboard.press("Space")
    page.get_by_text("1 items inside").wait_for()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_two_maps_fit_a_phone(show, language):
    page = show(f"run=digits&beside=twin&lang={language}", width=390)
    page.wait_for_selector(".map-board >> nth=1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_map_of_two_numbers_is_not_called_bent(visit):
    page = visit("/map?run=people")
    page.get_by_text("the axes are the codes' own numbers").wait_for()
