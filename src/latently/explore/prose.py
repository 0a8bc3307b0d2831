"""What can be said of a model of texts: how well it tells them, against guessing by frequency; and its report."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from ..data import Source
from ..data.packed import Packed
from ..estimator import Latent
from ..params import parameters
from ..progress import early, kept
from ..spec import PAD, UNKNOWN
from ..store import atomic
from . import figures, look, sentences
from .finding import Finding, Health
from .page import data_name, duration, embedded, environment

_ITEMS = 2000  # texts looked at, at most
_CODED = 500  # and where each is told several times
_DRAWS = 10  # codes drawn of each to tell how likely it is
_PAIRS = 12  # texts shown beside what came back
_SAMPLES = 20
_ENDS = 5  # likeliest and oddest texts shown

Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """How well a model tells some texts."""

    texts: list[str]  # as it reads them: cleaned, cut
    scores: NDArray[np.float64]  # (n,) log-probability, nats
    tokens: NDArray[np.int64]  # (n,) to tell of each: its words and its end
    unknown: int  # of them not in the vocabulary
    counts: NDArray[np.int64]  # (V,) how often each token was to be told

    @classmethod
    def of(cls, model: Any, source: Source, draws: int = _DRAWS, seed: int = 0) -> Told:
        """Of these texts; where they have codes, by so many draws of each."""
        rows = _rows(model, source)
        counts = _counted(model, rows)
        drawn = {"draws": draws, "seed": seed} if sentences.coded(model) else {}
        return cls(
            [model.codec_.text(row.tolist()) for row in rows],
            model.log_probability(source, **drawn),
            np.array([len(row) for row in rows]),
            int(counts[UNKNOWN]),
            counts,
        )

    @property
    def numbers(self) -> Found:
        """What `latently.MEASURES` names."""
        nll, total = -self.scores, int(self.tokens.sum())
        characters = sum(len(text) + 1 for text in self.texts)  # and one for the end of the line
        return {
            "nll": float(nll.mean()),
            "nll_error": float(nll.std(ddof=1) / np.sqrt(len(nll))) if len(nll) > 1 else None,
            "nll_token": float(nll.sum() / total),
            "perplexity": _perplexity(nll.sum() / total),
            "bits_per_character": float(nll.sum() / log(2) / characters),
            "unknown": self.unknown / total,
        }


def _rows(model: Any, source: Source) -> list[NDArray[np.int64]]:
    """The tokens to tell of each text: its words and its end."""
    packed: Packed = model.codec_.pack(source)
    batches = (packed.take(rows).cpu().numpy() for rows in packed.ordered(torch.arange(len(packed))))
    return [row[row != PAD][1:] for batch in batches for row in batch]


def _counted(model: Any, rows: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.bincount(np.concatenate(rows), minlength=len(model.codec_.words))


def _perplexity(nll: Any) -> float:
    """Of a token's mean in nats; what no number can hold is cut."""
    return exp(min(700.0, float(nll)))


def measured(model: Any, source: Source, draws: int, seed: int) -> Found:
    """The numbers of `evaluate` for these texts."""
    found = Told.of(model, source, draws, seed).numbers
    if not sentences.coded(model):
        return found
    return {**found, "nll_draws": draws, **sentences.measured(model, source, seed)}


def health(model: Any, seen: Source, held: Source, told: Told | None = None) -> Health:
    """Whether a model of texts learned anything: its loss against that before training, and against frequencies alone.

    The frequencies are those of the tokens of the texts it was trained on, each counted once more than it occurred.
    Of a model with codes also whether these are in use, and what of a text comes back.

    Parameters
    ----------
    seen, held
        Texts that it was trained on, and others.
    told
        How well it tells the others, where that is known already.
    """
    some = _some(model, held)
    told, known = told or Told.of(model, some), _counted(model, _rows(model, _some(model, seen))) + 1
    numbers = told.numbers
    shares = known / known.sum()
    alone = exp(float(-(told.counts * np.log(shares)).sum() / told.counts.sum()))
    event = kept(model.history_)
    loss, before = (event["validation"] or event["train"])["loss"], model.untrained_
    found: Found = {"loss": loss, **numbers, "frequency_perplexity": alone}
    if before:
        found["untrained_loss"] = before["loss"]
    more, said = sentences.health(model, some) if sentences.coded(model) else ({}, [])
    about = (_learning(loss, before), _telling(numbers["perplexity"], alone), _vocabulary(numbers), *said)
    return Health({**found, **more}, about)


def _some(model: Any, source: Source) -> Source:
    most = _CODED if sentences.coded(model) else _ITEMS
    return source[np.sort(np.random.default_rng(model.seed).permutation(len(source))[:most])]


