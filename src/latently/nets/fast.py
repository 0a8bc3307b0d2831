"""What stands in a row of a network's modules, computed in another form that is quicker and gives the same result.

`FORMS` is the one table: a row of modules, whether the form suits them, whether it pays for what comes in, and how it
is computed. Forms read the modules' own parameters when they run, so that nothing of a network changes: its
parameters, their names, its spelling, its anatomy. What no form matches is called as it is, and so is a module with
hooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import takewhile
from typing import Any, cast
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules import module as registry

from ..quick import LARGE, computed
from .convolution import Geometry, Pair, convolve, folds, reach
from .sides import Sides

Call = Callable[[nn.Module, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Form:
    """A quicker form of some modules in a row.

    Parameters
    ----------
    name
        How it is called in tests and measurements.
    row
        The modules' types, exactly: a subclass may compute something else.
    suits
        Of the modules: whether their settings allow the form. Asked once.
    pays
        Of what comes in and the modules: whether it pays. Asked each time.
    run
        Of what comes in and the modules: the result.
    overwrites
        Whether it writes over what comes in: then it is taken only where nobody else holds that.
    fresh
        Whether nobody else holds its result, autograd included.
    """

    name: str
    row: tuple[tuple[type[nn.Module], ...], ...]
    suits: Callable[..., bool]
    pays: Callable[..., bool]
    run: Callable[..., Tensor]
    overwrites: bool = False
    fresh: bool = True

    def matches(self, modules: Sequence[nn.Module]) -> bool:
        """Whether the first of `modules` are such a row."""
        here = modules[: len(self.row)]
        alike = len(here) == len(self.row) and all(type(m) in kinds for m, kinds in zip(here, self.row, strict=True))
        return alike and self.suits(*here)


@dataclass(frozen=True, slots=True)
class Step:
    """A module where a row may begin: those from here on, as many as the longest form has, and the forms that match."""

    modules: tuple[nn.Module, ...]
    forms: tuple[Form, ...]
    fresh: bool  # whether nobody else holds the module's own result


Seen = list[tuple[nn.Module, bool]]  # modules in their order, and whether they have no hooks

_found: WeakKeyDictionary[nn.Module, tuple[Seen, tuple[Step, ...]]] = WeakKeyDictionary()


def steps(network: nn.Sequential) -> tuple[Step, ...]:
    """Each module that a network calls, with the forms of the row that begins there, the longest first.

    The modules of networks inside it stand in their place. Found once, and again whenever modules or hooks change.
    """
    watched = bool(cast(Any, registry)._has_any_global_hook())
    now: Seen = []
    _look(network, (nn.Sequential, type(network)), watched, now)
    before, found = _found.get(network, (None, ()))
    if now != before:
        found = tuple(_step(now[i : i + LONGEST]) for i in range(len(now)))
        _found[network] = now, found
    return found


def _look(network: Iterable[nn.Module], containers: tuple[type[nn.Module], ...], watched: bool, now: Seen) -> None:
    """Adds what a network calls to `now`; a loop without calls, for it runs before every pass: 1 us a module."""
    for module in network:
        at = cast(dict[str, object], module.__dict__)
        hooked = at["_forward_hooks"] or at["_forward_pre_hooks"] or at["_backward_hooks"] or at["_backward_pre_hooks"]
        free = not (watched or hooked or "forward" in at)
        if free and type(module) in containers:
            _look(cast(Iterable[nn.Module], module), containers, watched, now)
        else:
            now.append((module, free))


def _step(seen: Seen) -> Step:
    row = [module for module, _ in takewhile(lambda one: one[1], seen)]
    forms = sorted((form for form in FORMS if form.matches(row)), key=lambda form: -len(form.row))
    return Step(tuple(row or [seen[0][0]]), tuple(forms), bool(row) and type(row[0]) in MAKERS)


def walk(steps: Sequence[Step], x: Tensor, call: Call, taken: list[str] | None = None) -> Tensor:
    """x through all of `steps`: by the first form that pays, else by `call`; the forms' names are put into `taken`."""
    own, i = False, 0  # own: whether nobody but this loop holds x
    while i < len(steps):
        step = steps[i]
        for form in step.forms:
            row = step.modules[: len(form.row)]
            if (own or not form.overwrites) and form.pays(x, *row):
                x, own = form.run(x, *row), form.fresh
                i += len(row)
                if taken is not None:
                    taken.append(form.name)
                break
        else:
            x, own = call(step.modules[0], x), step.fresh
            i += 1
    return x


def _many(x: Tensor, *_: nn.Module) -> bool:
    return computed(x) and x.numel() >= LARGE


def _always(*_: object) -> bool:
    return True


