"""The likelihood of windows of a series."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from ..spec import Spec
from .likelihoods import Columns, Likelihood


class Steps(Likelihood):
    r"""A window of a series (B, T, F): each of its steps is judged as a row of a table of numbers.

    .. math:: -\log p(x|o) = \sum_t \sum_j \tfrac12 \left(\tfrac{x_{tj} - o_{tj}}{\sigma_j}\right)^2
              + \log\sigma_j + \tfrac12\log 2\pi

    with one sigma a column, followed as in `Columns`: a series does not know where windows are cut, so no step of one
    is easier than another. Missing cells (NaN) cost nothing and are filled in by `mean`.

    Parameters
    ----------
    spec
        A series'; `spec.shape` is (T, F).
    floor
        The least sigma, in the column's standard deviations.

    Examples
    --------
    >>> import torch
    >>> steps = Steps(Spec("series", (3, 1), missing=(False,))).eval()
    >>> round(steps.nll(torch.zeros(1, 3, 1), torch.zeros(1, 3, 1)).item(), 3)  # sigma starts at 1
    2.757
    """

    def __init__(self, spec: Spec, floor: float = 0.05) -> None:
        super().__init__()
        columns = spec.shape[-1:]
        self.step = Columns(replace(spec, kind="table", shape=columns, levels=(0,) * columns[0]), floor)

    def nll(self, x: Tensor, out: Tensor) -> Tensor:
        return self.step.nll(x.flatten(0, 1), out.flatten(0, 1)).view(len(x), -1).sum(1)

    def surprise(self, x: Tensor, out: Tensor) -> Tensor:
        return self.step.surprise(x.flatten(0, 1), out.flatten(0, 1)).view_as(x)

    def mean(self, out: Tensor) -> Tensor:
        return out

    def sample(self, out: Tensor) -> Tensor:
        return self.step.sample(out.flatten(0, 1)).view_as(out)

    def soft(self, out: Tensor) -> Tensor:
        return self.step.soft(out.flatten(0, 1)).view_as(out)

    def wide(self, x: Tensor, like: Tensor) -> Tensor:
        return x.where(~x.isnan(), like.to(x.dtype))
