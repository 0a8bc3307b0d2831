"""Latently learns a compact code for each item of your own data, and lets you use it.

    >>> import latently
    >>> from sklearn.datasets import load_digits
    >>> model = latently.VAE(latent=8, epochs=1).fit(load_digits().images)
    >>> model.transform(load_digits().images).shape
    (1797, 8)

Everything public is in this module and loaded when first used: importing it takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import nets as nets
    from .data import Source as Source
    from .data import noise_level as noise_level
    from .data import open as open
    from .data import tiles as tiles
    from .data import write as write
    from .detector import DETECTORS as DETECTORS
    from .detector import AnomalyDetector as AnomalyDetector
    from .errors import InputError as InputError
    from .errors import InputTypeError as InputTypeError
    from .errors import LatentlyError as LatentlyError
    from .errors import LatentlyWarning as LatentlyWarning
    from .errors import MissingPackageError as MissingPackageError
    from .errors import ModelFileError as ModelFileError
    from .errors import OutputError as OutputError
    from .errors import ParameterError as ParameterError
    from .errors import TrainingError as TrainingError
    from .estimator import Latent as Latent
    from .estimator import model as model
    from .explore import MEASURES as MEASURES
    from .explore import Anatomy as Anatomy
    from .explore import Anomalies as Anomalies
    from .explore import Comparison as Comparison
    from .explore import Health as Health
    from .explore import LatentMap as LatentMap
    from .explore import Nearest as Nearest
    from .explore import Neighbors as Neighbors
    from .explore import Reasons as Reasons
    from .explore import Sheet as Sheet
    from .explore import Told as Told
    from .explore import WordVectors as WordVectors
    from .explore import analogy as analogy
    from .explore import anatomy as anatomy
    from .explore import anomalies as anomalies
    from .explore import bench_models as bench_models
    from .explore import cells as cells
    from .explore import class_means as class_means
    from .explore import compare as compare
    from .explore import evaluate as evaluate
    from .explore import explain as explain
    from .explore import figures as figures
    from .explore import health as health
    from .explore import interpolate as interpolate
    from .explore import latent_map as latent_map
    from .explore import metrics as metrics
    from .explore import neighbors as neighbors
    from .explore import report as report
    from .explore import traverse as traverse
    from .loading import describe as describe
    from .loading import load as load
    from .loading import make as make
    from .models import AAE as AAE
    from .models import AE as AE
    from .models import CIWAE as CIWAE
    from .models import FSQ as FSQ
    from .models import GAN as GAN
    from .models import IWAE as IWAE
    from .models import LSGAN as LSGAN
    from .models import MIWAE as MIWAE
    from .models import MODELS as MODELS
    from .models import RAE as RAE
    from .models import VAE as VAE
    from .models import VAEGAN as VAEGAN
    from .models import VQVAE as VQVAE
    from .models import WAE as WAE
    from .models import WGAN as WGAN
    from .models import BetaTCVAE as BetaTCVAE
    from .models import BetaVAE as BetaVAE
    from .models import ConditionalGAN as ConditionalGAN
    from .models import ConditionalVAE as ConditionalVAE
    from .models import ContractiveAE as ContractiveAE
    from .models import DenoisingAE as DenoisingAE
    from .models import FactorVAE as FactorVAE
    from .models import InfoVAE as InfoVAE
    from .models import LadderVAE as LadderVAE
    from .models import LanguageModel as LanguageModel
    from .models import SparseAE as SparseAE
    from .models import SphereVAE as SphereVAE
    from .models import TextVAE as TextVAE
    from .models import VampVAE as VampVAE
    from .models import Writing as Writing
    from .params import param as param
    from .params import parameters as parameters
    from .progress import early as early
    from .progress import follow as follow
    from .progress import kept as kept
    from .runs import Run as Run
    from .spec import Spec as Spec
    from .studio import serve as serve

    __version__: str

_WHERE = {
    "data": ("Source", "noise_level", "open", "tiles", "write"),
    "detector": ("AnomalyDetector", "DETECTORS"),
    "errors": (
        "InputError",
        "InputTypeError",
        "LatentlyError",
        "LatentlyWarning",
        "MissingPackageError",
        "ModelFileError",
        "OutputError",
        "ParameterError",
        "TrainingError",
    ),
    "estimator": ("Latent", "model"),
    "explore": (
        "Anatomy",
        "Anomalies",
        "Comparison",
        "Health",
        "LatentMap",
        "MEASURES",
        "Nearest",
        "Neighbors",
        "Reasons",
        "Sheet",
        "Told",
        "WordVectors",
        "analogy",
        "anatomy",
        "anomalies",
        "bench_models",
        "cells",
        "class_means",
        "compare",
        "evaluate",
        "explain",
        "figures",
        "health",
        "interpolate",
        "latent_map",
        "metrics",
        "neighbors",
        "report",
        "traverse",
    ),
    "loading": ("describe", "load", "make"),
    "models": (
        "AAE",
        "AE",
        "BetaTCVAE",
        "BetaVAE",
        "CIWAE",
        "ConditionalGAN",
        "ConditionalVAE",
        "ContractiveAE",
        "DenoisingAE",
        "FSQ",
        "FactorVAE",
        "GAN",
        "IWAE",
        "InfoVAE",
        "LSGAN",
        "LadderVAE",
        "LanguageModel",
        "MIWAE",
        "MODELS",
        "RAE",
        "SparseAE",
        "SphereVAE",
        "TextVAE",
        "VAE",
        "VAEGAN",
        "VQVAE",
        "VampVAE",
        "WAE",
        "WGAN",
        "Writing",
    ),
    "params": ("param", "parameters"),
    "progress": ("early", "follow", "kept"),
    "runs": ("Run",),
    "spec": ("Spec",),
    "studio": ("serve",),
}
_HOME = {name: module for module, names in _WHERE.items() for name in names}
_ROOMS = ("nets",)  # public as they are

__all__ = sorted([*_HOME, *_ROOMS, "__version__"])  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("latently")
    if name not in __all__:
        from difflib import get_close_matches

        alike = {one.lower(): one for one in __all__}
        near = [alike[one] for one in get_close_matches(name.lower(), alike, 1)]
        known = f"did you mean {near[0]}?" if near else f"public are {', '.join(__all__)}"
        raise AttributeError(f"module 'latently' has no attribute {name!r}; {known}")
    if name in _ROOMS:
        return import_module(f".{name}", __name__)
    found = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
