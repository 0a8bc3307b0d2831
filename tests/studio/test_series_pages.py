"""A series in every room, in a real browser: windows as lines, and when it was odd as stretches of time."""

import pytest
from tests.studio.browsing import READY

pytestmark = pytest.mark.xdist_group("studio")


def test_a_window_is_drawn_beside_what_comes_back(visit):
    page = visit("/items?run=load&item=90")
    page.wait_for_selector(".detail .line-frame path.beside")
    assert page.locator(".detail .window").first.locator(".line-frame").count() == 2
    assert page.locator(".line-key").inner_text().split() == ["original", "restored"]
    page.get_by_role("button", name="Show where").click()
    page.wait_for_selector(".why .odd-step")
    page.wait_for_selector(".detail .strip[data-row] path")  # its neighbours
    page.get_by_role("searchbox").fill("2024-01-03 0")
    page.wait_for_function("document.querySelectorAll('.gallery .strip').length < 20")


def test_odd_stretches_are_marked_on_the_line(visit):
    page = visit("/anomalies?run=load&rate=0.1")
    page.wait_for_selector(".series .range")
    assert page.locator(".series").count() == 2
    found = page.locator(".series").first.locator("path.found").bounding_box()
    first = page.locator(".series").first.locator(".range").first
    assert "2024-01-09 08:00" in first.get_attribute("title")
    middle = first.bounding_box()["x"] + first.bounding_box()["width"] / 2
    assert (middle - found["x"]) / found["width"] == pytest.approx(200 / 459, abs=0.01)
    before = page.locator(".detail h1").inner_text()
    page.locator(".lines .strip").nth(30).click()
    page.wait_for_function("before => document.querySelector('.detail h1').innerText !== before", arg=before)
    first.click()
    page.wait_for_function("before => document.querySelector('.detail h1').innerText === before", arg=before)


def test_the_threshold_changes_the_stretches(visit):
    page = visit("/anomalies?run=load&rate=0.9")
    page.get_by_text("Odd stretches of time: ").wait_for()
    said = page.locator("[role=status]").first
    before = said.inner_text()
    page.get_by_label("False alarms allowed").fill("10")
    page.get_by_label("False alarms allowed").press("Tab")
    page.wait_for_function("told => document.querySelector('[role=status]').innerText !== told", arg=before)
    page.get_by_text("Odd stretches of time: ").wait_for()


def test_a_threshold_beyond_all_windows_is_no_error(visit):
    page = visit("/anomalies?run=load&rate=1")  # as where it was dragged to the far right
    page.get_by_text("Odd stretches of time: ").wait_for()
    assert page.locator(".times .failed").count() == 0


def test_a_slider_changes_the_window(visit):
    page = visit("/generate?run=load")
    line = ".live .line-frame path.found"
    page.wait_for_selector(line)
    before = page.locator(line).first.get_attribute("d")
    page.get_by_role("slider", name="axis 1").fill("2")
    page.wait_for_function("([line, d]) => document.querySelector(line).getAttribute('d') !== d", arg=[line, before])
    page.get_by_role("radio", name="New ones").click()
    page.wait_for_function("document.querySelectorAll('.made-series .window').length === 16")


def test_over_the_map_places_become_lines(visit):
    page = visit("/map?run=load")
    page.wait_for_selector(READY)
    box = page.locator(".map-board").bounding_box()
    shown = set()
    for x in (0.1, 0.5, 0.9):
        before = page.locator(".lens").get_attribute("data-drawn") or "0"
        page.mouse.move(box["x"] + x * box["width"], box["y"] + 0.05 * box["height"])
        page.wait_for_function(
            "n => Number(document.querySelector('.lens').dataset.drawn ?? 0) > Number(n)", arg=before
        )
        shown.add(page.locator(".lens path").first.get_attribute("d"))
    assert len(shown) == 3


def test_names_of_columns_are_shown_as_they_are(visit, hostile):
    for path in ("/items?run=load", "/anomalies?run=load&rate=0.1", "/generate?run=load"):
        page = visit(path)
        page.get_by_text(hostile).first.wait_for()
        assert page.locator("img[src=x]").count() == 0
