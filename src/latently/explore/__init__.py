"""Looking at a trained model and using its codes: neighbours, ways, words; figures, numbers, health, one report."""

from . import figures as figures
from . import metrics as metrics
from .anatomy import Anatomy as Anatomy
from .anatomy import anatomy as anatomy
from .figures.pictures import picture_grid as picture_grid
from .judging.evaluate import evaluate as evaluate
from .judging.health import Finding as Finding
from .judging.health import Health as Health
from .judging.health import health as health
from .judging.measures import MEASURES as MEASURES
from .judging.measures import Measure as Measure
from .judging.quality import Comparison as Comparison
from .judging.quality import compare as compare
from .odd.anomalies import Anomalies as Anomalies
from .odd.anomalies import anomalies as anomalies
from .odd.reasons import Reasons as Reasons
from .odd.reasons import explain as explain
from .pages.report import report as report
from .pages.report import write_report as write_report
from .places.maps import LatentMap as LatentMap
from .places.maps import latent_map as latent_map
from .places.nearest import Nearest as Nearest
from .places.neighbors import Neighbors as Neighbors
from .places.neighbors import neighbors as neighbors
from .places.paths import interpolate as interpolate
from .places.words import WordVectors as WordVectors
