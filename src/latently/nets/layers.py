"""Networks that people can spell: a layer is a word, a network a list of words.

    conv16:k3:s2 relu pool2 flatten dense64 silu

Name and size together, options after colons, blanks between. Sizes are height x width x channels for people;
inside, tensors are (B, C, H, W).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

from torch import Tensor, nn

Shape = tuple[int, ...]  # (F,) or (C, H, W)


def people(shape: Shape) -> str:
    """A shape as people write it.

    >>> people((16, 24, 32))
    '24 x 32 x 16'
    """
    return " x ".join(map(str, (*shape[1:], shape[0])))


@dataclass(frozen=True, slots=True)
class Layer(ABC):
    """One word of a network; `shape` tells what it makes of a sample's shape, or raises `ValueError` and says why."""

    @abstractmethod
    def shape(self, before: Shape) -> Shape: ...

    @abstractmethod
    def module(self, before: Shape) -> nn.Module: ...

    @abstractmethod
    def mirror(self, before: Shape) -> Layer:
        """The layer that leads from this one's output back to `before`."""

    @abstractmethod
    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Dense(Layer):
    """`dense32`: a full matrix and a bias; a picture is flattened first."""

    size: int

    def shape(self, before: Shape) -> Shape:
        return (self.size,)

    def module(self, before: Shape) -> nn.Module:
        linear = nn.Linear(prod(before), self.size)
        return linear if len(before) == 1 else nn.Sequential(nn.Flatten(), linear)

    def mirror(self, before: Shape) -> Layer:
        return Dense(prod(before))

    def __str__(self) -> str:
        return f"dense{self.size}"


def _picture(before: Shape) -> Shape:
    if len(before) != 3:
        raise ValueError("it needs a picture, not a flat vector; put reshapeHxWxC before it")
    return before


