"""The pictures of docs/studio.md: every room of the studio, of handwritten digits and of a series, in a browser.

python -m bench.studio_pictures [--runs FOLDER] [--to docs/pictures]

Needs the extra `studio`, playwright, and the system's Chromium; look at each picture before it is committed.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from PIL import Image

import latently

from .data import DATA, idx

ITEMS = 5_000  # digits that are trained on
LARGEST = 200_000  # bytes of a picture
SIZE = {"width": 1280, "height": 800}
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]
READY = "latent-room[data-ready=yes]"


def nothing(page: Any) -> None:
    """As the room opens."""


def hovered(page: Any) -> None:
    box = page.locator(".map-board").first.bounding_box()
    page.mouse.move(box["x"] + 0.62 * box["width"], box["y"] + 0.42 * box["height"])


def enlarged(page: Any) -> None:
    page.get_by_role("radio", name="transposed convolution").click()
    page.get_by_role("slider", name="cell of the output").fill("9")
    page.locator(".enlarge").evaluate("one => one.scrollIntoView({ block: 'center' })")


def compared(page: Any) -> None:
    page.wait_for_selector(".part table")
    page.wait_for_load_state("networkidle")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: the room, what its address asks for, what is done there, and whether in the dark."""

    room: str
    query: str = "run=digits"
    do: Callable[[Any], None] = nothing
    name: str = ""
    dark: bool = False


SHOTS = (
    Shot("map", "run=digits&item=12", hovered),
    Shot("items", "run=digits&item=12"),
    Shot("anomalies", "run=taxi&rate=0.01", name="series"),
    Shot("generate", "run=digits&part=sliders"),
    Shot("anatomy", "run=digits&layer=2"),
    Shot("anatomy", "run=digits", enlarged, name="upsampling"),
    Shot("train", "run=digits", dark=True),
    Shot("train", "with=digits|narrow", name="runs"),
    Shot("compare", "with=digits&with=narrow", compared),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, help="where the runs are, or are trained; by default a temporary folder")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent.parent / "docs" / "pictures")
    args = parser.parse_args()
    folder = args.runs or Path(tempfile.mkdtemp(prefix="latently-pictures-"))
    trained(folder)
    args.to.mkdir(parents=True, exist_ok=True)
    child, address = served(folder)
    try:
        pictures(address, args.to)
    finally:
        child.terminate()
        child.wait(20)


def trained(folder: Path) -> None:
    """The runs that are shown, those that are not there yet."""
    data = folder / ".data"
    if not data.is_dir():
        digits, labels = idx("train")
        names = [f"{label}/{i:05}.png" for i, label in enumerate(labels[:ITEMS])]
        latently.write(data / "digits", digits[:ITEMS], names=names)
    dense: dict[str, Any] = {"encoder": "flatten dense256 relu", "epochs": 16}
    taxi = DATA / "nab" / "realKnownCause" / "nyc_taxi.csv"
    _run(folder / "taxi", latently.VAE(latent=6, epochs=12), taxi, time="timestamp", window=48, step=4)
    _run(folder / "narrow", latently.VAE(latent=3, **dense), data / "digits")
    _run(folder / "digits", latently.VAE(latent=12, beta=0.5, **dense), data / "digits")


def _run(path: Path, model: latently.Latent, data: Path, **reading: Any) -> None:
    if not (path / "model.safetensors").is_file():
        for event in latently.Run(path).fit(model, data, **reading):
            print(f"{path.name}: epoch {event['epoch']}", flush=True)


def served(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """The studio over a folder, at a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "latently", "studio", str(folder), "--no-browser", "--port", str(port)]
    child = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urlopen(f"{address}/api/models").close()
            return child, address
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the studio does not answer.")


def pictures(address: str, to: Path) -> None:
    """Takes every shot."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for shot in SHOTS:
            page = browser.new_page(viewport=SIZE, color_scheme="dark" if shot.dark else "light")
            page.set_default_timeout(180_000)
            page.goto(f"{address}/{shot.room}?{shot.query}&lang=en")
            page.wait_for_selector(READY)
            page.wait_for_load_state("networkidle") if shot.room != "train" else page.wait_for_timeout(4_000)
            # a link in another script, for which this machine may have no letters
            page.evaluate("document.querySelectorAll('.studio-language').forEach(one => one.remove())")
            if shot.room == "anatomy":
                page.wait_for_selector(".hourglass")
            shot.do(page)
            page.wait_for_timeout(1_500)
            _keep(page.screenshot(), to / f"studio-{shot.name or shot.room}.webp")
            page.close()
        browser.close()


def _keep(png: bytes, path: Path) -> None:
    """As WebP, in the best quality that is small enough."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in (90, 80, 70, 60):
        image.save(path, quality=quality, method=6)
        if path.stat().st_size <= LARGEST:
            break
    print(f"-> {path.name}, {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
