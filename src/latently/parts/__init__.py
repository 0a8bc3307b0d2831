"""The parts a model is made of: small modules with one or two methods."""

from .bottlenecks import Bottleneck as Bottleneck
from .bottlenecks import Gaussian as Gaussian
from .bottlenecks import Plain as Plain
from .corruptions import Augmentation as Augmentation
from .corruptions import Chain as Chain
from .corruptions import Corruption as Corruption
from .corruptions import Masking as Masking
from .corruptions import Noise as Noise
from .likelihoods import Bernoulli as Bernoulli
from .likelihoods import Columns as Columns
from .likelihoods import Likelihood as Likelihood
from .likelihoods import Normal as Normal
from .passing import Code as Code
from .passing import Pass as Pass
from .penalties import L1 as L1
from .penalties import MMD as MMD
from .penalties import Contraction as Contraction
from .penalties import Penalty as Penalty
