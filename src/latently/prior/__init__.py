"""Densities fitted to codes after training, so that every model can generate."""

from .flow import Flow as Flow
from .mixture import Mixture as Mixture
from .prior import Coded as Coded
from .prior import Prior as Prior
from .prior import chosen as chosen
from .priors import CHOICES as CHOICES
from .priors import PRIORS as PRIORS
from .priors import choose as choose
from .priors import fit as fit
from .priors import restore as restore
from .sequence import Sequence as Sequence
from .standard import Standard as Standard
from .vamp import Vamp as Vamp

__all__ = [
    "CHOICES",
    "PRIORS",
    "Coded",
    "Flow",
    "Mixture",
    "Prior",
    "Sequence",
    "Standard",
    "Vamp",
    "choose",
    "chosen",
    "fit",
    "restore",
]
