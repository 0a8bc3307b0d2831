"""Networks: spelled as words, built to fit the data."""

from .pair import LIKELIHOODS as LIKELIHOODS
from .pair import Networks as Networks
from .pair import pair as pair
from .spelling import parse as parse
from .spelling import spell as spell
