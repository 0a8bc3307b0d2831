"""Whether a code is in use: which of its numbers depend on the item, and what may help where none does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...data import Source
from ...data.loader import Loader
from ...estimator import Latent
from ...params import parameters
from ...parts import Code
from .finding import Finding

ACTIVE = 0.01  # variance of a number's mean over the items, from which Burda et al. call it active
_DEAD = 1e-4  # of the largest variance: a number of a code without a prior that hardly changes
_HALF = 0.5  # share in use below which a code is only fair

Array = NDArray[Any]
Checked = tuple[dict[str, Any], list[Finding]]


@dataclass(frozen=True, slots=True)
class Encoded:
    """What an encoder makes of some items."""

    mean: Array  # (n, D)
    spread: Array | None  # (n, D) standard deviations of q(z|x)
    kl: Array | None  # (n, D) nats
    indices: Array | None  # (n, P)


@torch.inference_mode()
def encoded(model: Any, source: Source) -> Encoded:
    """Of these items."""
    weight = next(model.module_.parameters())
    batches = Loader(model.codec_.pack(source)).ordered()
    codes: list[Code] = [model.module_.encode(x.to(weight.device, weight.dtype)) for x, _ in batches]

    def joined(name: str) -> Array | None:
        parts: list[Any] = [getattr(code, name) for code in codes]
        return None if parts[0] is None else torch.cat(parts).cpu().numpy()

    mean = joined("mean")
    assert mean is not None
    return Encoded(mean, joined("spread"), joined("kl"), joined("indices"))


def active_units(mean: Array) -> int:
    """How many numbers of the codes (n, D) depend on the item: "Importance Weighted Autoencoders" (Burda et al., 2016).

    >>> active_units(np.array([[0.0, 1.0], [0.0, -1.0]]))
    1
    """
    return int((mean.astype(np.float64).var(0) > ACTIVE).sum())


def in_use(model: Any, mean: Array, kl: Array | None) -> Checked:
    """Numbers of the code that do not depend on the item: collapsed onto the prior, or dead."""
    variance, latent = mean.astype(np.float64).var(0), mean.shape[1]
    found: dict[str, Any] = {"latent": latent}
    if kl is None:
        used = int((variance > _DEAD * variance.max()).sum())
        what, rest = "vary with the item", "hardly change"
    else:
        each: Array = kl.astype(np.float64).mean(0)
        used = active_units(mean)
        found |= {"active_units": used, "kl": [float(v) for v in each]}
        what, rest = f"are in use, {each.sum():.3g} nats in all", "have collapsed onto the prior"
    said = f"{used} of {latent} numbers of the code {what}"
    if used == 0 and kl is not None:
        text = f"Posterior collapse: no number of the code depends on the item ({said}), so the decoder ignores it."
        return found, [Finding("code", "bad", text + hints(model, *AGAINST_COLLAPSE))]
    if used == 0:
        return found, [Finding("code", "bad", "All items have the same code." + hints(model, "lr", "epochs"))]
    if used < latent:
        text = f"{said}; the other {latent - used} {rest}, so a code of {used} would do as well."
        return found, [Finding("code", "fair" if used < _HALF * latent else "good", text)]
    return found, [Finding("code", "good", f"All {said.partition(' of ')[2]}.")]


AGAINST_COLLAPSE = ("beta", "warmup", "cycles", "free_nats", "word_dropout")
_HELP = {
    "beta": "a smaller beta (it is {:g})",
    "warmup": "a longer warmup (it is {:g} steps)",
    "cycles": "more cycles (there are {:g})",
    "free_nats": "more free_nats (they are {:g})",
    "word_dropout": "more word_dropout (it is {:g})",
    "lr": "another lr (it is {:g})",
    "codes": "fewer codes (there are {:g})",
    "epochs": "more epochs",
}


def hints(model: Latent, *names: str) -> str:
    """What may help, of the settings that this model has."""
    values = {name: getattr(model, name) for name in names if name in parameters(type(model))}
    if values.get("warmup") == 0:  # where nothing rises there is nothing to repeat
        values.pop("cycles", None)
    helps = [_help(name, value) for name, value in values.items() if (name, value) != ("beta", 0)]
    return f" What may help: {', '.join(helps)}." if helps else ""


def _help(name: str, value: Any) -> str:
    return _HELP[name].partition(" (")[0] if value is None else _HELP[name].format(value)
