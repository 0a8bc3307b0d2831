"""What an encoder hands to its decoder beside the code: which layer's memory goes to which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .layer import Layer, Shape, people
from .picture import Add, Join, Keep, Pool, Unpool
from .spelling import misfit, shapes

_ABSENT = {
    "maxima": "no pool of the encoder is left for it; put pool{0} into it, or use up{0} or nails{0}, without one",
    "picture": "the encoder kept no picture that is left for it; put keep into it where the picture is to be taken",
}


def connect(down: Sequence[Layer], shape: Shape, up: Sequence[Layer], code: Shape) -> tuple[list[Layer], list[Layer]]:
    """An encoder whose layers hand on what the decoder asks for, and a decoder that knows what it gets.

    The last that was kept is the first to be recalled. What nobody asks for is not kept.

    Raises
    ------
    ParameterError
        The decoder recalls what the encoder does not keep.
    """
    seen = shapes(down, shape, "encoder")
    offered = [(i, layer, seen[i + 1]) for i, layer in enumerate(down) if layer.keeps]
    handed, known = set[int](), list[Layer]()
    for i, layer in enumerate(up, 1):
        if layer.recalls:
            before = shapes(known, code, "decoder", len(up))[-1]
            passed = [one for one in offered if one[1].keeps == layer.recalls]
            while offered and not _answers(*offered[-1][1:], layer, before):
                offered.pop()
            if not offered:
                raise misfit(layer, i, len(up), before, "decoder", _why(layer, passed))
            place, _, kept = offered.pop()
            handed.add(place)
            layer = Join(kept[0]) if isinstance(layer, Join) else layer
        known.append(layer)
    return [_handing(layer) if i in handed else layer for i, layer in enumerate(down)], known


def _handing(layer: Layer) -> Layer:
    return replace(layer, handed=True) if isinstance(layer, Pool | Keep) else layer


def _answers(kept: Layer, shape: Shape, asking: Layer, before: Shape) -> bool:
    """Whether what `kept` keeps, of `shape`, is what `asking` can use on what comes in."""
    match kept, asking:
        case Pool(size=size), Unpool():
            return size == asking.size and shape == before
        case Keep(), Join():
            return shape[1:] == before[1:] and asking.channels in (None, shape[0])
        case Keep(), Add():
            return shape == before
        case _:
            return False


def _why(layer: Layer, offered: Sequence[tuple[int, Layer, Shape]]) -> str:
    if not offered:
        size = layer.size if isinstance(layer, Unpool) else ""
        return _ABSENT[layer.recalls].format(size)
    what = ", then ".join(f"{people(shape)} ({one}, layer {i + 1})" for i, one, shape in reversed(offered))
    return f"what the encoder has left to hand on is {what}; bring the picture to that shape first"
