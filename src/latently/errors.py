"""Everything that Latently raises or warns of, in one tree.

    LatentlyError
    ├── InputError (ValueError)          the data handed in: a path, a picture, a column, an array
    │   └── InputTypeError (TypeError)   the same, where the type itself is the trouble
    ├── ParameterError (ValueError)      a hyper-parameter, a network's spelling, a flag
    ├── ModelFileError (ValueError)      a model file, checkpoint or run folder that cannot be trusted or read
    ├── OutputError (OSError)            a place that cannot be written
    ├── TrainingError (RuntimeError)     training that cannot go on
    └── MissingPackageError (ImportError)  an optional library that the call needs
    LatentlyWarning (UserWarning)        a word about something that was done on the person's behalf

Each is also the built-in that scikit-learn's users would catch. A message is one sentence for the person who can
mend it: what was given, where, what is allowed, what to do.
"""

from collections.abc import Sequence
from difflib import get_close_matches

_SHOWN = 8  # names that a sentence lists


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them.

    >>> listed(["gan"]), listed(["gan", "wgan", "cgan"])
    ('gan', 'gan, wgan and cgan')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def lacking(asked: str, name: object, what: str, names: Sequence[object]) -> str:
    """What to say where `what`, such as "column of the table", is not called `name`, as was `asked` for.

    >>> lacking("labels='twon'", "twon", "column of the table", ["age", "town"])
    "labels='twon' names no column of the table; did you mean 'town'?"
    >>> lacking("time='x'", "x", "column of the table", ["age"])
    "time='x' names no column of the table; its only one is 'age'."
    >>> lacking("text='x'", "x", "field of a.jsonl", ["id", "said"])
    "text='x' names no field of a.jsonl; it has 'id' and 'said'."
    """
    there = [repr(str(one)) for one in names]
    near = get_close_matches(str(name), [str(one) for one in names], 1)
    shown = there[:_SHOWN] + ([f"{len(there) - _SHOWN} more"] if len(there) > _SHOWN else [])
    has = f"it has {listed(shown)}." if len(there) > 1 else f"its only one is {there[0]}."
    return f"{asked} names no {what}; {f'did you mean {near[0]!r}?' if near else has}"


class LatentlyError(Exception):
    """Anything that the caller can mend."""


class InputError(LatentlyError, ValueError):
    """The data handed in cannot be used."""


class InputTypeError(InputError, TypeError):
    """The data handed in is of a type that cannot be used."""


class ParameterError(LatentlyError, ValueError):
    """A hyper-parameter, a network's spelling or a flag is out of bounds."""


class ModelFileError(LatentlyError, ValueError):
    """A model file, checkpoint or run folder is missing, broken, foreign, changed, or from a newer version."""


class OutputError(LatentlyError, OSError):
    """A file or folder cannot be written."""


class TrainingError(LatentlyError, RuntimeError):
    """Training cannot go on."""


class MissingPackageError(LatentlyError, ImportError):
    """An optional library is needed and not installed; the message holds the exact command."""


class LatentlyWarning(UserWarning):
    """Something was done on the person's behalf: pictures resized, files skipped, a column left out."""
