"""The weights that a network starts from."""

from __future__ import annotations

import torch
from torch import nn

from .network import Adding, Residual

WEIGHTED = nn.Linear, nn.Conv2d, nn.ConvTranspose2d


def begin(network: nn.Module) -> None:
    r"""Weights drawn evenly from -b to b, and no biases.

    Up to the last layer :math:`b = \sqrt{3 / n}`, where n is how many numbers each output is a sum of: what goes
    through keeps its variance. "Efficient BackProp" (LeCun et al., 1998). The last layer has
    :math:`b = \sqrt{6 / (n + m)}`, m being how many sums each number goes into, so that what a network says at first
    is small. "Understanding the Difficulty of Training Deep Feedforward Neural Networks" (Glorot & Bengio, 2010).

    Where sums carry pictures past layers that variance would add up: there all layers are as the last one, and what a
    residual block adds starts at a tenth of it, so that many in a row begin close to nothing. "Fixup Initialization:
    Residual Learning Without Normalization" (Zhang et al., 2019).

    >>> network = nn.Sequential(nn.Linear(12, 200), nn.Linear(200, 1))
    >>> begin(network)
    >>> bool(0.45 < network[0].weight.max() <= 0.5), network[1].bias.tolist()
    (True, [0.0])
    """
    layers = [module for module in network.modules() if isinstance(module, WEIGHTED)]
    past = any(isinstance(module, Residual | Adding) for module in network.modules())
    for layer in [] if past else layers[:-1]:
        bound = (3 / terms(layer)) ** 0.5
        nn.init.uniform_(layer.weight, -bound, bound)
    for layer in layers if past else layers[-1:]:
        nn.init.xavier_uniform_(layer.weight)
    for layer in layers:
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
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
