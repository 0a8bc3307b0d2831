"""How well a model of texts tells them, against guessing by frequency; and whether it learned anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...data import Source
from ...data.packed import Packed
from ...progress import kept
from ...spec import PAD, UNKNOWN
from . import sentences
from .finding import Finding, Health

_ITEMS = 2000  # texts looked at, at most
_CODED = 500  # and where each is told several times
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
            "perplexity": perplexity(nll.sum() / total),
            "bits_per_character": float(nll.sum() / log(2) / characters),
            "unknown": self.unknown / total,
        }


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
    event = kept(model.history_)
    loss, before = (event["validation"] or event["train"])["loss"], model.untrained_
    found: Found = {"loss": loss, **numbers, "frequency_perplexity": alone}
    if before:
        found["untrained_loss"] = before["loss"]
    more, said = sentences.health(model, looked) if sentences.coded(model) else ({}, [])
    about = (_learning(loss, before), _telling(numbers["perplexity"], alone), _vocabulary(numbers), *said)
    return Health({**found, **more}, about)


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


def perplexity(nll: Any) -> float:
    """Of a token's mean in nats; what no number can hold is cut."""
    return exp(min(700.0, float(nll)))


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
