"""Our side of the writer: seconds an epoch, and nats a token of test lines."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import torch

import latently

from ..data import WORDS
from ..peak import gflops
from .protocol import VOCABULARY, lines, say, told

EMBEDDED, CELLS = 256, 512


def multiply_adds(vocabulary: int) -> int:
    """Of a text: for each token two LSTMs of four gates each, and a column for each word of the vocabulary."""
    recurrent = 4 * CELLS * (EMBEDDED + CELLS) + 4 * CELLS * 2 * CELLS
    return (WORDS + 1) * (recurrent + CELLS * vocabulary)


def opened(some: list[list[str]]) -> Any:
    """Lines of words as what Latently trains on."""
    reading: Any = {"unit": "word", "vocabulary": VOCABULARY - 1, "length": WORDS + 2}  # the padding not counted
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.txt"
        path.write_text("\n".join(map(" ".join, some)) + "\n", "utf-8")
        return latently.open(path, **reading)


def main() -> None:
    asked = told()
    torch.set_num_threads(asked.threads)
    X, T = map(opened, lines(asked))
    given = {"device": "cpu", "validation": 0, "batch_size": asked.row.batch, "epochs": asked.epochs}
    model = getattr(latently, asked.row.model)(**asked.row.settings, **given, seed=asked.seed)
    fitting = model.begin(X)
    for event in fitting.training.events():
        say(seconds=event["seconds"], train_loss=event["train"]["loss"] / (WORDS + 1))
    model.finish(fitting)
    say(
        quality=-float(model.log_probability(T).mean()) / (WORDS + 1),
        encode=None,
        parameters=sum(p.numel() for p in model.module_.parameters()),
        multiply_adds=multiply_adds(fitting.codec.spec.vocabulary),
        items=len(X),
        peak=gflops(side=512 if asked.quick else None),
    )


if __name__ == "__main__":
    main()
