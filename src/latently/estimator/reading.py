"""Data as an estimator takes them: opened, without the label column, their columns checked as scikit-learn does."""

from __future__ import annotations

from typing import Any

from sklearn.utils import validation as untyped

from ..data import Source
from ..data import open as open_data
from ..errors import InputError, InputTypeError

validation: Any = untyped


def source_of(estimator: Any, X: Any, *, reset: bool = False) -> Source:
    """`X` as a `Source`; files are matched by name in the codec. `reset` where it is what the estimator is fitted to.

    Raises
    ------
    InputError
        The columns are not those of the fit.
    """
    if not reset:
        validation.check_is_fitted(estimator)
    source = open_data(X, memory=estimator.memory)
    source = source if reset else estimator.codec_.labelled(source)
    if source.kind == "table" and (reset or source.origin is None):
        try:
            validation.validate_data(estimator, X=source[:1].data, reset=reset, skip_check_array=True)
        except TypeError as error:
            raise InputTypeError(str(error)) from error
        except ValueError as error:
            raise InputError(str(error)) from error
    return source
