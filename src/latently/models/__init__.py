"""The table of models, and how a saved one comes back."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from .. import store
from ..errors import ModelFileError, ParameterError
from ..estimator import Latent
from ..params import from_params
from .aae import AAE
from .ae import AE
from .betatcvae import BetaTCVAE
from .betavae import BetaVAE
from .contractive import ContractiveAE
from .cvae import ConditionalVAE
from .denoising import DenoisingAE
from .factorvae import FactorVAE
from .fsq import FSQ
from .gan import GAN, LSGAN, WGAN, ConditionalGAN
from .importance import CIWAE, IWAE, MIWAE
from .infovae import InfoVAE
from .ladder import LadderVAE
from .language import LanguageModel
from .rae import RAE
from .sparse import SparseAE
from .sphere import SphereVAE
from .textvae import TextVAE
from .vae import VAE
from .vaegan import VAEGAN
from .vamp import VampVAE
from .vqvae import VQVAE
from .wae import WAE
from .writing import Writing as Writing

PLAIN = (AE, DenoisingAE, SparseAE, ContractiveAE, RAE)
VARIATIONAL = (VAE, BetaVAE, BetaTCVAE, FactorVAE, InfoVAE, WAE, IWAE, MIWAE, CIWAE, SphereVAE, VampVAE, LadderVAE)
DISCRETE = (VQVAE, FSQ)
GAMES = (AAE, VAEGAN, GAN, LSGAN, WGAN)
CONDITIONAL = (ConditionalVAE, ConditionalGAN)
TEXTS = (LanguageModel, TextVAE)

MODELS: dict[str, type[Latent]] = {
    cls.name: cls for cls in (*PLAIN, *VARIATIONAL, *DISCRETE, *GAMES, *CONDITIONAL, *TEXTS)
}


def make(name: str, **params: Any) -> Latent:
    """An unfitted model by its name in `MODELS`.

    >>> make("vae", latent=2).latent
    2
    """
    if name not in MODELS:
        raise ParameterError(f"model {name!r} is not known{nearest(name)}; it is one of {', '.join(MODELS)}.")
    return MODELS[name](**params)


def nearest(name: str) -> str:
    """The model that was meant, as a clause, or nothing.

    >>> nearest("vqva")
    ' (did you mean vqvae?)'
    """
    near = get_close_matches(str(name).lower(), [*MODELS, *(cls.__name__.lower() for cls in MODELS.values())], 1)
    return (
        f" (did you mean {next(k for k, c in MODELS.items() if near[0] in (k, c.__name__.lower()))}?)" if near else ""
    )


def load(path: str | Path) -> Latent:
    """A fitted model from the file that `save` wrote, or from a run folder.

    Raises
    ------
    ModelFileError
        The file is missing, cut short, foreign, changed since it was saved, or of a newer format.
    """
    path = model_file(path)
    header, tensors = _read(path)
    try:
        return from_params(MODELS[header["model"]], header["params"], path).adopt(header, tensors)
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
    if not isinstance(name, str) or name not in MODELS:
        raise ModelFileError(f"{path} holds no model that this version knows ({', '.join(MODELS)}), but {name!r}.")
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
