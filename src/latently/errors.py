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


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them.

    >>> listed(["gan"]), listed(["gan", "wgan", "cgan"])
    ('gan', 'gan, wgan and cgan')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


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
