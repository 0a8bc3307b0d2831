"""A folder of pictures, a table, and a run trained on either, all through the command line."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image

from latently.cli import cli

torch.set_num_threads(1)
Call = Callable[..., Result]
LINES = [
    f"the {animal} {verb} on the {place}." for animal in ("cat", "dog") for verb in ("sat", "ran") for place in "ab"
]


@pytest.fixture(scope="session")
def call() -> Call:
    """Runs the command line: `call("info", path)`."""

    def run(*args: object) -> Result:
        return CliRunner().invoke(cli, [str(a) for a in args])

    return run


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "pictures"
    rng = np.random.default_rng(0)
    for i in range(40):
        path = folder / ["cat", "dog"][i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (8, 8), np.uint8)).save(path)
    return folder


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "people.csv"
    rows = [f"{i % 7},{i * 1.5},{'서울' if i % 3 else '부산'}" for i in range(60)]
    path.write_text("\n".join(["zip,age,town", *rows]), "utf-8")
    return path


@pytest.fixture(scope="session")
def picture_run(call: Call, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "pictures"
    done = call("fit", pictures, "--out", run, "--latent", 2, "--epochs", 2)
    assert done.exit_code == 0, done.output
    return run


@pytest.fixture(scope="session")
def table_run(call: Call, table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("runs") / "table"
    done = call("fit", table, "--model", "ae", "--kind", "zip=category", "--out", run, "--latent", 2, "--epochs", 2)
    assert done.exit_code == 0, done.output
    return run


@pytest.fixture(scope="session")
def text_run(call: Call, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that writes; the lines it learned from stand beside it."""
    folder = tmp_path_factory.mktemp("texts")
    (folder / "lines.txt").write_text("\n".join(LINES * 20), "utf-8")
    flags = ["--network", "embed8 lstm16", "--epochs", 12, "--lr", 0.01]
    done = call("fit", folder / "lines.txt", "--model", "language-model", "--out", folder / "run", *flags)
    assert done.exit_code == 0, done.output
    assert "latently write" in done.stdout and "held-out loss" in done.stdout
    return folder / "run"


@pytest.fixture(scope="session")
def coded_run(call: Call, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that gives texts codes; the table it learned from stands beside it."""
    folder = tmp_path_factory.mktemp("coded")
    pl.DataFrame({"id": range(160), "said": LINES * 20, "who": ["x", "y"] * 80}).write_csv(folder / "said.csv")
    flags = ["--encoder", "embed8 gru16", "--latent", 3, "--epochs", 8, "--lr", 0.01, "--cycles", 2, "--warmup", 20]
    data = [folder / "said.csv", "--text", "said", "--model", "text-vae", "--out", folder / "run"]
    done = call("fit", *data, *flags)
    assert done.exit_code == 0, done.output
    assert "latently reconstruct" in done.stdout and "latently write" not in done.stdout
    return folder / "run"
