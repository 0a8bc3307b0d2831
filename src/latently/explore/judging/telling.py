"""How well a model of texts tells them, against guessing by frequency; and whether it learned anything."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...data import Source
from ...data.packed import Packed
from ...estimator.learned import Learned
from ...progress import track
from ...spec import PAD, UNKNOWN
from . import sentences
from .finding import Finding, Health, few, short

_ITEMS = 2000  # texts looked at, at most
_CODED = 500  # and where each is told several times
_TOGETHER = 250  # texts that are told at once
_DRAWS = 10  # codes drawn of each to tell how likely it is

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
        return cls(
            [model.codec_.text(row.tolist()) for row in rows],
            _scored(model, source, draws, seed),
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
            "perplexity": perplexity(nll.sum() / total),
            "bits_per_character": float(nll.sum() / log(2) / characters),
            "unknown": self.unknown / total,
        }


def _scored(model: Any, source: Source, draws: int, seed: int) -> NDArray[np.float64]:
    """The log-probability of each text, with a bar: of 2,000 texts with 100 draws each it takes minutes."""
    parts = np.array_split(np.arange(len(source)), max(1, len(source) // _TOGETHER))
    seeds = [(seed + i) % 2**32 for i in range(len(parts))]
    drawn: list[dict[str, int]] = [{"draws": draws, "seed": one} if sentences.coded(model) else {} for one in seeds]
    told = track(zip(parts, drawn, strict=True), len(parts), "Telling how likely the texts are")
    return np.concatenate([model.log_probability(source[rows], **how) for rows, how in told])


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
    looked = some(model, held)
    told, known = told or Told.of(model, looked), _counted(model, _rows(model, some(model, seen))) + 1
    numbers = told.numbers
    shares = known / known.sum()
    alone = exp(float(-(told.counts * np.log(shares)).sum() / told.counts.sum()))
    learned = Learned.of(model.history_, model.untrained_, "text")
    found: Found = {"loss": learned.loss, **numbers, "frequency_perplexity": alone}
    if learned.before is not None:
        found["untrained_loss"] = learned.before
    more, said = sentences.health(model, looked) if sentences.coded(model) else ({}, [])
    about = (_learning(learned), _telling(numbers["perplexity"], alone, plural(model)), _vocabulary(numbers), *said)
    items = len(seen) if seen is held else len(seen) + len(held)
    return Health({**found, **more}, (*few(items, model.held_out_), *about))


def some(model: Any, source: Source) -> Source:
    """As many texts of these as are looked at, drawn at random."""
    most = _CODED if sentences.coded(model) else _ITEMS
    return source[np.sort(np.random.default_rng(model.seed).permutation(len(source))[:most])]


def _rows(model: Any, source: Source) -> list[NDArray[np.int64]]:
    """The tokens to tell of each text: its words and its end."""
    packed: Packed = model.codec_.pack(source)
    batches = (packed.take(rows).cpu().numpy() for rows in packed.ordered(torch.arange(len(packed))))
    return [row[row != PAD][1:] for batch in batches for row in batch]


def _counted(model: Any, rows: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.bincount(np.concatenate(rows), minlength=len(model.codec_.words))


def plural(model: Any) -> str:
    """What its tokens are called: words, characters or sub-words."""
    return model.codec_.vocabulary.cutting.plural


def perplexity(nll: Any) -> float:
    """Of a token's mean in nats; what no number can hold is cut."""
    return exp(min(700.0, float(nll)))


def _learning(learned: Learned) -> Finding:
    if learned.before is None:
        return Finding("learning", "fair", f"So far {learned.told}; nothing was held out to judge it by.")
    if learned.nothing:
        return Finding(
            "learning", "bad", f"It learned nothing: {learned.told}. What may help: another lr, more epochs."
        )
    return Finding("learning", "good", f"It learned: {learned.told}.")


def _telling(perplexity: float, alone: float, words: str) -> Finding:
    word = words.removesuffix("s")
    said = f"perplexity {short(perplexity)}, and {short(alone)} by guessing each {word} as often as it occurs"
    if perplexity < 0.9 * alone:
        return Finding("words", "good", f"What came before helps to tell the next {word}: {said}.")
    if perplexity < alone:
        return Finding("words", "fair", f"What came before hardly helps to tell the next {word}: {said}.")
    text = f"It knows less than how often {words} occur: {said}. What may help: more epochs, more texts."
    return Finding("words", "bad", text)


def _vocabulary(numbers: Found) -> Finding:
    share = numbers["unknown"]
    level = "good" if share < 0.05 else "fair" if share < 0.25 else "bad"
    return Finding("vocabulary", level, f"{share:.1%} of what it tells is <unk>, any word outside its vocabulary.")
