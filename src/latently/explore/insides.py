"""The networks of a model, or of a spelling, as parts to take apart: on the meta device, or with an item to follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from math import prod
from typing import Any, cast

import numpy as np
import torch
from sklearn import base
from torch import Tensor, nn

from ..data import open
from ..data.packed import as_float
from ..errors import InputError, ParameterError
from ..nets import Layer, Spelled, build, pair, parse, people, shapes
from ..nets.anatomy import Part
from ..nets.default import expanded
from ..nets.layer import Shape, ordered
from ..nets.memory import connect
from ..parts import Plain
from ..spec import Spec


@dataclass(frozen=True, slots=True)
class Insides:
    """The parts that an item of `shape` passes, one after the other, and the item `x` where there is one."""

    parts: Sequence[Part]
    shape: Shape
    x: Tensor | None = None  # (1, *shape)
    beside: Mapping[str, int] = field(default_factory=dict[str, int])  # weights that no item passes, such as a critic's


def of_spelling(encoder: Spelled, decoder: Spelled | None, shape: Shape | None, item: Any) -> Insides:
    """A spelled network, or two; with an item they have the weights that seed 0 gives."""
    if shape is None:
        raise ParameterError("anatomy: what a network reads has to be said; give input='28x28x1' or such.")
    x = None if item is None else _tensor(item, shape)
    with torch.random.fork_rng(devices=[]), torch.device("meta" if x is None else "cpu"):
        torch.manual_seed(0)
        parts = _spelled(encoder, decoder, shape)
    for part in parts:
        for module in part.modules:
            module.eval()
    return Insides(parts, shape, x)


def _tensor(item: Any, shape: Shape) -> Tensor:
    array = np.asarray(item, np.float32)
    wanted = ordered(shape)
    grey = wanted[:-1] if wanted[-1] == 1 else wanted
    if array.shape not in (wanted, grey, (1, *wanted), (1, *grey)):
        raise InputError(f"anatomy: the item has the shape {array.shape} and the network reads {people(shape)}.")
    x = torch.from_numpy(array.reshape(1, *wanted).copy())
    return x.movedim(-1, 1) if x.ndim == 4 else x


def _spelled(encoder: Spelled, decoder: Spelled | None, shape: Shape) -> list[Part]:
    if decoder is None:
        layers = _read(encoder, shape, "network")
        return [Part("network", layers, list(build(layers, shape, "network")))]
    down = _read(encoder, shape, "encoder")
    code = shapes(down, shape, "encoder")[-1]
    if len(shape) == 2 or any(layer.reads == "tokens" for layer in down):
        down, up = connect(down, shape, parse(decoder, "decoder"), code)
        pieces = ("encoder", down, shape), ("decoder", up, code)
        return [Part(where, layers, list(build(layers, s, where))) for where, layers, s in pieces]
    networks = pair(_spec(shape), Plain(prod(code)), encoder, decoder, "auto")
    both = {"encoder": networks.encoder, "decoder": networks.decoder}
    return [_part(name, network, networks.spelling[name]) for name, network in both.items()]


def _read(given: Spelled, shape: Shape, where: str) -> list[Layer]:
    return parse(expanded(given, shape, where) if isinstance(given, str) else given, where)


def _spec(shape: Shape) -> Spec:
    if len(shape) == 3:
        return Spec("image", shape)
    return Spec("table", shape[:1], (0,) * shape[0], (False,) * shape[0])


def _part(name: str, network: nn.Module, spelling: str) -> Part:
    """A network by its words, a table's `spread` before them; by its modules' names where words and modules differ."""
    modules = list(network.children()) if isinstance(network, nn.Sequential) else [network]
    words = parse(spelling, name)
    front = [type(m).__name__.lower() for m in modules[: max(0, len(modules) - len(words))]]
    layers: list[Layer | str] = [*front, *words]
    return Part(name, layers if len(layers) == len(modules) else [type(m).__name__.lower() for m in modules], modules)


def of_model(model: Any, shape: Shape | None, item: Any) -> Insides:
    """A fitted model's networks, or those that an unfitted one would build for samples of `shape`."""
    if "text" in model.reads:
        return _of_texts(model, item)
    module, spelling, known = _fitted(model, shape) if hasattr(model, "module_") else _planned(model, shape, item)
    if item is None:
        x, z = None, None
        module = module.to("meta")
    else:
        weight = next(module.parameters())
        x = as_float(model.codec_.pack(open(item)[:1])[:1]).to(weight.device, weight.dtype)
        z = _code(module, x)
    parts = [
        _part("encoder", module.encoder, spelling["encoder"]),
        Part("code", [type(module.bottleneck).__name__.lower()], [_Coding(module, z)]),
        _part("decoder", module.decoder, spelling["decoder"]),
    ]
    return Insides(parts, known, x, _beside(module))


