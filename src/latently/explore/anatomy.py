"""What a model or a spelled network is made of, layer by layer: shapes, parameters, work, receptive field, memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from html import escape
from itertools import groupby
from math import prod
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn import base
from torch import nn

from ..data import open
from ..data.loader import Loader
from ..errors import InputError, ParameterError
from ..nets import Layer, Spelled, build, pair, parse, people, shapes
from ..nets.anatomy import Part, Row, dissect
from ..nets.default import expanded
from ..nets.layer import MOST, Shape, ordered
from ..nets.memory import connect
from ..parts import Bottleneck, Plain
from ..spec import Spec


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A network's layers, and what they come to.

    Parameters
    ----------
    input
        An item's shape, in people's order.
    batch
        Items in a batch, for the memory.
    rows
        One a layer: part, name, shape, parameters, multiply_adds, receptive_field, memory.
    activations
        With an item, each layer's output in people's order.
    item
        The item itself, as the first layer reads it.
    """

    input: Shape
    batch: int
    rows: tuple[Row, ...]
    activations: tuple[NDArray[Any], ...] = ()
    item: NDArray[Any] | None = None

    @property
    def parameters(self) -> int:
        """Weights and biases of all layers."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Of all layers, for one item."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def memory(self) -> int:
        """Bytes of all layers' outputs for the whole batch: what a training step has to keep."""
        return sum(row.memory for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it: `input`, `batch`, the totals, and `layers`, one dict each."""
        totals = {name: getattr(self, name) for name in ("parameters", "multiply_adds", "memory")}
        layers = [{**asdict(r), "shape": list(r.shape), "receptive_field": list(r.receptive_field)} for r in self.rows]
        return {"input": list(self.input), "batch": self.batch, **totals, "layers": layers}

    def table(self) -> list[tuple[str, ...]]:
        """The layers as text, a head first and a line of totals last."""
        total = max(1, self.multiply_adds)
        lines: list[tuple[str, ...]] = [
            ("layer", "output", "parameters", "multiply-adds", "share", "receptive field", "memory")
        ]
        lines.append(("input", _written(self.input), "", "", "", "", size(_bytes(self.input, self.batch))))
        for part, rows in groupby(self.rows, key=lambda r: r.part):
            lines.append((part, *[""] * 6))
            for r in rows:
                share = f"{r.multiply_adds / total:.1%}" if r.multiply_adds else ""
                lines.append(
                    (
                        f"  {r.name}",
                        _written(r.shape),
                        f"{r.parameters:,}" if r.parameters else "",
                        f"{r.multiply_adds:,}" if r.multiply_adds else "",
                        share,
                        _written(r.receptive_field),
                        size(r.memory),
                    )
                )
        lines.append(("total", "", f"{self.parameters:,}", f"{self.multiply_adds:,}", "", "", size(self.memory)))
        return lines

    def __str__(self) -> str:
        table = self.table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        left = (0, 1, 5)
        return "\n".join(
            "  ".join(
                cell.ljust(w) if i in left else cell.rjust(w)
                for i, (cell, w) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in table
        )

    def _repr_html_(self) -> str:
        head, *body = self.table()
        rows = ["".join(f"<td style='white-space:pre'>{escape(cell)}</td>" for cell in line) for line in body]
        top = "".join(f"<th>{cell}</th>" for cell in head)
        return f"<table><tr>{top}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def anatomy(
    what: Any,
    input: str | Sequence[int] | None = None,
    decoder: Spelled | None = None,
    item: Any = None,
    batch: int = 1,
) -> Anatomy:
    """What a model or a spelled network is made of, layer by layer.

    Nothing of a batch's size is allocated: a network for pictures of 1920 x 1080 is listed in a moment.

    Parameters
    ----------
    what
        A model, fitted or not, or a network: a spelling, a name (`residual`, `unet`), a list of layers.
    input
        An item's shape, `"28x28x1"` or `(28, 28, 1)`: height x width x channels, steps x features, or numbers. Of a
        fitted model it is known.
    decoder
        Of a network: a second one, which reads what the first makes, with what may be left out of a spelling put in.
    item
        An item whose activations are asked for: of a model anything `latently.open` takes, whose first item it is; of
        a network an array of the shape `input`, which passes weights as they are before training (seed 0).
    batch
        Items in a batch, for the memory.

    Raises
    ------
    ParameterError
        A layer does not fit what comes in, or `input` is no shape.
    InputError
        The item is not of the shape `input`, or an unfitted model was given one.

    Examples
    --------
    >>> found = anatomy("conv16:valid elu flatten dense32", input="28x28x1")
    >>> found.parameters, found.rows[0].shape
    (346304, (26, 26, 16))
    >>> print(anatomy("dense32 relu", decoder="dense784 sigmoid", input=(28, 28, 1)))  # doctest: +ELLIPSIS
    layer ...
    total                            50,992         50,176 ...
    """
    if isinstance(batch, bool) or not 1 <= batch <= MOST:
        raise ParameterError(f"anatomy: batch={batch!r} is not allowed; it is a whole number, at least 1.")
    if hasattr(what, "build"):
        return _of_model(what, _shape(input), item, batch)
    inside = _shape(input)
    if inside is None:
        raise ParameterError("anatomy: what a network reads has to be said; give input='28x28x1' or such.")
    x = None if item is None else _tensor(item, inside)
    with torch.random.fork_rng(devices=[]), torch.device("meta" if x is None else "cpu"):
        torch.manual_seed(0)
        parts = _parts(what, decoder, inside)
    for part in parts:
        for module in part.modules:
            module.eval()
    return _listed(parts, inside, batch, x)


def _listed(parts: Sequence[Part], shape: Shape, batch: int, x: torch.Tensor | None) -> Anatomy:
    found = list(dissect(parts, shape, batch, x))
    kept = tuple(a for _, a in found if a is not None)
    item = None if x is None else (x[0].movedim(0, -1) if x.ndim == 4 else x[0]).cpu().numpy()
    return Anatomy(ordered(shape), batch, tuple(row for row, _ in found), kept, item)


def _shape(input: str | Sequence[int] | None) -> Shape | None:
    """A person's shape as tensors have it: (C, H, W) of a picture."""
    if input is None:
        return None
    sides = tuple(re.split(r"\s*[x×,]\s*", input.strip())) if isinstance(input, str) else tuple(input)
    try:
        numbers = tuple(int(side) for side in sides)
    except (TypeError, ValueError):
        numbers = ()
    if not 1 <= len(numbers) <= 3 or min(numbers) < 1 or prod(numbers) > MOST:
        raise ParameterError(
            f"anatomy: input={input!r} is no shape; give height x width x channels as in '28x28x1', steps x features "
            "as in '12x8', or one number."
        )
    return (numbers[2], *numbers[:2]) if len(numbers) == 3 else numbers


def _tensor(item: Any, shape: Shape) -> torch.Tensor:
    array = np.asarray(item, np.float32)
    if array.shape not in (ordered(shape), (1, *ordered(shape))) and array.size != prod(shape):
        raise InputError(f"anatomy: the item has the shape {array.shape} and the network reads {people(shape)}.")
    x = torch.from_numpy(array.reshape(1, *ordered(shape)).copy())
    return x.movedim(-1, 1) if x.ndim == 4 else x


def _parts(encoder: Spelled, decoder: Spelled | None, shape: Shape) -> list[Part]:
    """A spelled network, or two, on the device of the context."""
    if decoder is None:
        layers = _read(encoder, shape, "network")
        return [Part("network", layers, list(build(layers, shape, "network")))]
    down = _read(encoder, shape, "encoder")
    code = shapes(down, shape, "encoder")[-1]
    if len(shape) == 2 or any(layer.reads == "tokens" for layer in down):
        down, up = connect(down, shape, parse(decoder, "decoder"), code)
        pieces = ("encoder", down, shape), ("decoder", up, code)
        return [Part(where, layers, list(build(layers, s, where))) for where, layers, s in pieces]
    flat = (0,) * shape[0], (False,) * shape[0]
    spec = Spec("image", shape) if len(shape) == 3 else Spec("table", shape, *flat)
    networks = pair(spec, Plain(prod(code)), encoder, decoder, "auto")
    return _pair_parts(networks.encoder, None, networks.decoder, networks.spelling)


def _read(given: Spelled, shape: Shape, where: str) -> list[Layer]:
    return parse(expanded(given, shape, where) if isinstance(given, str) else given, where)


def _pair_parts(encoder: nn.Module, between: Part | None, decoder: nn.Module, spelling: dict[str, str]) -> list[Part]:
    first = _part("encoder", encoder, spelling["encoder"])
    return [first, *([between] if between else []), _part("decoder", decoder, spelling["decoder"])]


def _part(name: str, network: nn.Module, spelling: str) -> Part:
    """A model's network by its words; where they are not one a module, by the modules' own names."""
    modules = list(network.children()) if isinstance(network, nn.Sequential) else [network]
    layers: list[Layer | str] = [*parse(spelling, name)]
    front = [type(m).__name__.lower() for m in modules[: len(modules) - len(layers)]]
    layers = [*front, *layers]
    return Part(name, layers if len(layers) == len(modules) else [type(m).__name__.lower() for m in modules], modules)


class _Coding(nn.Module):
    """What stands between encoder and decoder: a bottleneck, and room for a label behind the code."""

    def __init__(self, bottleneck: Bottleneck, classes: int) -> None:
        super().__init__()
        self.bottleneck, self.classes = bottleneck, classes

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        if h.is_meta:  # what a bottleneck does may depend on the numbers, and there are none
            z = h.new_empty(len(h), self.bottleneck.features * max(1, self.bottleneck.positions))
        else:
            z: torch.Tensor = self.bottleneck(h).mean
        return torch.cat((z, z.new_zeros(len(z), self.classes)), 1) if self.classes else z


def _of_model(model: Any, shape: Shape | None, item: Any, batch: int) -> Anatomy:
    fitted = hasattr(model, "module_")
    if item is not None and not fitted:
        raise InputError("anatomy: activations are those of a trained model; fit it first, or leave the item out.")
    if not fitted and shape is None:
        raise ParameterError(
            "anatomy: a model that is not fitted does not know its data; give input='28x28x1' or such."
        )
    spec: Spec = model.codec_.spec if fitted else _spec(shape)
    if fitted and shape not in (None, spec.shape):
        raise ParameterError(
            f"anatomy: input={people(shape or ())} was given and the model reads {people(spec.shape)}."
        )
    latent = model.latent_ if fitted else None
    x, source, module = None, model, cast(Any, None)
    if item is not None:
        module, weight = model.module_, next(model.module_.parameters())
        x = next(Loader(model.codec_.pack(open(item)[:1])).ordered()).to(weight.device, weight.dtype)
    else:
        source = cast(Any, base.clone(model))
        with torch.device("meta"):
            module = source.build(spec, latent or source.latent or min(16, max(1, spec.width // 2)))
    found = _listed(_model_parts(module.eval(), source.networks_, spec), spec.shape, batch, x)
    return replace(found, rows=(*found.rows, *_beside(module)))


def _model_parts(module: Any, spelling: dict[str, str], spec: Spec) -> list[Part]:
    bottleneck: Bottleneck = module.bottleneck
    between = Part("code", [type(bottleneck).__name__.lower()], [_Coding(bottleneck, spec.classes)])
    return _pair_parts(module.encoder, between, module.decoder, spelling)


def _beside(module: nn.Module) -> list[Row]:
    """What a model has beside encoder, code and decoder and trains too, such as an adversary."""
    others = [(name, m) for name, m in module.named_children() if name not in ("encoder", "bottleneck", "decoder")]
    counts = [(name, sum(p.numel() for p in m.parameters())) for name, m in others]
    return [Row("beside", name, (), count, 0, (), 0) for name, count in counts if count]


def _spec(shape: Shape | None) -> Spec:
    assert shape is not None
    if len(shape) == 3:
        return Spec("image", shape)
    return Spec("table", shape[:1], (0,) * shape[0], (False,) * shape[0])


def _bytes(shape: Shape, batch: int) -> int:
    return 4 * batch * prod(shape)


def size(number: int) -> str:
    """Bytes as people write them.

    >>> size(3_211_264)
    '3.1 MiB'
    """
    value, units = float(number), ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:.0f} {units[0]}" if units[0] == "B" else f"{value:.1f} {units[0]}"


def _written(shape: Shape) -> str:
    return " x ".join(map(str, shape)) if len(shape) > 1 else "".join(f"{n:,}" for n in shape)
