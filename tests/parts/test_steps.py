"""Windows are judged step by step as rows of a table."""

import numpy as np
import pytest
import torch

from latently.parts import Columns, Steps
from latently.spec import Spec

SPEC = Spec("series", (4, 2), missing=(False, True))
ROW = Spec("table", (2,), levels=(0, 0), missing=(False, True))


def test_a_window_costs_what_its_steps_cost_as_rows():
    steps, row = Steps(SPEC).eval(), Columns(ROW).eval()
    x, out = torch.randn(3, 4, 2), torch.randn(3, 4, 2)
    x[0, 1, 1] = torch.nan
    assert torch.allclose(steps.nll(x, out), row.nll(x.view(12, 2), out.view(12, 2)).view(3, 4).sum(1))
    assert steps.surprise(x, out)[0, 1, 1] == 0
    assert steps.surprise(x, out).shape == x.shape


def test_sigma_follows_the_errors_column_by_column():
    steps = Steps(SPEC).train()
    out = torch.zeros(8, 4, 2)
    for _ in range(600):
        steps.nll(torch.randn(8, 4, 2) * torch.tensor([0.5, 2.0]), out)
    assert steps.step.square.sqrt().tolist() == pytest.approx([0.5, 2.0], rel=0.15)
    drawn = steps.eval().sample(torch.zeros(2000, 4, 2)).numpy()
    assert drawn.std((0, 1)) == pytest.approx([0.5, 2.0], rel=0.2)


def test_a_critic_sees_nothing_where_cells_are_missing():
    steps = Steps(SPEC)
    x, like = torch.full((1, 4, 2), torch.nan), torch.ones(1, 4, 2)
    assert np.array_equal(steps.wide(x, like), like)
    assert steps.soft(like).shape == like.shape
    assert torch.equal(steps.mean(like), like)
