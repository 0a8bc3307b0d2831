"""The studio's map in a browser without a graphics card: first paint, hover to decode, a line around items to a count.

python -m bench.studio [--quick] [--peer]

70,000 digits with a convolutional autoencoder, and 1,000,000 rows of a table with a dense one. Codes, scores and places
are there when the page is opened, as they are from the second visit on; "until all is there" is what the first one
waits for. "first paint" is from the navigation to the frame that shows all points, as the page itself marks it; "in
colour" is when the legend stands. "hover" is from a move of the mouse over empty space to what the decoder makes of
that place, "line" from letting the mouse go to the frame that shows how many items are inside. Medians.

--peer opens Embedding Atlas (Apple, 2025) on the same points as well. It does not say when it has painted, so both are
judged by screenshots, one behind the other: first paint is the first on which a twentieth of the map's middle is not
background. It decodes nothing, and its line is not driven here.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

import numpy as np

from . import peers
from .data import idx
from .record import keep, options

KEPT = Path(tempfile.gettempdir()) / "latently-bench-studio"
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]
SOFTWARE = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]  # Embedding Atlas needs WebGL or WebGPU
PEER = "embedding-atlas"
SIZES = {False: {"digits": 70_000, "rows": 1_000_000}, True: {"digits": 1_024, "rows": 20_000}}  # whether quick
VISITS, HOVERS, LINES = 5, 60, 9
TIMED = """() => {
  const side = document.querySelector('.detail');
  addEventListener('pointerup', () => { window.began = performance.now(); }, true);
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    window.took ??= performance.now() - window.began;
  }))).observe(side, { attributes: true, attributeFilter: ['data-rows'] });
}"""
HOVERED = """async ([spots, words]) => {
  const [board, lens] = [document.querySelector('.map-board'), document.querySelector('.lens')];
  const times = [];
  for (const [x, y] of spots) {
    const [before, began] = [lens.dataset.drawn, performance.now()];
    const shown = new Promise((done) => {
      const watch = new MutationObserver(() => lens.dataset.drawn !== before && done(watch.disconnect() ?? true));
      watch.observe(lens, { attributes: true, childList: true });
      setTimeout(done, 3000, false);
    });
    board.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: y, pointerType: 'mouse' }));
    const took = await shown && performance.now() - began;
    await new Promise(requestAnimationFrame);
    if (took && words.includes(lens.querySelector('small')?.textContent)) times.push(took);
  }
  return times;
}"""


def prepared(quick: bool) -> Path:
    """A folder with both runs; made once."""
    import polars as pl

    import latently

    folder = KEPT / ("quick" if quick else "whole")
    if (folder / "runs" / "rows" / "model.safetensors").exists():
        return folder
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    digits = np.concatenate([idx("train", quick=quick)[0], idx("t10k", quick=quick)[0]])
    np.save(folder / "digits.npy", digits)
    n, rng = SIZES[quick]["rows"], np.random.default_rng(0)
    group = rng.integers(0, 10, n)
    cells = rng.normal(0, 3, (10, 8))[group] + rng.normal(size=(n, 8))
    table = pl.DataFrame({f"v{j}": cells[:, j].astype(np.float32) for j in range(8)} | {"group": group.astype(str)})
    table.write_parquet(folder / "rows.parquet")
    spelled: dict[str, Any] = {"encoder": "conv16 relu pool conv32 relu pool flatten dense128 relu", "epochs": 1}
    for _ in latently.Run(folder / "runs" / "digits").fit(latently.AE(latent=16, **spelled), folder / "digits.npy"):
        pass
    model = latently.AE(latent=4, encoder="dense64 relu", epochs=1, batch_size=1024)
    for _ in latently.Run(folder / "runs" / "rows").fit(model, folder / "rows.parquet", labels="group"):
        pass
    return folder


@contextmanager
def serving(command: list[str], port: int, where: str = "/") -> Iterator[str]:
    """A server in a process of its own, once it answers."""
    base = f"http://127.0.0.1:{port}"
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
    try:
        answers(base + where, child)
        yield base
    finally:
        child.terminate()
        child.wait(30)


def answers(address: str, child: subprocess.Popen[bytes], seconds: float = 300) -> None:
    for _ in range(int(10 * seconds)):
        if child.poll() is not None:
            raise RuntimeError(f"{address}: the server ended")
        try:
            urlopen(address).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{address}: no answer in {seconds:g} s")


def free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def fetched(address: str) -> float:
    """Seconds until an answer is there."""
    began = time.perf_counter()
    with urlopen(address, timeout=3600) as answer:
        answer.read()
    return time.perf_counter() - began


def studio(page: Callable[[], Any], base: str, run: str) -> dict[str, Any]:
    """What is measured of one run's map."""
    told = f"{base}/api/models/{run}"
    found: dict[str, Any] = {}
    found["until all is there, s"] = round(sum(fetched(f"{told}/{one}") for one in ("map", "scores", "known")), 1)
    painted, coloured = list[float](), list[float]()
    for _ in range(VISITS):
        here = page()
        here.goto(f"{base}/map?run={run}")
        here.wait_for_selector(".map-board[data-painted]")
        here.wait_for_selector(".legend:not([data-by=''])[data-by]")
        coloured.append(here.evaluate("performance.now()"))
        painted.append(float(here.locator(".map-board").get_attribute("data-painted")))
        here.context.close()
    found |= {"first paint, s": _middle(painted, 1e-3), "in colour, s": _middle(coloured, 1e-3)}
    here = page()
    here.goto(f"{base}/map?run={run}")
    here.wait_for_selector("latent-room[data-ready=yes]")
    found |= {"points": here.locator(".map-note").first.inner_text().partition(" · ")[0]}
    box = here.locator(".map-board").bounding_box()
    edge = np.random.default_rng(0).uniform(0.005, 0.04, (HOVERS, 2)) * [box["width"], box["height"]]
    spots = (edge + np.array([box["x"], box["y"]])).tolist()
    times = here.evaluate(HOVERED, [spots, ["made of this place", "far from any item"]])
    found |= {"hover to decode, ms": _middle(times[3:]), "hovers": len(times[3:])}
    found |= lines(here, box)
    here.context.close()
    return found


