r"""The one composition behind every model.

.. math:: L(x) = -\log p(x \mid z) + \mathrm{price}(z) + \sum_i \mathrm{penalty}_i(x, z),
          \quad z = \mathrm{bottleneck}(\mathrm{encoder}(\mathrm{corrupt}(x)))
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call  # pyright: ignore[reportPrivateImportUsage]

from .errors import ParameterError
from .nets import Mindful, through
from .parts import Adversary, Augmentation, Bottleneck, Code, Corruption, Likelihood, Pass, Penalty


class Autoencoder(nn.Module):
    """An encoder, a bottleneck and a decoder, with a likelihood to judge the result.

    Parameters
    ----------
    encoder
        (B, *S) to (B, bottleneck.in_features).
    bottleneck
        What may pass, and its price.
    decoder
        (B, bottleneck.features + classes) to what the likelihood reads.
    likelihood
        Compares the decoder's output with the data.
    corruption
        What is done to the encoder's input in training.
    augmentation
        What is done to the sample itself in training.
    penalties
        Further terms of the loss, in training.
    classes
        Labels that the decoder is told apart by, one-hot after the code; 0: none.
    """

    def __init__(
        self,
        encoder: nn.Module,
        bottleneck: Bottleneck,
        decoder: nn.Module,
        likelihood: Likelihood,
        *,
        corruption: Corruption | None = None,
        augmentation: Augmentation | None = None,
        penalties: Sequence[Penalty] = (),
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.encoder, self.bottleneck, self.decoder, self.likelihood = encoder, bottleneck, decoder, likelihood
        self.corruption, self.augmentation, self.classes = corruption, augmentation, classes
        self.penalties = nn.ModuleList(penalties)

    @property
    def adversaries(self) -> list[Adversary]:
        """The penalties that have an opponent."""
        return [penalty for penalty in self.penalties if isinstance(penalty, Adversary)]

    @property
    def handed(self) -> bool:
        """Whether the decoder reads more of an item than its code: where maxima stood, or pictures that were kept.

        What the likelihood gives is no part of this: that each word of a text is told with those before it in sight is
        the chain rule of its probability.
        """
        return any(isinstance(module, Mindful) and not module.causal for module in self.decoder.modules())

    def start(self, x: Tensor) -> None:
        """Before training: lets the bottleneck begin from some items (n, *S)."""
        self.bottleneck.start(x, lambda x: self._features(x)[0])

    def encode(self, x: Tensor) -> Code:
        """Data (B, *S) to codes."""
        h, memory = self._features(x)
        with _exactly(h):  # prices are sums of what nearly cancels
            return replace(self.bottleneck(h), memory=memory)

    def write(
        self, z: Tensor, label: Tensor | None = None, memory: tuple[Tensor, ...] = (), *, frozen: bool = False
    ) -> Tensor:
        """What the decoder says of codes (B, D) and labels (B,); no gradient reaches a `frozen` decoder's weights."""
        if self.classes:
            assert label is not None, "a conditional model is told the labels"
            z = torch.cat((z, F.one_hot(label, self.classes).to(z.dtype)), 1)
        if frozen:
            weights = {name: weight.detach() for name, weight in self.decoder.named_parameters()}
            out = functional_call(self.decoder, weights, (z, list(memory)) if memory else (z,))
        else:
            out = through(self.decoder, z, list(memory))
        return _wide(out)

    def decode(self, z: Tensor, label: Tensor | None = None, memory: tuple[Tensor, ...] = ()) -> Tensor:
        """Codes (B, D) to data (B, *S)."""
        return self.likelihood.mean(self.write(z, label, memory))

    def restore(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        """Data (B, *S) through their codes and back."""
        code = self.encode(x)
        return self.decode(code.z, self.label(x, code) if label is None else label, code.memory)

    @torch.no_grad()
    def label(self, x: Tensor, code: Code) -> Tensor | None:
        """The label (B,) under which each item is restored best, where a conditional model is not told it."""
        if not self.classes:
            return None
        every = torch.arange(self.classes, device=x.device).unsqueeze(1).expand(-1, len(x))
        prices = [self._judged(x, code.mean, label, code.memory)[1] for label in every]
        return torch.stack(prices).argmin(0)

    def log_weights(self, x: Tensor, draws: int, label: Tensor | None = None) -> Tensor:
        """log p(x|z) + log p(z) - log q(z|x) for each of some draws z from q: (draws, B), nats.

        Where a conditional model is told no labels, all are taken to be equally likely: p(x|z) is their mean.

        Raises
        ------
        ParameterError
            The codes have no density q(z|x), or the decoder reads more than codes.
        """
        if self.handed:
            raise ParameterError(
                "the decoder is handed parts of the item itself beside its code (unpool, join), so that an item has no "
                "likelihood; use networks without."
            )
        code = self.bottleneck.sampled(self._features(x)[0], draws)
        if self.classes and label is None:
            every = torch.arange(self.classes, device=x.device).unsqueeze(1).expand(-1, len(x))
            weights = torch.stack([self._log_weights(x, code, draws, label) for label in every])
            return weights.logsumexp(0) - math.log(self.classes)
        return self._log_weights(x, code, draws, label)

    def _log_weights(self, x: Tensor, code: Code, draws: int, label: Tensor | None) -> Tensor:
        _, terms = self._terms(x, code, label)
        return -torch.stack(list(terms.values())).sum(0).view(draws, -1)

    def forward(self, x: Tensor, label: Tensor | None = None, *, spoiled: bool = False) -> Pass:
        """All of a pass; `spoiled` shows the encoder what the corruption makes of the items in evaluation too."""
        if self.training and self.augmentation:
            x = self.augmentation(x)
        code = self.encode(self.corruption(x) if (self.training or spoiled) and self.corruption else x)
        label = self.label(x, code) if label is None else label
        out, terms = self._terms(x, code, label)
        done = Pass(x, code, out, terms, label)
        if self.training:
            done.terms.update({str(penalty.name): penalty(self, done) for penalty in self.penalties})
        return done

    def _features(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """What the encoder says, and what it remembers of these items."""
        memory = list[Tensor]()
        h = through(self.encoder, self.bottleneck.beside(x), memory)
        return _wide(h), tuple(kept[: len(x)] for kept in memory)

    def _terms(self, x: Tensor, code: Code, label: Tensor | None) -> tuple[Tensor, dict[str, Tensor]]:
        """The decoder's output, and the terms that stand without penalties; with K draws an item, K * B of each."""
        if self.training and self.bottleneck.drawn:  # nothing of x is in the code, nor is anything handed on beside it
            return self.write(code.z, label), dict(code.price)
        draws = len(code.z) // len(x)
        if draws > 1:
            x, label = _again(x, draws), None if label is None else _again(label, draws)
            code = replace(code, memory=tuple(_again(kept, draws) for kept in code.memory))
        out, nll = self._judged(x, code.z, label, code.memory)
        return out, {"reconstruction": nll, **code.price}

    def _judged(self, x: Tensor, z: Tensor, label: Tensor | None, memory: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        """What the decoder says, told what the likelihood gives of the items, and -log p(x | z): (B,)."""
        out = self.write(z, label, (*memory, *self.likelihood.given(x)))
        with _exactly(out):  # a product of it would be made of 8 bits
            return out, self.likelihood.nll(x, out)


def _exactly(x: Tensor) -> AbstractContextManager[object]:
    """Without autocast, on devices that have it."""
    kind = x.device.type  # the device "meta" has no autocast at all
    active = kind != "meta" and torch.is_autocast_enabled(kind)
    return torch.autocast(kind, enabled=False) if active else nullcontext()


def _wide(x: Tensor) -> Tensor:
    """In float32 at least: bf16 keeps 8 bits, too few for a sum over all pixels."""
    return x.float() if x.dtype.itemsize < 4 else x


def _again(x: Tensor, draws: int) -> Tensor:
    return x.repeat(draws, *[1] * (x.ndim - 1))
