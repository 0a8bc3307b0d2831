"""A small classifier of real pictures: judges samples, and gives the space in which they are compared."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from latently.data.packed import as_float
from latently.nets.spelling import build, parse
from latently.train import seeded

from ..data import idx
from .training import per_item

SPELLED = "conv16:k3 relu pool2 conv32:k3 relu pool2 flatten dense64 relu"


@dataclass(frozen=True, slots=True)
class Classifier:
    """Features of pictures, and labels from them."""

    body: nn.Module
    head: nn.Module

    def features(self, X: np.ndarray) -> np.ndarray:
        """(n, 28, 28) of 0 to 255 to (n, 64): what the last layer reads."""
        return per_item(self.body, X)

    def labels(self, X: np.ndarray) -> np.ndarray:
        return per_item(lambda x: self.head(self.body(x)).argmax(1), X)


def classifier(folder: str, *, seed: int, epochs: int, quick: bool = False) -> tuple[Classifier, float]:
    """Trained on the training part of `folder` by Adam at a rate that falls to zero; its accuracy on the test part."""
    X, y = idx("train", folder=folder, quick=quick)
    items, labels = torch.tensor(X).unsqueeze(1), torch.tensor(y).long()
    with seeded(seed):
        body = build(parse(SPELLED), (1, 28, 28), "classifier").to(memory_format=torch.channels_last)
        head = build(parse("dense10"), (64,), "classifier")
    optimizer = torch.optim.Adam([*body.parameters(), *head.parameters()], lr=2e-3, fused=True)
    order = torch.Generator().manual_seed(seed)
    steps = epochs * ceil(len(X) / 64)
    rate = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(X), generator=order).split(64):
            loss = F.cross_entropy(head(body(as_float(items[rows]))), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            rate.step()
    found = Classifier(body.eval(), head.eval())
    T, t = idx("t10k", folder=folder, quick=quick)
    return found, float((found.labels(T) == t).mean())
