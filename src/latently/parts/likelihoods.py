"""Likelihoods: how the decoder's output is compared with data, and turned back into it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..spec import Spec
from .entropy import cross_entropy

AGILITY = 0.02  # of the running mean of squared errors: it forgets half of what it knew in 35 steps
# The temperature of drawn categories: "The Concrete Distribution" (Maddison et al., 2017) advises below 2/3.
SHARPNESS = 0.3


class Likelihood(nn.Module, ABC):
    """Reads data x (B, *S) beside the decoder's output."""

    @abstractmethod
    def nll(self, x: Tensor, out: Tensor) -> Tensor:
        """-log p(x | out) in nats, one number per sample: (B,)."""

    @abstractmethod
    def mean(self, out: Tensor) -> Tensor:
        """The most representative data: (B, *S)."""

    @abstractmethod
    def surprise(self, x: Tensor, out: Tensor) -> Tensor:
        """How much of the price of each number is that it is not as expected, in nats: (B, *S); 0 where it is.

        A cell that is missing surprises nobody.
        """

    def given(self, x: Tensor) -> tuple[Tensor, ...]:
        """What the decoder may read of the item that it is judged on: what came before each part of a sequence."""
        return ()

    def sample(self, out: Tensor) -> Tensor:
        """Data drawn from p(x | out): (B, *S). For pictures the mean: independent pixel noise shows nothing."""
        return self.mean(out)

    def soft(self, out: Tensor) -> Tensor:
        """Data as a critic sees what a decoder made, with a slope everywhere: (B, *spec.open)."""
        return self.mean(out)

    def wide(self, x: Tensor, like: Tensor) -> Tensor:
        """Real data as a critic sees them: (B, *spec.open); missing cells are those of `like`, so they tell nothing."""
        return x


class Bernoulli(Likelihood):
    r"""Each grey value as the probability of a white pixel: binary cross-entropy, on logits.

    .. math:: -\log p(x|o) = -\sum_i x_i \log \sigma(o_i) + (1 - x_i) \log(1 - \sigma(o_i))

    Examples
    --------
    >>> round(Bernoulli().nll(torch.ones(1, 4), torch.zeros(1, 4)).item(), 3)  # 4 log 2
    2.773
    """

    def nll(self, x: Tensor, out: Tensor) -> Tensor:
        return cross_entropy(x, out)

    def surprise(self, x: Tensor, out: Tensor) -> Tensor:
        least: Tensor = -torch.xlogy(x, x) - torch.xlogy(1 - x, 1 - x)  # grey costs, however well it is met
        return F.binary_cross_entropy_with_logits(out, x, reduction="none") - least

    def mean(self, out: Tensor) -> Tensor:
        return out.sigmoid()


class Normal(Likelihood):
    r"""Squared error, weighed by the standard deviation at which the model errs.

    .. math:: -\log p(x|o) = \sum_i \tfrac12 \left(\frac{x_i - o_i}{\sigma}\right)^2 + \log\sigma + \tfrac12\log 2\pi

    The likeliest sigma is the root mean square of the errors; it is followed as a running mean while training, and
    balances restoration against the bottleneck's price without a weight to tune.

    Parameters
    ----------
    floor
        The least sigma; 1 / 256 is about half a grey level.

    References
    ----------
    "Simple and Effective VAE Training with Calibrated Decoders" (Rybkin et al., 2021).

    Examples
    --------
    >>> round(Normal().eval().nll(torch.zeros(1, 2), torch.zeros(1, 2)).item(), 3)  # sigma starts at 1
    1.838
    """

    square: Tensor

    def __init__(self, floor: float = 1 / 256) -> None:
        super().__init__()
        self.floor = floor
        self.register_buffer("square", torch.ones(()))

    def nll(self, x: Tensor, out: Tensor) -> Tensor:
        squares = F.mse_loss(out, x, reduction="none").flatten(1).sum(1)
        numbers = x[0].numel()
        if self.training:
            self.square.lerp_(squares.detach().mean().to(self.square.dtype) / numbers, AGILITY)
        variance = _variance(self.square, self.floor)
        return 0.5 * squares / variance + numbers * _spread(variance)

    def surprise(self, x: Tensor, out: Tensor) -> Tensor:
        return 0.5 * (x - out).square() / _variance(self.square, self.floor)

    def mean(self, out: Tensor) -> Tensor:
        return out


