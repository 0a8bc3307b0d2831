"""The estimator: scikit-learn's face on an `Autoencoder`, from a person's data to codes and back to their types."""

from .latent import Codes as Codes
from .latent import Fitting as Fitting
from .latent import Latent as Latent
from .settings import SEEDS as SEEDS
from .settings import model as model