# Curves that rise everywhere: the largest of a window stays the largest. All find their slope from their result, so
# that they may write it over what comes in.
RISING: dict[type[nn.Module], Callable[[Any, Tensor], Tensor]] = {
    nn.ReLU: lambda _, x: torch.relu_(x),
    nn.ELU: lambda curve, x: F.elu_(x, curve.alpha),
    nn.LeakyReLU: lambda curve, x: F.leaky_relu_(x, curve.negative_slope),
    nn.Tanh: lambda _, x: torch.tanh_(x),
    nn.Sigmoid: lambda _, x: torch.sigmoid_(x),
}
MAKERS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.MaxPool2d)  # make what comes out anew, and do not keep it


def _over(x: Tensor, curve: nn.Module) -> Tensor:
    return RISING[type(curve)](curve, x)


def _pools(curve: Any, pool: Any) -> bool:
    return _rises(curve) and not pool.return_indices


def _pool_first(x: Tensor, curve: nn.Module, pool: nn.Module) -> Tensor:
    return _over(pool(x), curve)


def _silent(x: Tensor, _: nn.Module) -> bool:
    return not (torch.is_grad_enabled() and x.requires_grad)


def _silu(x: Tensor, _: nn.Module) -> Tensor:
    return F.silu(x, inplace=True)


def _rises(curve: Any, *_: nn.Module) -> bool:
    """A slope or a scale below 0 can be set from outside, and would turn the curve around."""
    return getattr(curve, "negative_slope", 1) > 0 and getattr(curve, "alpha", 1) > 0


# --- convolutions -----------------------------------------------------------------------------------------------------


def _ordinary(conv: Any, *_: nn.Module) -> bool:
    """No groups, no dilation, zeros around the picture, as many on both sides."""
    simple = conv.groups == 1 and conv.dilation == (1, 1) and conv.padding_mode == "zeros"
    return simple and (conv.padding != "same" or all(k % 2 for k in conv.kernel_size))


