"""The room that compares runs, in a real browser."""

import csv

import pytest
from tests.studio.browsing import READY

pytestmark = pytest.mark.xdist_group("studio")


def tick(page, run):
    """The box of a run."""
    return page.locator(f".compare-runs label[data-run='{run}'] input")


def test_runs_are_chosen_compared_sorted_and_saved(visit, tmp_path):
    page = visit("/compare")
    page.wait_for_selector(READY)
    tick(page, "digits").check()
    assert tick(page, "people").is_disabled()
    tick(page, "twin").check()
    page.get_by_label("odd items").select_option("0")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_selector("table.compared")
    names = page.locator("table.compared tbody th")
    assert names.all_inner_texts()[:2] == ["digits", "twin"]
    assert any(name.startswith("PCA") for name in names.all_inner_texts())
    assert any(name.endswith("untrained") for name in names.all_inner_texts())
    assert page.locator("table.side").count() == 2 and page.locator("table.side img").count() >= 8 * 5
    assert page.get_by_role("columnheader", name="AUROC").count() == 1

    head = page.get_by_role("columnheader", name="PSNR, dB")
    place = page.locator("table.compared thead th").all_inner_texts().index("PSNR, dB")
    cells = page.locator(f"table.compared tbody tr td:nth-child({place + 1})")
    orders = []
    for direction in ("descending", "ascending"):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == direction
        orders.append([float(text.replace("−", "-")) for text in cells.all_inner_texts()])
    assert orders[0] == sorted(orders[0], reverse=True) and orders[1] == sorted(orders[1])

    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as .csv").click()
    saving.value.save_as(tmp_path / "comparison.csv")
    with (tmp_path / "comparison.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["name"] for line in lines][:2] == ["digits", "twin"] and float(lines[0]["psnr"]) > 0

    page.reload()  # what was compared is there at once
    page.wait_for_selector("table.compared")
    assert tick(page, "twin").is_checked() and not tick(page, "people").is_checked()
    assert "odd=0" in page.url and page.get_by_label("odd items").input_value() == "0"
    assert page.get_by_role("columnheader", name="AUROC").count() == 1
    assert page.locator("option[value='0']").count() == 1


@pytest.mark.parametrize("run", ["people", "verses"])
def test_rows_and_texts_are_shown_side_by_side(visit, run, hostile):
    page = visit(f"/compare?with={run}")
    page.wait_for_selector("table.compared")
    table = page.locator("table.side-rows" if run == "people" else "table.side-texts")
    first = table.inner_text()
    page.get_by_role("radio", name="2", exact=True).click()
    assert table.inner_text() != first and page.locator("img[src=x]").count() == 0
    if run == "people":
        assert hostile in table.inner_text()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_table_fits_a_phone(visit, language):
    page = visit(f"/compare?with=digits&lang={language}", width=390)
    page.wait_for_selector("table.compared")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_run_of_the_room_before_is_ticked(visit):
    page = visit("/compare?run=people")
    page.wait_for_selector(READY)
    assert tick(page, "people").is_checked() and page.get_by_label("on the data of").input_value() == "people"
    tick(page, "people").uncheck()
    assert page.get_by_label("on the data of").is_hidden()


def test_what_cannot_be_compared_says_why(visit):
    page = visit("/compare?with=gone")
    page.wait_for_selector(READY)
    assert page.get_by_role("checkbox", checked=True).count() == 0
    assert page.get_by_role("button", name="Compare", exact=True).is_disabled()
