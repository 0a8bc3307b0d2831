"""Corruptions change what the encoder sees; an augmentation changes the sample itself. Both in training only."""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import ParameterError
from ..spec import Spec


class Corruption(nn.Module, ABC):
    """Maps a batch x (B, *S) to what the encoder is shown instead, of the same shape."""

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor: ...


class Noise(Corruption):
    r"""Gaussian noise on everything continuous; categories stay as they are.

    .. math:: \tilde x = x + \sigma\,\epsilon, \quad \epsilon \sim N(0, I)

    Parameters
    ----------
    scale
        The noise's standard deviation: in a picture's range of 0 to 1, or in standard deviations of a table's column.
    spec
        What a sample is; tells which columns are numbers.

    References
    ----------
    "Extracting and Composing Robust Features with Denoising Autoencoders" (Vincent et al., 2008).

    Examples
    --------
    >>> from latently.spec import Spec
    >>> Noise(0.5, Spec("table", (2,), levels=(0, 3), missing=(False, False)))(torch.ones(4, 2))[:, 1]
    tensor([1., 1., 1., 1.])
    """

    continuous: Tensor

    def __init__(self, scale: float, spec: Spec) -> None:
        super().__init__()
        self.scale = scale
        numbers = [float(k == 0) for k in spec.levels] or [1.0]
        self.register_buffer("continuous", torch.tensor(numbers), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.scale * self.continuous * torch.randn_like(x)


class Masking(Corruption):
    r"""Hides a random share of the entries: black pixels, or cells that count as missing.

    .. math:: \tilde x_i = \text{blank} \text{ with probability } r, \text{ else } x_i

    Parameters
    ----------
    rate
        The share r of the entries that are hidden, 0 to 1.
    spec
        What a sample is; `spec.blank` stands in for what is hidden.

    References
    ----------
    "Stacked Denoising Autoencoders" (Vincent et al., 2010).

    Examples
    --------
    >>> from latently.spec import Spec
    >>> Masking(1.0, Spec("image", (1, 2, 2)))(torch.ones(1, 1, 2, 2)).sum().item()
    0.0
    """

    def __init__(self, rate: float, spec: Spec) -> None:
        super().__init__()
        self.rate, self.blank = rate, spec.blank

    def forward(self, x: Tensor) -> Tensor:
        return x.masked_fill(torch.rand(x.shape, device=x.device) < self.rate, self.blank)


_MOVES = re.compile(r"(rotate|zoom|shear|shift)(\d*\.?\d+)$|(hflip|vflip)$")


class Augmentation(nn.Module):
    r"""Enlarges a set of pictures by random turns, zooms, shears, shifts and flips of them.

    Unlike a corruption it changes the sample itself, so the model is asked to restore the turned picture, not to
    turn it back. One affine map a picture, bilinear, mirrored at the borders.

    Parameters
    ----------
    moves
        Tokens separated by blanks: `rotate30` (degrees to either side), `zoom0.1` (sizes from .9 to 1.1), `shear0.1`,
        `shift0.1` (of the picture's side), `hflip`, `vflip`.

    Raises
    ------
    ParameterError
        A token is none of these.

    Examples
    --------
    >>> Augmentation("rotate360 zoom0.1 hflip")(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 8, 8])
    """

    def __init__(self, moves: str) -> None:
        super().__init__()
        self.amount: dict[str, float] = {}
        for token in moves.split():
            found = _MOVES.match(token)
            if not found:
                raise ParameterError(
                    f"augment={moves!r}: {token!r} is not known; it is rotate30, zoom0.1, shear0.1, shift0.1 (with any "
                    "number), hflip or vflip, separated by blanks."
                )
            self.amount[found[1] or found[3]] = float(found[2] or 1)
        if self.amount.get("zoom", 0) >= 1:
            raise ParameterError(f"augment={moves!r}: zoom is a share of the size, below 1, as in zoom0.1.")

    def _within(self, name: str, n: int, device: torch.device) -> Tensor:
        return (2 * torch.rand(n, device=device) - 1) * self.amount.get(name, 0.0)  # (n,) in [-amount, amount]

    def _sign(self, name: str, n: int, device: torch.device) -> Tensor:
        return 1 - 2 * (torch.rand(n, device=device) < 0.5 * (name in self.amount)).float()  # (n,) -1 or 1

    def forward(self, x: Tensor) -> Tensor:
        n, _, height, width = x.shape
        angle = self._within("rotate", n, x.device) * math.pi / 180
        size = 1 + self._within("zoom", n, x.device)
        shear = self._within("shear", n, x.device)
        cos, sin = angle.cos() / size, angle.sin() / size
        across, down = self._sign("hflip", n, x.device), self._sign("vflip", n, x.device)
        ratio = height / width  # grid coordinates run from -1 to 1 on both sides, so a turn must know the sides
        rows = (
            torch.stack((cos * across, (shear * cos - sin) * ratio * down, 2 * self._within("shift", n, x.device)), 1),
            torch.stack((sin * across / ratio, (shear * sin + cos) * down, 2 * self._within("shift", n, x.device)), 1),
        )
        grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
        return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)


class Chain(Corruption):
    """Several corruptions, one after the other."""

    def __init__(self, *corruptions: Corruption) -> None:
        super().__init__()
        self.corruptions = nn.Sequential(*corruptions)

    def forward(self, x: Tensor) -> Tensor:
        return self.corruptions(x)