@dataclass(frozen=True, slots=True)
class Conv(Layer):
    """`conv16:k3:s1:same`: a convolution; `same` pads so that a stride of s divides the sides by s, rounded up."""

    channels: int
    kernel: int = 3
    stride: int = 1
    padding: str = "same"

    def shape(self, before: Shape) -> Shape:
        sides = _picture(before)[1:]
        if self.padding == "same":
            return (self.channels, *(-(-side // self.stride) for side in sides))
        if min(sides) < self.kernel:
            raise ValueError(
                f"the {self.kernel} x {self.kernel} kernel is larger than the picture; use :same or a smaller :k"
            )
        return (self.channels, *((side - self.kernel) // self.stride + 1 for side in sides))

    def module(self, before: Shape) -> nn.Module:
        across, down = (
            max((after - 1) * self.stride + self.kernel - side, 0) if self.padding == "same" else 0
            for side, after in zip(reversed(before[1:]), reversed(self.shape(before)[1:]), strict=True)
        )
        if across % 2 == down % 2 == 0:
            return nn.Conv2d(before[0], self.channels, self.kernel, self.stride, (down // 2, across // 2))
        margins = (across // 2, across - across // 2, down // 2, down - down // 2)
        return nn.Sequential(nn.ZeroPad2d(margins), nn.Conv2d(before[0], self.channels, self.kernel, self.stride))

    def mirror(self, before: Shape) -> Layer:
        back = ConvT(before[0], self.kernel, self.stride, self.padding)
        return back if back.shape(self.shape(before)) == before else replace(back, to=before[1:])

    def __str__(self) -> str:
        return f"conv{self.channels}:k{self.kernel}:s{self.stride}:{self.padding}"


@dataclass(frozen=True, slots=True)
class ConvT(Layer):
    """`convt16:k3:s2:same`: a transposed convolution; `same` multiplies the sides by the stride.

    `:to7x7` gives the exact sides where the stride alone leaves them open (7 and 8 both become 4 under a stride of 2).
    """

    channels: int
    kernel: int = 3
    stride: int = 1
    padding: str = "same"
    to: Shape = ()

    def shape(self, before: Shape) -> Shape:
        sides = _picture(before)[1:]
        full = tuple((side - 1) * self.stride + self.kernel for side in sides)
        natural = tuple(side * self.stride for side in sides) if self.padding == "same" else full
        wanted = self.to or natural
        if any(not w - (f - self.kernel) >= 0 for w, f in zip(wanted, full, strict=True)) or any(
            w - f >= self.stride for w, f in zip(wanted, full, strict=True) if w > f
        ):
            raise ValueError(
                f"it cannot reach {people((self.channels, *wanted))}; it would make {people((self.channels, *natural))}"
            )
        return (self.channels, *wanted)

    def module(self, before: Shape) -> nn.Module:
        wanted = self.shape(before)[1:]
        down, across = ((side - 1) * self.stride + self.kernel - w for side, w in zip(before[1:], wanted, strict=True))
        cut, added = (max(down, 0) // 2, max(across, 0) // 2), (max(-down, 0), max(-across, 0))
        convolution = nn.ConvTranspose2d(before[0], self.channels, self.kernel, self.stride, cut, added)
        odd = any(o > 0 and o % 2 for o in (down, across))
        return nn.Sequential(convolution, Crop(wanted)) if odd else convolution

    def mirror(self, before: Shape) -> Layer:
        return Conv(before[0], self.kernel, self.stride, self.padding)

    def __str__(self) -> str:
        to = f":to{self.to[0]}x{self.to[1]}" if self.to else ""
        return f"convt{self.channels}:k{self.kernel}:s{self.stride}:{self.padding}{to}"


@dataclass(frozen=True, slots=True)
class Pool(Layer):
    """`pool2`: the largest of each 2 x 2 window; a half window at the border counts as one."""

    size: int = 2

    def shape(self, before: Shape) -> Shape:
        channels, *sides = _picture(before)
        return (channels, *(-(-side // self.size) for side in sides))

    def module(self, before: Shape) -> nn.Module:
        return nn.MaxPool2d(self.size, ceil_mode=True)

    def mirror(self, before: Shape) -> Layer:
        back = Up(self.size)
        return back if back.shape(self.shape(before)) == before else replace(back, to=before[1:])

    def __str__(self) -> str:
        return f"pool{self.size}"


@dataclass(frozen=True, slots=True)
class Up(Layer):
    """`up2`: each pixel becomes a 2 x 2 block of itself; `:to7x7` crops to the exact sides."""

    size: int = 2
    to: Shape = ()

    def shape(self, before: Shape) -> Shape:
        channels, *sides = _picture(before)
        natural = tuple(side * self.size for side in sides)
        if any(not n - self.size < w <= n for w, n in zip(self.to, natural, strict=False)):
            raise ValueError(f"it cannot reach {people((channels, *self.to))}; it makes {people((channels, *natural))}")
        return (channels, *(self.to or natural))

    def module(self, before: Shape) -> nn.Module:
        up = nn.Upsample(scale_factor=self.size)
        return nn.Sequential(up, Crop(self.to)) if self.to else up

    def mirror(self, before: Shape) -> Layer:
        return Pool(self.size)

    def __str__(self) -> str:
        return f"up{self.size}" + (f":to{self.to[0]}x{self.to[1]}" if self.to else "")


@dataclass(frozen=True, slots=True)
class Flatten(Layer):
    """`flatten`: a picture as one vector."""

    def shape(self, before: Shape) -> Shape:
        return (prod(before),)

    def module(self, before: Shape) -> nn.Module:
        return nn.Flatten()

    def mirror(self, before: Shape) -> Layer:
        return Reshape(before[1:], before[0]) if len(before) == 3 else self

    def __str__(self) -> str:
        return "flatten"


@dataclass(frozen=True, slots=True)
class Reshape(Layer):
    """`reshape24x24x16`: a vector as a picture of height x width x channels."""

    sides: Shape
    channels: int

    def shape(self, before: Shape) -> Shape:
        after = (self.channels, *self.sides)
        if prod(before) != prod(after):
            raise ValueError(f"{people(after)} are {prod(after)} numbers and {prod(before)} come in")
        return after

    def module(self, before: Shape) -> nn.Module:
        return nn.Unflatten(1, (self.channels, *self.sides))

    def mirror(self, before: Shape) -> Layer:
        return Flatten()

    def __str__(self) -> str:
        return f"reshape{self.sides[0]}x{self.sides[1]}x{self.channels}"


@dataclass(frozen=True, slots=True)
class Same(Layer):
    """A layer that keeps the shape and is its own mirror: an activation, `norm`, `drop0.2`."""

    name: str
    rate: float = 0.0

    ACTIVATIONS: ClassVar[dict[str, type[nn.Module]]] = {
        "relu": nn.ReLU,
        "elu": nn.ELU,
        "silu": nn.SiLU,
        "tanh": nn.Tanh,
        "sigmoid": nn.Sigmoid,
        "softplus": nn.Softplus,
    }

    def shape(self, before: Shape) -> Shape:
        if not 0 <= self.rate < 1:
            raise ValueError(f"a share of {self.rate:g} cannot be dropped; it is from 0 to below 1")
        return before

    def module(self, before: Shape) -> nn.Module:
        match self.name:
            case "drop":
                return nn.Dropout(self.rate)
            case "norm":  # one group: works for a batch of one, unlike batch normalisation
                return nn.GroupNorm(1, before[0]) if len(before) == 3 else nn.LayerNorm(before[0])
            case name:
                return self.ACTIVATIONS[name]()

    def mirror(self, before: Shape) -> Layer:
        return self

    def __str__(self) -> str:
        return f"{self.name}{self.rate:g}" if self.rate else self.name


class Crop(nn.Module):
    """Keeps the upper left (H, W) of a picture."""

    def __init__(self, sides: Shape) -> None:
        super().__init__()
        self.sides = sides

    def forward(self, x: Tensor) -> Tensor:
        return x[..., : self.sides[0], : self.sides[1]]
