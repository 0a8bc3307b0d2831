"""What a layer is: a frozen dataclass whose fields are its word, so that reading, spelling and checking are one thing.

    conv16:k3:s2:same      the name, the size right after it, options after colons

A field is declared with `whole`, `share`, `lengths`, `choice`, `flag` or `named`; each says how it stands in the
word, what it may be, and how it is read.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from numbers import Integral, Real
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ..errors import ParameterError

Places = NDArray[np.int64]
Shape = tuple[int, ...]  # (F,) numbers or (T,) tokens; (T, F) a sequence; (C, H, W) a picture

MOST = 2**31  # numbers in one layer's output or weights: more is a slip of the finger, and no memory holds it


def people(shape: Shape) -> str:
    """A shape as people write it: height x width x channels, steps x features.

    >>> people((16, 24, 32)), people((12, 8))
    ('24 x 32 x 16', '12 x 8')
    """
    return " x ".join(map(str, ordered(shape)))


def ordered(shape: Shape) -> Shape:
    """A shape in people's order, (H, W, C) for a picture; any other as it is."""
    return (*shape[1:], shape[0]) if len(shape) == 3 else tuple(shape)


@dataclass(frozen=True, slots=True)
class Written:
    """How one field of a layer stands in its word."""

    fits: Callable[[Any], bool]
    allowed: str  # in words, for the error
    read: Callable[[str], Any]
    key: str | None = None  # None: right after the name; else the letters before the value, as k in :k3
    words: tuple[str, ...] = ()  # the option is one of these words
    always: bool = False  # written even where it is the default


def _declared(default: Any, written: Written) -> Any:
    return field(default=default, metadata={"written": written})


def whole(default: Any = MISSING, key: str | None = None, *, always: bool = False) -> Any:
    """A whole number from 1: the size, or an option such as `:k3`."""

    def fits(value: Any) -> bool:
        return value is default is None or _counts(value)

    return _declared(default, Written(fits, f"a whole number from 1 to {MOST:,}", int, key, always=always))


def _counts(value: Any) -> bool:
    return isinstance(value, Integral) and value is not True and 1 <= int(value) <= MOST


def share() -> Any:
    """A number from 0 to below 1, right after the name."""

    def fits(value: Any) -> bool:
        return isinstance(value, Real) and value is not False and 0 <= float(value) < 1

    return _declared(MISSING, Written(fits, "a number from 0 to below 1", float))


def lengths(counts: tuple[int, ...], default: Any = MISSING, key: str | None = None) -> Any:
    """Several whole numbers with x between them, as many as one of `counts`; a default of () may be left out."""

    def fits(value: Any) -> bool:
        if not isinstance(value, tuple):
            return False
        numbers = cast(tuple[Any, ...], value)
        return default == () == numbers or (len(numbers) in counts and all(map(_counts, numbers)))

    def read(text: str) -> Shape:
        numbers = tuple(map(int, text.split("x")))
        return numbers * counts[0] if key and len(numbers) == 1 else numbers  # to7 is to7x7

    allowed = f"{' or '.join(map(str, counts))} whole numbers from 1 to {MOST:,} with x between them"
    return _declared(default, Written(fits, allowed, read, key))


def choice(*words: str, always: bool = False) -> Any:
    """One of `words`, the first by default."""
    written = Written(lambda value: value in words, " or ".join(words), str, "", words, always)
    return _declared(words[0], written)


def named(*words: str) -> Any:
    """The word itself, for a class of several: one of `words`."""
    return _declared(MISSING, Written(lambda value: value in words, " or ".join(words), str, words=words))


def flag(word: str) -> Any:
    """An option that is there or not."""
    written = Written(lambda value: isinstance(value, bool), "True or False", lambda _: True, "", (word,))
    return _declared(False, written)


