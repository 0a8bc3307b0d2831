"""How close restored items are to their originals, value by value and as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_WINDOW = 11  # pixels of the window that Wang et al. weigh by a Gaussian of 1.5
_SMALL = 7  # at most, of the even window that smaller pictures are looked at through


def mse(x: Array, y: Array) -> float:
    r"""Mean squared error over all values; NaN in `x` is not known and left out.

    .. math:: \mathrm{MSE} = \tfrac1N \sum_i (x_i - y_i)^2

    Parameters
    ----------
    x, y
        Originals and restored, of the same shape.

    Examples
    --------
    >>> mse(np.array([0.0, 1.0, np.nan]), np.array([0.0, 0.5, 7.0]))
    0.125
    """
    gap = np.asarray(x, np.float64) - np.asarray(y, np.float64)
    known = np.isfinite(gap)
    return float(np.mean(gap[known] ** 2)) if known.any() else float("nan")


def bce(x: Array, y: Array) -> float:
    r"""Binary cross-entropy over all values, in nats a value: `x` as the share of white, `y` as its probability.

    .. math:: \mathrm{BCE} = -\tfrac1N \sum_i x_i \log y_i + (1 - x_i) \log(1 - y_i)

    Parameters
    ----------
    x, y
        Originals and restored, in [0, 1]; `y` is kept 1e-7 away from 0 and 1, where its logarithm ends.

    Examples
    --------
    >>> round(bce(np.array([0.0, 1.0]), np.array([0.5, 0.5])), 4)  # log 2
    0.6931
    """
    x, y = np.asarray(x, np.float64), np.clip(np.asarray(y, np.float64), 1e-7, 1 - 1e-7)
    return float(-np.mean(x * np.log(y) + (1 - x) * np.log1p(-y)))


def psnr(x: Array, y: Array, span: float = 1.0) -> float:
    r"""Peak signal-to-noise ratio, in dB, of all values together; infinite where nothing differs.

    .. math:: \mathrm{PSNR} = 10 \log_{10} \frac{\mathrm{span}^2}{\mathrm{MSE}}

    Parameters
    ----------
    x, y
        Originals and restored pictures.
    span
        From black to white.

    Examples
    --------
    >>> round(psnr(np.zeros((2, 4, 4)), np.full((2, 4, 4), 0.1)), 6)
    20.0
    """
    error = mse(x, y)
    return float(10 * np.log10(span**2 / error)) if error else float("inf")


def ssim(x: Array, y: Array, span: float = 1.0) -> float:
    r"""Structural similarity: likeness of brightness, contrast and pattern in small windows, 1 for the same picture.

    .. math:: \mathrm{SSIM} = \frac{(2\mu_x\mu_y + c_1)(2\sigma_{xy} + c_2)}
              {(\mu_x^2 + \mu_y^2 + c_1)(\sigma_x^2 + \sigma_y^2 + c_2)}, \quad c_i = (k_i\,\mathrm{span})^2

    averaged over windows of 11 x 11 pixels weighed by a Gaussian (as in the paper; smaller pictures through an even
    window of at most 7 x 7), channels and pictures. NaN for pictures of fewer than 3 pixels a side.

    Parameters
    ----------
    x, y
        Originals and restored pictures, (n, C, H, W).
    span
        From black to white.

    References
    ----------
    "Image Quality Assessment: From Error Visibility to Structural Similarity" (Wang et al., 2004).

    Examples
    --------
    >>> x = np.random.default_rng(0).random((2, 1, 16, 16))
    >>> round(ssim(x, x), 6), ssim(x, 1 - x) < 0
    (1.0, True)
    """
    from skimage import metrics

    likeness: Any = metrics  # scikit-image carries few types
    side = min(x.shape[-2:])
    if side < 3:
        return float("nan")
    window: dict[str, Any] = {"win_size": min(_SMALL, side - 1 + side % 2)}
    if side >= _WINDOW:
        window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    pairs = zip(x.astype(np.float64), y.astype(np.float64), strict=True)
    found = [likeness.structural_similarity(a, b, data_range=span, channel_axis=0, **window) for a, b in pairs]
    return float(np.mean(found))
