"""The weights that a network starts from."""

from __future__ import annotations

import torch
from torch import nn

from .network import Adding, Residual

WEIGHTED = nn.Linear, nn.Conv2d, nn.ConvTranspose2d
FLAT = nn.Tanh, nn.Sigmoid  # curves that are flat far from zero: what is large there has no slope


def begin(network: nn.Module) -> None:
    r"""Weights drawn evenly from -b to b, and no biases.

    In a hidden layer :math:`b = \sqrt{3 / n}`, where n is how many numbers each output is a sum of: what goes through
    keeps its variance. "Efficient BackProp" (LeCun et al., 1998). The last layer, so that what a network says at first
    is small, and one before a curve that is flat far from zero has :math:`b = \sqrt{6 / (n + m)}`, m being how many
    sums each number goes into. "Understanding the Difficulty of Training Deep Feedforward Neural Networks" (Glorot &
    Bengio, 2010).

    Where sums carry pictures past layers that variance would add up: there all layers are as the last one, and what a
    residual block adds starts at a tenth of it, so that many in a row begin close to nothing. "Fixup Initialization:
    Residual Learning Without Normalization" (Zhang et al., 2019).

    >>> network = nn.Sequential(nn.Linear(12, 200), nn.Linear(200, 1))
    >>> begin(network)
    >>> bool(0.45 < network[0].weight.max() <= 0.5), network[1].bias.tolist()
    (True, [0.0])
    """
    steps = [module for module in network.modules() if isinstance(module, (*WEIGHTED, *FLAT))]
    past = any(isinstance(module, Residual | Adding) for module in network.modules())
    for step, behind in zip(steps, [*steps[1:], None], strict=False):
        if not isinstance(step, WEIGHTED):
            continue
        if past or behind is None or isinstance(behind, FLAT):
            nn.init.xavier_uniform_(step.weight)
        else:
            bound = (3 / terms(step)) ** 0.5
            nn.init.uniform_(step.weight, -bound, bound)
        if step.bias is not None:
            nn.init.zeros_(step.bias)
    for module in network.modules():
        if isinstance(module, Residual):
            module.change[-1].weight.data.mul_(module.calm)  # pyright: ignore


def terms(layer: nn.Module) -> float:
    """How many numbers each output is a sum of.

    >>> terms(nn.Conv2d(8, 2, 3)), terms(nn.ConvTranspose2d(8, 2, 4, stride=2))
    (72, 32.0)
    """
    weight: torch.Tensor = layer.weight  # pyright: ignore
    if isinstance(layer, nn.ConvTranspose2d):
        return weight[:, 0].numel() / (layer.stride[0] * layer.stride[1])
    return weight[0].numel()
