"""Variational autoencoder of texts (Bowman et al., 2016)."""

from __future__ import annotations

from math import log
from typing import Any, ClassVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .. import nets
from ..autoencoder import Autoencoder
from ..data import TextCodec
from ..data.ragged import TOGETHER
from ..errors import ParameterError
from ..estimator import model
from ..estimator.accepted import accepted
from ..estimator.settings import SEEDS
from ..params import param
from ..parts import Tokens
from ..randomness import seeded
from ..spec import Kind, Spec
from .language import by_token
from .vae import VAE


@model
class TextVAE(VAE):
    r"""A code for each text: one network reads it, another writes it again, word by word.

    .. math:: L(x) = -\mathbb{E}_{q(z|x)} \sum_t \log p(x_t \mid x_{<t}, z) + \beta\, \mathrm{KL}(q(z|x) \| N(0, I))

    Use it to find texts that are alike, to walk from one to another, and to draw new ones. A writer that can do without
    the code ignores it (posterior collapse), so by default beta rises slowly and a few nats are free; with
    `word_dropout` the writer does not see all the words before in training. `latently.health` says how much of the code
    is in use.

    `transform` gives the mean of q(z|x); `inverse_transform`, `reconstruct` and `sample` write the likeliest word each
    time; `log_probability` is a text's own, `score_samples` a token's mean of its bound, unknown words dearer. See
    `Latent` for the verbs and the fitted attributes.

    References
    ----------
    "Generating Sentences from a Continuous Space" (Bowman et al., 2016); cycles: "Cyclical Annealing Schedule: A Simple
    Approach to Mitigating KL Vanishing" (Fu et al., 2019); free nats: "Effective Estimation of Deep Generative Language
    Models" (Pelsmaeker & Aziz, 2020).

    Examples
    --------
    >>> import latently
    >>> lines = ["the cat sat", "the dog ran", "a bird flew"] * 20
    >>> model = latently.TextVAE(latent=2, encoder="embed8 gru16", epochs=30, lr=0.02, beta=0.1).fit(lines)
    >>> model.transform(["the cat sat"]).shape
    (1, 2)
    >>> model.reconstruct(["the cat sat", "a bird flew"])
    ['the cat sat', 'a bird flew']
    """

    latent: int | None = param(None, "numbers in a code; by default 32", low=1)
    encoder: str | list[nets.Layer] | None = param(
        None, "the reader spelled as words, an embedding, then recurrent layers; by default embed128 lstm256"
    )
    decoder: str | list[nets.Layer] | None = param(
        None, "the writer spelled as words; by default the reader's embedding and recurrent layers"
    )
    likelihood: str = param("auto", "that of texts", choices=("auto",))
    warmup: int | None = param(  # pyright: ignore[reportIncompatibleVariableOverride]
        None, "training steps over which beta rises from 0; by default so many that half of each cycle rises", low=0
    )
    free_nats: float = param(8.0, "nats of the whole code that cost nothing", low=0)
    word_dropout: float = param(
        0.0, "share of the words before it that the writer does not see in training", low=0, high=1
    )

    name: ClassVar[str] = "text-vae"
    reads: ClassVar[tuple[Kind, ...]] = ("text",)

    def build(self, spec: Spec, latent: int) -> Autoencoder:
        return self.assemble(spec, self.charged(latent), likelihood=Tokens(self.word_dropout))

    def code_size(self, spec: Spec) -> int:
        return 32

    def log_probability(self, X: Any, draws: int = 100, seed: int = 0) -> NDArray[np.float64]:
        r"""The logarithm of each text's probability, cut as in training, by importance sampling: nats, (n,).

        .. math:: \log p(x) \ge \mathbb{E} \log \tfrac1K \sum_{k=1}^K \frac{p(x \mid z_k)\, p(z_k)}{q(z_k|x)}, \quad
                  z_k \sim q(z|x)

        Parameters
        ----------
        X
            Texts: anything that `fit` takes.
        draws
            K; more of them tighten it, with few it is too low.
        seed
            Of the draws.

        Raises
        ------
        ParameterError
            `draws` or `seed` is no whole number that is allowed.
        """
        for key, value, low, high in (("draws", draws, 1, None), ("seed", seed, 0, SEEDS)):
            fits = isinstance(cast(Any, value), int | np.integer) and not isinstance(value, bool)
            if not fits or value < low or (high is not None and value > high):
                allowed = f"at least {low}" if high is None else f"from {low} to {high}"
                raise ParameterError(
                    f"log_probability: {key}={value!r} is not allowed; it is a whole number, {allowed}."
                )
        source = accepted(self, X)
        with seeded(int(seed), next(self.module_.parameters()).device):
            return self._over(source, lambda x, _: self._log_probability(x, int(draws))).astype(np.float64)

    def _log_probability(self, x: Tensor, draws: int) -> Tensor:
        together = max(1, TOGETHER // x.numel())  # draws whose logits are held at once
        parts = [min(together, draws - done) for done in range(0, draws, together)]
        weights = torch.cat([self.module_.log_weights(x, part) for part in parts])
        return weights.double().logsumexp(0) - log(draws)

    def _normality(self, x: Tensor, _: Tensor | None) -> Tensor:
        assert isinstance(self.codec_, TextCodec)
        return by_token(super()._normality(x, _), x, self.codec_)
