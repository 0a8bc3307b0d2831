"""Penalties against an independent calculation."""

import math

import pytest
import torch
from torch import nn

from latently.autoencoder import Autoencoder
from latently.parts import (
    L1,
    MMD,
    Code,
    Contraction,
    Decay,
    Gaussian,
    Ladder,
    Normal,
    Pass,
    Plain,
    Several,
    Shrinkage,
    Smoothness,
    Tightening,
    TotalCorrelation,
)


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


def test_smoothness_has_the_decoders_jacobian_norm_as_its_mean():
    net = model(Smoothness(0.5))
    net.decoder = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 5))
    z = torch.randn(1, 2)
    jacobian = torch.autograd.functional.jacobian(net.decoder, z)
    found = Smoothness(0.5)(net, passed(z.repeat(20_000, 1))).mean().item()
    assert found == pytest.approx(0.5 * jacobian.square().sum().item(), rel=0.05)


def test_shrinkage_and_decay_are_squared_norms():
    net, z = model(Decay(1.0)), torch.randn(4, 2)
    torch.testing.assert_close(Shrinkage(3.0)(net, passed(z)), 1.5 * z.square().sum(1))
    exact = net.decoder.weight.square().sum() + net.decoder.bias.square().sum()
    torch.testing.assert_close(Decay(2.0)(net, passed(z)), 2 * exact)


def test_total_correlation_is_that_of_a_mixture_of_posteriors():
    mean, spread = torch.tensor([[0.0, 0.0], [3.0, 3.0]]), torch.full((2, 2), 0.5)
    z = mean.clone()
    density = torch.distributions.Normal(mean, spread)
    joint = torch.stack([density.log_prob(row).sum(1).exp().mean().log() for row in z])
    single = torch.stack([density.log_prob(row).exp().mean(0).log().sum() for row in z])
    code = Code(z, mean, spread=spread)
    torch.testing.assert_close(TotalCorrelation(2.0)(None, Pass(z, code, z, {})), 2 * (joint - single))
    assert TotalCorrelation(1.0)(None, Pass(z, code, z, {})).mean() == pytest.approx(math.log(2), abs=1e-3)


def weighted(penalty, draws):
    torch.manual_seed(0)
    return Autoencoder(nn.Linear(5, 4), Several(2, draws), nn.Linear(2, 5), Normal(), penalties=[penalty])


@pytest.mark.parametrize(("groups", "draws"), [(1, 6), (3, 2), (6, 1)])
def test_the_terms_add_up_to_the_bound_of_the_groups(groups, draws):
    net, x = weighted(Tightening(1.0, groups), groups * draws), torch.randn(4, 5)
    torch.manual_seed(1)
    done = net(x)
    cost = (done.terms["reconstruction"] + done.terms["kl"]).view(groups, draws, 4)
    bound = -((-cost).logsumexp(1) - math.log(draws)).mean()
    torch.testing.assert_close(done.loss, bound)
    assert (done.terms["tightening"] <= 1e-6).all()


def test_more_draws_bound_the_likelihood_more_tightly():
    x = torch.randn(500, 5)
    losses = [weighted(Tightening(1.0), draws)(x).loss.item() for draws in (2, 20, 200)]
    assert losses[0] > losses[1] > losses[2]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Gaussian(2),
        lambda: Gaussian(2, beta=4.0),
        lambda: Gaussian(2, beta=0.0),
        lambda: Ladder(2, beta=0.5),
        lambda: Several(2, 3),
    ],
)
def test_importance_weights_find_the_likelihood_of_a_linear_model(make):
    """Its decoder is linear and its noise known, so p(x) is a normal density in closed form, whatever the weights."""
    torch.manual_seed(0)
    bottleneck = make()
    net = Autoencoder(nn.Linear(5, bottleneck.in_features), bottleneck, nn.Linear(2, 5), Normal()).eval().double()
    if isinstance(bottleneck, Ladder):  # whose prior is N(0, I) where the upper code says nothing of the lower one
        for parameter in bottleneck.down.parameters():
            nn.init.zeros_(parameter)
    net.likelihood.square.fill_(0.25)
    x, decoder = torch.randn(3, 5, dtype=torch.float64), net.decoder
    law = torch.distributions.MultivariateNormal(
        decoder.bias, decoder.weight @ decoder.weight.T + 0.25 * torch.eye(5, dtype=torch.float64)
    )
    with torch.no_grad():
        estimate = net.log_weights(x, 50_000).logsumexp(0) - math.log(50_000)
        torch.testing.assert_close(estimate, law.log_prob(x), atol=0.1, rtol=0)