def _learning(loss: float, before: Mapping[str, float] | None) -> Finding:
    if before is None:
        return Finding("learning", "fair", f"The loss is {loss:,.4g} nats a text; nothing was held out to judge it by.")
    told = f"the held-out loss is {loss:,.4g} nats a text, and was {before['loss']:,.4g} before the training"
    if loss < before["loss"]:
        return Finding("learning", "good", f"It learned: {told}.")
    return Finding("learning", "bad", f"It learned nothing: {told}. What may help: another lr, more epochs.")


def _telling(perplexity: float, alone: float) -> Finding:
    said = f"perplexity {perplexity:,.4g}, and {alone:,.4g} by guessing each word as often as it occurs"
    if perplexity < 0.9 * alone:
        return Finding("words", "good", f"What came before helps to tell the next word: {said}.")
    if perplexity < alone:
        return Finding("words", "fair", f"What came before hardly helps to tell the next word: {said}.")
    text = f"It knows less than how often words occur: {said}. What may help: more epochs, more texts."
    return Finding("words", "bad", text)


def _vocabulary(numbers: Found) -> Finding:
    share = numbers["unknown"]
    level = "good" if share < 0.05 else "fair" if share < 0.25 else "bad"
    return Finding("vocabulary", level, f"{share:.1%} of what it tells is <unk>, any word outside its vocabulary.")


def write_report(model: Any, source: Source, parts: tuple[Source, Source, bool], folder: Path) -> Path:
    """Writes the curve, `health.json` and `report.html` of a model of texts."""
    seen, held, unseen = parts
    kind = cast(type[Latent], type(model))
    some = _some(model, held)
    told = Told.of(model, some)
    found = health(model, seen, held, told)
    curve, vitals = figures.curves(model.history_), figures.health(found)
    with atomic(folder / "pictures" / "loss.png") as part:
        look.save(curve, part)
    with atomic(folder / "health.json") as part:
        part.write_text(json.dumps(found.plain(), indent=2, ensure_ascii=False), "utf-8")
    falling = np.argsort(-told.scores / told.tokens, kind="stable")
    each: list[tuple[str, float]] = [
        (told.texts[i], _perplexity(-told.scores[i] / told.tokens[i])) for i in falling.tolist()
    ]
    page: Found = {
        "title": f"{kind.__name__} of {data_name(source)}",
        "written": time.strftime("%d %B %Y").lstrip("0"),
        "folder": str(folder),
        "source": source,
        "model": model,
        "health": found,
        "unseen": unseen,
        "samples": model.sample(_SAMPLES, seed=model.seed),
        "vitals": vitals and embedded(vitals),
        **_through_codes(model, some),
        "likeliest": each[:_ENDS],
        "oddest": each[::-1][:_ENDS],
        "curve": embedded(curve),
        "best": kept(model.history_),
        "early": early(model.history_, model.epochs),
        "facts": _facts(model, source, parts),
        "params": [(p, getattr(model, name)) for name, p in parameters(kind).items()],
    }
    target = folder / "report.html"
    with atomic(target) as part:
        part.write_text(environment().get_template("prose.html.jinja").render(page), "utf-8")
    return target


def _through_codes(model: Any, source: Source) -> Found:
    """Texts beside what came back of them, and the way from one to another; nothing where there are no codes."""
    if not sentences.coded(model):
        return {"pairs": [], "walk": []}
    back = sentences.Restored.of(model, source[:_PAIRS])
    return {
        "pairs": list(zip(back.before, back.after, back.shares.tolist(), strict=True)),
        "walk": sentences.walk(model, source, model.seed),
    }


def _facts(model: Any, source: Source, parts: tuple[Source, Source, bool]) -> list[tuple[str, str]]:
    seen, held, unseen = parts
    epochs, seconds = len(model.history_), sum(e["seconds"] for e in model.history_)
    return [
        ("Data", source.summary),
        ("Texts", f"{len(seen):,} to train on, {len(held):,} held out" if unseen else "all to train on"),
        ("Vocabulary", f"{len(model.codec_.words):,} tokens, by {model.codec_.unit}, cleaned by {model.codec_.clean}"),
        ("Longest", f"{model.codec_.spec.shape[0]} tokens, start and end among them"),
        *_networks(model),
        ("Weights", f"{sum(p.numel() for p in model.module_.parameters()):,}"),
        ("Training", f"{epochs} epoch{'s' * (epochs != 1)} in {duration(seconds)}"),
    ]


def _networks(model: Any) -> list[tuple[str, str]]:
    if not sentences.coded(model):
        return [("Network", model.networks_["decoder"])]
    return [
        ("Code", f"{model.latent_} numbers"),
        ("Encoder", model.networks_["encoder"]),
        ("Decoder", model.networks_["decoder"]),
    ]
