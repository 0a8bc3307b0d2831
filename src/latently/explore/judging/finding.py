"""What was found out about a model: numbers, and what they mean in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["good", "fair", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    topic
        What: learning, PCA, code, codebook, samples or labels; of texts learning, words or vocabulary.
    level
        good, fair or bad.
    text
        What was found, in a sentence or two.
    """

    topic: str
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Health:
    """What `health` found.

    Parameters
    ----------
    numbers
        Plain numbers by name, only those that this model has: `loss` and `untrained_loss` (nats an item), `restored`
        and `pca` (shares), `active_units` of `latent`, `kl` (nats, one for each number of the code), `codebook`
        (`codes`, `used`, `perplexity`, `shares`; of an FSQ the levels of its numbers), `coverage`, `precision`,
        `density`, `labels` (for each label its share of `items` and of `samples`, and its `coverage`), `missed`
        (labels); of texts `nll_token`, `perplexity`, `bits_per_character`, `unknown`, and the `frequency_perplexity`
        of always guessing by frequency.
    findings
        What they mean, one for each thing that was looked at.
    """

    numbers: dict[str, Any]
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Finding | None:
        """The first bad finding, or None where there is none."""
        return next((f for f in self.findings if f.level == "bad"), None)

    def plain(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        told = [{"topic": f.topic, "level": f.level, "text": f.text} for f in self.findings]
        return {"worst": self.worst.text if self.worst else None, "findings": told, **self.numbers}

    def __str__(self) -> str:
        return "\n".join(f"{f.level:4}  {f.text}" for f in self.findings)
