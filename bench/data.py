"""The data that the measurements read, beside the checkout in shared/data; NumPy alone, so that peers read it too."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
FEW = 512  # items of a quick run
MOST_ROWS = 10_000  # of an anomaly table
FEW_ROWS = 200  # of an anomaly table in a quick run
WORDS = 19  # of a verse; with <start> and <end> it has 21 tokens, 20 of which are foretold


def idx(part: str, *, folder: str = "mnist", quick: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 28, 28) and labels (n,) of a part, `train` or `t10k`, of one of the sets in the form of MNIST."""
    few = FEW if quick else None
    return pictures(part, folder=folder)[:few], _bytes(DATA / folder / f"{part}-labels-idx1-ubyte.gz", 8)[:few]


def pictures(part: str, *, folder: str = "mnist") -> np.ndarray:
    """The pictures alone, (n, 28, 28) bytes."""
    return _bytes(DATA / folder / f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)


def _bytes(path: Path, head: int) -> np.ndarray:
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=head).copy()


def made_up(n: int, side: int = 28, seed: int = 0) -> np.ndarray:
    """Pictures (n, side, side) of bytes that cost what real ones cost: white, each with a black disc somewhere."""
    drawn = np.random.default_rng(seed).random((n, 3, 1, 1), np.float32)
    at = (np.arange(side, dtype=np.float32) + 0.5) / side
    away = np.square(at[:, None] - drawn[:, 0]) + np.square(at - drawn[:, 1])  # (n, side, side)
    return np.where(away < np.square(0.1 + 0.3 * drawn[:, 2]), 0, 255).astype(np.uint8)


def binary(part: str, *, seed: int, quick: bool = False) -> np.ndarray:
    """Static binary digits (n, 28, 28), 0 or 255: each pixel drawn once, white with its grey value as the probability.

    So was the usual static binary MNIST made (Larochelle & Murray, 2011); its own draw is not to be had here.
    """
    images = idx(part, quick=quick)[0]
    drawn = np.random.default_rng((seed, part == "train")).random(images.shape, dtype=np.float32)
    return np.where(drawn * 255 < images, 255, 0).astype(np.uint8)


def tables(*, quick: bool = False) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Name, training rows (n, F), which are anomalies (n,), test rows (m, F), which are (m,): the tables of ADBench.

    Of more than 10,000 rows the first so many of a seed-0 permutation; split 70 to 30 with equal shares of anomalies
    (seed 0). Needs scikit-learn.
    """
    from sklearn.model_selection import train_test_split

    paths = sorted((DATA / "adbench").glob("*.npz"), key=lambda path: int(path.name.partition("_")[0]))
    for path in paths[:2] if quick else paths:
        with np.load(path) as file:
            X, y = file["X"].astype(np.float64), file["y"].astype(int)
        most = FEW_ROWS if quick else MOST_ROWS
        # the older generator: its rows are those of the figures that PyOD's detectors are known by
        rows = np.random.RandomState(0).permutation(len(X))[:most] if len(X) > most else np.arange(len(X))
        X, T, y, t = train_test_split(X[rows], y[rows], test_size=0.3, random_state=0, stratify=y[rows])
        yield path.stem, X, y, T, t


def anomalies(
    *, quick: bool = False, normals: bool = False
) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Name, training rows (n, F), test rows (m, F), whether each of them is an anomaly (m,): those of `tables`.

    Scaled to 0 .. 1 by the training rows, of which only the normal ones are then left with `normals`.
    """
    from sklearn.preprocessing import MinMaxScaler

    for name, X, y, T, t in tables(quick=quick):
        scaling = MinMaxScaler().fit(X)
        yield name, scaling.transform(X[y == 0] if normals else X), scaling.transform(T), t


def photographs(numbers: range) -> list[np.ndarray]:
    """The photographs of those numbers, laid together of their tiles, half and quarter size: (H, W, 3) bytes each."""
    from PIL import Image

    found = []
    for number in numbers:
        for size in ("half", "quarter"):
            paths = sorted((DATA / "photos").glob(f"kodim{number:02}_{size}_r*c*.png"))
            places = [tuple(map(int, re.findall(r"\d+", path.stem.rpartition("_")[2]))) for path in paths]
            rows, columns = (max(along) + 1 for along in zip(*places, strict=True))
            whole = np.zeros((96 * rows, 96 * columns, 3), np.uint8)
            for path, (row, column) in zip(paths, places, strict=True):
                whole[96 * row : 96 * row + 96, 96 * column : 96 * column + 96] = np.asarray(Image.open(path))
            found.append(whole)
    return found


def photo_crops(numbers: range, side: int = 63) -> np.ndarray:
    """The middles of those photographs' tiles: (n, side, side, 3) bytes."""
    from PIL import Image

    paths = sorted(path for n in numbers for path in (DATA / "photos").glob(f"kodim{n:02}_*.png"))
    first = (96 - side) // 2
    cut = slice(first, first + side)
    return np.stack([np.asarray(Image.open(path))[cut, cut] for path in paths])


def verses(n: int, skip: int = 0) -> list[list[str]]:
    """Lists of 19 lower-case words, cut from Shakespeare's plays one after the other: `n` after the first `skip`."""
    text = (DATA / "text" / "tinyshakespeare.txt").read_text("utf-8").lower()
    words = re.findall("[a-z]+", text)[skip * WORDS : (skip + n) * WORDS]
    return [words[i : i + WORDS] for i in range(0, len(words) - WORDS + 1, WORDS)]
