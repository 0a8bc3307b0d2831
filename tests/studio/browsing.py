"""The studio in a process of its own, and a real browser that minds every error and every word to another address."""

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ROOT = Path(__file__).parent.parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
READY = "latent-room[data-ready=yes]"


def hovered(page, share):
    """What the map's lens shows at three places near its edge, a share of its sides away from it."""
    box = page.locator(".map-board").bounding_box()
    shown = []
    for x in (share, 0.5, 1 - share):
        before = page.locator(".lens").get_attribute("data-drawn") or "0"
        page.mouse.move(box["x"] + x * box["width"], box["y"] + share * box["height"])
        page.wait_for_function(
            "n => Number(document.querySelector('.lens').dataset.drawn ?? 0) > Number(n)", arg=before
        )
        shown.append(page.locator(".lens").inner_html())
    return shown


def to_train(page, name):
    """Fills in the form of a training on people.csv, and opens its settings."""
    page.wait_for_selector(READY)
    page.locator(".train-form select").first.select_option(label="people.csv")
    page.get_by_text("150 rows").wait_for()
    page.get_by_label("Name").fill(name)
    page.get_by_text("Settings", exact=True).click()


def uploaded(visit, file, **how):
    """Train with a file of one's own handed in."""
    page = visit("/train", **how)
    page.wait_for_selector(READY)
    page.locator("input[type=file]").set_input_files(file)
    return page


def served(folder, log):
    """The studio in a process of its own, at a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]))
    with log.open("wb") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "latently", "studio", str(folder), "--no-browser", "--port", str(port)],
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": known, "OMP_NUM_THREADS": "1"},
        )
    for _ in range(600):
        assert child.poll() is None, log.read_text("utf-8")
        try:
            urlopen(f"http://127.0.0.1:{port}/api/models").close()
        except OSError:
            time.sleep(0.1)
        else:
            break
    return child, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def address(runs, tmp_path_factory):
    child, where = served(runs, tmp_path_factory.mktemp("log") / "studio.txt")
    yield where
    child.terminate()
    child.wait(20)


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: pip install playwright")
    if CHROMIUM is None:
        pytest.skip("browser tests need the system's Chromium: apt-get install chromium")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser, address):
    """Opens a page; at the end no error stands in the console and nothing was asked of another address."""
    contexts, wrong = [], []

    def open_page(path, width=1280, base=address, refused=False, **how):
        context = browser.new_context(viewport={"width": width, "height": 800}, **how)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(1000 * float(os.environ.get("LATENTLY_TEST_PATIENCE", "240")))  # seconds
        expected = "status of 400" if refused else "\0"  # what a page is to be refused stands in the console too
        page.on(
            "console",
            lambda said: (
                wrong.append(said.text) if said.type in ("error", "warning") and expected not in said.text else None
            ),
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append("a dialog: " + dialog.message), dialog.dismiss()))
        inside = (base, base.replace("http", "ws", 1), "data:", "blob:")
        page.on("request", lambda asked: None if asked.url.startswith(inside) else wrong.append(asked.url))
        page.on("websocket", lambda asked: None if asked.url.startswith(inside) else wrong.append(asked.url))
        page.goto(base + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong, wrong
