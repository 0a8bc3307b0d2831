"""Codes that are picked from a list: a grid of entries of a codebook, or of rounded numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast
from warnings import warn

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import LatentlyWarning
from .bottlenecks import Bottleneck
from .passing import Code

DEAD = 0.05  # of an even share: at a decay of .99 an entry that nothing chooses sinks so low within 300 steps
AT_ONCE = 2**16  # vectors whose distances to all entries are held at a time
EXAMPLES = 20_000  # vectors that the codebook begins from


class Quantized(Bottleneck):
    r"""Each position of a code is the nearest entry of a learned codebook.

    .. math:: z_p = e_k, \; k = \arg\min_j \| h_p - e_j \|, \quad
              \mathrm{price} = \gamma \sum_p \| h_p - \mathrm{sg}[z_p] \|^2

    The gradient passes straight through. The codebook is no parameter: it is the running mean of the vectors that
    chose each entry, it begins at the centres of k-means, and entries that nothing chooses any more are put to where
    vectors are. Both buffers are means, hence linear in the batch.

    Parameters
    ----------
    features
        Numbers in an entry, D.
    codes
        Entries, K.
    positions
        Entries that make one code, P, where the encoder ends in a vector; a picture has one a pixel.
    commitment
        The weight gamma.
    decay
        How much of the running means is kept each step.

    References
    ----------
    "Neural Discrete Representation Learning" (van den Oord et al., 2017); revived entries: "Jukebox" (Dhariwal et al.,
    2020).

    Examples
    --------
    >>> code = Quantized(4, codes=8, positions=3)(torch.randn(5, 12))
    >>> code.z.shape, code.indices.shape
    (torch.Size([5, 12]), torch.Size([5, 3]))
    """

    prior = "sequence"
    share: Tensor
    moment: Tensor

    def __init__(
        self, features: int, codes: int = 128, positions: int = 1, commitment: float = 0.25, decay: float = 0.99
    ) -> None:
        super().__init__(features, features)
        self.codes, self.positions, self.commitment, self.decay = codes, positions, commitment, decay
        self.register_buffer("share", torch.full((codes,), 1 / codes))
        self.register_buffer("moment", torch.randn(codes, features) / codes)

    @property
    def codebook(self) -> Tensor:
        """The entries: (K, D)."""
        return self.moment / self.share.clamp(min=1e-9).unsqueeze(1)

    def entries(self, indices: Tensor) -> Tensor:
        """Codes (n, D * P) from the indices (n, P) of their entries."""
        return self.codebook[indices].movedim(-1, 1).flatten(1)

    def forward(self, h: Tensor) -> Code:
        rows = self._rows(h)
        flat = rows.reshape(-1, self.features)
        chosen = self._nearest(flat)
        indices = chosen.view(rows.shape[:2])
        quantized = self.entries(indices).to(h.dtype)
        if self.training:
            self._learn(flat.detach().to(self.share.dtype), chosen)
        away = (h - quantized.detach()).square().sum(1)
        return Code(h + (quantized - h).detach(), quantized, {"commitment": self.commitment * away}, indices=indices)

    def project(self, z: Tensor) -> Tensor:
        rows = self._rows(z)
        return self.entries(self._nearest(rows.reshape(-1, self.features)).view(rows.shape[:2]))

    def draw(self, n: int, like: Tensor) -> Tensor:
        positions = like.shape[1] // self.features
        return self.entries(torch.randint(self.codes, (n, positions), device=like.device)).to(like.dtype)

    def start(self, x: Tensor, encoder: Callable[[Tensor], Tensor]) -> None:
        from sklearn.cluster import KMeans

        vectors = self._rows(encoder(x)).reshape(-1, self.features).float()
        if len(vectors) <= self.codes:
            warn(
                f"codes={self.codes} is more than the {len(vectors)} vectors that {len(x)} items give, so most entries "
                f"of the codebook will never be used; choose fewer, such as {max(1, len(vectors) // 8)}.",
                LatentlyWarning,
                stacklevel=5,
            )
            centres = vectors[torch.arange(self.codes, device=vectors.device) % len(vectors)]
            centres = centres + 1e-3 * torch.randn_like(centres)
        else:
            some = vectors[torch.randperm(len(vectors), device=vectors.device)[:EXAMPLES]]
            seed = int(torch.randint(2**31, ()).item())
            kmeans: Any = cast(Any, KMeans)(self.codes, n_init=1, max_iter=20, random_state=seed)
            centres = torch.from_numpy(kmeans.fit(some.cpu().double().numpy()).cluster_centers_)
        self.moment.copy_(centres / self.codes)

    def _rows(self, h: Tensor) -> Tensor:
        """One vector a position: (B, P, D); the numbers of an entry stand P apart, as in a flattened picture."""
        return h.view(len(h), self.features, -1).movedim(1, 2)

    def _nearest(self, flat: Tensor) -> Tensor:
        codebook = self.codebook
        parts: list[Tensor] = list(flat.to(codebook.dtype).split(AT_ONCE))  # pyright: ignore[reportUnknownArgumentType]
        return torch.cat([torch.cdist(part, codebook).argmin(1) for part in parts])

    @torch.no_grad()
    def _learn(self, flat: Tensor, chosen: Tensor) -> None:
        hits = F.one_hot(chosen, self.codes).to(flat.dtype)  # (B P, K)
        self.share.lerp_(hits.mean(0), 1 - self.decay)
        self.moment.lerp_(hits.T @ flat / len(flat), 1 - self.decay)
        dead = self.share < DEAD / self.codes
        fresh = flat[torch.randint(len(flat), (self.codes,), device=flat.device)] / self.codes
        self.moment.copy_(torch.where(dead.unsqueeze(1), fresh, self.moment))
        self.share.masked_fill_(dead, 1 / self.codes)


class Rounded(Bottleneck):
    r"""Each number of a code is squeezed into a range and rounded to one of L levels; nothing is learned of them.

    .. math:: z_j = \mathrm{round}\big(\tfrac{L-1}{2} \tanh(h_j + s) - o\big) / \lfloor L/2 \rfloor, \quad
              o = \tfrac12 \text{ for even } L, \; s = \tanh^{-1}\!\big(\tfrac{2o}{L-1}\big)

    The gradient passes straight through the rounding. No codebook, no price, no dead entries.

    Parameters
    ----------
    features
        Numbers in an entry, D: L ** D entries can occur.
    levels
        L, at least 3.
    positions
        Entries that make one code where the encoder ends in a vector; a picture has one a pixel.

    References
    ----------
    "Finite Scalar Quantization: VQ-VAE Made Simple" (Mentzer et al., 2024).

    Examples
    --------
    >>> sorted(set(Rounded(1, levels=3)(torch.linspace(-9, 9, 50).unsqueeze(1)).z.flatten().tolist()))
    [-1.0, 0.0, 1.0]
    """

    prior = "sequence"

    def __init__(self, features: int, levels: int = 8, positions: int = 1) -> None:
        super().__init__(features, features)
        self.codes, self.positions = levels, positions
        self.reach, self.offset = (levels - 1) / 2, 0.0 if levels % 2 else 0.5

    def forward(self, h: Tensor) -> Code:
        bounded = (h + math.atanh(self.offset / self.reach)).tanh() * self.reach - self.offset
        z = (bounded + (bounded.round() - bounded).detach()) / (self.codes // 2)
        return Code(z, z, indices=self._indices(z.detach()))

    def entries(self, indices: Tensor) -> Tensor:
        """Codes (n, D * P) from the level of each of their numbers (n, D * P)."""
        return (indices - self.codes // 2) / (self.codes // 2)

    def project(self, z: Tensor) -> Tensor:
        return (self._indices(z) - self.codes // 2).to(z.dtype) / (self.codes // 2)

    def draw(self, n: int, like: Tensor) -> Tensor:
        return self.entries(torch.randint(self.codes, (n, like.shape[1]), device=like.device)).to(like.dtype)

    def _indices(self, z: Tensor) -> Tensor:
        return (z * (self.codes // 2)).round().long().add(self.codes // 2).clamp(0, self.codes - 1)
