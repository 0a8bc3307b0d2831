"""What is answered late, in a real browser: after another choice it changes nothing of the page."""

import numpy as np
import pytest
from tests.studio.browsing import READY

pytestmark = pytest.mark.xdist_group("studio")


@pytest.fixture
def late(visit):
    """Opens a page on which answers are held back; gives the page, and what lets them come."""

    def opened(path, held):
        page, kept = visit(path), []
        page.wait_for_selector(READY)
        page.route(held, lambda route: kept.append(route))  # playwright takes no built-in method

        def come(**answer):
            while kept:
                route = kept.pop()
                with page.expect_response(route.request.url):
                    route.fulfill(**answer) if answer else route.continue_()
            page.wait_for_timeout(300)

        return page, come

    return opened


def test_of_two_ways_the_last_one_is_drawn(late):
    page, come = late("/map?run=digits", "**/map?how=umap")
    note = page.locator(".map-note").first
    straight = note.inner_text()
    page.route(
        "**/mapped?how=umap",
        lambda route: route.fulfill(json={"items": 200, "total": 200, "classes": [], "counts": [], "shares": None}),
    )
    with page.expect_response("**/mapped?how=umap"):
        page.get_by_label("way", exact=True).select_option("umap")
    page.get_by_label("way", exact=True).select_option("pca")
    page.wait_for_function("said => document.querySelector('.map-note').textContent === said", arg=straight)
    legend = page.locator(".legend").inner_html()
    come(body=np.zeros(9 * 200, np.uint8).tobytes(), content_type="application/octet-stream")
    assert note.inner_text() == straight and page.locator(".legend").inner_html() == legend


def test_a_map_that_is_taken_away_again_stays_away(late):
    page, come = late("/map?run=digits", "**/api/models/twin")
    beside = page.locator("select:has(option[value=twin])")
    beside.select_option("twin")
    beside.select_option("")
    come()
    assert page.locator(".map-board").count() == 1
    beside.select_option("twin")
    beside.select_option("")
    beside.select_option("twin")
    come()
    page.locator(".map-board").nth(1).wait_for()
    assert page.locator(".map-board").count() == 2


def test_the_form_is_of_the_data_that_were_chosen_last(late):
    page, come = late("/train", "**/api/look?*people*")
    data = page.locator(".train-form select").first
    data.select_option(label="people.csv")
    data.select_option(label="lines.txt")
    page.wait_for_function("document.querySelector('.train-form small.note').textContent")
    shown = page.locator(".train-form").inner_text()
    come()
    assert page.locator(".train-form").inner_text() == shown and "150 rows" not in shown
