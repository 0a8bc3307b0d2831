"""Networks that nobody has to spell: the defaults, and named ones, which are nothing but longer spellings."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import ParameterError
from .layer import Shape, people


def default(shape: Shape, grid: bool = False) -> str:
    """The encoder for samples of this shape when none is spelled.

    Small pictures and rows: two dense layers. Pictures of 16 pixels and more on both sides: convolutions of stride 2
    until a side is below 8, and one dense layer, which is left out where the code is to be a grid. Windows of a
    series: two dense layers over all steps at once.

    >>> default((1, 28, 28))
    'conv16:k4:s2 silu conv32:k4:s2 silu flatten dense256 silu'
    """
    if len(shape) != 3:
        return f"{'flatten ' * (len(shape) == 2)}dense128 silu dense128 silu"
    stages = _stages(shape, "conv{}:k4:s2 silu", least=16)
    if not stages:
        return "dense256 silu dense256 silu"
    return stages if grid else f"{stages} flatten dense256 silu"


def residual(shape: Shape) -> str:
    """Convolutions of stride 2 until a side is below 8, each followed by a residual block.

    "Deep Residual Learning for Image Recognition" (He et al., 2016).

    >>> residual((3, 16, 16))
    'conv16:k3 silu res silu conv16:k4:s2 silu res silu conv32:k4:s2 silu res silu flatten dense256 silu'
    """
    return f"conv16:k3 silu res silu {_stages(shape, 'conv{}:k4:s2 silu res silu')} flatten dense256 silu"


def unet(shape: Shape) -> str:
    """Convolutions and pools until a side is below 8, the picture before each pool kept for the decoder.

    "U-Net: Convolutional Networks for Biomedical Image Segmentation" (Ronneberger et al., 2015).

    >>> unet((3, 16, 16))
    'conv16 silu keep pool2 conv32 silu keep pool2 conv64 silu flatten dense256 silu'
    """
    stages = _stages(shape, "conv{} silu keep pool2")
    channels = min(16 * 2 ** stages.count("pool2"), 128)
    return f"{stages} conv{channels} silu flatten dense256 silu".strip()


def denoiser(shape: Shape) -> str:
    """A U-Net that says what to change in a picture: sums for skips, residual blocks, no normalisation.

    Its widths are 24, 48, 96 and 160, halving the sides as long as 8 are left. A smaller relative of "Plug-and-Play
    Image Restoration with Deep Denoiser Prior" (Zhang et al., 2021).

    >>> denoiser((3, 32, 32))
    'keep:add conv24 res keep:add conv48:k2:s2 res keep:add conv96:k2:s2 res'
    """
    side, words = min(shape[1:]), ["keep:add conv24 res"]
    for channels in (48, 96, 160):
        if side < 16:
            break
        words.append(f"keep:add conv{channels}:k2:s2 res")
        side = -(-side // 2)
    return " ".join(words)


def _stages(shape: Shape, stage: str, least: int = 8) -> str:
    """`stage` for 16 channels, 32, 64, 128, halving the sides, until one is below 8; none below `least`."""
    side, channels, words = min(shape[1:]), 16, list[str]()
    while side >= (8 if words else least):
        words.append(stage.format(channels))
        side, channels = -(-side // 2), min(2 * channels, 128)
    return " ".join(words)


NAMED: dict[str, Callable[[Shape], str]] = {"residual": residual, "unet": unet, "denoiser": denoiser}


def expanded(name: str, shape: Shape, where: str) -> str:
    """The spelling that a named network stands for, for samples of `shape`; any other text as it is."""
    if name.strip() not in NAMED:
        return name
    if len(shape) != 3:
        raise ParameterError(
            f"{where}={name!r} is a network for pictures and an item has the shape {people(shape)}; spell one, such as "
            "'dense128 silu dense128 silu'."
        )
    return NAMED[name.strip()](shape)
