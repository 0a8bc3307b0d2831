"""What a training taught, told by the items that were held out: judged once, for the warning and for every report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from ..progress import kept

TERMS = ("loss", "reconstruction")


@dataclass(frozen=True, slots=True)
class Learned:
    """The loss of the weights that were kept, beside that before the training.

    Parameters
    ----------
    loss
        Nats an item: of the held-out items, or of the others where none were held out.
    before
        That of the held-out items before the training; None where there are none.
    nothing
        Whether neither the loss nor, at whatever price, the restoration of the held-out items is better than before.
    told
        Both in words, for the middle of a sentence.

    Examples
    --------
    >>> event = {"validation": {"loss": 3.0, "reconstruction": 2.0}, "best": True}
    >>> Learned.of([event], {"loss": 5.0, "reconstruction": 5.0}).told
    'the held-out loss is 3 nats an item, and was 5 before the training'
    >>> Learned.of([event], {"loss": 2.5, "reconstruction": 1.5}).nothing
    True
    """

    loss: float
    before: float | None
    nothing: bool
    told: str

    @classmethod
    def of(cls, history: Sequence[Mapping[str, Any]], before: Mapping[str, float] | None, item: str = "item") -> Self:
        """Of a training's events, and the terms of the held-out items before it."""
        event = kept(history)
        held: Mapping[str, float] | None = event["validation"]
        if not held or before is None:
            loss = (held or event["train"])["loss"]
            return cls(loss, None, False, f"the {'held-out ' if held else ''}loss is {loss:,.4g} nats {_a(item)}")
        better = [name for name in TERMS if name in before and held[name] < before[name]]
        name = next(iter(better), "loss")
        told = (
            f"the held-out {name} is {held[name]:,.4g} nats {_a(item)}, and was {before[name]:,.4g} before the training"
        )
        return cls(held["loss"], before["loss"], not better, told)


def _a(item: str) -> str:
    return f"an {item}" if item[0] in "aeiou" else f"a {item}"
