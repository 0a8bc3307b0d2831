"""A language model of Shakespeare's lines, beside an interpolated Kneser-Ney trigram on the same split.

python -m bench.quality.prose [--quick] [--network "embed256 lstm1024 lstm1024"] [--epochs 30] [--unit word]

Lines are cleaned by the rule for lyrics and prose: small letters, punctuation set apart, other signs, empty lines and
lines ending in ":" left out; 7,000 words with <unk>. A tenth of the lines is for the test, a tenth of the others is
watched; vocabulary and trigram are learned from what the network is trained on and what is watched.
"""

from __future__ import annotations

from math import exp, log
from typing import Any

import torch

import latently
from latently.data.loader import split

from ..data import DATA
from ..record import Run, options
from ..trigram import Trigram
from .training import few, parameters

PLAYS = DATA / "text" / "tinyshakespeare.txt"
NETWORK = "embed128 drop0.4 lstm256 drop0.4"
PROMPTS = ("", "i love", "my lord ,", "what")
FEW = 2000  # lines of a quick run


def told(model: Any, source: latently.Source) -> list[list[int]]:
    """The tokens of each text as the model reads it, without start, end and padding."""
    packed = model.codec_.pack(source)
    return [
        [t for t in row if t][1:-1] for row in (packed.take(torch.tensor([i]))[0].tolist() for i in range(len(packed)))
    ]


def measured(nll: float, texts: list[list[int]], characters: int) -> dict[str, float]:
    """A sum of nats over texts as the numbers that are compared."""
    tokens = sum(len(text) + 1 for text in texts)
    return {
        "nats a token": round(nll / tokens, 4),
        "perplexity": round(exp(nll / tokens), 2),
        "bits a character": round(nll / log(2) / characters, 4),
    }


def samples(model: Any, seed: int) -> list[str]:
    return [text for p in PROMPTS for text in model.write(p, n=3, seed=seed, temperature=0.8)]


def main() -> None:
    given = options(
        __doc__,
        network={"default": NETWORK},
        epochs={"type": int, "default": 15},
        batch={"type": int, "default": 64},
        lr={"type": float, "default": 2e-3},
        unit={"default": "word"},
        clean={"default": "latin"},
        device={"default": "cpu"},
        name={"default": "prose", "help": "of the file in results/"},
    )
    torch.set_num_threads(given.threads)
    source = latently.open(PLAYS, unit=given.unit, clean=given.clean)
    source = source[:FEW] if given.quick else source
    train, test = (source[rows.numpy()] for rows in split(len(source), 0.1, seed=1))
    training = few(
        given.quick,
        network="embed32 lstm64" if given.quick else given.network,
        epochs=given.epochs,
        batch_size=given.batch,
        lr=given.lr,
        schedule="linear",
        patience=0,
        seed=given.seed,
        device=given.device,
    )
    run = Run(
        f"quality-{given.name}",
        given,
        **training,
        data=f"tinyshakespeare.txt by {given.unit}, clean={given.clean!r}: {len(train)} lines to train on and watch, "
        f"{len(test)} to test",
        anchor="row 20: a validation loss of 2.2 on lyrics; here the trigram beside it",
    )
    model: Any = latently.LanguageModel(**training)
    fitting = model.begin(train)
    watched = fitting.items.take(fitting.held_out)
    each = float((watched[:, 1:] != 0).sum() / len(watched))  # tokens to tell of a watched line
    losses: list[float] = []
    run.found(parameters=parameters(fitting.training.model))
    for event in fitting.training.events():
        losses.append(round(event["validation"]["loss"] / each, 4))
        print(f"epoch {event['epoch']}: {losses[-1]} nats a token in {event['seconds']:.0f} s", flush=True)
        run.found(**{"validation loss a token, by epoch": losses})
    model.finish(fitting)
    texts = told(model, test)
    characters = sum(len(model.codec_.text(text)) + 1 for text in texts)
    trigram = Trigram(told(model, train), len(model.codec_.words) - 2)
    found = {
        "network, test": measured(-float(model.log_probability(test).sum()), texts, characters),
        "trigram, test": measured(sum(map(trigram.nll, texts)), texts, characters),
    }
    written = samples(model, given.seed)
    run.finish(**found, samples=written)
    print("\n".join(written))


if __name__ == "__main__":
    main()