@dataclass(frozen=True, slots=True)
class Layer(ABC):
    """One word of a network; `shape` tells what it makes of a sample's shape, or raises `ValueError` and says why."""

    word: ClassVar[str] = ""  # "": a class of several words, its `name`
    example: ClassVar[str]  # a spelling of it, for errors and docs
    reads: ClassVar[str] = "anything"  # or "picture", "sequence", "tokens"
    keeps: ClassVar[str] = ""  # what an encoder's layer can hand to the decoder: "maxima", "picture"
    recalls: ClassVar[str] = ""  # what a decoder's layer asks for
    sees_all: ClassVar[bool] = False  # one number of its output depends on all of its input

    def __post_init__(self) -> None:
        for name, written in declared(type(self)).items():
            value: Any = getattr(self, name)
            if not written.fits(value):
                raise ParameterError(
                    f"{type(self).__name__}: {name}={value!r} is not allowed; it is {written.allowed}, as in "
                    f"{self.example}."
                )

    @abstractmethod
    def shape(self, before: Shape) -> Shape: ...

    @abstractmethod
    def module(self, before: Shape) -> nn.Module: ...

    @abstractmethod
    def mirror(self, before: Shape) -> Layer:
        """The layer that leads from this one's output back to `before`."""

    def sees(self, at: Places, before: int, after: int) -> tuple[Places, Places]:
        """Along a side of `before` positions that becomes `after`: the first and last that output `at` reads."""
        return at, at

    def __str__(self) -> str:
        name, options = self.word, list[str]()
        for key, written in declared(type(self)).items():
            value: Any = getattr(self, key)
            if written.key is None:
                name += _text(value)
            elif written.always or value != _default(type(self), key):
                options.append(written.words[0] if value is True else f"{written.key}{_text(value)}")
        return ":".join([name, *options])


def _text(value: Any) -> str:
    match value:
        case tuple():
            return "x".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
        case float():
            return f"{value:g}"
        case None:
            return ""
        case _:
            return str(value)


def declared(cls: type[Layer]) -> dict[str, Written]:
    """The fields of a class of layers that are spelled, by name."""
    return {f.name: f.metadata["written"] for f in fields(cls) if "written" in f.metadata}


def _default(cls: type[Layer], name: str) -> Any:
    return next(f.default for f in fields(cls) if f.name == name)


_NUMBER = re.compile(r"([a-z]*)(-?\d[\d.x]*)?$")


def read(cls: type[Layer], name: str, size: str | None, options: list[str]) -> Layer:
    """The layer of a word's pieces, or a `ValueError` that says what is wrong with them."""
    given: dict[str, Any] = {}
    for key, written in declared(cls).items():
        if written.key is None and not cls.word:
            given[key] = name
        elif written.key is None and size is not None:
            given[key], size = _value(written, size, key), None
        elif written.key is None and _default(cls, key) is MISSING:
            raise ValueError(f"it does not say its {key}; it is spelled like {cls.example}")
    if size is not None:
        raise ValueError(f"{name} takes no number; it is spelled like {cls.example}")
    for option in options:
        key, value = _option(cls, name, option)
        if key in given:
            raise ValueError(f"{option!r} says a second time what its {key} is")
        given[key] = value
    return cls(**given)


def _option(cls: type[Layer], name: str, option: str) -> tuple[str, Any]:
    found = _NUMBER.match(option)
    for key, written in declared(cls).items():
        if option in written.words:
            return key, written.read(option)
        if written.key and found and found[1] == written.key and found[2]:
            return key, _value(written, found[2], key)
    known = [w for written in declared(cls).values() if written.key is not None for w in written.words or [written.key]]
    there = f"{name} has {', '.join(known)}" if known else f"{name} has none"
    raise ValueError(f"{option!r} is no option of it; {there}, and it is spelled like {cls.example}")


def _value(written: Written, text: str, key: str) -> Any:
    try:
        value = written.read(text)
    except ValueError:
        value = text
    if not written.fits(value):
        shown = text if len(text) <= 24 else f"{text[:20]}…"
        raise ValueError(f"its {key} is {shown}, and has to be {written.allowed}")
    return value
