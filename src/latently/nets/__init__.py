"""Networks: spelled as words, built to fit the data."""

from .network import Network as Network
from .network import network as network
from .network import through as through
from .pair import LIKELIHOODS as LIKELIHOODS
from .pair import Networks as Networks
from .pair import pair as pair
from .spelling import parse as parse
from .spelling import spell as spell
