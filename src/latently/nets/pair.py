"""The one dispatch on kinds of data: from what a sample is to an encoder, a decoder and a likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from ..errors import ParameterError
from ..parts import Bernoulli, Bottleneck, Columns, Likelihood, Normal
from ..spec import Spec
from .layers import Dense, Flatten, Layer, Same, Shape
from .spelling import build, mirror, parse, shapes, spell

LIKELIHOODS = ("auto", "bernoulli", "normal")


@dataclass(frozen=True, slots=True)
class Networks:
    """An encoder, a decoder and a likelihood that fit each other, and how the two networks are spelled."""

    encoder: nn.Module
    decoder: nn.Module
    likelihood: Likelihood
    spelling: dict[str, str]


class Spread(nn.Module):
    """A table's row (B, F) as the encoder reads it (B, width): numbers, flags of missing ones, one-hot categories."""

    numbers: Tensor
    flagged: Tensor
    categories: Tensor
    starts: Tensor

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        numbers = [j for j, k in enumerate(spec.levels) if not k]
        categories = [j for j, k in enumerate(spec.levels) if k]
        starts, total = list[int](), 0
        for j in categories:
            starts.append(total)
            total += spec.levels[j]
        flagged = [j for j in numbers if spec.missing[j]]
        self.hot, self.width = total, len(numbers) + len(flagged) + total
        for name, index in {"numbers": numbers, "flagged": flagged, "categories": categories, "starts": starts}.items():
            self.register_buffer(name, torch.tensor(index, dtype=torch.long), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        parts = [x[:, self.numbers].nan_to_num(0.0), x[:, self.flagged].isnan().to(x.dtype)]
        if self.hot:
            chosen = x[:, self.categories]
            known = (~chosen.isnan()).to(x.dtype)
            index = chosen.nan_to_num(0.0).long() + self.starts
            parts.append(x.new_zeros(len(x), self.hot).scatter_add(1, index, known))
        return torch.cat(parts, 1)


def pair(spec: Spec, bottleneck: Bottleneck, encoder: str | None, decoder: str | None, likelihood: str) -> Networks:
    """Networks and likelihood for samples of `spec`.

    Parameters
    ----------
    spec
        What a sample is.
    bottleneck
        Tells how many numbers the encoder gives and the decoder reads.
    encoder, decoder
        Spellings (see `nets.layers`), or None: a good default, and the encoder's mirror. The last layer may be left
        out; a last `sigmoid` before a Bernoulli likelihood is taken into it, which is exact and stabler.
    likelihood
        `auto`, or for pictures `bernoulli` or `normal`; `auto` is `bernoulli` for black and white ones, else `normal`.
        A cross-entropy of grey values says little of how far off they are: a VAE of scikit-learn's digits restores 63 %
        of their variance with it, and 89 % with a normal likelihood (code of 16, default settings).

    Raises
    ------
    ParameterError
        A spelling does not fit the data, or the likelihood does not.
    """
    match spec.kind:
        case "image":
            bernoulli = spec.binary if likelihood == "auto" else likelihood == "bernoulli"
            front, back = None, Bernoulli() if bernoulli else Normal()
            shape_in = shape_out = spec.shape
        case "table" if likelihood == "auto":
            front, back = Spread(spec), Columns(spec)
            shape_in, shape_out = (front.width,), (back.width,)
        case _:
            raise ParameterError(
                f"likelihood={likelihood!r} is for pictures; a table's columns choose their own: 'auto'."
            )
    down = _ending(
        parse(default(spec.shape) if encoder is None else encoder, "encoder"),
        shape_in,
        (bottleneck.in_features,),
        "encoder",
    )
    code = (bottleneck.features,)
    mirrored = decoder is None
    up = _closing(mirror(down, shape_in, "encoder"), code, shape_out) if mirrored else parse(decoder, "decoder")
    if isinstance(back, Bernoulli) and up and str(up[-1]) == "sigmoid":
        up.pop()
    up = _ending(up, code, shape_out, "decoder")
    body = build(down, shape_in, "encoder")
    return Networks(
        nn.Sequential(front, *body) if front else body,
        build(up, code, "decoder"),
        back,
        {"encoder": spell(down), "decoder": spell(up)},
    )


def default(shape: Shape) -> str:
    """The encoder for samples of this shape when none is spelled.

    Small pictures and rows: two dense layers. Pictures of 16 pixels and more on both sides: convolutions of stride 2
    until a side is below 8.

    >>> default((1, 28, 28))
    'conv16:k4:s2 silu conv32:k4:s2 silu flatten dense256 silu'
    """
    if len(shape) == 1:
        return "dense128 silu dense128 silu"
    side, channels, words = min(shape[1:]), 16, list[str]()
    while side >= 16 or (words and side >= 8):
        words.append(f"conv{channels}:k4:s2 silu")
        side, channels = -(-side // 2), min(2 * channels, 128)
    return " ".join([*words, "flatten dense256 silu"]) if words else "dense256 silu dense256 silu"


def _ending(layers: list[Layer], before: Shape, after: Shape, where: str) -> list[Layer]:
    """`layers`, completed so that they end in `after`: the last layer may have been left out."""
    last = shapes(layers, before, where)[-1]
    if last == after:
        return layers
    if len(after) == 3 and prod(last) == prod(after) and len(last) == 1:
        return [*layers, Flatten().mirror(after)]
    if len(after) == 3 and len(last) == 3:
        raise ParameterError(
            f"{where}: {spell(layers)!r} ends in {last[1]} x {last[2]} x {last[0]} and the data are "
            f"{after[1]} x {after[2]} x {after[0]}; change its strides, padding or last layer so that both agree."
        )
    return [*layers, Dense(prod(after)), *([Flatten().mirror(after)] if len(after) == 3 else [])]


def _closing(layers: list[Layer], before: Shape, after: Shape) -> list[Layer]:
    """A mirrored decoder whose last weights lead to `after`: a table's row is read wider than it is written."""
    if shapes(layers, before, "decoder")[-1] == after:
        return layers
    while layers and isinstance(layers[-1], Same):
        layers = layers[:-1]
    return [*layers[:-1], Dense(prod(after))] if len(after) == 1 else layers
