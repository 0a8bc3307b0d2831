"""The table of priors: which there are, how one is chosen, fitted, and restored."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..errors import ParameterError
from .flow import Flow
from .mixture import Mixture
from .prior import Coded, Prior, Tensors
from .sequence import Sequence
from .standard import Standard
from .vamp import Vamp

if TYPE_CHECKING:
    from ..autoencoder import Autoencoder

PRIORS: dict[str, type[Prior]] = {cls.name: cls for cls in (Standard, Mixture, Vamp, Flow, Sequence)}
CHOICES = ("auto", *PRIORS)


def choose(name: str, coded: Coded, module: Autoencoder) -> type[Prior]:
    """The prior of that name, once it is known to suit the model; one encoded item is enough to know.

    "auto" is the density of what the decoder saw in training: a sequence of entries where there is a codebook, the
    mixture of pseudo-inputs where they were learned, the bottleneck's own where codes were drawn from it, and a
    mixture of normals everywhere else.

    Raises
    ------
    ParameterError
        There is none of that name, or the model's codes lack what it needs.
    MissingPackageError
        A library that it needs is not installed.
    """
    if name not in CHOICES:
        near = get_close_matches(str(name), CHOICES, 1) or [", ".join(CHOICES)]
        raise ParameterError(f"prior={name!r} is not known; did you mean {near[0]}?")
    cls = PRIORS[module.bottleneck.prior if name == "auto" else name]
    cls.check(coded, module)
    return cls


def fit(name: str, coded: Coded, module: Autoencoder, seed: int) -> Prior:
    """The density of that name, fitted to encoded items.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from latently.autoencoder import Autoencoder
    >>> from latently.parts import Normal, Plain
    >>> module = Autoencoder(nn.Linear(3, 2), Plain(2), nn.Linear(2, 3), Normal())
    >>> prior = fit("auto", Coded.of(module, [torch.randn(50, 3)]), module, seed=0)
    >>> prior.name, prior.sample(4, seed=0).shape
    ('mixture', (4, 2))
    """
    return choose(name, coded, module).fit(coded, module, seed)


def restore(name: str, tensors: Tensors, module: Autoencoder, features: int) -> Prior:
    """The density of that name from its `tensors`, for codes of `features` numbers.

    Raises
    ------
    LookupError, ValueError, RuntimeError
        They are not what a sound density of that name would have saved.
    MissingPackageError
        A library that it needs is not installed.
    """
    prior = PRIORS[name].restore(tensors, module, features)
    if not prior.fits(features):
        raise ValueError("the density of the codes is not one of finite numbers of the right shape")
    return prior
