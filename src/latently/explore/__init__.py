"""Looking at a trained model and using its codes: neighbours, ways, words; figures, numbers, health, one report."""

from . import figures as figures
from . import metrics as metrics
from .anatomy import Anatomy as Anatomy
from .anatomy import anatomy as anatomy
from .anomalies import Anomalies as Anomalies
from .anomalies import anomalies as anomalies
from .evaluate import evaluate as evaluate
from .health import Finding as Finding
from .health import Health as Health
from .health import health as health
from .measures import MEASURES as MEASURES
from .measures import Measure as Measure
from .nearest import Nearest as Nearest
from .neighbors import Neighbors as Neighbors
from .neighbors import neighbors as neighbors
from .paths import interpolate as interpolate
from .pictures import picture_grid as picture_grid
from .quality import Comparison as Comparison
from .quality import compare as compare
from .reasons import Reasons as Reasons
from .reasons import explain as explain
from .report import report as report
from .report import write_report as write_report
from .words import WordVectors as WordVectors
