"""The writer of verses at full size, row 20 of the systems: nats a token of held-out lines, after each epoch.

python -m bench.quality.writer [--quick] [--epochs 30]

Embedding 256, two LSTMs of 1,024, 7,001 tokens; Adam, batches of 256. The lines are Shakespeare's, 19 words each; a
tenth of them is held out. Hours on a CPU, minutes on a GPU.
"""

from __future__ import annotations

import torch

import latently

from ..data import WORDS, verses
from ..record import Run, options
from ..speed.our_writer import opened
from .training import few, parameters

SETTINGS = {"network": "embed256 lstm1024 lstm1024", "batch_size": 256, "lr": 1e-3, "validation": 0.1, "patience": 0}


def main() -> None:
    given = options(__doc__, epochs={"type": int, "default": 30})
    if not hasattr(latently, "LanguageModel"):
        raise SystemExit("this version of Latently has no LanguageModel")
    torch.set_num_threads(given.threads)
    training = few(given.quick, **SETTINGS, epochs=given.epochs, seed=given.seed)
    lines = verses(512 if given.quick else 10_973)  # all there are
    run = Run("quality-writer", given, **training, lines=len(lines), anchor="validation loss 2.2 on the lyric set")
    fitting = latently.LanguageModel(**training).begin(opened(lines))
    each = list[float]()
    for event in fitting.training.events():
        each.append(round(event["validation"]["loss"] / (WORDS + 1), 4))
        run.found(epochs=event["epoch"], **{"held-out nats a token, each epoch": list(each)})
    run.finish(**{"held-out nats a token, least": min(each), "parameters": parameters(fitting.training.model)})


if __name__ == "__main__":
    main()
