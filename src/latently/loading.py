"""How what was saved comes back: models, and a detector over one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from . import store
from .detector import DETECTORS, AnomalyDetector
from .errors import ModelFileError
from .estimator import Latent
from .models import MODELS, unknown
from .params import from_params


def fitted() -> dict[str, type[Latent] | type[AnomalyDetector]]:
    """All that is fitted, saved and loaded: models and detectors, by name."""
    return {**MODELS, **DETECTORS}


def make(name: str, **params: Any) -> Any:
    """An unfitted model or detector by its name in `MODELS` or `DETECTORS`.

    >>> make("vae", latent=2).latent
    2

    Raises
    ------
    ParameterError
        Nothing is called so.
    """
    if name not in fitted():
        raise unknown(name, fitted())
    return fitted()[name](**params)


def load(path: str | Path) -> Any:
    """A fitted model or detector from the file that `save` wrote, or from a run folder.

    Raises
    ------
    ModelFileError
        The file is missing, cut short, foreign, changed since it was saved, or of a newer format.
    """
    path = model_file(path)
    header, tensors = _read(path)
    try:
        return from_params(fitted()[header["model"]], header["params"], path).adopt(header, tensors)
    except ModelFileError:
        raise
    except (LookupError, TypeError, AttributeError, RuntimeError, ValueError, ArithmeticError) as error:
        reason = str(error).partition("\n")[0]
        raise ModelFileError(f"{path} is incomplete or does not fit together ({reason}); save it again.") from error


def describe(path: str | Path) -> dict[str, Any]:
    """The header of a saved model or run folder, as plain data, once its checksum is found right."""
    return _read(model_file(path))[0]


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    header, tensors = store.read(path)
    name = header.get("model")
    if not isinstance(name, str) or name not in fitted():
        raise ModelFileError(f"{path} holds no model that this version knows ({', '.join(fitted())}), but {name!r}.")
    return header, tensors


def model_file(path: str | Path) -> Path:
    """The model file behind a path that may be a run folder."""
    path = Path(path)
    if not path.exists():
        raise ModelFileError(f"{path} does not exist; give the path of a saved model or of a run folder.")
    if (path / "run.json").is_file() and not (path / "model.safetensors").is_file():
        raise ModelFileError(
            f"{path} is a run whose training has not ended; end it with: latently fit --resume --out {path}"
        )
    if path.is_dir() and not (path / "model.safetensors").is_file():
        raise ModelFileError(
            f"{path} is a folder without model.safetensors; give a saved model or the folder of a run, then the data."
        )
    return path / "model.safetensors" if path.is_dir() else path
