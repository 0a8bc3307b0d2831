"""A hyper-parameter as data: one declaration from which come the constructor, its check, the flags and the docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import inf, isfinite
from numbers import Integral, Real
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from .errors import ModelFileError, ParameterError

M = TypeVar("M")

# What counts as each type: NumPy's numbers too.
_ACCEPTS: dict[type, type] = {int: Integral, float: Real, str: str, bool: bool, list: list, NoneType: NoneType}


@dataclass(frozen=True, slots=True)
class Param:
    """One declared hyper-parameter.

    Parameters
    ----------
    name, help
        As in `VAE(beta=...)`, and one line for a person.
    types
        What the value may be: some of int, float, str, bool, list and NoneType.
    default
        The value when nothing is given.
    low, high
        Bounds of a number, both allowed; None for unbounded.
    choices
        The allowed words, where there is a fixed list of them.
    """

    name: str
    help: str
    types: tuple[type, ...]
    default: Any
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """What may be given, in words.

        >>> Param("epochs", "", (int,), 20, low=1).allowed
        'a whole number, at least 1'
        """
        words = {
            int: "a whole number",
            float: "a number",
            str: "a text",
            bool: "True or False",
            list: "a list",
            NoneType: "None",
        }
        types = [t for t in self.types if not (t is int and float in self.types)]
        listed = [] if self.choices else [words.get(t, "a model") for t in types]
        listed += [repr(c) for c in self.choices] + (["None"] if self.choices and NoneType in self.types else [])
        text = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"
        match self.low, self.high:
            case None, None:
                return text
            case low, None:
                return f"{text}, at least {low:g}"
            case None, high:
                return f"{text}, at most {high:g}"
            case low, high:
                return f"{text}, from {low:g} to {high:g}"

    def check(self, value: Any, owner: str) -> None:
        """Raises `ParameterError` where `value` is not allowed."""
        fits = any(isinstance(value, _ACCEPTS.get(t, t)) for t in self.types if isinstance(value, bool) == (t is bool))
        if fits and self.choices:
            fits = value is None or value in self.choices
        elif fits and isinstance(value, Real):
            low = -inf if self.low is None else self.low
            high = inf if self.high is None else self.high
            fits = isfinite(value) and low <= float(value) <= high
        if not fits:
            raise ParameterError(f"{owner}: {self.name}={value!r} is not allowed; it is {self.allowed} ({self.help}).")


def param(
    default: Any, help: str, *, low: float | None = None, high: float | None = None, choices: Sequence[str] = ()
) -> Any:
    """Declares a hyper-parameter as a field of a model's class; see `Param` for the arguments."""
    return field(default=default, metadata={"help": help, "low": low, "high": high, "choices": tuple(choices)})


def parameters(cls: type) -> dict[str, Param]:
    """The declared hyper-parameters of a model class, by name, the model's own ones last.

    >>> import latently
    >>> latently.parameters(latently.VAE)["beta"].default
    1.0
    """
    hints = get_type_hints(cls)
    found: dict[str, Param] = {}
    for f in fields(cls):
        types = tuple(get_origin(t) or t for t in get_args(hints[f.name]) or (hints[f.name],))
        found[f.name] = Param(f.name, types=types, default=f.default, **f.metadata)
    return found


def check(model: object) -> None:
    """Checks every declared hyper-parameter of `model`; `ParameterError` names the first that is not allowed."""
    for name, declared in parameters(type(model)).items():
        declared.check(getattr(model, name), type(model).__name__)


def plain(model: object) -> dict[str, Any]:
    """The hyper-parameters as JSON can hold them: NumPy's numbers become Python's, lists of layers their spelling."""
    return {name: _plain(getattr(model, name)) for name in parameters(type(model))}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(map(str, cast(list[Any], value)))
    return value.item() if hasattr(value, "item") else value


def from_params(cls: type[M], params: Mapping[str, Any], where: str | Path) -> M:
    """An unfitted model from saved hyper-parameters."""
    try:
        made = cls(**params)
        check(made)
    except (TypeError, ParameterError) as error:
        raise ModelFileError(f"{where} holds hyper-parameters that do not fit: {error}") from error
    return made
