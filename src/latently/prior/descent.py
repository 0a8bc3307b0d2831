"""The short training that a learned density gets: bounded, watched on a held-out tenth, the same for a seed."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..progress import track

LEAST = 20  # items; with fewer nothing can be held out, and the density stays at its start
EVERY = 25  # steps between two looks at what is held out
PATIENCE = 6  # looks without a better one


def descend(
    network: nn.Module, nll: Callable[[Tensor], Tensor], n: int, *, steps: int, batch: int, lr: float, seed: int
) -> None:
    """Fits `network` to n items and leaves it, in evaluation mode, at its best weights.

    Parameters
    ----------
    network
        What is trained, in place.
    nll
        The mean negative log-likelihood, (), of the items in these rows (B,).
    n
        Items there are.
    steps
        At most so many; fewer once the held-out tenth gets no better.
    batch, lr
        Items in a step, and the learning rate, which falls to 0 along a cosine.
    seed
        Of the order and of what is held out.
    """
    if n < LEAST:
        network.eval()
        return
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(n, generator=generator)
    held_out, rows = order[: n // 10], order[n // 10 :]
    optimizer = torch.optim.Adam(network.parameters(), lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    least, best, stale = math.inf, network.state_dict(), 0
    for step in track(range(steps + 1), steps + 1, "Fitting the density of codes"):
        if step % EVERY == 0 or step == steps:
            watched = _watched(network, nll, held_out)
            stale = 0 if watched < least else stale + 1
            if watched < least:
                least, best = watched, {name: tensor.clone() for name, tensor in network.state_dict().items()}
            if stale > PATIENCE:
                break
        loss = nll(rows[torch.randint(len(rows), (batch,), generator=generator)])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        schedule.step()
    network.load_state_dict(best)
    network.eval()


@torch.no_grad()
def _watched(network: nn.Module, nll: Callable[[Tensor], Tensor], rows: Tensor) -> float:
    network.eval()
    parts = [rows[i : i + 256] for i in range(0, len(rows), 256)]
    total = sum(nll(part).item() * len(part) for part in parts)
    network.train()
    return total / len(rows)
