"""Networks: spelled as words, built to fit the data."""

from .layers import parse as parse
from .layers import spell as spell
from .pair import LIKELIHOODS as LIKELIHOODS
from .pair import Networks as Networks
from .pair import pair as pair
