"""The pages in a real browser: every room on pictures, a table, texts and a series, with no word to another address."""

import re

import pytest
from tests.studio.browsing import READY, hovered, served, to_train

pytestmark = pytest.mark.xdist_group("studio")


@pytest.mark.parametrize("run", ["digits", "people", "lines", "verses", "load"])
@pytest.mark.parametrize("room", ["map", "items", "generate", "anomalies", "anatomy", "train"])
def test_every_room_opens_for_every_kind_and_fits_a_phone(visit, room, run):
    page = visit(f"/{room}?run={run}")
    page.wait_for_selector(READY)
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".studio-link.is-here").count() == 1


@pytest.mark.parametrize("run", ["digits", "people", "lines"])
def test_an_item_is_shown_with_what_comes_back(visit, run):
    page = visit(f"/items?run={run}")
    page.wait_for_selector(READY)
    page.locator(".gallery [data-row='4']").first.click()
    page.wait_for_selector(".detail[data-item='4']")
    page.get_by_role("button", name="Show where").click()
    page.wait_for_selector({"digits": ".heat img.over", "people": "table.reasons", "lines": ".word"}[run])
    page.wait_for_selector(".detail [data-row]")  # its neighbours
    heading = page.locator(".detail h1").inner_text()
    page.reload()
    page.wait_for_selector(READY)
    page.wait_for_selector(".detail h1")
    assert page.locator(".detail h1").inner_text() == heading


@pytest.mark.parametrize("run", ["digits", "people"])
def test_empty_space_of_the_map_is_decoded_live(visit, run):
    page = visit(f"/map?run={run}")
    page.wait_for_selector(READY)
    assert len(set(hovered(page, 0.03))) == 3


@pytest.mark.parametrize("run", ["digits", "people", "lines"])
def test_a_line_around_everything_holds_all_items(visit, run):
    page = visit(f"/map?run={run}")
    page.wait_for_selector(READY)
    page.get_by_role("button", name="Draw around items").click()
    box = page.locator(".map-board").bounding_box()
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]
    for i, (x, y) in enumerate(corners):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if not i:
            page.mouse.down()
    page.mouse.up()
    count = {"digits": 200, "people": 150, "lines": 61}[run]
    page.get_by_text(f"{count} items inside").wait_for()
    assert page.locator(".detail").get_attribute("data-rows") == ",".join(map(str, range(count)))


def test_the_map_goes_by_keyboard(visit):
    page = visit("/map?run=digits")
    page.wait_for_selector(READY)
    page.locator(".map-board").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile("item="))
    page.wait_for_selector(".detail h1")


def test_items_are_searched(visit):
    page = visit("/items?run=lines")
    page.wait_for_selector(READY)
    page.get_by_role("searchbox").fill("bird")
    page.get_by_text("12 of 61").wait_for()
    assert page.locator(".gallery .line").count() == 12
    assert set(page.locator(".gallery .line .face").all_inner_texts()) == {"the bird sang a song"}


def test_a_slider_changes_the_picture(visit):
    page = visit("/generate?run=digits")
    page.wait_for_selector(".live img")
    before = page.locator(".live img").get_attribute("src")
    slider = page.get_by_role("slider", name="axis 1")
    slider.focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('.live img').src !== before", arg=before)
    page.get_by_role("radio", name="single numbers").click()
    assert page.get_by_role("slider").count() == 6


def test_a_slider_changes_the_row(visit):
    page = visit("/generate?run=people")
    page.wait_for_selector(".live table")
    before = page.locator(".live table").inner_text()
    page.get_by_role("slider", name="axis 1").fill("2")
    page.wait_for_function("before => document.querySelector('.live table').innerText !== before", arg=before)


def test_new_items_and_ways_between_two(visit):
    page = visit("/generate?run=digits&part=samples")
    page.wait_for_selector(".made img")
    assert page.locator(".made img").count() == 48
    page.get_by_role("radio", name="Between two").click()
    page.wait_for_function("document.querySelectorAll('.made.way img').length === 12")
    page.get_by_label("from item").fill("0")
    page.get_by_label("from item").press("Tab")
    page.wait_for_url(re.compile("from=0"))


def test_a_text_goes_on_writing(visit):
    page = visit("/generate?run=lines")
    page.wait_for_selector(".next li")
    page.get_by_role("textbox").fill("the")
    added = ""
    for _ in range(30):  # a model of six epochs may draw an end at once
        page.get_by_role("button", name="Write on").click()
        page.wait_for_selector(".added", state="attached")
        page.get_by_role("button", name="Write on").wait_for()  # while it writes it says "Stop"
        if added := page.locator(".added").inner_text().strip():
            break
    assert added and page.locator(".given").inner_text() == "the"


