"""A TextVAE of Shakespeare's lines, beside a LanguageModel with the same writer on the same split.

python -m bench.quality.sentences [--quick] [--network "embed256 lstm512"] [--encoder ...] [--free-nats 8] [--alone]

Lines are cleaned and split as by `bench.quality.prose`: a tenth for the test, a tenth of the others watched. Of both
models the test's nats a token, perplexity and bits a character, those of the TextVAE by importance sampling; of the
TextVAE also the divergence, what the codes tell of which line it is, how many of their numbers are in use, and the
share of a line's words that come back. What is left out is as the model has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import latently
from latently.data.loader import split

from ..record import Run, options
from .prose import FEW, PLAYS
from .training import few, parameters

NETWORK = "embed128 drop0.4 lstm256 drop0.4"
OWN: dict[str, tuple[type, Any]] = {  # settings of the TextVAE alone: their types, and what they are here
    "latent": (int, None),
    "encoder": (str, "embed128 drop0.4 lstm256"),  # no numbers dropped behind it: the code would carry their noise
    "beta": (float, None),
    "warmup": (int, None),
    "cycles": (int, None),
    "free_bits": (float, None),
    "free_nats": (float, 7.7),
    "word_dropout": (float, None),
}
TOLD = ("nll", "nll_error", "nll_token", "perplexity", "bits_per_character", "unknown")
OF_CODES = ("nll_draws", "kl", "mutual_information", "active_units", "restored_words", "restored_words_guess")
SHOWN = 8  # lines beside what came back of them


def trained(model: Any, source: latently.Source, run: Run, name: str) -> Any:
    """The model, fitted; each epoch's watched terms are kept."""
    fitting = model.begin(source)
    run.results[f"{name}: parameters"] = parameters(fitting.training.model)
    losses: list[dict[str, float]] = []
    run.results[f"{name}: watched, by epoch"] = losses
    for event in fitting.training.events():
        losses.append({key: round(value, 3) for key, value in event["validation"].items()})
        run.found()
        print(f"{name}, epoch {event['epoch']}: {losses[-1]} in {event['seconds']:.1f} s", flush=True)
    run.results[f"{name}: seconds"] = round(sum(event["seconds"] for event in fitting.training.history), 1)
    return model.finish(fitting)


def numbers(found: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: round(found[key], 4) if isinstance(found[key], float) else found[key] for key in keys if key in found}


def shown(model: Any, test: latently.Source, seed: int) -> dict[str, Any]:
    """Lines beside what came back, drawn ones, and the way from one to another."""
    some: Any = test[:SHOWN]
    ends = model.transform(test[:2])
    part = np.linspace(0, 1, 7)[:, None]
    return {
        "restored": [list(two) for two in zip(some.data, model.reconstruct(some), strict=True)],
        "samples": model.sample(SHOWN, seed=seed),
        "between": model.inverse_transform((1 - part) * ends[0] + part * ends[1]),
    }


def main() -> None:
    given = options(
        __doc__,
        network={"default": NETWORK, "help": "the writer of both"},
        epochs={"type": int, "default": 12},
        batch={"type": int, "default": 64},
        lr={"type": float, "default": 2e-3},
        schedule={"default": "linear"},
        unit={"default": "word"},
        clean={"default": "latin"},
        device={"default": "cpu"},
        lines={"type": int, "default": None, "help": "of the plays at most"},
        items={"type": int, "default": 800, "help": "lines of the test that are measured, at most"},
        draws={"type": int, "default": 300, "help": "codes a line to estimate its likelihood"},
        alone={"action": "store_true", "help": "without the language model"},
        name={"default": "sentences", "help": "of the file in results/"},
        **{key.replace("_", "-"): {"type": kind, "default": value} for key, (kind, value) in OWN.items()},
    )
    torch.set_num_threads(given.threads)
    source = latently.open(PLAYS, unit=given.unit, clean=given.clean)
    source = source[: FEW if given.quick else given.lines or len(source)]
    train, test = (source[rows.numpy()] for rows in split(len(source), 0.1, seed=1))
    network = "embed32 lstm64" if given.quick else given.network
    training: dict[str, Any] = few(
        given.quick,
        epochs=given.epochs,
        batch_size=given.batch,
        lr=given.lr,
        schedule=given.schedule,
        patience=0,
        seed=given.seed,
        device=given.device,
    )
    own: dict[str, Any] = {key: getattr(given, key) for key in OWN if getattr(given, key) is not None}
    own = training | own | {"decoder": network} | ({"encoder": network} if given.quick else {})
    model: Any = latently.TextVAE(**own)
    run = Run(
        f"quality-{given.name}",
        given,
        **training,
        network=network,
        **{key: getattr(model, key) for key in OWN},
        data=f"tinyshakespeare.txt by {given.unit}, clean={given.clean!r}: {len(train)} lines to train on and watch, "
        f"{len(test)} to test",
    )
    n, draws = (200, 5) if given.quick else (given.items, given.draws)
    how: dict[str, Any] = {"n": n, "draws": draws, "seed": given.seed}
    trained(model, train, run, "TextVAE")
    found = latently.evaluate(model, test, **how)
    run.found(**{"TextVAE, test": numbers(found, *TOLD, *OF_CODES)}, **shown(model, test, given.seed))
    if not given.alone:
        writer = trained(latently.LanguageModel(**training, network=network), train, run, "LanguageModel")
        run.results["LanguageModel, test"] = numbers(latently.evaluate(writer, test, **how), *TOLD)
    run.finish()


if __name__ == "__main__":
    main()
