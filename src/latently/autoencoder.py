r"""The one composition behind every model.

.. math:: L(x) = -\log p(x \mid z) + \mathrm{price}(z) + \sum_i \mathrm{penalty}_i(x, z),
          \quad z = \mathrm{bottleneck}(\mathrm{encoder}(\mathrm{corrupt}(x)))
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from .parts import Augmentation, Bottleneck, Code, Corruption, Likelihood, Pass, Penalty


class Autoencoder(nn.Module):
    """An encoder, a bottleneck and a decoder, with a likelihood to judge the result.

    Parameters
    ----------
    encoder
        (B, *S) to (B, bottleneck.in_features).
    bottleneck
        What may pass, and its price.
    decoder
        (B, bottleneck.features) to what the likelihood reads.
    likelihood
        Compares the decoder's output with the data.
    corruption
        What is done to the encoder's input in training.
    augmentation
        What is done to the sample itself in training.
    penalties
        Further terms of the loss, in training.
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
    ) -> None:
        super().__init__()
        self.encoder, self.bottleneck, self.decoder, self.likelihood = encoder, bottleneck, decoder, likelihood
        self.corruption, self.augmentation = corruption, augmentation
        self.penalties = nn.ModuleList(penalties)

    def encode(self, x: Tensor) -> Code:
        """Data (B, *S) to codes."""
        return self.bottleneck(self.encoder(x))

    def decode(self, z: Tensor) -> Tensor:
        """Codes (B, D) to data (B, *S)."""
        return self.likelihood.mean(self.decoder(z))

    def forward(self, x: Tensor) -> Pass:
        if self.training and self.augmentation:
            x = self.augmentation(x)
        code = self.encode(self.corruption(x) if self.training and self.corruption else x)
        out = self.decoder(code.z)
        if not out.is_floating_point() or out.dtype.itemsize < 4:
            out = out.float()  # bf16 keeps 8 bits: too few for a sum over all pixels
        done = Pass(x, code, out, {"reconstruction": self.likelihood.nll(x, out), **code.price})
        if self.training:
            done.terms.update({str(penalty.name): penalty(self, done) for penalty in self.penalties})
        return done
