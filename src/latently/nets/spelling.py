"""Spellings: from words to layers, and from layers to networks that fit, or a sentence that says where they do not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from math import prod

import torch

from ..errors import ParameterError
from .flat import Activation, Alike, Dense, Drop, Flatten, Norm, Reshape
from .layer import MOST, Layer, Shape, declared, people, read
from .network import Network
from .picture import Add, Conv, ConvT, Join, Keep, Nails, Pool, Res, Unpool, Up
from .sequence import GRU, LSTM, Embed
from .start import begin

LAYERS: tuple[type[Layer], ...] = (
    *(Dense, Conv, ConvT, Pool, Up, Nails, Unpool, Flatten, Reshape, Drop, Norm, Activation),
    *(Res, Keep, Join, Add, Embed, LSTM, GRU),
)
WORDS: dict[str, type[Layer]] = {
    word: cls for cls in LAYERS for word in ((cls.word,) if cls.word else declared(cls)["name"].words)
}
KNOWN = ", ".join(cls.example if cls.word else ", ".join(declared(cls)["name"].words) for cls in LAYERS)
_WORD = re.compile(r"([a-z]+?)(-?[\d.][\d.x-]*)?((?::[^:]+)*)$")

Spelled = str | Sequence[Layer]


def parse(spelling: Spelled, where: str = "network") -> list[Layer]:
    """A spelling as layers; a list of layers as it is.

    Parameters
    ----------
    spelling
        Words separated by blanks, as in `KNOWN`; or layers.
    where
        What is spelled, for the error.

    Raises
    ------
    ParameterError
        A word is not known, lacks its size, or has one that is out of bounds.

    Examples
    --------
    >>> [str(layer) for layer in parse("conv8:k4:s2 relu flatten dense32")]
    ['conv8:k4:s2:same', 'relu', 'flatten', 'dense32']
    >>> parse("dence32")
    Traceback (most recent call last):
    ...
    latently.errors.ParameterError: network, word 1: 'dence32' is not a layer; did you mean dense, as in dense32?
    """
    if not isinstance(spelling, str):
        return [_checked(layer, i, where) for i, layer in enumerate(spelling, 1)]
    layers: list[Layer] = []
    for i, word in enumerate(spelling.split(), 1):
        shown = word if len(word) <= 60 else f"{word[:56]}…"
        letters = re.findall(r"^[a-z]*", word.lower())[0]
        found = _WORD.match(word)
        if found is None or found[1] not in WORDS:
            said = _nearest(letters)
            hint = f"did you mean {said}?" if said else f"a layer is spelled like {KNOWN}."
            raise ParameterError(f"{where}, word {i}: {shown!r} is not a layer; {hint}")
        try:
            layers.append(read(WORDS[found[1]], found[1], found[2], found[3].split(":")[1:]))
        except ValueError as error:
            raise ParameterError(f"{where}, word {i}: {shown!r} is not a layer: {error}.") from error
    return layers


def _checked(layer: object, i: int, where: str) -> Layer:
    if not isinstance(layer, Layer):
        raise ParameterError(
            f"{where}, layer {i}: {layer!r} is not a layer; give layers such as nets.Conv(16, kernel=3), or a text of "
            "words such as 'conv16:k3 relu'."
        )
    return layer


def _nearest(letters: str) -> str | None:
    for word in get_close_matches(letters, WORDS, n=1):
        example = WORDS[word].example if WORDS[word].word else word
        return word if word == example else f"{word}, as in {example}"
    return None


def spell(layers: Iterable[Layer]) -> str:
    """Layers as a spelling; `parse` reads it back."""
    return " ".join(map(str, layers))


def spelled(value: Spelled | None) -> str | None:
    """What was given as a network, as text: a spelling as it is, a list of layers as their words, None as None.

    >>> spelled([Conv(16, kernel=5), Activation("relu")])
    'conv16:k5:s1:same relu'
    """
    return value if value is None or isinstance(value, str) else spell(parse(value))


def shapes(layers: Sequence[Layer], shape: Shape, where: str, total: int | None = None) -> list[Shape]:
    """The shape before each layer, and after the last; `total` where they are only the first of so many.

    Raises
    ------
    ParameterError
        A layer does not fit what comes in, or makes more of it than any memory holds: says which one, with the shape.
    """
    found = [shape]
    for i, layer in enumerate(layers, 1):
        try:
            if layer.reads == "tokens" and i > 1:
                raise ValueError("it reads tokens, whole numbers, and has to be the first layer")
            after = layer.shape(found[-1])
            if prod(after) > MOST:
                raise ValueError(f"it would make {people(after)}, {prod(after):,} numbers of each item; {_SMALLER}")
        except ValueError as error:
            raise misfit(layer, i, total or len(layers), found[-1], where, str(error)) from error
        found.append(after)
    return found


_SMALLER = f"at most {MOST:,} are possible, choose a smaller size"


def misfit(layer: Layer, i: int, total: int, before: Shape, where: str, why: str) -> ParameterError:
    """The error that says at which layer, from 1, a network does not fit, and why."""
    return ParameterError(
        f"{where}, layer {i} of {total} ({layer}): {people(before)} comes in, and it does not fit: {why}."
    )


def build(layers: Sequence[Layer], shape: Shape, where: str) -> Network:
    """The network for samples of `shape`, with the weights of `start.begin`."""
    before = shapes(layers, shape, where)[:-1]
    for i, (layer, comes) in enumerate(zip(layers, before, strict=True), 1):
        if (weights := parameters(layer, comes)) > MOST:
            raise misfit(layer, i, len(layers), comes, where, f"it would have {weights:,} weights; {_SMALLER}")
    network = Network(*(layer.module(s) for layer, s in zip(layers, before, strict=True)))
    begin(network)
    return network


def parameters(layer: Layer, before: Shape) -> int:
    """How many weights a layer has for what comes in, counted without allocating them.

    >>> parameters(Dense(32), (784,))
    25120
    """
    with torch.device("meta"):
        try:
            return sum(p.numel() for p in layer.module(before).parameters())
        except (RuntimeError, OverflowError):  # more bytes than a 64-bit number counts
            return 2**63


def mirror(layers: Sequence[Layer], shape: Shape, where: str) -> list[Layer]:
    """The layers that lead back from the output to `shape`, activations in their mirrored places.

    >>> spell(mirror(parse("conv8:k4:s2 relu dense32"), (1, 7, 7), "encoder"))
    'dense128 reshape4x4x8 relu convt1:k4:s2:same:to7x7'
    """
    back: list[Layer] = []
    for layer, before in zip(reversed(layers), reversed(shapes(layers, shape, where)[:-1]), strict=True):
        back.append(layer.mirror(before))
        if isinstance(layer, Dense) and len(before) == 3:
            back.append(Flatten().mirror(before))
    while back and isinstance(back[0], Alike) and back[0].reads == "anything":  # an activation is already in the code
        back.pop(0)
    return back
