"""Penalties: further terms of the loss, functions of the model and of one pass through it. In training only."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar, Protocol

import torch
from torch import Tensor, nn

from .bottlenecks import Bottleneck
from .densities import LOG_2PI
from .likelihoods import Likelihood
from .passing import Code, Pass


class Coder(Protocol):
    """The little that a penalty may know of its model."""

    decoder: nn.Module
    bottleneck: Bottleneck
    likelihood: Likelihood

    def encode(self, x: Tensor) -> Code: ...

    def write(
        self, z: Tensor, label: Tensor | None = None, memory: tuple[Tensor, ...] = (), *, frozen: bool = False
    ) -> Tensor: ...


class Penalty(nn.Module, ABC):
    """A term named `name`, in nats: one number a sample (B,), or one a batch ()."""

    name: ClassVar[str]
    differentiates: ClassVar[bool] = False  # whether it is itself a slope, so that descending it differentiates twice

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.weight = weight

    @abstractmethod
    def forward(self, model: Coder, done: Pass) -> Tensor: ...


class L1(Penalty):
    r"""Few numbers of a code may be far from zero.

    .. math:: w \sum_j |z_j|

    Parameters
    ----------
    weight
        w, in nats for a number of size one.

    References
    ----------
    "Sparse Coding with an Overcomplete Basis Set" (Olshausen & Field, 1997), with an encoder.

    Examples
    --------
    >>> z = torch.tensor([[1.0, -2.0, 0.0]])
    >>> L1(0.5)(None, Pass(z, Code(z, z), z, {})).item()
    1.5
    """

    name = "sparsity"

    def forward(self, model: Coder, done: Pass) -> Tensor:
        return self.weight * done.code.z.abs().sum(1)


class Contraction(Penalty):
    r"""Small changes of an item may change its code but little: the squared norm of the encoder's Jacobian.

    .. math:: w\, \| J \|_F^2 = w\, \mathbb{E}_{v \sim N(0, I)} \| v^\top J \|^2, \quad J = \partial z / \partial x

    One random v an item and step stands for the mean: unbiased, at the price of one more backward pass. Of a table
    only the numbers count: categories have no slope.

    Parameters
    ----------
    weight
        w.

    References
    ----------
    "Contractive Auto-Encoders: Explicit Invariance During Feature Extraction" (Rifai et al., 2011); the projection:
    "Robust Learning with Jacobian Regularization" (Hoffman et al., 2019).

    Examples
    --------
    >>> from latently.autoencoder import Autoencoder
    >>> from latently.parts import Normal, Plain
    >>> model = Autoencoder(nn.Linear(5, 2), Plain(2), nn.Linear(2, 5), Normal(), penalties=[Contraction(1.0)])
    >>> model(torch.randn(3, 5)).terms["contraction"].shape
    torch.Size([3])
    """

    name = "contraction"
    differentiates = True

    def forward(self, model: Coder, done: Pass) -> Tensor:
        x = done.x.detach().clone().requires_grad_()  # of a table only numbers that are there have a slope
        with torch.enable_grad():
            return self.weight * _squared_slope(model.encode(x).mean, x)


def _squared_slope(out: Tensor, at: Tensor) -> Tensor:
    """An unbiased estimate of the squared norm of d out / d at, one number a sample: (B,)."""
    (rows,) = torch.autograd.grad(out, at, torch.randn_like(out), create_graph=True)
    return rows.square().flatten(1).sum(1)


class Shrinkage(Penalty):
    r"""Codes may not wander off: half their squared norm.

    .. math:: \tfrac{w}{2} \| z \|^2

    References
    ----------
    "From Variational to Deterministic Autoencoders" (Ghosh et al., 2020).

    Examples
    --------
    >>> z = torch.tensor([[3.0, 4.0]])
    >>> Shrinkage(1.0)(None, Pass(z, Code(z, z), z, {})).item()
    12.5
    """

    name = "shrinkage"

    def forward(self, model: Coder, done: Pass) -> Tensor:
        return 0.5 * self.weight * done.code.z.square().sum(1)


class Decay(Penalty):
    r"""A smooth decoder by small weights.

    .. math:: w \sum_i \theta_i^2, \quad \theta \text{ the decoder's weights}

    References
    ----------
    "From Variational to Deterministic Autoencoders" (Ghosh et al., 2020).
    """

    name = "decay"

    def forward(self, model: Coder, done: Pass) -> Tensor:
        return self.weight * torch.stack([p.square().sum() for p in model.decoder.parameters()]).sum()


class Smoothness(Penalty):
    r"""A smooth decoder by a small slope: the squared norm of its Jacobian, estimated as in `Contraction`.

    .. math:: w\, \| \partial g(z) / \partial z \|_F^2

    References
    ----------
    "From Variational to Deterministic Autoencoders" (Ghosh et al., 2020).
    """

    name = "smoothness"
    differentiates = True

    def forward(self, model: Coder, done: Pass) -> Tensor:
        z = done.code.z.detach().requires_grad_()
        with torch.enable_grad():
            return self.weight * _squared_slope(model.write(z, done.label, done.code.memory), z)


class TotalCorrelation(Penalty):
    r"""The numbers of a code shall say different things: the divergence of their joint density from the product.

    .. math:: w\, \mathrm{KL}\big(q(z) \,\|\, \textstyle\prod_j q(z_j)\big), \quad
              q(z) \approx \tfrac1B \sum_i q(z|x_i) \text{ over the batch}

    Estimated with the batch's own posteriors; that the batch stands for all data shifts the estimate by a constant,
    which has no slope.

    Parameters
    ----------
    weight
        w: beta - 1 of a beta-TCVAE.

    References
    ----------
    "Isolating Sources of Disentanglement in Variational Autoencoders" (Chen et al., 2018).

    Examples
    --------
    >>> z = torch.randn(200, 1).repeat(1, 2)  # both numbers say the same
    >>> code = Code(z, z, spread=torch.full_like(z, 0.1))
    >>> bool(TotalCorrelation(1.0)(None, Pass(z, code, z, {})).mean() > 1)
    True
    """

    name = "total_correlation"

    def forward(self, model: Coder, done: Pass) -> Tensor:
        z, mean, spread = done.code.z, done.code.mean, done.code.spread
        assert spread is not None, "only codes with a spread have a density"
        away = (z.unsqueeze(1) - mean) / spread  # (B, B, D): each code under each posterior
        density = -0.5 * away.square() - spread.log() - 0.5 * LOG_2PI
        joint = density.sum(2).logsumexp(1) - math.log(len(z))
        single = (density.logsumexp(1) - math.log(len(z))).sum(1)
        return self.weight * (joint - single)


class Tightening(Penalty):
    r"""Several draws an item, weighed by how well each explains it: a tighter bound on the likelihood.

    .. math:: -\tfrac1M \sum_m \log \tfrac1K \sum_k w_{mk} \;-\; \tfrac1{MK} \sum_{m,k} -\log w_{mk}, \quad
              w = p(x|z)\, p(z) / q(z|x)

    It is what the bound gains on the mean of all draws, hence never positive: the sum of all terms is the bound.

    Parameters
    ----------
    weight
        How much of the gain is taken: 1 for IWAE and MIWAE, less for CIWAE.
    groups
        M: averaged logarithms of K = draws / M weights each.

    References
    ----------
    "Importance Weighted Autoencoders" (Burda et al., 2016); groups and shares of the gain: "Tighter Variational Bounds
    Are Not Necessarily Better" (Rainforth et al., 2018).

    Examples
    --------
    >>> z = torch.zeros(6, 1)  # three draws of two items
    >>> done = Pass(z[:2], Code(z, z[:2]), z, {"reconstruction": torch.tensor([1.0, 2, 1, 2, 1, 2])})
    >>> Tightening(1.0)(None, done).round(decimals=4).abs()
    tensor([0., 0.])
    """

    name = "tightening"

    def __init__(self, weight: float, groups: int = 1) -> None:
        super().__init__(weight)
        self.groups = groups

    def forward(self, model: Coder, done: Pass) -> Tensor:
        cost = done.cost.view(self.groups, -1, len(done.x))  # (M, K, B)
        bound = math.log(cost.shape[1]) - (-cost).logsumexp(1)
        return self.weight * (bound.mean(0) - cost.mean((0, 1)))


class Inversion(Penalty):
    r"""An encoder for a decoder that never saw one: finds the codes of what was drawn, and restores real items.

    .. math:: \tfrac12 \| f(g(z)) - z \|^2 - \log p(x \mid g(f(x))), \quad z \sim N(0, I), \; g \text{ held fixed}

    References
    ----------
    "Adversarial Feature Learning" (Donahue et al., 2017) names this the latent regressor.
    """

    name = "inversion"

    def forward(self, model: Coder, done: Pass) -> Tensor:
        found = model.encode(model.likelihood.mean(done.out).detach()).mean
        again = model.write(done.code.mean, done.label, done.code.memory, frozen=True)
        away = 0.5 * (found - done.code.z).square().sum(1)
        return self.weight * (away + model.likelihood.nll(done.x, again))


class MMD(Penalty):
    r"""All codes together shall look like draws from N(0, I): their maximum mean discrepancy.

    .. math:: w \left( \mathbb{E} k(z, z') + \mathbb{E} k(p, p') - 2\, \mathbb{E} k(z, p) \right), \quad
              k(a, b) = \sum_s \frac{2Ds}{2Ds + \|a - b\|^2}

    with p drawn from N(0, I), z' and p' further codes and draws of the batch (the unbiased estimate), and s in
    .1, .5, 1, 2, 10.

    Parameters
    ----------
    weight
        w.

    References
    ----------
    "Wasserstein Auto-Encoders" (Tolstikhin et al., 2018), which is InfoVAE's MMD-VAE (Zhao et al., 2019) for a
    deterministic code.

    Examples
    --------
    >>> z = torch.full((50, 2), 3.0)
    >>> bool(MMD(1.0)(None, Pass(z, Code(z, z), z, {})) > 0.5)
    True
    """

    name = "mmd"

    def forward(self, model: Coder, done: Pass) -> Tensor:
        z = done.code.z
        n = len(z)
        if n < 2:
            return 0.0 * z.sum()  # one code has no distribution
        drawn = torch.randn_like(z)
        off = 1 - torch.eye(n, device=z.device, dtype=z.dtype)
        within = (off * (_kernel(z, z) + _kernel(drawn, drawn))).sum() / (n * (n - 1))
        return self.weight * (within - 2 * _kernel(z, drawn).mean())


def _kernel(a: Tensor, b: Tensor) -> Tensor:
    squared = (a.unsqueeze(1) - b).square().sum(2)  # (B, B); not cdist, whose slope at zero is not a number
    widths = 2 * a.shape[1] * torch.tensor([0.1, 0.5, 1.0, 2.0, 10.0], device=a.device, dtype=a.dtype)
    return (widths / (widths + squared.unsqueeze(2))).sum(2)
