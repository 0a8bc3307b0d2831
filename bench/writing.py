"""How many words a second the writer of row 20 writes: one text, and several side by side.

python -m bench.writing [--quick]

Embedding 256, two LSTMs of 1,024, 7,001 tokens, trained for a few seconds: how well it writes takes no time, and how
long its texts become is bounded by `max_words`. The median of five rounds, after one that is not counted.
"""

from __future__ import annotations

import time
from statistics import median

import torch

import latently

from .data import verses
from .record import Run, options
from .speed.our_writer import opened

NETWORK, LINES, WORDS, ROUNDS = "embed256 lstm1024 lstm1024", 5120, 100, 5  # so many lines hold 7,001 words
SIDE_BY_SIDE = (1, 8, 64)
TARGET = 200  # words a second of one text, on 2 cores


def written(model: latently.LanguageModel, n: int, seed: int) -> float:
    """Words a second of `n` texts written at once."""
    started = time.perf_counter()
    texts = model.write("i love", n=n, seed=seed, max_words=WORDS)
    seconds = time.perf_counter() - started
    return sum(len(text.split()) - 2 for text in texts) / seconds


def main() -> None:
    given = options(__doc__)
    torch.set_num_threads(given.threads)
    training = {"epochs": 1, "max_minutes": 0.1, "validation": 0.0, "device": "cpu", "seed": given.seed}
    network = "embed32 lstm64" if given.quick else NETWORK
    lines = verses(512 if given.quick else LINES)
    run = Run("writing", given, network=network, words=WORDS, target=TARGET, **training)
    model = latently.LanguageModel(network=network, **training).fit(opened(lines))
    run.found(vocabulary=model.codec_.spec.vocabulary)
    for n in SIDE_BY_SIDE:
        each = [written(model, n, seed) for seed in range(ROUNDS + 1)][1:]
        run.found(**{f"words a second, {n} at once": round(median(each), 1)})
    run.finish()


if __name__ == "__main__":
    main()