@pytest.mark.parametrize("run", ["digits", "people", "lines"])
def test_the_threshold_is_dragged(visit, run):
    page = visit(f"/anomalies?run={run}&rate=0.05")
    page.wait_for_selector(READY)
    said = page.locator("[role=status]")
    before = said.inner_text()
    box = page.locator(".histogram-body").bounding_box()
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 60, steps=5)
    page.mouse.up()
    assert said.inner_text() != before
    assert page.locator("rect.count.is-odd").count() > 40
    page.locator(".handle").focus()
    now = said.inner_text()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    assert said.inner_text() != now
    page.wait_for_selector(".is-odd[data-row]")
    page.wait_for_selector(".detail h1")


def test_an_item_that_is_not_there_is_said_in_a_line(visit):
    page = visit("/generate?run=digits&part=between", refused=True)
    page.wait_for_selector(READY)
    page.get_by_label("from item").fill("99999")
    page.get_by_label("from item").press("Tab")
    told = page.get_by_text("there is no item 99999")
    told.wait_for()
    assert told.bounding_box()["width"] > 300


def test_a_rate_is_one_that_can_be_kept(visit):
    page = visit("/anomalies?run=people&rate=0.001")  # 150 rows calibrate it
    page.wait_for_selector(READY)
    field, said = page.get_by_label("False alarms allowed"), page.locator("[role=status]")
    assert field.input_value() == "0.662" and "0.662 % would be" in said.inner_text()
    for text in ("0", "-3", "500", ""):
        field.fill(text)
        field.press("Tab")
        page.get_by_text("A rate is from 0.662 %").wait_for()
        assert field.input_value() == "0.662"
    field.fill("20")
    field.press("Tab")
    page.get_by_text("A rate is from").wait_for(state="detached")
    assert "19.9 % would be" in said.inner_text()


def test_the_anatomy_lights_up(visit):
    page = visit("/anatomy?run=digits")
    page.wait_for_selector(".hourglass .activation")
    layers = page.locator(".hourglass .slab")
    layers.nth(2).click()
    assert page.locator(".layer-card img").get_attribute("src").startswith("data:image/png")
    first = page.locator(".layer-card img").get_attribute("src")
    page.get_by_label("follow item").fill("9")
    page.get_by_label("follow item").press("Tab")
    page.wait_for_function("first => document.querySelector('.layer-card img').src !== first", arg=first)


def test_hostile_names_and_texts_are_shown_as_they_are(visit, hostile):
    for path in ("/items?run=people", "/items?run=lines&find=onerror", "/anomalies?run=people", "/generate?run=people"):
        page = visit(path)
        page.wait_for_selector(READY)
        page.get_by_text(hostile).first.wait_for()
        assert page.locator("img[src=x]").count() == 0


def test_languages_and_light_are_kept(visit):
    page = visit("/items?run=digits&lang=ko", color_scheme="light")
    page.wait_for_selector(READY)
    assert page.locator("html").get_attribute("lang") == "ko"
    assert "생성" in page.locator(".studio-rail").inner_text()
    assert "body--dark" not in (page.locator("body").get_attribute("class") or "")
    page.locator(".studio-theme").click()
    page.wait_for_selector("body.body--dark")
    page.goto(page.url.split("?")[0] + "?run=digits")
    page.wait_for_selector(READY)
    page.wait_for_selector("body.body--dark")
    assert page.locator("html").get_attribute("lang") == "ko"


def test_what_cannot_be_opened_says_why(visit):
    assert visit("/items?run=gone").get_by_text("no longer here").is_visible()
    assert visit("/items?run=begun").get_by_text("no model yet").is_visible()
    visit("/items?run=cut.safetensors").locator(".studio-sentence").wait_for()


def test_two_pages_at_once(visit):
    one, other = visit("/anomalies?run=people"), visit("/generate?run=people")
    one.wait_for_selector(READY)
    other.wait_for_selector(READY)
    assert one.locator("[role=status]").inner_text() and other.locator(".live table").count() == 1


def test_a_training_that_is_started_from_the_page_ends_with_a_model(visit, runs):
    page = visit("/train")
    to_train(page, "from the page")
    page.locator("[data-param=epochs]").fill("3")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url(re.compile("from"))
    page.get_by_role("link", name="Look at its items").wait_for()
    assert (runs / "from the page" / "model.safetensors").is_file()
    assert page.locator(".curve polyline").count() >= 4
    page.get_by_role("link", name="Look at its items").click()
    page.wait_for_selector(READY)


def test_an_empty_folder_offers_the_demo(visit, tmp_path):
    child, where = served(tmp_path, tmp_path.parent / f"{tmp_path.name}.log")
    try:
        page = visit("/", base=where)
        page.wait_for_selector(READY)
        assert page.get_by_role("button", name="Train the demo").is_visible()
    finally:
        child.terminate()
        child.wait(20)
