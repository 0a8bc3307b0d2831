"""A sequence model over the entries of a codebook: each position knows those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import ParameterError
from ..randomness import seeded
from .descent import descend
from .prior import ENOUGH, Array, Coded, Prior, Tensors, finite

if TYPE_CHECKING:
    from ..autoencoder import Autoencoder

WIDTH = 128  # of the network's memory
TOKENS = 2**21  # entries that all training steps together read: a minute or two on one thread
STEPS, BATCH, RATE = 800, 64, 5e-3
LITTLE = 0.1  # of an item: how much the frequencies at all positions count at each of them
NEVER = -30.0  # log-frequency of an entry that no item uses


class Writer(nn.Module):
    """Log-probabilities of the next entry, from the entries before it.

    Parameters
    ----------
    codes
        Entries of the codebook, K.
    positions
        Entries in a code, P.
    width
        Numbers in the memory.
    """

    start: Tensor

    def __init__(self, codes: int, positions: int, width: int) -> None:
        super().__init__()
        self.entry = nn.Embedding(codes + 1, width)  # the last one stands before the first position
        self.place = nn.Embedding(positions, width)
        self.memory = nn.GRU(width, width, batch_first=True)
        self.change = nn.Linear(width, codes)
        nn.init.zeros_(self.change.weight)
        nn.init.zeros_(self.change.bias)
        self.register_buffer("start", torch.zeros(positions, codes))

    def forward(self, before: Tensor, first: int = 0, memory: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Entries (B, T) that stand before the positions from `first` on: log-odds (B, T, K), and the memory."""
        places = torch.arange(first, first + before.shape[1])
        read, after = self.memory(self.entry(before) + self.place(places), memory)
        informed = (places > 0).unsqueeze(1)  # of the first entry the frequencies are all there is to know
        return self.start[places] + self.change(read) * informed, after


class Sequence(Prior):
    r"""Entries of a codebook, drawn one after the other by a small recurrent network.

    .. math:: p(k_1, \dots, k_P) = \prod_p p(k_p \mid k_1, \dots, k_{p-1}), \quad
              \log p(k_p \mid \cdot) = \log f_{p, k_p} + (W h_p)_{k_p} - \mathrm{const}

    where f are the frequencies of the entries at each position and h is the memory of a GRU. It begins at the
    frequencies alone (W = 0) and goes away from them as far as a held-out tenth agrees, so that few items do no harm;
    an entry that no item uses is never drawn.

    Parameters
    ----------
    network
        The `Writer`.
    module
        The model, whose bottleneck turns entries into codes.

    References
    ----------
    "Neural Discrete Representation Learning" (van den Oord et al., 2017), with PixelCNN in place of the GRU; "Learning
    Phrase Representations using RNN Encoder-Decoder" (Cho et al., 2014).

    Examples
    --------
    >>> indices = np.tile([[2, 0, 1]], (30, 1))
    >>> Sequence.of(indices, codes=4, module=None, seed=0).indices(2, seed=0).tolist()
    [[2, 0, 1], [2, 0, 1]]
    """

    name: ClassVar = "sequence"

    def __init__(self, network: Writer, module: Autoencoder | None) -> None:
        self.network, self.module = network, module

    @classmethod
    def check(cls, coded: Coded, module: Autoencoder) -> None:
        if coded.indices is None:
            raise ParameterError(
                f"prior='sequence' is for the entries of a codebook, but a {type(module.bottleneck).__name__} "
                "bottleneck has none; choose 'mixture' or 'flow', or a model such as VQVAE."
            )

    @classmethod
    def fit(cls, coded: Coded, module: Autoencoder, seed: int) -> Self:
        cls.check(coded, module)
        indices = cast(NDArray[np.int64], coded.some(ENOUGH, seed).indices)
        return cls.of(indices, int(cast(Any, module.bottleneck).codes), module, seed)

    @classmethod
    def of(cls, indices: NDArray[np.int64], codes: int, module: Autoencoder | None, seed: int) -> Self:
        """The density of indices (n, P) of a codebook of so many entries."""
        entries = torch.from_numpy(indices)
        n, positions = entries.shape
        with seeded(seed):
            network = Writer(codes, positions, WIDTH)
            network.start.copy_(_frequencies(entries, codes))
            before = torch.cat((torch.full((n, 1), codes), entries[:, :-1]), 1)

            def nll(rows: Tensor) -> Tensor:
                odds, _ = network(before[rows])
                return positions * F.cross_entropy(odds.flatten(0, 1), entries[rows].flatten())

            if positions > 1:
                steps = min(STEPS, max(1, TOKENS // (BATCH * positions)))
                descend(network, nll, n, steps=steps, batch=BATCH, lr=RATE, seed=seed)
        return cls(network.eval(), module)

    @torch.inference_mode()
    def indices(self, n: int, seed: int | None) -> NDArray[np.int64]:
        """Draws n rows of indices, one position after the other: (n, P)."""
        rng = np.random.default_rng(seed)
        positions, codes = self.network.start.shape
        drawn = torch.full((n, 1), codes)
        memory = None
        for p in range(positions):
            odds, memory = self.network(drawn[:, -1:], p, memory)
            heat = torch.from_numpy(rng.gumbel(size=(n, codes)))  # the largest of odds + heat is drawn by its odds
            drawn = torch.cat((drawn, (odds[:, 0].double() + heat).argmax(1, keepdim=True)), 1)
        return drawn[:, 1:].numpy()

    @torch.inference_mode()
    def sample(self, n: int, seed: int | None) -> Array:
        module = cast(Any, self.module)
        drawn = torch.from_numpy(self.indices(n, seed)).to(next(module.parameters()).device)
        return module.bottleneck.entries(drawn).double().cpu().numpy()

    def tensors(self) -> dict[str, NDArray[Any]]:
        return {name: tensor.numpy() for name, tensor in self.network.state_dict().items()}

    @classmethod
    def restore(cls, tensors: Tensors, module: Autoencoder, features: int) -> Self:
        positions, codes = tensors["start"].shape
        network = Writer(codes, positions, tensors["entry.weight"].shape[1])
        network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in tensors.items()})
        return cls(network.eval(), module)

    def fits(self, features: int) -> bool:
        codes = getattr(cast(Any, self.module).bottleneck, "codes", None)
        sound = finite(self.tensors()) and self.network.start.shape[1] == codes
        return sound and self.sample(1, seed=0).shape == (1, features)


def _frequencies(entries: Tensor, codes: int) -> Tensor:
    """Log-frequencies (P, K) of entries (n, P): those at a position, and a little of those everywhere."""
    counts = F.one_hot(entries, codes).double().sum(0)
    mixed = counts + LITTLE * counts.sum(0) / counts.sum()
    return (mixed / mixed.sum(1, keepdim=True)).log().clamp(min=NEVER).float()
