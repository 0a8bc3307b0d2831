"""Figures of a trained model, each matplotlib's `Figure`: originals and restored, samples, the latent map, the loss.

None touches pyplot or matplotlib's settings, so they are safe in threads and in a notebook alike.
"""

from .. import look as look
from .codes import latent_map as latent_map
from .curves import curves as curves
from .curves import parts as parts
from .health import health as health
from .hourglass import activations as activations
from .hourglass import hourglass as hourglass
from .lines import ranges as ranges
from .lines import windows as windows
from .near import neighbors as neighbors
from .odd import oddest as oddest
from .pictures import picture_grid as picture_grid
from .restored import restored as restored
from .restored import samples as samples
from .saving import save as save
from .saving import save_grid as save_grid
