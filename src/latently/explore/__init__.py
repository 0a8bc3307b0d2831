"""Looking at a trained model: figures, its quality against plain methods, and one report that holds all of it."""

from . import figures as figures
from .anatomy import Anatomy as Anatomy
from .anatomy import anatomy as anatomy
from .pictures import picture_grid as picture_grid
from .quality import Comparison as Comparison
from .quality import compare as compare
from .report import report as report
from .report import write_report as write_report