class LogMSE(Normal):
    r"""Squared error, each item weighed by the standard deviation at which it is itself restored.

    .. math:: -\log p(x|o) = \tfrac n2 \left(\log 2\pi\sigma^2 + 1\right),
              \quad \sigma^2 = \tfrac1n \textstyle\sum_i (x_i - o_i)^2 + \text{floor}^2

    This is what `Normal` says where each item has the sigma that is likeliest for it: the loss is the logarithm of the
    mean squared error, hence the peak signal-to-noise ratio. What is restored well counts as much as what is not: for
    denoising of photographs, whose skies come back far better than their meadows.

    Parameters
    ----------
    floor
        The least sigma; .01 is 40 dB.

    References
    ----------
    As a loss: "HINet: Half Instance Normalization Network for Image Restoration" (Chen et al., 2021).

    Examples
    --------
    >>> near, far = LogMSE().nll(torch.zeros(2, 100), torch.tensor([[0.1], [1.0]]).expand(2, 100)).tolist()
    >>> round((far - near) / 50, 2)  # log of a hundredfold error, less what the floor takes
    4.6
    """

    def __init__(self, floor: float = 0.01) -> None:
        super().__init__(floor)

    def nll(self, x: Tensor, out: Tensor) -> Tensor:
        squares = F.mse_loss(out, x, reduction="none").flatten(1).mean(1)
        if self.training:
            self.square.lerp_(squares.detach().mean().to(self.square.dtype), AGILITY)
        return x[0].numel() * (_spread(squares + self.floor**2) + 0.5)


def _variance(square: Tensor, floor: float) -> Tensor:
    return square.clamp(min=floor**2)


def _spread(variance: Tensor) -> Tensor:
    """What a number costs however well it is met: log sigma + log(2 pi) / 2."""
    return 0.5 * (variance.log() + math.log(2 * math.pi))


