"""Data and labels as a model takes them: of a kind that it reads, the columns checked as scikit-learn does."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.utils import validation as untyped
from torch import Tensor

from ..classes import Classes
from ..data import Source
from ..data import open as open_data
from ..errors import InputError, InputTypeError, listed
from ..spec import Kind

READS: dict[Kind, str] = {"image": "pictures", "table": "tables", "text": "texts", "series": "series"}
INSTEAD: dict[Kind, str] = {
    "image": "choose another model",
    "table": "text='COLUMN' (--text COLUMN) reads the texts of a column",
    "text": "for texts choose LanguageModel or TextVAE (--model language-model, text-vae)",
    "series": "choose another model",
}
validation: Any = untyped


def accepted(model: Any, X: Any, *, reset: bool = False) -> Source:
    """`X` as a `Source`; `reset` where the model is to be fitted to it. Files are matched by name in the codec.

    Raises
    ------
    InputError
        They are of a kind that the model does not read, or have other columns than those that it was fitted to.
    """
    if not reset:
        validation.check_is_fitted(model)
    asked: dict[str, Any] = {} if reset else model.codec_.asking(X)
    source = open_data(X, memory=model.memory, **asked)
    source = source if reset else model.codec_.labelled(source)
    if reset and source.kind not in model.reads:
        kinds = listed([READS[kind] for kind in model.reads])
        raise InputError(
            f"{type(model).__name__} reads {kinds}, but the data are {source.summary}; {INSTEAD[source.kind]}."
        )
    if source.kind == "table" and (reset or (source.origin is None and model.codec_.spec.kind == "table")):
        try:
            validation.validate_data(model, X=source[:1].data, reset=reset, skip_check_array=True)
        except TypeError as error:
            raise InputTypeError(str(error)) from error
        except ValueError as error:
            raise InputError(str(error)) from error
    return source


def told_labels(model: Any, source: Source, y: Any) -> Tensor | None:
    """The place of each item's label among `classes_`, (n,), which are set here; None where the model is told none.

    Raises
    ------
    InputError
        The model is conditional and there are no labels, or not one an item.
    """
    if not model.conditional:
        return None
    given = source.labels if y is None else y
    if given is None:
        raise InputError(
            f"{type(model).__name__} learns what each label looks like and the data have none; name the table's "
            "column (labels='COLUMN', or --label COLUMN), pass y, or sort pictures into folders, one a label, at "
            "least two."
        )
    if len(given) != len(source):
        raise InputError(f"{len(source)} items and {len(given)} labels were given; give one label an item.")
    model.known_ = Classes.of(given)
    model.classes_ = model.known_.names
    return torch.from_numpy(model.known_.index(given, len(source)))