def lines(here: Any, box: Any) -> dict[str, Any]:
    """A circle of 120 corners around the middle, drawn by the mouse."""
    turn = np.linspace(0, 2 * np.pi, 120)
    corners = np.stack([0.5 + 0.25 * np.cos(turn), 0.5 + 0.25 * np.sin(turn)], 1) * [box["width"], box["height"]]
    times, count = list[float](), ""
    here.evaluate(TIMED)
    for _ in range(LINES):
        here.evaluate("() => { window.took = undefined; delete document.querySelector('.detail').dataset.rows; }")
        here.wait_for_timeout(50)
        here.evaluate("() => { window.took = undefined; }")
        here.get_by_role("button", name="Draw around items").click()
        for i, (x, y) in enumerate(corners):
            here.mouse.move(box["x"] + x, box["y"] + y)
            if not i:
                here.mouse.down()
        here.mouse.up()
        here.wait_for_function("window.took !== undefined")
        times.append(here.evaluate("window.took"))
        count = here.locator(".detail h1").inner_text()
    return {"line to count, ms": _middle(times), "line": count}


def seen(page: Callable[[], Any], address: str, background: tuple[float, float, float, float]) -> float | None:
    """Seconds to the first screenshot with points on it; None where none was taken in three minutes."""
    from PIL import Image
    from playwright.sync_api import Error

    here = page()
    began = time.perf_counter()
    here.goto(address, wait_until="commit")
    x, y, width, height = background
    clip = {"x": x, "y": y, "width": width, "height": height}
    while time.perf_counter() - began < 180:
        try:
            shot = here.screenshot(clip=clip)
        except Error:  # a page that only draws has no time to be looked at
            continue
        pixels = np.asarray(Image.open(BytesIO(shot)).convert("L"))
        levels = np.bincount(pixels.reshape(-1), minlength=256)
        if 1 - levels.max() / levels.sum() > 0.05:
            took = time.perf_counter() - began
            (KEPT / "seen.png").write_bytes(shot)
            here.context.close()
            return took
    here.context.close()
    return None


def atlas(folder: Path, launch: Callable[[list[str]], Any], base: str, quick: bool) -> dict[str, Any]:
    """Embedding Atlas and the studio, by screenshots, one behind the other."""
    import polars as pl

    interpreter = peers.python(PEER)
    if interpreter is None:
        return {f"{PEER}": f"not installed; python -m bench.peers {PEER}"}
    found = dict[str, Any]()
    for run, size in SIZES[quick].items():
        with urlopen(f"{base}/api/models/{run}/map") as answer:
            body = answer.read()
        n = len(body) // 9
        xy = np.frombuffer(body[: 8 * n], np.float32).reshape(-1, 2)
        letters = np.frombuffer(body[8 * n :], np.uint8).astype(np.int32)
        path = folder / f"{run}-places.parquet"
        pl.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "label": letters.astype(str)}).write_parquet(path)
        port = free()
        command = [str(interpreter.parent / PEER), str(path), "--x", "x", "--y", "y", "--port", str(port)]
        middle = (360.0, 280.0, 240.0, 240.0)  # of both maps, clear of their tables and legends
        with serving([*command, "--no-auto-port"], port) as theirs, launch(SOFTWARE) as page:
            pairs = [(seen(page, f"{base}/map?run={run}", middle), seen(page, theirs, middle)) for _ in range(3)]
        for name, times in zip(("studio", PEER), zip(*pairs, strict=True), strict=True):
            known = [one for one in times if one is not None]
            found[f"{size:,}: {name}, by screenshot, s"] = _middle(known) if known else "nothing drawn in 180 s"
    return found


def _middle(times: list[float], scale: float = 1.0) -> float:
    return round(median(times) * scale, 2 if scale < 1 or median(times) < 10 else 1)


def main() -> None:
    given = options(__doc__, peer={"action": "store_true", "help": "beside Embedding Atlas, where it is installed"})
    from playwright.sync_api import sync_playwright

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("Chromium is not installed; apt-get install chromium")
    folder, port = prepared(given.quick), free()
    results = dict[str, Any]()
    command = [sys.executable, "-m", "latently", "studio", str(folder / "runs"), "--no-browser", "--port", str(port)]
    with sync_playwright() as playwright, serving(command, port, "/api/models") as base:

        @contextmanager
        def launch(more: list[str]) -> Iterator[Callable[[], Any]]:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *more])

            def page() -> Any:
                opened = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
                opened.set_default_timeout(600_000)
                return opened

            yield page
            browser.close()

        with launch([]) as page:
            for run, size in SIZES[given.quick].items():
                results |= {f"{size:,}: {name}": value for name, value in studio(page, base, run).items()}
                print(results, flush=True)
        if given.peer:
            results |= atlas(folder, launch, base, given.quick)
    about = {"load of the machine": round(os.getloadavg()[0], 1), "peers": {}}
    if given.peer and peers.python(PEER):
        about["peers"] = peers.versions(PEER)
    keep("studio", results, "nicegui", "playwright", "torch", quick=given.quick, **about)


if __name__ == "__main__":
    main()