class Columns(Likelihood):
    r"""A table's row: each number normal with its column's own sigma, each category by cross-entropy.

    .. math:: -\log p(x|o) = \sum_{j \in \text{numbers}} \tfrac12 \left(\tfrac{x_j - o_j}{\sigma_j}\right)^2
              + \log\sigma_j + \tfrac12\log 2\pi \;-\; \sum_{k \in \text{categories}} \log \mathrm{softmax}(o_k)_{x_k}

    Sigma is followed as in `Normal`, column by column. Missing cells (NaN) cost nothing and are filled in by `mean`.
    The decoder's output is the numbers first, in the order of their columns, then one logit for each level of each
    category. Of three levels and more the last stands for any other category and is never restored.

    Parameters
    ----------
    spec
        A table's; `spec.levels` tells numbers from categories. Where `spec.missing` says that no number was missing
        in `fit`, none may be in training.
    floor
        The least sigma, in the column's standard deviations: closer than a twentieth is not paid for, so one column
        that is easily restored cannot outweigh all others.

    Examples
    --------
    >>> row = Columns(Spec("table", (2,), levels=(0, 4), missing=(True, False)))
    >>> row.width, row.mean(torch.tensor([[0.5, 0, 0, 9, 0]]))
    (5, tensor([[0.5000, 2.0000]]))
    >>> round(row.nll(torch.tensor([[torch.nan, 2.0]]), torch.zeros(1, 5)).exp().item(), 3)
    4.0
    """

    numbers: Tensor
    categories: Tensor
    slots: Tensor
    other: Tensor
    square: Tensor

    def __init__(self, spec: Spec, floor: float = 0.05) -> None:
        super().__init__()
        levels = [k for k in spec.levels if k]
        numbers = [j for j, k in enumerate(spec.levels) if not k]
        self.count, self.width, self.floor = len(numbers), len(numbers) + sum(levels), floor
        self.gaps = any(spec.missing[j] for j in numbers)
        # Every category's logits side by side, padded to the longest with a slot that holds -inf: one softmax for all.
        slots = torch.full((len(levels), max(levels, default=0)), sum(levels))
        other = torch.zeros_like(slots, dtype=torch.bool)
        start = 0
        for row, k in enumerate(levels):
            slots[row, :k] = torch.arange(start, start + k)
            other[row, k - 1] = k > 2
            start += k
        columns = [j for j, k in enumerate(spec.levels) if k]
        self.register_buffer("numbers", torch.tensor(numbers, dtype=torch.long), persistent=False)
        self.register_buffer("categories", torch.tensor(columns, dtype=torch.long), persistent=False)
        self.register_buffer("slots", slots, persistent=False)
        self.register_buffer("other", other, persistent=False)
        self.register_buffer("square", torch.ones(len(numbers)))

    def _logits(self, out: Tensor) -> Tensor:
        return F.pad(out[:, self.count :], (0, 1), value=-torch.inf)[:, self.slots]  # (B, categories, levels)

    def nll(self, x: Tensor, out: Tensor) -> Tensor:
        plain = not len(self.categories)  # picking all columns costs a copy, and another on the way back
        given, said = (x, out) if plain else (x[:, self.numbers], out[:, : self.count])
        if self.training and not self.gaps:  # nothing is missing in what a training sees
            squares, known = (given - said).square(), None
        else:
            missing = given.isnan()
            squares, known = (given - said).masked_fill(missing, 0.0).square(), (~missing).to(out.dtype)
        if self.training:
            self._follow(squares.detach(), known)
        variance = _variance(self.square, self.floor)
        width = _spread(variance).to(out.dtype)
        total = squares @ (0.5 / variance).to(out.dtype) + (width.sum() if known is None else known @ width)
        return total if plain else total + self._chosen(x, out).sum(1)

    def surprise(self, x: Tensor, out: Tensor) -> Tensor:
        found = torch.zeros_like(x)
        away = (x[:, self.numbers] - out[:, : self.count]).nan_to_num(0.0)
        found[:, self.numbers] = 0.5 * away.square() / _variance(self.square, self.floor).to(x.dtype)
        if len(self.categories):  # beside the likeliest level: of a hundred that are all as likely none surprises
            least = -self._logits(out).log_softmax(2).amax(2)
            found[:, self.categories] = (self._chosen(x, out) - least).clamp(min=0)  # of what is missing: 0
        return found

    def _chosen(self, x: Tensor, out: Tensor) -> Tensor:
        """-log p of the level of each category: (B, categories), 0 where it is missing."""
        chosen = x[:, self.categories]
        there = ~chosen.isnan()
        index = torch.where(there, chosen, 0.0).long().unsqueeze(2)
        return -self._logits(out).log_softmax(2).gather(2, index).squeeze(2) * there

    def _follow(self, squares: Tensor, known: Tensor | None) -> None:
        if known is None:
            self.square.lerp_(squares.mean(0).to(self.square.dtype), AGILITY)
            return
        n = known.sum(0)
        mean = squares.sum(0) / n.clamp(min=1)
        self.square.lerp_(torch.where(n > 0, mean.to(self.square.dtype), self.square), AGILITY)

    def mean(self, out: Tensor) -> Tensor:
        return self._row(out, out[:, : self.count], lambda logits: logits)

    def sample(self, out: Tensor) -> Tensor:
        numbers = out[:, : self.count]
        noise = _variance(self.square, self.floor).sqrt() * torch.randn_like(numbers)
        return self._row(out, numbers + noise, lambda logits: logits - torch.empty_like(logits).exponential_().log())

    def soft(self, out: Tensor) -> Tensor:
        numbers, blocks = out[:, : self.count], [out[:, : self.count]]
        if self.training:
            blocks = [numbers + _variance(self.square, self.floor).sqrt() * torch.randn_like(numbers)]
        if len(self.categories):
            logits = self._logits(out)
            if self.training:  # nearly one-hot, as real rows are: or the critic sees but the difference
                logits = (logits - torch.empty_like(logits).exponential_().log()) / SHARPNESS
            blocks.append(logits.softmax(2)[:, self.slots < self.width - self.count])
        return torch.cat(blocks, 1)

    def wide(self, x: Tensor, like: Tensor) -> Tensor:
        numbers, chosen = x[:, self.numbers], x[:, self.categories]
        hot = x.new_zeros(len(x), *self.slots.shape)
        if len(self.categories):
            hot.scatter_(2, chosen.nan_to_num(0.0).long().unsqueeze(2), 1.0)
        there = self.slots < self.width - self.count
        known = (~chosen.isnan()).unsqueeze(2).expand_as(hot)[:, there]
        known = torch.cat((~numbers.isnan(), known), 1)
        return torch.where(known, torch.cat((numbers, hot[:, there]), 1), like.to(x.dtype))

    def _row(self, out: Tensor, numbers: Tensor, heat: Callable[[Tensor], Tensor]) -> Tensor:
        """A row from its numbers, and its categories: the likeliest once `heat` was added (Gumbel's draw)."""
        row = out.new_empty(len(out), len(self.numbers) + len(self.categories))
        row[:, self.numbers] = numbers
        if len(self.categories):
            logits = self._logits(out).masked_fill(self.other, -torch.inf)
            row[:, self.categories] = heat(logits).argmax(2).to(out.dtype)
        return row
