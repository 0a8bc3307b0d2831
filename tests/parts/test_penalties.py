"""Penalties against an independent calculation."""

import pytest
import torch
from torch import nn

from latently.autoencoder import Autoencoder
from latently.parts import L1, MMD, Code, Contraction, Normal, Pass, Plain


def passed(z):
    return Pass(z, Code(z, z), z, {})


def model(penalty, encoder=None):
    return Autoencoder(encoder or nn.Linear(5, 2), Plain(2), nn.Linear(2, 5), Normal(), penalties=[penalty])


def test_l1_is_the_sum_of_sizes():
    z = torch.randn(4, 3)
    torch.testing.assert_close(L1(2.0)(model(L1(1.0)), passed(z)), 2 * z.abs().sum(1))


def test_contraction_has_the_full_jacobians_norm_as_its_mean():
    encoder = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 2))
    x = torch.randn(1, 5)
    jacobian = torch.autograd.functional.jacobian(encoder, x)
    net, many = model(Contraction(0.5), encoder), x.repeat(20_000, 1)
    found = net(many).terms["contraction"].mean().item()
    assert found == pytest.approx(0.5 * jacobian.square().sum().item(), rel=0.05)


def test_contraction_makes_the_encoder_flatter():
    net = model(Contraction(1.0))
    before = net.encoder.weight.square().sum().item()
    descent = torch.optim.SGD(net.encoder.parameters(), lr=0.05)
    for _ in range(50):
        descent.zero_grad()
        net(torch.randn(64, 5)).terms["contraction"].mean().backward()
        descent.step()
    assert net.encoder.weight.square().sum().item() < 0.1 * before


def test_a_missing_cell_does_not_spoil_the_slope():
    x = torch.randn(3, 5)
    net = model(Contraction(1.0))
    x[0, 0] = torch.nan
    assert torch.isfinite(Contraction(1.0)(net, Pass(x, Code(x, x), x, {}))).all()


def test_mmd_is_nothing_for_a_standard_normal_and_much_for_another():
    weigh = MMD(1.0)
    zero = torch.stack([weigh(None, passed(torch.randn(500, 3))) for _ in range(20)]).mean()
    assert abs(zero.item()) < 0.01
    assert weigh(None, passed(torch.randn(500, 3) + 1)).item() > 0.2
    assert weigh(None, passed(0.1 * torch.randn(500, 3))).item() > 0.2


def test_mmd_of_one_code_is_nothing_and_of_equal_codes_has_a_gradient():
    one = torch.ones(1, 2, requires_grad=True)
    assert MMD(1.0)(None, passed(one)).item() == 0
    z = torch.ones(6, 2, requires_grad=True)
    MMD(1.0)(None, passed(z)).backward()
    assert torch.isfinite(z.grad).all()


def test_penalties_are_for_training_alone():
    net = model(L1(1.0))
    assert "sparsity" in net.train()(torch.randn(2, 5)).terms
    assert "sparsity" not in net.eval()(torch.randn(2, 5)).terms
