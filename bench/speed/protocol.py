"""What both sides do alike: what they are told, the data, the losses, and the lines they print. NumPy alone."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..data import FEW, pictures, verses
from .rows import ROWS, Row

AT_ONCE = 4096  # items in a batch of encoding, on both sides; Keras' own choice of 32 takes longer
SPECIAL = ("<pad>", "<start>", "<end>", "<unk>")
VOCABULARY = 7001
TEST_VERSES = 1024
CLIP = 1e-7  # as Keras clips


@dataclass(frozen=True)
class Told:
    """What a side is told on its command line, as JSON."""

    name: str
    epochs: int
    threads: int
    seed: int
    quick: bool

    @property
    def row(self) -> Row:
        return ROWS[self.name]


def told() -> Told:
    return Told(**json.loads(sys.argv[1]))


def say(**found: Any) -> None:
    """One JSON line: what a side hands over."""
    print(json.dumps(found), flush=True)


def digits(told: Told) -> tuple[np.ndarray, np.ndarray]:
    """Training and test digits of a row, (n, 28, 28) bytes."""
    X, T = pictures("train")[: told.row.items], pictures("t10k")
    return (X[:FEW], T[:FEW]) if told.quick else (X, T)


def floats(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32) / 255


def lost(quality: str, T: np.ndarray, restored: np.ndarray) -> float:
    """The mean loss a pixel of restored pictures, 0 .. 1, against the bytes `T`: cross-entropy or squared error."""
    X, back = T.reshape(len(T), -1) / 255.0, restored.reshape(len(T), -1).astype(np.float64)
    if quality == "mse":
        return float(np.square(X - back).mean())
    back = back.clip(CLIP, 1 - CLIP)
    return float(-(X * np.log(back) + (1 - X) * np.log1p(-back)).mean())


def lines(told: Told) -> tuple[list[list[str]], list[list[str]]]:
    """Training and test lines of the writer, lists of words."""
    n, m = (2 * told.row.batch, 64) if told.quick else (told.row.items or 0, TEST_VERSES)
    return verses(n), verses(m, skip=n)


def quickest(use: Callable[[], object], times: int = 2) -> float:
    """Seconds of the quicker of `times` runs, after one that makes ready."""
    use()
    taken = list[float]()
    for _ in range(times):
        started = time.perf_counter()
        use()
        taken.append(time.perf_counter() - started)
    return min(taken)
