"""The one dispatch on kinds of data: from what a sample is to an encoder, a decoder and a likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from ..errors import ParameterError
from ..parts import Bernoulli, Bottleneck, Columns, Likelihood, LogMSE, Normal, Steps, Tokens
from ..spec import Spec
from .default import NAMED, default, expanded
from .ending import closed, ended, opening
from .flat import Flatten
from .layer import Layer, Shape, people
from .memory import connect
from .network import Network
from .picture import Conv
from .reader import Reader, reader, told
from .spelling import Spelled, build, mirror, parse, shapes, spell
from .spread import Spread
from .writer import Writer, writer

PICTURES: dict[str, type[Likelihood]] = {"bernoulli": Bernoulli, "normal": Normal, "logmse": LogMSE}
LIKELIHOODS = ("auto", *PICTURES)
TEXTS = "embed128 lstm256"  # the reader and the writer that nobody spelled


@dataclass(frozen=True, slots=True)
class Networks:
    """An encoder, a decoder and a likelihood that fit each other, and how the two networks are spelled."""

    encoder: Network | Reader
    decoder: Network | Writer
    likelihood: Likelihood
    spelling: dict[str, str]


def pair(
    spec: Spec, bottleneck: Bottleneck, encoder: Spelled | None, decoder: Spelled | None, likelihood: str
) -> Networks:
    """Networks and likelihood for samples of `spec`.

    Parameters
    ----------
    spec
        What a sample is. Of a conditional model (`spec.classes`) the decoder reads a one-hot label behind the code.
    bottleneck
        Tells how many numbers the encoder gives and the decoder reads. Where it has positions, the code is a grid of
        entries: one for each pixel of the picture that the encoder ends in, and then `positions` is set to as many.
    encoder, decoder
        Spellings or lists of layers (see `nets`), a name (one of `default.NAMED`), or None: a good default, and the
        encoder's mirror. The last layer may be left out, and a decoder that begins with pictures is brought to the
        picture that the encoder ended in. A last `sigmoid` before a Bernoulli likelihood is taken into it, which is
        exact and stabler. Of texts the encoder is a `Reader`, the decoder a `Writer`, by default of the same layers.
    likelihood
        `auto`, or for pictures one of `PICTURES`; `auto` is `bernoulli` for black and white ones, else `normal`.
        A cross-entropy of grey values says little of how far off they are: a VAE of scikit-learn's digits restores 63 %
        of their variance with it, and 89 % with a normal likelihood (code of 16, default settings).

    Raises
    ------
    ParameterError
        A spelling does not fit the data, or the likelihood does not.
    """
    if spec.kind == "text":
        return _of_texts(spec, bottleneck, encoder, decoder, _likelihood(spec, likelihood))
    front, back = _front(spec), _likelihood(spec, likelihood)
    shape = (*spec.shape[:-1], front.width) if front else spec.shape
    down, picture = _encoder(spec, shape, bottleneck, encoder)
    numbers = bottleneck.features * max(1, bottleneck.positions)
    start = _start(picture, numbers)
    code = (numbers + spec.classes,)
    mirrored = decoder is None or (isinstance(decoder, str) and decoder.strip() in NAMED)
    if decoder is None:
        up = mirror(down, shape, "encoder")
    else:
        up = _parsed(decoder, shape, "decoder")
        up = mirror(ended(up, shape, (numbers,), "decoder"), shape, "decoder") if mirrored else up
    first = opening(up, code, start, free=mirrored or spec.classes > 0)
    begin = shapes(first, code, "decoder")[-1]
    if up and str(up[-1]) == "sigmoid":
        _whole(up, begin, spec)
        if isinstance(back, Bernoulli):
            up.pop()
    down, up = connect(down, shape, up, begin)
    up = [*first, *ended(closed(up, begin, spec.open) if mirrored else up, begin, spec.open, "decoder")]
    body = build(down, shape, "encoder")
    return Networks(
        Network(front, *body) if front else body,
        build(up, code, "decoder"),
        back,
        {"encoder": spell(down), "decoder": spell(up)},
    )


def _of_texts(
    spec: Spec, bottleneck: Bottleneck, encoder: Spelled | None, decoder: Spelled | None, likelihood: Likelihood
) -> Networks:
    read = reader(spec, TEXTS if encoder is None else encoder, bottleneck.in_features)
    mirrored = told(parse(read.spelling, "encoder"))
    write = writer(spec, mirrored if decoder is None else decoder, bottleneck.features + spec.classes, "decoder")
    return Networks(read, write, likelihood, {"encoder": read.spelling, "decoder": write.spelling})


def natural(spec: Spec, encoder: Spelled | None, grid: bool = False) -> int | None:
    """The size of the code of a spelled encoder that ends in a picture; None of any other.

    It is all its numbers, or of a `grid` of entries those of one: its channels.

    >>> natural(Spec("image", (1, 28, 28)), "conv16 relu pool2 conv8 pool2 conv4 pool2")
    64
    """
    if encoder is None or spec.kind != "image":
        return None
    last = shapes(_parsed(encoder, spec.shape, "encoder"), spec.shape, "encoder")[-1]
    return (last[0] if grid else prod(last)) if len(last) == 3 else None


def network(shape: Shape, end: int, spelled: Spelled | None = None, where: str = "critic") -> Network:
    """A network of its own from samples of `shape` to `end` numbers: the default for the shape, or the spelled one.

    The default is an encoder's, `leaky` in place of `silu`: what teaches a generator had better have a slope
    everywhere, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks" (Radford
    et al., 2016).

    >>> import torch
    >>> network((1, 28, 28), 1, "conv8:k4:s2 leaky")(torch.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 1])
    """
    layers = _parsed(default(shape).replace("silu", "leaky") if spelled is None else spelled, shape, where)
    if layers and str(layers[-1]) == "sigmoid":  # a critic is judged on logits
        layers = layers[:-1]
    return build(ended(layers, shape, (end,), where), shape, where)


def _parsed(given: Spelled, shape: Shape, where: str) -> list[Layer]:
    layers = parse(expanded(given, shape, where) if isinstance(given, str) else given, where)
    for i, layer in enumerate(layers, 1):
        if layer.reads == "tokens":
            raise ParameterError(
                f"{where}, layer {i} of {len(layers)} ({layer}): it reads tokens, whole numbers, and there are none; "
                "leave it out."
            )
    return layers


def _whole(up: list[Layer], begin: Shape, spec: Spec) -> None:
    """A decoder that was written to its last sigmoid is as it was meant; nothing is put behind it."""
    end = shapes(up, begin, "decoder")[-1]
    if prod(end) != prod(spec.open):
        raise ParameterError(
            f"decoder: its last sigmoid gives {people(end)} and an item is {people(spec.open)}; let the layer before "
            "it give as many numbers, or leave the sigmoid out."
        )


def _front(spec: Spec) -> Spread | None:
    return Spread(spec) if spec.kind in ("table", "series") else None


def _likelihood(spec: Spec, likelihood: str) -> Likelihood:
    match spec.kind:
        case "image":
            return PICTURES[("bernoulli" if spec.binary else "normal") if likelihood == "auto" else likelihood]()
        case _ if likelihood != "auto":
            raise ParameterError(
                f"likelihood={likelihood!r} is for pictures; columns and texts choose their own: 'auto'."
            )
        case "table":
            return Columns(spec)
        case "series":
            return Steps(spec)
        case "text":
            return Tokens()


def _encoder(
    spec: Spec, shape: Shape, bottleneck: Bottleneck, given: Spelled | None
) -> tuple[list[Layer], Shape | None]:
    """The encoder's layers, down to the numbers that the bottleneck reads, and the picture that it was spelled to."""
    layers = _parsed(default(shape, bottleneck.positions > 0) if given is None else given, shape, "encoder")
    seen, wanted = shapes(layers, shape, "encoder"), bottleneck.in_features
    if bottleneck.positions:
        if layers and isinstance(layers[-1], Flatten) and len(seen[-2]) == 3 and seen[-2][0] == wanted:
            layers, seen = layers[:-1], seen[:-1]  # a saved spelling, read again
        if len(seen[-1]) == 3:
            bottleneck.positions = prod(seen[-1][1:])
            narrow = [] if seen[-1][0] == wanted else [Conv(wanted, kernel=1)]
            return [*layers, *narrow, Flatten()], seen[-1]
        wanted *= bottleneck.positions
    picture = seen[-1] if len(seen[-1]) == 3 else None
    if picture and prod(picture) == wanted:
        return [*layers, Flatten()], picture
    if layers and isinstance(layers[-1], Flatten) and len(seen[-2]) == 3:
        picture = seen[-2]
    return ended(layers, shape, (wanted,), "encoder"), picture


def _start(picture: Shape | None, numbers: int) -> Shape | None:
    """The picture that `numbers` of a code are, with the sides of the one that the encoder ended in."""
    if picture is None:
        return None
    channels, rest = divmod(numbers, prod(picture[1:]))
    return picture if rest or not channels else (channels, *picture[1:])
