"""Layers for pictures: convolutions, pools, the four upsamplings, residual blocks, skips."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from torch import nn

from .flat import Alike
from .layer import Layer, Places, Shape, choice, flag, lengths, people, whole
from .network import Adding, Joining, Keeping, Network, Pooling, Residual, Scattering, Unpooling
from .sides import Sides


def _picture(before: Shape) -> Shape:
    if len(before) != 3:
        what = "a sequence" if len(before) == 2 else "a flat vector"
        raise ValueError(f"it needs a picture, not {what}; put reshapeHxWxC before it")
    return before


@dataclass(frozen=True, slots=True)
class Conv(Layer):
    """`conv16:k3:s1:same`: a convolution; `same` pads so that a stride of s divides the sides by s, rounded up.

    The stride is 1 where it is not said, the kernel 3; `:valid` pads nothing, `:nobias` leaves the bias out.
    """

    channels: int = whole()
    kernel: int = whole(3, "k", always=True)
    stride: int = whole(1, "s", always=True)
    padding: str = choice("same", "valid", always=True)
    nobias: bool = flag("nobias")

    word: ClassVar[str] = "conv"
    example: ClassVar[str] = "conv16:k3:s2:same"
    reads: ClassVar[str] = "picture"

    def shape(self, before: Shape) -> Shape:
        sides = _picture(before)[1:]
        if self.padding == "same":
            return (self.channels, *(-(-side // self.stride) for side in sides))
        if min(sides) < self.kernel:
            raise ValueError(
                f"the {self.kernel} x {self.kernel} kernel is larger than the picture; use :same, or k{min(sides)}"
            )
        return (self.channels, *((side - self.kernel) // self.stride + 1 for side in sides))

    def module(self, before: Shape) -> nn.Module:
        across, down = (
            self._missing(side, after)
            for side, after in zip(reversed(before[1:]), reversed(self.shape(before)[1:]), strict=True)
        )
        margins = (across // 2, across - across // 2, down // 2, down - down // 2)
        even = across % 2 == down % 2 == 0
        padding = (down // 2, across // 2) if even else 0
        conv = nn.Conv2d(before[0], self.channels, self.kernel, self.stride, padding, bias=not self.nobias)
        return conv if even else nn.Sequential(nn.ZeroPad2d(margins), conv)

    def mirror(self, before: Shape) -> Layer:
        back = ConvT(before[0], self.kernel, self.stride, self.padding, nobias=self.nobias)
        return back if back.reaches(self.shape(before), before) else replace(back, to=before[1:])

    def sees(self, at: Places, before: int, after: int) -> tuple[Places, Places]:
        first = at * self.stride - self._missing(before, after) // 2
        return first, first + self.kernel - 1

    def _missing(self, before: int, after: int) -> int:
        """Positions that are put around a side."""
        return max((after - 1) * self.stride + self.kernel - before, 0) if self.padding == "same" else 0


@dataclass(frozen=True, slots=True)
class ConvT(Layer):
    """`convt16:k3:s2:same`: a transposed convolution; `same` multiplies the sides by the stride.

    `:to7x7` gives the exact sides where the stride alone leaves them open (7 and 8 both become 4 under a stride of 2).
    """

    channels: int = whole()
    kernel: int = whole(3, "k", always=True)
    stride: int = whole(1, "s", always=True)
    padding: str = choice("same", "valid", always=True)
    to: tuple[int, ...] = lengths((2,), (), "to")
    nobias: bool = flag("nobias")

    word: ClassVar[str] = "convt"
    example: ClassVar[str] = "convt16:k3:s2:same"
    reads: ClassVar[str] = "picture"

    def shape(self, before: Shape) -> Shape:
        sides = _picture(before)[1:]
        full = tuple((side - 1) * self.stride + self.kernel for side in sides)
        natural = tuple(side * self.stride for side in sides) if self.padding == "same" else full
        wanted = self.to or natural
        if any(w < f - self.kernel or w - f >= max(self.stride, 1) for w, f in zip(wanted, full, strict=True)):
            raise ValueError(
                f"it cannot reach {people((self.channels, *wanted))}; it would make {people((self.channels, *natural))}"
            )
        return (self.channels, *wanted)

    def reaches(self, before: Shape, after: Shape) -> bool:
        """Whether it leads from `before` to `after`."""
        try:
            return self.shape(before) == after
        except ValueError:
            return False

    def module(self, before: Shape) -> nn.Module:
        wanted = self.shape(before)[1:]
        down, across = ((side - 1) * self.stride + self.kernel - w for side, w in zip(before[1:], wanted, strict=True))
        cut, added = (max(down, 0) // 2, max(across, 0) // 2), (max(-down, 0), max(-across, 0))
        sizes = before[0], self.channels, self.kernel, self.stride
        convolution = nn.ConvTranspose2d(*sizes, cut, added, bias=not self.nobias)
        odd = any(o > 0 and o % 2 for o in (down, across))
        return nn.Sequential(convolution, Sides(wanted)) if odd else convolution

    def mirror(self, before: Shape) -> Layer:
        return Conv(before[0], self.kernel, self.stride, self.padding, self.nobias)

    def sees(self, at: Places, before: int, after: int) -> tuple[Places, Places]:
        at = at + max((before - 1) * self.stride + self.kernel - after, 0) // 2
        return -((self.kernel - 1 - at) // self.stride), at // self.stride


@dataclass(frozen=True, slots=True)
class Pool(Layer):
    """`pool2`: the largest of each 2 x 2 window; half a window at the border counts too, unless it is `:valid`."""

    size: int = whole(2)
    padding: str = choice("same", "valid")
    handed: bool = field(default=False, compare=False)  # the decoder is told where the maxima stood

    word: ClassVar[str] = "pool"
    example: ClassVar[str] = "pool2"
    reads: ClassVar[str] = "picture"
    keeps: ClassVar[str] = "maxima"

    def shape(self, before: Shape) -> Shape:
        channels, *sides = _picture(before)
        if self.padding == "valid" and min(sides) < self.size:
            raise ValueError(f"the {self.size} x {self.size} window is larger than the picture; leave :valid out")
        return (channels, *(side // self.size if self.padding == "valid" else -(-side // self.size) for side in sides))

    def module(self, before: Shape) -> nn.Module:
        whole_windows = self.padding == "valid"
        if self.handed:
            return Pooling(self.size, not whole_windows)
        return nn.MaxPool2d(self.size, ceil_mode=not whole_windows)

    def mirror(self, before: Shape) -> Layer:
        back = Up(self.size)
        return back if back.shape(self.shape(before)) == before else replace(back, to=before[1:])

    def sees(self, at: Places, before: int, after: int) -> tuple[Places, Places]:
        return at * self.size, at * self.size + self.size - 1


@dataclass(frozen=True, slots=True)
class _Enlarging(Layer):
    """Each pixel becomes a window of 2 x 2; `:to7x7` gives the exact sides, where a pool left some out."""

    size: int = whole(2)
    to: tuple[int, ...] = lengths((2,), (), "to")

    reads: ClassVar[str] = "picture"

    def shape(self, before: Shape) -> Shape:
        channels, *sides = _picture(before)
        natural = tuple(side * self.size for side in sides)
        if any(abs(n - w) >= self.size for w, n in zip(self.to, natural, strict=False)):
            raise ValueError(f"it cannot reach {people((channels, *self.to))}; it makes {people((channels, *natural))}")
        return (channels, *(self.to or natural))

    def mirror(self, before: Shape) -> Layer:
        pool = Pool(self.size)
        return pool if pool.shape(self.shape(before)) == before else Pool(self.size, "valid")

    def sees(self, at: Places, before: int, after: int) -> tuple[Places, Places]:
        return at // self.size, at // self.size

    def _exact(self, enlarge: nn.Module, beyond: str) -> nn.Module:
        return Network(enlarge, Sides(self.to, beyond)) if self.to else enlarge


@dataclass(frozen=True, slots=True)
class Up(_Enlarging):
    """`up2`: nearest neighbour, each pixel becomes a 2 x 2 block of itself."""

    word: ClassVar[str] = "up"
    example: ClassVar[str] = "up2"

    def module(self, before: Shape) -> nn.Module:
        return self._exact(nn.Upsample(scale_factor=self.size), "replicate")


@dataclass(frozen=True, slots=True)
class Nails(_Enlarging):
    """`nails2`: a bed of nails, each pixel in the first cell of a 2 x 2 window, zeros in the others."""

    word: ClassVar[str] = "nails"
    example: ClassVar[str] = "nails2"

    def module(self, before: Shape) -> nn.Module:
        return self._exact(Scattering(self.size), "constant")

    def sees(self, at: Places, before: int, after: int) -> tuple[Places, Places]:
        return -(-at // self.size), at // self.size  # of a zero between the nails: nothing


@dataclass(frozen=True, slots=True)
class Unpool(_Enlarging):
    """`unpool2`: max unpooling, each pixel where the maximum of its pool's window stood, zeros elsewhere.

    The pool is the encoder's, of the same size and with the picture that comes in here as its output. Where a bare code
    is decoded the maximum goes to the window's first cell. "Visualizing and Understanding Convolutional Networks"
    (Zeiler & Fergus, 2014).
    """

    word: ClassVar[str] = "unpool"
    example: ClassVar[str] = "unpool2"
    recalls: ClassVar[str] = "maxima"

    def module(self, before: Shape) -> nn.Module:
        return self._exact(Unpooling(self.size), "constant")


@dataclass(frozen=True, slots=True)
class Res(Alike):
    """`res`: a residual block, x + conv(relu(conv(x))). "Deep Residual Learning" (He et al., 2016)."""

    kernel: int = whole(3, "k")

    word: ClassVar[str] = "res"
    example: ClassVar[str] = "res:k3"
    reads: ClassVar[str] = "picture"

    def shape(self, before: Shape) -> Shape:
        return _picture(before)

    def module(self, before: Shape) -> nn.Module:
        return Residual(before[0], self.kernel)

    def sees(self, at: Places, before: int, after: int) -> tuple[Places, Places]:
        first = at - (self.kernel - 1) // 2 * 2
        return first, first + 2 * (self.kernel - 1)


@dataclass(frozen=True, slots=True)
class Keep(Layer):
    """`keep`: the picture at this place is kept for the decoder's `join`, a U-Net's skip.

    `keep:add` is mirrored by `add`: the skip is a sum, and one before the first layer makes what the network says a
    change of the picture. "U-Net: Convolutional Networks for Biomedical Image Segmentation" (Ronneberger et al., 2015).
    """

    by: str = choice("join", "add")
    handed: bool = field(default=False, compare=False)

    word: ClassVar[str] = "keep"
    example: ClassVar[str] = "keep"
    reads: ClassVar[str] = "picture"
    keeps: ClassVar[str] = "picture"

    def shape(self, before: Shape) -> Shape:
        return _picture(before)

    def module(self, before: Shape) -> nn.Module:
        return Keeping() if self.handed else nn.Identity()

    def mirror(self, before: Shape) -> Layer:
        return Add() if self.by == "add" else Join(before[0])


@dataclass(frozen=True, slots=True)
class Join(Layer):
    """`join`: the channels of the picture that the encoder kept are put behind those that come in.

    The number of channels that are joined (`join16`) is found from the encoder's `keep` where it is not written.
    """

    channels: int | None = whole(None)

    word: ClassVar[str] = "join"
    example: ClassVar[str] = "join"
    reads: ClassVar[str] = "picture"
    recalls: ClassVar[str] = "picture"

    def shape(self, before: Shape) -> Shape:
        channels, *sides = _picture(before)
        if self.channels is None:
            raise ValueError("nothing was kept for it; put keep into the encoder where the picture is to be taken")
        return (channels + self.channels, *sides)

    def module(self, before: Shape) -> nn.Module:
        return Joining()

    def mirror(self, before: Shape) -> Layer:
        return Keep()


@dataclass(frozen=True, slots=True)
class Add(Layer):
    """`add`: the picture that the encoder kept is added to the one that comes in, which has the same shape.

    With `keep` before the encoder's first layer and `add` behind the decoder's last, the layers between say what to
    change in a picture. "Beyond a Gaussian Denoiser" (Zhang et al., 2017).
    """

    word: ClassVar[str] = "add"
    example: ClassVar[str] = "add"
    reads: ClassVar[str] = "picture"
    recalls: ClassVar[str] = "picture"

    def shape(self, before: Shape) -> Shape:
        return _picture(before)

    def module(self, before: Shape) -> nn.Module:
        return Adding()

    def mirror(self, before: Shape) -> Layer:
        return Keep("add")
