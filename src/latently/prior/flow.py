"""A normalizing flow: a bent normal density."""

from __future__ import annotations

from importlib import import_module
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..errors import MissingPackageError
from ..randomness import seeded
from .descent import descend
from .prior import ENOUGH, Array, Coded, Prior, Tensors, finite

if TYPE_CHECKING:
    from ..autoencoder import Autoencoder

LAYERS, HIDDEN, BINS = 4, (64, 64), 8
STEPS, BATCH, RATE = 1000, 256, 3e-3
JITTER = 0.03  # of a standard deviation, added in training: codes on a line or a point have no density of their own
AT_ONCE = 2**20  # numbers drawn at a time


class Flow(Prior):
    r"""A standard normal, pushed through monotone rational-quadratic splines with coupling.

    .. math:: \log p(z) = \log N(f(y); 0, I) + \log |\det f'(y)|, \quad y = (z - \mathrm{mean}) / \mathrm{scale}

    It begins at one normal density and goes away from it as far as a held-out tenth of at most 10,000 codes agrees, in
    1,000 steps at most. It follows bends and rings that a mixture of ten normals cuts short, and takes some seconds
    where the mixture takes none.

    Parameters
    ----------
    network
        f, a flow of zuko's.
    mean, scale
        (D,): of the codes; a number that is the same in all codes has the scale 0.

    References
    ----------
    "Neural Spline Flows" (Durkan et al., 2019); "Masked Autoregressive Flow for Density Estimation" (Papamakarios et
    al., 2017); the added noise: "Noise Regularization for Conditional Density Estimation" (Rothfuss et al., 2019).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> angle = rng.uniform(0, 2 * np.pi, 400)
    >>> ring = 5 + np.stack((np.cos(angle), np.sin(angle)), axis=1)
    >>> drawn = Flow.of(ring, seed=0, steps=300).sample(200, seed=1)
    >>> bool(np.median(np.abs(np.linalg.norm(drawn - 5, axis=1) - 1)) < 0.2)
    True
    """

    name: ClassVar = "flow"

    def __init__(self, network: nn.Module, mean: Array, scale: Array) -> None:
        self.network, self.mean, self.scale = network, mean, scale

    @classmethod
    def check(cls, coded: Coded, module: Autoencoder) -> None:
        _zuko()

    @classmethod
    def fit(cls, coded: Coded, module: Autoencoder, seed: int) -> Self:
        return cls.of(coded.means, seed)

    @classmethod
    def of(cls, codes: Array, seed: int, steps: int = STEPS) -> Self:
        """The flow of codes (n, D)."""
        points = Coded(np.asarray(codes, np.float64)).some(ENOUGH, seed).means
        mean, scale = points.mean(0), points.std(0)
        scale[scale <= 1e-9 * np.abs(points).max(0)] = 0  # what is left of a constant is rounding
        y = np.random.default_rng(seed).standard_normal((len(points), _width(len(mean))))
        y[:, : len(mean)][:, scale > 0] = ((points - mean) / np.where(scale > 0, scale, 1))[:, scale > 0]
        y = torch.from_numpy(y).float()
        with seeded(seed):
            network = _network(y.shape[1], LAYERS, HIDDEN, BINS)
            for parameter in (p for name, p in network.named_parameters() if f".hyper.{2 * len(HIDDEN)}." in name):
                nn.init.zeros_(parameter)  # begins at the normal density itself

            def nll(rows: Tensor) -> Tensor:
                jitter = JITTER * torch.randn(len(rows), y.shape[1]) if network.training else 0.0
                return -network().log_prob(y[rows] + jitter).mean()

            descend(network, nll, len(y), steps=steps, batch=BATCH, lr=RATE, seed=seed)
        return cls(network, mean, scale)

    @torch.inference_mode()
    def sample(self, n: int, seed: int | None) -> Array:
        noise = torch.from_numpy(np.random.default_rng(seed).standard_normal((n, _width(len(self.mean))))).float()
        back = self.network().transform.inv
        step = max(1, AT_ONCE // len(self.mean))
        drawn = torch.cat([back(noise[i : i + step]) for i in range(0, n, step)])
        return self.mean + self.scale * drawn[:, : len(self.mean)].double().numpy()

    def tensors(self) -> dict[str, NDArray[Any]]:
        network = {f"network.{name}": tensor.numpy() for name, tensor in self.network.state_dict().items()}
        return {"mean": self.mean, "scale": self.scale, **network}

    @classmethod
    def restore(cls, tensors: Tensors, module: Autoencoder, features: int) -> Self:
        state = {name[8:]: torch.from_numpy(t) for name, t in tensors.items() if name.startswith("network.")}
        layers = sum(name.endswith(".order") for name in state)
        hyper = [t for name, t in state.items() if name.startswith("transform.transforms.0.") and name.endswith("ight")]
        *hidden, last = (len(weight) for weight in hyper)
        if not layers or prod(hidden) == 0 or last % _width(features):
            raise ValueError("the weights are not those of a flow")
        network = _network(_width(features), layers, tuple(hidden), (last // _width(features) + 1) // 3)
        network.load_state_dict(state)
        return cls(network.eval(), tensors["mean"], tensors["scale"])

    def fits(self, features: int) -> bool:
        shaped = self.mean.shape == self.scale.shape == (features,)
        return shaped and finite(self.tensors()) and bool(np.isfinite(self.sample(2, seed=0)).all())


def _width(features: int) -> int:
    """Numbers in the flow: a code of a single one gets a companion of noise, since coupling takes two."""
    return max(2, features)


def _network(features: int, layers: int, hidden: tuple[int, ...], bins: int) -> nn.Module:
    """Splines in which half of the numbers decide how the other half is bent, in turn."""
    return _zuko().flows.NSF(features, transforms=layers, hidden_features=hidden, bins=bins, passes=2)


def _zuko() -> Any:
    try:
        return import_module("zuko")
    except ImportError as error:
        raise MissingPackageError('prior="flow" needs zuko, which is not installed; pip install "zuko>=1.4"') from error
