"""Penalties: further terms of the loss, functions of the model and of one pass through it. In training only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Protocol

import torch
from torch import Tensor, nn

from .passing import Code, Pass


class Coder(Protocol):
    """The little that a penalty may know of its model."""

    def encode(self, x: Tensor) -> Code: ...


class Penalty(nn.Module, ABC):
    """A term named `name`, in nats: one number a sample (B,), or one a batch ()."""

    name: ClassVar[str]

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

    One random v a batch and step stands for the mean: unbiased, at the price of one more backward pass.

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

    def forward(self, model: Coder, done: Pass) -> Tensor:
        x = done.x.nan_to_num(0.0).requires_grad_()  # a missing cell is the mean, and has a slope there
        with torch.enable_grad():
            codes = model.encode(x).mean
            (rows,) = torch.autograd.grad(codes, x, torch.randn_like(codes), create_graph=True)
        return self.weight * rows.square().flatten(1).sum(1)


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
