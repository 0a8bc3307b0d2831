r"""What a score says beside those of items that were held out: conformal p-values, which hold for any model.

"Algorithmic Learning in a Random World" (Vovk et al., 2005).
"""

from __future__ import annotations

from math import floor, log10

import numpy as np
from numpy.typing import NDArray

MOST = 10_001  # scores kept at most: p-values down to a hundredth of a per cent, in 80 KB of a model's file
LEAST = 20  # held-out items from which scores are calibrated by these alone
ROUNDING = 1e-5  # of a usual score: equal items differ by less, as single precision adds up otherwise in other batches

Scores = NDArray[np.float64]


def calibrated(scores: Scores) -> Scores:
    """The scores (n,) in ascending order; of very many those that are evenly spaced in it.

    >>> calibrated(np.array([3.0, 1.0, 2.0])).tolist()
    [1.0, 2.0, 3.0]
    """
    rising = np.sort(scores)
    return rising[np.unique(np.linspace(0, len(rising) - 1, MOST).round().astype(int))]


def p_values(scores: Scores, calibration: Scores) -> Scores:
    r"""How likely a normal item is to score as low as each: (n,).

    .. math:: p = \frac{1 + \#\{i : s_i \le s\}}{1 + m}

    so that of new normal items a share :math:`\alpha` at most has :math:`p \le \alpha`; scores count as equal within
    what rounding does to them, for else the copies of one item would all score below those that were held out.

    >>> p_values(np.array([0.0, 2.5]), np.array([1.0, 2.0, 3.0]))
    array([0.25, 0.75])
    """
    return (1 + np.searchsorted(calibration - _rounding(calibration), scores, side="right")) / (1 + len(calibration))


def threshold(calibration: Scores, rate: float) -> float:
    """The score below which a p-value is at most `rate`, or the least there is, 1 / (1 + m).

    >>> round(threshold(np.arange(99.0), 0.05), 2)
    4.0
    """
    m = len(calibration)
    allowed = np.searchsorted(np.arange(1, m + 1) / (1 + m), rate, side="right")  # as `p_values` divides them
    return float((calibration - _rounding(calibration))[max(1, allowed) - 1])


def least_rate(m: int) -> float:
    """The least rate of false alarms that m held-out items can keep, 1 / (1 + m), as `upwards` writes it.

    >>> least_rate(60), least_rate(99)
    (0.0164, 0.01)
    """
    return upwards(1 / (1 + m))


def upwards(value: float) -> float:
    """A bound in three digits, rounded up: who reads it and gives it back is within it.

    >>> upwards(1 / 41), upwards(0.5), upwards(1 / 9999)
    (0.0244, 0.5, 0.000101)
    """
    near = float(f"{value:.3g}")
    return near if near >= value else float(f"{near + 10.0 ** (floor(log10(value)) - 2):.3g}")


def _rounding(calibration: Scores) -> float:
    return ROUNDING * (1 + float(np.median(np.abs(calibration))))
