"""The two ends of a network: layers that may be left out of a spelling since what they lead to is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import cast

from ..errors import ParameterError
from .flat import Alike, Dense, Flatten, Reshape
from .layer import Layer, Shape, ordered, people
from .picture import Conv, ConvT, Pool, Up
from .sequence import Recurring
from .spelling import shapes


def opening(layers: Sequence[Layer], code: Shape, picture: Shape | None, *, free: bool) -> list[Layer]:
    """What has to stand before a decoder that is to begin at `code`: what leads to `picture`, where it begins with one.

    Parameters
    ----------
    layers
        The decoder's.
    code
        What it reads, one vector.
    picture
        The one that the encoder ended in, where it did.
    free
        Whether a dense layer may also be put before a `reshape` of another size: in a mirror, and where labels are
        behind the code.
    """
    first = next((layer for layer in layers if layer.reads != "anything" or not isinstance(layer, Alike)), None)
    if isinstance(first, Reshape):
        wanted = prod(first.sides)
        return [Dense(wanted)] if free and wanted != prod(code) else []
    if first is None or first.reads != "picture" or picture is None:
        return []
    widened = [] if prod(picture) == prod(code) else [Dense(prod(picture))]
    return [*widened, Reshape(ordered(picture))]


def ended(layers: list[Layer], before: Shape, after: Shape, where: str) -> list[Layer]:
    """`layers`, completed so that they end in `after`: the last layer may have been left out.

    Raises
    ------
    ParameterError
        They end in a picture of other sides, or a sequence of another length.
    """
    seen = shapes(layers, before, where)
    last = seen[-1]
    if last == after:
        return layers
    shaped = [Reshape(ordered(after))] if len(after) > 1 else []
    match last, after:
        case (_,), _:
            return [*layers, *shaped] if prod(last) == prod(after) else [*layers, Dense(prod(after)), *shaped]
        case _, (size,):
            return [*layers, *([Flatten()] if len(last) == 2 else []), Dense(size)]
        case (_, *sides), (channels, *wanted) if len(sides) == 2 and sides == wanted:
            return [*layers, Conv(channels)]
        case (steps, _), (length, features) if steps == length:
            return [*layers, Dense(features)]
        case _:
            pass
    raise ParameterError(_ends_elsewhere(layers, seen, after, where))


def _ends_elsewhere(layers: Sequence[Layer], seen: Sequence[Shape], after: Shape, where: str) -> str:
    what = f"{people(seen[-1])} and the data are {people(after)}; {_bridge(seen[-1], after)}"
    if not layers:
        return f"{where}: it begins with {what}."
    return (
        f"{where}, layer {len(layers)} of {len(layers)} ({layers[-1]}): {people(seen[-2])} comes in, the network "
        f"ends in {what}."
    )


def _bridge(last: Shape, after: Shape) -> str:
    """What would lead from one shape to the other, in words."""
    tried: list[Layer] = []
    if len(last) == len(after) == 3:
        grown, shrunk = after[1] // last[1], last[1] // after[1]
        step = after[1] - last[1]
        tried = [Up(grown)] if grown > 1 else [Pool(shrunk)] if shrunk > 1 else []
        tried += [ConvT(after[0], 1 + step, padding="valid")] if step > 0 else []
        tried += [Conv(after[0], 1 - step, padding="valid")] if step < 0 else []
    for layer in tried:
        made = layer.shape(last)
        if made[1:] == after[1:]:
            return f"{layer} after it would fit" + ("" if made == after else f", and conv{after[0]} after that")
    return f"change its strides, padding or last layer so that both agree, or end in flatten dense{prod(after)}"


def closed(layers: list[Layer], before: Shape, after: Shape) -> list[Layer]:
    """A mirrored decoder whose last weights lead to `after`: a row, or a step of a series, is read wider than written.

    What recurrent layers give lies between -1 and 1; where one would be the last, a dense layer behind it brings its
    states to numbers of any size.
    """
    recurring = bool(layers) and isinstance(layers[-1], Recurring)
    if len(after) > 2 or (shapes(layers, before, "decoder")[-1] == after and not recurring):
        return layers
    while layers and isinstance(layers[-1], Alike | Reshape):
        layers = layers[:-1]
    seen = shapes(layers[:-1], before, "decoder")[-1]
    states = [replace(cast(Recurring, layers[-1]), size=seen[-1])] if recurring else []
    return [*layers[:-1], *states, Dense(prod(after[1:]) if len(seen) == 2 else prod(after))]  # step by step, or all
