"""Items as a person hands them to something that asks for one: a picture, a row, a text, or what `open` takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image
from sklearn.utils import validation as untyped

from ..data import Source, open
from ..data.folder import picture
from ..data.source import other_kind
from ..errors import InputError

validation: Any = untyped


def given(model: Any, what: Any) -> Source:
    """What a person gave, for `model`: one item, or several as anything `latently.open` takes.

    A string is a text for a model of texts, and else a path. A single picture has one dimension less than a set of
    them, a single row likewise, or is a dict of cells, such as a row of pandas.
    """
    codec, kind = model.codec_, model.codec_.spec.kind
    if isinstance(what, Source):
        return what
    if isinstance(what, str) and kind == "text":
        return open([what])
    if isinstance(what, str | Path):
        path = Path(what)
        if kind == "image" and path.is_file() and path.suffix.lower() in Image.registered_extensions():
            return picture(path, codec.asked["size"])
        return read(model, what)
    if kind == "table" and hasattr(what, "to_dict") and getattr(what, "ndim", 2) == 1:
        what = what.to_dict()
    if isinstance(what, Mapping):
        import polars as pl

        return open(pl.DataFrame([cast(Any, what)]), kind=kind)
    if isinstance(what, Image.Image):
        return open([what], kind=kind)
    single = {"image": 2 if kind == "image" and codec.flat else 3, "table": 1, "series": 2}.get(kind)
    if single and _dimensions(what) == single:
        return open(np.asarray(what)[None], kind=kind)
    return open(what, kind=kind)


def read(model: Any, data: Any) -> Source:
    """Data as `model` takes them: files as those that it was fitted to were opened.

    Raises
    ------
    InputError
        They are of another kind, or cannot be read.
    """
    validation.check_is_fitted(model)
    codec = model.codec_
    of_file = isinstance(data, str | Path)
    asked: dict[str, Any] = {"kind": codec.spec.kind, **codec.asked} if of_file else codec.asking(data)
    source = open(data, memory=model.memory, **asked)
    if source.labels is None or source.kind != codec.spec.kind:  # labels that it came with stay
        source = codec.labelled(source)
    if source.kind != codec.spec.kind:
        raise other_kind(source, codec.spec.kind)
    return source


def one(model: Any, what: Any, name: str) -> Source:
    """The one item that a person gave as `name`."""
    source = given(model, what)
    if len(source) != 1:
        raise InputError(f"{name} holds {len(source)} items, and one is wanted; give a single one, such as items[:1].")
    return source


def _dimensions(what: Any) -> int | None:
    """Of an array, or of nested lists of numbers."""
    if hasattr(what, "detach"):
        return what.ndim
    if isinstance(what, list | tuple) and not all(isinstance(x, int | float | list) for x in cast(list[Any], what)):
        return None
    return np.ndim(cast(Any, what)) if isinstance(what, np.ndarray | list | tuple) else None
