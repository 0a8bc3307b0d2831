"""What follows from scores and from those of items that were held out: the same for all that judge items."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import OutlierMixin

from .calibration import least_rate, p_values, threshold


class Verdicts(OutlierMixin):
    """scikit-learn's verbs of outlier detection, at a rate of false alarms that is kept and may change after the fit.

    Attributes
    ----------
    calibration_ : ndarray (m,)
        Scores of items that the fit did not see, in ascending order.
    offset_ : float
        The score below which `predict` says -1: follows `false_alarms`, also when it is set after the fit.
    least_rate_ : float
        The least rate of false alarms that the m held-out items can keep, 1 / (m + 1), rounded up in three digits.
    """

    if TYPE_CHECKING:
        calibration_: NDArray[np.float64]
        false_alarms: float

    @abstractmethod
    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """How normal each item is; higher is more normal. (n,)"""

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """`score_samples` over the threshold; negative is an anomaly. (n,)"""
        return self.score_samples(X) - self.offset_

    def p_values(self, X: Any) -> NDArray[np.float64]:
        """How likely a normal item is to be as odd as each, by the items that were held out: small is odd. (n,)"""
        return p_values(self.score_samples(X), self.calibration_)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """1 for a normal item, -1 for an anomaly, with `false_alarms` of the normal ones called so at most. (n,)

        Those whose p-value is at most `false_alarms`, or 1 / (m + 1) where m held-out items allow no smaller one.
        """
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def score(self, X: Any, y: object = None) -> float:
        """The mean of `score_samples`, for GridSearchCV."""
        return float(self.score_samples(X).mean())

    @property
    def offset_(self) -> float:
        """The score below which an item's p-value is at most `false_alarms`."""
        return threshold(self.calibration_, self.false_alarms)

    @property
    def least_rate_(self) -> float:
        """The least rate of false alarms that the held-out items can keep."""
        return least_rate(len(self.calibration_))
