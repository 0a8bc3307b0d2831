"""Train in a real browser: a series from its file to its model, glimpses of every epoch, runs beside each other."""

import re

import pytest
from tests.studio.browsing import READY, to_train, uploaded

import latently

pytestmark = pytest.mark.xdist_group("studio")


def test_a_series_is_uploaded_cut_and_trained(visit, runs, tmp_path):
    rows = "\n".join(["at,value", *(f"2024-01-{1 + i // 24:02} {i % 24:02}:00:00,{i % 12}" for i in range(400))])
    (tmp_path / "hours.csv").write_text(rows, "utf-8")
    page = uploaded(visit, tmp_path / "hours.csv")
    page.get_by_text("400 rows, 2 columns").wait_for()
    page.locator("[data-cut=time]").select_option(label="windows of a series, by at")
    page.locator("[data-cut=window]").fill("12")
    page.locator("[data-cut=step]").fill("2")
    page.locator("[data-cut=step]").press("Tab")
    page.get_by_text("195 windows of 12 steps").wait_for()
    page.get_by_label("Name").fill("hours")
    page.get_by_text("Settings", exact=True).click()
    page.locator("[data-param=epochs]").fill("4")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("heading", name="hours").wait_for()
    page.get_by_role("link", name="Look at its items").wait_for()
    assert latently.Run(runs / "hours").settings["reading"] == {"time": "at", "window": 12, "step": 2}
    page.wait_for_selector(".glimpses[data-epoch='4'] .line-frame")
    assert page.locator(".glimpse-map circle").count() > 10


@pytest.mark.parametrize(
    ("run", "shown"), [("digits", ".glimpse-row img"), ("people", ".glimpse-items table"), ("verses", ".text")]
)
def test_glimpses_are_scrubbed_back(visit, run, shown):
    page = visit(f"/train?run={run}")
    page.wait_for_selector(f".glimpses {shown}")
    last = page.locator(".glimpses").get_attribute("data-epoch")
    after = page.locator(".glimpse-map").inner_html()
    slider = page.get_by_role("slider", name="after epoch")
    slider.fill("0")
    page.wait_for_selector(".glimpses[data-epoch='0']")
    assert last != "0" and page.locator(".glimpse-map").inner_html() != after
    slider.press("End")
    page.wait_for_selector(f".glimpses[data-epoch='{last}']")


def test_glimpses_of_one_run_are_gone_with_it(visit):
    page = visit("/train?run=digits")
    page.wait_for_selector(".glimpses .glimpse-row img")
    page.get_by_role("button", name="begun").click()
    page.get_by_role("heading", name="begun").wait_for()
    page.wait_for_selector(".glimpses", state="detached")


def test_runs_stand_beside_each_other(visit):
    page = visit("/train?run=digits")
    page.wait_for_selector(READY)
    for run in ("digits", "people"):
        page.get_by_role("checkbox", name=f"Set {run} beside others").check()
    page.wait_for_selector("table.differ")
    assert page.locator(".curve").first.locator("polyline.run-line").count() == 2
    rows = dict(
        re.split(r"\t", line, maxsplit=1) for line in page.locator("table.differ tbody").inner_text().split("\n")
    )
    assert rows["model"].split() == ["ae", "vae"] and rows["latent"].split() == ["6", "2"]
    assert "seed" not in rows and len(rows["best loss, nats an item"].split()) == 2
    page.reload()
    page.wait_for_selector("table.differ")
    page.get_by_role("checkbox", name="Set people beside others").uncheck()
    page.get_by_role("heading", name="digits").wait_for()


def test_helps_are_korean(visit):
    page = visit("/train?lang=ko")
    page.wait_for_selector(READY)
    assert "인코더" in page.locator(".train-form").inner_html()


def test_an_upload_that_is_no_picture_is_said(visit, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"<svg onload=alert(1)>")
    page = uploaded(visit, tmp_path / "bad.png", refused=True)
    page.get_by_text("no picture that can be read").wait_for()


def test_a_field_in_a_fold_says_what_is_wrong(visit):
    page = visit("/train")
    to_train(page, "folded")
    page.locator("[data-param=latent]").fill("0")
    page.get_by_text("Settings", exact=True).click()
    page.locator("[data-param=latent]").wait_for(state="hidden")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector("[data-param=latent]:focus")


def test_a_fault_of_the_data_is_said_until_others_are_chosen(visit, tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    page = uploaded(visit, tmp_path / "empty.csv", refused=True)
    page.get_by_text("empty.csv is empty").wait_for()
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_timeout(300)
    assert page.get_by_text("empty.csv is empty").is_visible()
    page.locator(".train-form select").first.select_option(label="people.csv")
    page.get_by_text("150 rows").wait_for()
    page.wait_for_function("[...document.querySelectorAll('input')].some((one) => one.value.startsWith('people-'))")


def test_a_training_that_fails_says_why_on_the_page(visit):
    page = visit("/train")
    to_train(page, "failing")
    page.get_by_text("More settings", exact=True).click()
    page.locator("[data-param=encoder]").fill("conv8")
    page.get_by_role("button", name="Train", exact=True).click()
    page.locator(".detail [role=alert]").wait_for()
    assert "conv8" in page.locator(".detail [role=alert]").inner_text()
