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
    least
        Where it is given, each item has a standard deviation of its own, drawn from `least` to `scale`.
    spec
        What a sample is; tells which columns are numbers.
    clipped
        Whether a picture's values stay within 0 and 1, as in files of 8 bits: noise is then no longer zero on average
        near black and white.

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

    def __init__(self, scale: float, spec: Spec, least: float | None = None, clipped: bool = False) -> None:
        super().__init__()
        self.scale, self.least, self.clipped = scale, least, clipped and spec.kind == "image"
        numbers = [float(k == 0) for k in spec.levels] or [1.0]
        self.register_buffer("continuous", torch.tensor(numbers), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        scale: float | Tensor = self.scale
        if self.least is not None:
            drawn = torch.rand(len(x), *[1] * (x.ndim - 1), device=x.device, dtype=x.dtype)
            scale = self.least + (self.scale - self.least) * drawn
        noisy = x + scale * self.continuous * torch.randn_like(x)
        return noisy.clamp_(0, 1) if self.clipped else noisy


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


_MOVES = re.compile(r"(rotate|zoom|shear|shift|light)(\d*\.?\d+)$|(hflip|vflip|turns|channels)$")
_AFFINE = ("rotate", "zoom", "shear", "shift")


class Augmentation(nn.Module):
    r"""Enlarges a set of pictures by random turns, zooms, shears, shifts, flips and changes of colour.

    Unlike a corruption it changes the sample itself, so the model is asked to restore the turned picture, not to
    turn it back. Flips and quarter turns are exact, pixel for pixel; the other moves are one affine map a picture
    (PyTorch's `grid_sample`), bilinear, mirrored at the borders, which softens what is taught.

    Parameters
    ----------
    moves
        Tokens separated by blanks: `rotate30` (degrees to either side), `zoom0.1` (sizes from .9 to 1.1), `shear0.1`,
        `shift0.1` (of the picture's side), `hflip`, `vflip`, `turns` (by quarters, of square pictures), `channels`
        (red, green and blue in any order), `light0.2` (values times .8 to 1.2).

    Raises
    ------
    ParameterError
        A token is none of these.

    Examples
    --------
    >>> Augmentation("rotate360 zoom0.1 hflip")(torch.rand(2, 3, 8, 8)).shape
    torch.Size([2, 3, 8, 8])
    >>> x = torch.rand(2, 3, 8, 8)
    >>> torch.equal(Augmentation("turns hflip channels")(x).sort().values.sum(), x.sort().values.sum())
    True
    """

    def __init__(self, moves: str) -> None:
        super().__init__()
        self.amount: dict[str, float] = {}
        for token in moves.split():
            found = _MOVES.match(token)
            if not found:
                raise ParameterError(
                    f"augment={moves!r}: {token!r} is not known; it is rotate30, zoom0.1, shear0.1, shift0.1, light0.2 "
                    "(with any number), hflip, vflip, turns or channels, separated by blanks."
                )
            self.amount[found[1] or found[3]] = float(found[2] or 1)
        for name in ("zoom", "light"):
            if self.amount.get(name, 0) >= 1:
                raise ParameterError(f"augment={moves!r}: {name} is a share, below 1, as in {name}0.1.")

    def forward(self, x: Tensor) -> Tensor:
        for name, axis in (("hflip", 3), ("vflip", 2)):
            if name in self.amount:
                x = torch.where(torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5, x.flip(axis), x)
        if "turns" in self.amount:
            quarters = torch.randint(4, (len(x), 1, 1, 1), device=x.device)
            for k, turned in [(k, x.rot90(k, (2, 3))) for k in (1, 2, 3)]:
                x = torch.where(quarters == k, turned, x)
        if any(name in self.amount for name in _AFFINE):
            x = self._moved(x)
        if "channels" in self.amount:
            order = torch.rand(x.shape[:2], device=x.device).argsort(1)
            x = x.gather(1, order[:, :, None, None].expand_as(x))
        if "light" in self.amount:
            x = x * (1 + self._within("light", len(x), x.device))[:, None, None, None]
        return x

    def _within(self, name: str, n: int, device: torch.device) -> Tensor:
        return (2 * torch.rand(n, device=device) - 1) * self.amount.get(name, 0.0)  # (n,) in [-amount, amount]

    def _moved(self, x: Tensor) -> Tensor:
        n, _, height, width = x.shape
        angle = self._within("rotate", n, x.device) * math.pi / 180
        size = 1 + self._within("zoom", n, x.device)
        shear = self._within("shear", n, x.device)
        cos, sin = angle.cos() / size, angle.sin() / size
        ratio = height / width  # grid coordinates run from -1 to 1 on both sides, so a turn must know the sides
        rows = (
            torch.stack((cos, (shear * cos - sin) * ratio, 2 * self._within("shift", n, x.device)), 1),
            torch.stack((sin / ratio, shear * sin + cos, 2 * self._within("shift", n, x.device)), 1),
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
