"""How scores of different kinds are judged: which are usual, where one stands among them, what several say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]  # (n, F)
Scores = NDArray[np.float64]  # (n,): of parts higher is odder

TRIMMED = 2.0  # half spreads above the median: 1.35 standard deviations, were scores normal
FLOOR = 1e-3  # of a usual score: what lies nearer than that is as good as equal
LEAST = 0.05  # spread of the logarithms, where half of the rows have a twin
HARDNESS = 0.7  # of the maximum; 0 would be the mean


def trusted(scores: Scores, most: float) -> NDArray[np.bool_]:
    r"""Which rows are left when those that score highest are trimmed, a share `most` of them at most: (n,).

    .. math:: s \le m + 2 (m - q_{1/4})

    The lower half is the one that anomalies do not reach; were scores symmetric, the upper would end as the lower.

    >>> trusted(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 30.0]), most=0.4).tolist()
    [True, True, True, True, True, True, False]
    """
    lower, middle, bound = np.quantile(scores, [0.25, 0.5, 1 - most])
    return scores <= max(middle + TRIMMED * (middle - lower), bound)


def nothing(scores: Scores) -> float:
    """What is as good as 0 beside these scores (n,)."""
    apart = scores[scores > 0]
    return FLOOR * float(np.median(apart)) if len(apart) else FLOOR


@dataclass(frozen=True, slots=True)
class Standing:
    r"""How far above the usual a score is, in spreads of the lower half of the logarithms.

    .. math:: z = (\log s - m) / \sigma, \qquad \sigma^2 = \text{mean of } (\log s_i - m)^2 \text{ over } s_i \le e^m

    Parameters
    ----------
    floor
        What is added to a score before its logarithm is taken.
    middle, spread
        m and :math:`\sigma`, of the rows of the fit.
    """

    floor: float
    middle: float
    spread: float

    @classmethod
    def among(cls, own: Scores) -> Self:
        """Of scores (n,) beside these."""
        floor = nothing(own)
        logs = np.log(own + floor)
        middle = float(np.median(logs))
        lower = logs[logs <= middle]
        return cls(floor, middle, max(LEAST, float(np.sqrt(np.square(lower - middle).mean()))))

    def of(self, scores: Scores) -> Scores:
        return (np.log(scores + self.floor) - self.middle) / self.spread


def together(standings: Sequence[Scores]) -> Scores:
    r"""What all parts say, (n,): a soft maximum, since a row is odd where it is so in any way.

    .. math:: \log\Bigl(\tfrac{1}{P} \sum_p e^{h z_p}\Bigr) / h

    >>> together([np.array([0.0, 0.0]), np.array([0.0, 20.0])]).round(1).tolist()
    [0.0, 19.0]
    """
    logs = HARDNESS * np.stack(standings)
    return (np.logaddexp.reduce(logs) - np.log(len(logs))) / HARDNESS