def _margins(conv: Any) -> Pair:
    """The zeros around a picture, as numbers."""
    (k, m), named = conv.kernel_size, {"same": True, "valid": False}
    return (k // 2 * named[conv.padding], m // 2 * named[conv.padding]) if conv.padding in named else conv.padding


def _geometry(conv: Any) -> Geometry:
    return Geometry(conv.stride, _margins(conv), conv.output_padding, conv.transposed)


def _convolved(x: Tensor, conv: Any) -> Tensor:
    return convolve(x, conv.weight, conv.bias, _geometry(conv))


def _turnable(conv: Any) -> bool:
    """Whether a transposed convolution with as much padding as is left of the kernel, k - 1 - p, is the same."""
    inside = _ordinary(conv) and all(p < k for p, k in zip(_margins(conv), conv.kernel_size, strict=True))
    return inside and conv.stride == (1, 1)


def _turns(conv: Any) -> bool:
    weight = conv.weight.transpose(0, 1)
    return _turnable(conv) and min(conv.kernel_size) > 1 and folds(weight, Geometry(transposed=True))


def _turned(x: Tensor, conv: Any) -> Tensor:
    """A convolution to one channel as the transposed one of the kernel turned by half."""
    (k, m), (p, q) = conv.kernel_size, _margins(conv)
    weight = conv.weight.flip(2, 3).transpose(0, 1)
    return convolve(x, weight, conv.bias, Geometry(padding=(k - 1 - p, m - 1 - q), transposed=True))


def _enlarges(up: Any, conv: Any) -> bool:
    whole = up.mode == "nearest" and isinstance(up.scale_factor, float) and up.scale_factor.is_integer()
    square = conv.kernel_size[0] == conv.kernel_size[1] and conv.output_padding == (0, 0)
    return whole and square and _turnable(conv)


def _spread(x: Tensor, up: Any, conv: Any) -> Tensor:
    """Each pixel repeated in an s x s window and then convolved: one transposed convolution of the small picture.

    Its kernel is the sum of the convolution's, turned by half, at all s * s places, and its stride is s: 16 products a
    pixel instead of 36 where s = 2 and k = 3, and no large picture between them.
    """
    s, k, (p, q) = int(up.scale_factor), conv.kernel_size[0], _margins(conv)
    sums = spreading(k, s, not conv.transposed, conv.weight.dtype)
    weight = (conv.weight.flatten(2) @ sums).unflatten(2, (k + s - 1,) * 2)
    if not conv.transposed:
        weight, p, q = weight.transpose(0, 1), k - 1 - p, k - 1 - q
    return convolve(x, weight, conv.bias, Geometry((s, s), (p, q), transposed=True))


@lru_cache(maxsize=16)
def spreading(kernel: int, scale: int, turned: bool, dtype: torch.dtype) -> Tensor:
    """Which weights of a k x k kernel are summed in each of one of k + s - 1: (k * k, (k + s - 1)^2) of 0 and 1."""
    with torch.inference_mode(False):  # kept for other calls, which may learn
        at, place = (torch.arange(size, device="cpu") for size in (kernel, kernel + scale - 1))
        place = place - (at.flip(0) if turned else at).unsqueeze(1)
        along = ((place >= 0) & (place < scale)).to(dtype)
        return torch.kron(along, along)


def _cutting(x: Tensor, conv: Any, sides: Sides) -> bool:
    beyond = _beyond(x, conv, sides)  # a stride or more costs more products than are saved
    return _many(x) and max(beyond) > 0 <= min(beyond) and all(b < s for b, s in zip(beyond, conv.stride, strict=True))


def _beyond(x: Tensor, conv: Any, sides: Sides) -> list[int]:
    """Rows and columns that a transposed convolution makes beyond the sides."""
    made = map(reach, x.shape[2:], conv.kernel_size, conv.stride, conv.padding, conv.output_padding)
    return [m - s for m, s in zip(made, sides.sides, strict=True)]


def _uncut(x: Tensor, conv: Any, sides: Sides) -> Tensor:
    """What would be cut off at the end is not made: zeros before the kernel move all of it, and padding cuts evenly."""
    (down, across), (p, q) = _beyond(x, conv, sides), conv.padding
    weight = F.pad(conv.weight, (across, 0, down, 0))
    return convolve(x, weight, conv.bias, Geometry(conv.stride, (p + down, q + across), conv.output_padding, True))


# --- vectors to pictures and back -------------------------------------------------------------------------------------


def _whole(flatten: Any, *_: nn.Module) -> bool:
    return flatten.start_dim == 1 and flatten.end_dim == -1


def _last(x: Tensor, _: nn.Module, linear: Any) -> bool:
    """Whether a picture has its channels last, and turning the weights costs less than turning the pictures."""
    ordered = x.ndim == 4 and x.shape[1] > 1 and x.is_contiguous(memory_format=torch.channels_last)
    return ordered and computed(x) and 2 * linear.out_features <= len(x) and not x.is_contiguous()


def _flat(x: Tensor, _: nn.Module, linear: Any) -> Tensor:
    weight = linear.weight.unflatten(1, x.shape[1:]).permute(0, 2, 3, 1).flatten(1)
    return F.linear(x.permute(0, 2, 3, 1).flatten(1), weight, linear.bias)


def _to_picture(*row: Any) -> bool:
    _, *curves, unflatten = row
    sides = unflatten.unflattened_size
    return all(map(_rises, curves)) and unflatten.dim == 1 and len(sides) == 3 and sides[0] > 1


def _wide(x: Tensor, linear: Any, *_: nn.Module) -> bool:
    return x.ndim == 2 and computed(x) and 2 * linear.in_features <= len(x)


def _pictured(x: Tensor, linear: Any, *rest: Any) -> Tensor:
    """A vector as a picture with its channels last, as convolutions read it: its numbers are made in that order."""
    *curves, unflatten = rest
    c, h, w = unflatten.unflattened_size
    weight = linear.weight.unflatten(0, (c, h, w)).permute(1, 2, 0, 3).flatten(0, 2)
    bias = None if linear.bias is None else linear.bias.unflatten(0, (c, h, w)).permute(1, 2, 0).flatten()
    out = reduce(_over, curves, F.linear(x, weight, bias))
    return out.view(len(x), h, w, c).permute(0, 3, 1, 2)


CURVES, CONVS = tuple(RISING), (nn.Conv2d, nn.ConvTranspose2d)
FORMS = (
    Form("picture", ((nn.Linear,), (nn.Unflatten,)), _to_picture, _wide, _pictured, fresh=False),
    Form("curved picture", ((nn.Linear,), CURVES, (nn.Unflatten,)), _to_picture, _wide, _pictured, fresh=False),
    Form("flat", ((nn.Flatten,), (nn.Linear,)), _whole, _last, _flat),
    Form("pool first", (CURVES, (nn.MaxPool2d,)), _pools, _always, _pool_first, fresh=False),
    Form("spread", ((nn.Upsample,), CONVS), _enlarges, _many, _spread),
    Form("uncut", ((nn.ConvTranspose2d,), (Sides,)), _ordinary, _cutting, _uncut),
    Form("turned", ((nn.Conv2d,),), _turns, _many, _turned),
    Form("products", (CONVS,), _ordinary, _many, _convolved),
    Form("over", (CURVES,), _rises, _always, _over, overwrites=True, fresh=False),
    Form("over, silent", ((nn.SiLU,),), _always, _silent, _silu, overwrites=True, fresh=False),
)
LONGEST = max(len(form.row) for form in FORMS)
