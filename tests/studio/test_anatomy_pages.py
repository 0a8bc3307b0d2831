"""The anatomy in a real browser: the four upsamplings step by step."""

import pytest

pytestmark = pytest.mark.xdist_group("studio")


def test_the_upsamplings_are_stepped_through(visit):
    page = visit("/anatomy?run=digits")
    page.get_by_role("radio", name="transposed convolution").click()
    sums = page.locator(".enlarge-sum")
    for _ in range(16):
        text, made = sums.inner_text(), page.locator(".enlarge-cell.made").inner_text()
        terms, _, total = text.partition(" = ")
        total = total or terms  # one cell, as it is
        assert total == made
        assert sum(eval(part.replace("×", "*")) for part in terms.split(" + ")) == int(total)
        assert page.locator(".enlarge-grid").first.locator(".reads").count() == len(terms.split(" + "))
        page.get_by_role("button", name="next").click()
    page.get_by_role("slider", name="cell of the output").fill("5")
    assert sums.inner_text().count("×") == 1 or "+" in sums.inner_text()
    page.get_by_role("radio", name="max unpooling").click()
    assert page.locator(".enlarge-cell.stood").all_inner_texts() == ["9", "8", "5", "4"]
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("Number(document.querySelector('.enlarge-slider input').value) > 1")
    page.get_by_role("button", name="Pause").click()
    page.reload()
    page.wait_for_selector(".enlarge-cell.stood")


@pytest.mark.parametrize("run", ["people", "lines", "load"])
def test_other_data_have_no_upsamplings(visit, run):
    page = visit(f"/anatomy?run={run}")
    page.wait_for_selector(".hourglass")
    assert page.locator(".enlarge").count() == 0
