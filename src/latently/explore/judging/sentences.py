"""What can be said of a model that gives texts codes: what the codes tell, and what of a text comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...data import Source
from ...estimator import passes
from ...spec import END, UNKNOWN
from .. import metrics
from ..places.paths import interpolate
from .finding import Finding
from .usage import AGAINST_COLLAPSE, active_units, encoded, hints, in_use

_TELLS = 0.1  # nats that codes tell of which text it is, below which they tell nothing
_STEPS = 7  # texts on the way from one to another, the two ends among them

Found = dict[str, Any]


def coded(model: Any) -> bool:
    """Whether a model of texts has codes."""
    return model.latent_ > 0


@dataclass(frozen=True, slots=True)
class Restored:
    """Texts as the model reads them, and as they come back through their codes."""

    before: list[str]
    after: list[str]
    shares: NDArray[np.float64]  # (n,) of each text's words that come back in their order
    others: NDArray[np.float64]  # (n,) the same of what came back of another text; empty where there is but one

    @classmethod
    def of(cls, model: Any, source: Source) -> Restored:
        """Of these texts."""
        module, codec = model.module_, model.codec_
        packed = codec.pack(source)
        read = [packed.take(rows).tolist() for rows in packed.ordered(torch.arange(len(packed)))]
        before = [_words(row) for batch in read for row in batch]
        after = [_words(row) for row in passes.over(module, codec, source, lambda x, _: module.restore(x)).tolist()]
        return cls(
            [codec.text(row) for row in before],
            [codec.text(row) for row in after],
            metrics.in_order(before, after),
            metrics.in_order(before, [*after[1:], after[0]]) if len(after) > 1 else np.empty(0),
        )

    @property
    def numbers(self) -> Found:
        """What `latently.MEASURES` names."""
        guess = float(self.others.mean()) if len(self.others) else None
        return {"restored_words": float(self.shares.mean()), "restored_words_guess": guess}


def _words(row: list[int]) -> list[int]:
    """The tokens of a text, special ones but `<unk>` left out."""
    end = row.index(END) if END in row else len(row)
    return [token for token in row[:end] if token >= UNKNOWN]


def measured(model: Any, source: Source, seed: int) -> Found:
    """The numbers of `evaluate` for these texts."""
    code = encoded(model, source)
    assert code.kl is not None
    assert code.spread is not None
    return {
        "kl": float(code.kl.astype(np.float64).sum(1).mean()),
        "mutual_information": metrics.mutual_information(code.mean, code.spread, seed),
        "active_units": active_units(code.mean),
        **Restored.of(model, source).numbers,
    }


def health(model: Any, source: Source) -> tuple[Found, list[Finding]]:
    """Whether the code is in use, and what comes back."""
    code, back = encoded(model, source), Restored.of(model, source).numbers
    assert code.kl is not None
    assert code.spread is not None
    found, said = in_use(model, code.mean, code.kl)
    tells = metrics.mutual_information(code.mean, code.spread, model.seed)
    if found["active_units"] and tells < _TELLS:
        text = f"Posterior collapse: the codes tell {tells:.2g} nats of which text it is, so the writer ignores them."
        said = [Finding("code", "bad", text + hints(model, *AGAINST_COLLAPSE))]
    elif found["active_units"]:
        most = f"of at most {np.log(len(source)):.3g}, log {len(source):,}"
        said.append(Finding("code", "good", f"They tell {tells:.3g} nats of which text it is, {most}."))
    return {**found, "mutual_information": tells, **back}, [*said, _back(model, back)]


def _back(model: Any, numbers: Found) -> Finding:
    share, guess = numbers["restored_words"], numbers["restored_words_guess"]
    said = f"{share:.0%} of a text's {model.codec_.vocabulary.cutting.plural} come back in their order"
    if guess is None:
        return Finding("restoring", "fair", f"{said}.")
    beside = f"{said}, and {guess:.0%} of what comes back of another text"
    if share > guess + 0.1:
        return Finding("restoring", "good" if share >= 0.5 else "fair", f"{beside}.")
    text = f"What comes back says little of the text: {beside}." + hints(model, "epochs", *AGAINST_COLLAPSE)
    return Finding("restoring", "bad", text)


def walk(model: Any, source: Source, seed: int) -> list[str]:
    """The texts on a straight way between the codes of two."""
    if len(source) < 2:
        return []
    two = np.sort(np.random.default_rng(seed).permutation(len(source))[:2])
    return interpolate(model, source[two[:1]], source[two[1:]], _STEPS)
