"""The table of models."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from ..errors import ParameterError
from ..estimator import Latent
from .aae import AAE
from .ae import AE
from .betatcvae import BetaTCVAE
from .betavae import BetaVAE
from .contractive import ContractiveAE
from .cvae import ConditionalVAE
from .denoising import DenoisingAE
from .factorvae import FactorVAE
from .fsq import FSQ
from .gan import GAN, LSGAN, WGAN, ConditionalGAN
from .importance import CIWAE, IWAE, MIWAE
from .infovae import InfoVAE
from .ladder import LadderVAE
from .language import LanguageModel
from .rae import RAE
from .sparse import SparseAE
from .sphere import SphereVAE
from .textvae import TextVAE
from .vae import VAE
from .vaegan import VAEGAN
from .vamp import VampVAE
from .vqvae import VQVAE
from .wae import WAE
from .writing import Writing as Writing

PLAIN = (AE, DenoisingAE, SparseAE, ContractiveAE, RAE)
VARIATIONAL = (VAE, BetaVAE, BetaTCVAE, FactorVAE, InfoVAE, WAE, IWAE, MIWAE, CIWAE, SphereVAE, VampVAE, LadderVAE)
DISCRETE = (VQVAE, FSQ)
GAMES = (AAE, VAEGAN, GAN, LSGAN, WGAN)
CONDITIONAL = (ConditionalVAE, ConditionalGAN)
TEXTS = (LanguageModel, TextVAE)

MODELS: dict[str, type[Latent]] = {
    cls.name: cls for cls in (*PLAIN, *VARIATIONAL, *DISCRETE, *GAMES, *CONDITIONAL, *TEXTS)
}


def make(name: str, **params: Any) -> Latent:
    """An unfitted model by its name in `MODELS`.

    >>> make("vae", latent=2).latent
    2
    """
    if name not in MODELS:
        raise unknown(name, MODELS)
    return MODELS[name](**params)


def unknown(name: str, known: Mapping[str, type]) -> ParameterError:
    """The error where nothing is called so, with the one that was meant.

    >>> print(unknown("aee", {"ae": AE, "vae": VAE}))
    model 'aee' is not known (did you mean ae?); it is one of ae, vae.
    """
    names = {alias: one for one, cls in known.items() for alias in (cls.__name__.lower(), one)}
    near = get_close_matches(str(name).lower(), names, 1)
    meant = f" (did you mean {names[near[0]]}?)" if near else ""
    return ParameterError(f"model {name!r} is not known{meant}; it is one of {', '.join(known)}.")
