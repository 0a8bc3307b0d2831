"""Numbers that say how good codes, restored items and samples are: plain functions on arrays, each with its formula.

`restoration` compares items with what came back of them, `sets` compares samples with data, `codes` looks at codes
beside labels, `factors` at codes beside what the items were made of, `posterior` at their spreads, `words` at texts.
"""

from .codes import knn_accuracy as knn_accuracy
from .codes import silhouette as silhouette
from .codes import trustworthiness as trustworthiness
from .codes import variance_ratio as variance_ratio
from .factors import DCI as DCI
from .factors import dci as dci
from .factors import mig as mig
from .factors import sap as sap
from .posterior import mutual_information as mutual_information
from .restoration import bce as bce
from .restoration import mse as mse
from .restoration import psnr as psnr
from .restoration import ssim as ssim
from .sets import covered as covered
from .sets import density_coverage as density_coverage
from .sets import frechet as frechet
from .sets import precision_recall as precision_recall
from .words import in_order as in_order