def _of_texts(model: Any, item: Any) -> Insides:
    """The layers of a writer, through which each token passes after those before it; before them a reader's, if any."""
    if item is not None:
        raise InputError("anatomy: activations are shown of pictures and rows, not of texts; leave the item out.")
    if not hasattr(model, "module_"):
        raise ParameterError(
            f"anatomy: a {type(model).__name__} knows its network once it knows its vocabulary; fit it first."
        )
    shape, module = model.codec_.spec.shape, deepcopy(model.module_).eval().to("meta")
    write, writing = module.decoder, parse(module.decoder.spelling, "decoder")
    if not model.latent_:
        return Insides([Part("writer", writing, [write.embedding, *write.body, write.dense])], shape)
    read, reading = module.encoder, parse(module.encoder.spelling, "encoder")
    ends = 1 + len(read.body)
    parts = [
        Part("encoder", reading[:ends], [read.embedding, *read.body]),
        Part("encoder", ["max", *reading[ends:]], [_Largest(), *read.head]),
        Part("code", [type(module.bottleneck).__name__.lower()], [_Coding(module, None)]),
        Part("decoder", writing, [_Telling(write.embedding, shape[0]), *write.body, write.dense]),
    ]
    return Insides(parts, shape, None, _beside(module))


class _Largest(nn.Module):
    """Of the states after each token the largest, number by number, as `nets.Reader` takes them."""

    def forward(self, h: Tensor) -> Tensor:
        return h.amax(1)


class _Telling(nn.Module):
    """The first layer of a writer with a code: tokens as vectors, the code (B, D) behind each of them."""

    def __init__(self, embedding: nn.Module, length: int) -> None:
        super().__init__()
        self.embedding, self.length = embedding, length

    def forward(self, z: Tensor) -> Tensor:
        told = self.embedding(z.new_zeros(len(z), self.length))
        return torch.cat((told, z.unsqueeze(1).expand(-1, self.length, -1)), 2)


def _beside(module: nn.Module) -> dict[str, int]:
    """The weights that a model trains beside encoder, bottleneck and decoder, by what they are of."""
    counts = dict[str, int]()
    for place, child in module.named_children():
        for one in child if isinstance(child, nn.ModuleList) else [child]:
            count = sum(p.numel() for p in one.parameters())
            if count and place not in ("encoder", "bottleneck", "decoder"):
                name = type(one).__name__.lower()
                counts[name] = counts.get(name, 0) + count
    return counts


def _fitted(model: Any, shape: Shape | None) -> tuple[Any, dict[str, str], Shape]:
    known: Shape = model.codec_.spec.shape
    if shape not in (None, known):
        raise ParameterError(f"anatomy: input={people(shape or ())} was given and the model reads {people(known)}.")
    return deepcopy(model.module_).eval(), model.networks_, known


def _planned(model: Any, shape: Shape | None, item: Any) -> tuple[Any, dict[str, str], Shape]:
    if item is not None:
        raise InputError("anatomy: activations are those of a trained model; fit it first, or leave the item out.")
    if shape is None:
        raise ParameterError(
            "anatomy: a model that is not fitted does not know its data; give input='28x28x1' or such."
        )
    spec, planned = _spec(shape), cast(Any, base.clone(model))
    with torch.device("meta"):
        module = planned.build(spec, planned.latent or planned.code_size(spec))
    return module.eval(), planned.networks_, spec.shape


class _Coding(nn.Module):
    """What stands between encoder and decoder: the bottleneck, and behind the code the label of a conditional model."""

    def __init__(self, module: Any, z: Tensor | None) -> None:
        super().__init__()
        self.bottleneck = module.bottleneck
        self.width = self.bottleneck.features * max(1, self.bottleneck.positions) + module.classes
        self.z = z

    def forward(self, h: Tensor) -> Tensor:
        return h.new_empty(len(h), self.width) if self.z is None else self.z


@torch.no_grad()
def _code(module: Any, x: Tensor) -> Tensor:
    """What the decoder reads of an item."""
    code = module.encode(x)
    told = code.mean.new_zeros(1, module.classes)
    if module.classes:
        told[:, module.label(x, code)] = 1
    return torch.cat((code.mean, told), 1)
