"""What a model or a spelled network is made of, layer by layer: shapes, parameters, work, receptive field, memory."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from itertools import groupby
from math import prod
from typing import Any

from numpy.typing import NDArray

from ..errors import ParameterError
from ..nets import Spelled
from ..nets.anatomy import Row, dissect, pictured
from ..nets.layer import MOST, Shape, ordered
from . import insides


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
    of_model = hasattr(what, "build")
    inside = (
        insides.of_model(what, _shape(input), item)
        if of_model
        else insides.of_spelling(what, decoder, _shape(input), item)
    )
    found = list(dissect(inside.parts, inside.shape, batch, inside.x))
    beside = [Row("beside", name, (), count, 0, (), 0) for name, count in inside.beside.items()]
    return Anatomy(
        ordered(inside.shape),
        batch,
        (*(row for row, _ in found), *beside),
        tuple(a for _, a in found if a is not None),
        None if inside.x is None else pictured(inside.x),
    )


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
