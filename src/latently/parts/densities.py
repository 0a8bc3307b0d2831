"""Diagonal normal densities, as an encoder spells them: means and log-variances side by side."""

from __future__ import annotations

import math

import torch
from torch import Tensor

LOG_2PI = math.log(2 * math.pi)


def moments(h: Tensor) -> tuple[Tensor, Tensor]:
    """Means and log-variances (B, D) each, side by side in h (B, 2 D)."""
    mean, log_var = h.chunk(2, dim=1)
    return mean, log_var.clamp(-12, 8)  # sigma from .0025 to 55: wider, and exp() of a stray value ends a training


def drawn(mean: Tensor, log_var: Tensor, draws: int) -> Tensor:
    """Draws (draws * B, D), one batch after the other."""
    noise = torch.randn(draws, *mean.shape, device=mean.device, dtype=mean.dtype)
    return (mean + (0.5 * log_var).exp() * noise).flatten(0, 1)


def log_density(z: Tensor, mean: Tensor, log_var: Tensor) -> Tensor:
    """log N(z; mean, var) in nats, of draws z (K * B, D) under densities (B, D): (K * B,)."""
    away = (z.view(-1, *mean.shape) - mean).square() * (-log_var).exp()
    return -0.5 * (away + log_var + LOG_2PI).sum(-1).flatten()


def divergence(mean: Tensor, log_var: Tensor, mean_p: Tensor | float = 0.0, log_var_p: Tensor | float = 0.0) -> Tensor:
    """KL(N(mean, var) || N(mean_p, var_p)) in nats, number by number (B, D); by default from the standard normal.

    >>> divergence(torch.tensor([[1.0]]), torch.zeros(1, 1)).item()
    0.5
    """
    var_p = torch.as_tensor(log_var_p, dtype=mean.dtype, device=mean.device).exp()
    return 0.5 * ((log_var.exp() + (mean - mean_p).square()) / var_p - 1 - log_var + log_var_p)
