"""What was found out about a model: numbers, and what they mean in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FEW, ENOUGH = 20, 100  # items below which the data are called too few, or few
Level = Literal["good", "fair", "bad"]


def few(items: int, held_out: int) -> list[Finding]:
    """A word about very few items: what was learned of them, and all that is measured on them, is luck.

    >>> few(12, 1)[0].level, few(1000, 100)
    ('bad', [])
    """
    if items >= ENOUGH:
        return []
    text = (
        f"There {'are' if items > 1 else 'is'} only {items:,} item{'s' * (items > 1)}, which can be learned by heart, "
        f"and what is measured rests on the {held_out:,} that were held out; give {ENOUGH:,} or more."
    )
    return [Finding("data", "bad" if items < FEW else "fair", text)]


def short(value: float) -> str:
    """A number of a wide range as a person reads it.

    >>> short(1493.2), short(12.345), short(0.01234), short(1e40)
    ('1,493', '12.3', '0.0123', '1e+40')
    """
    return f"{value:,.0f}" if 100 <= abs(value) < 1e9 else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    topic
        What: learning, PCA, code, codebook, samples, labels or data; of texts learning, words, vocabulary or data.
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
