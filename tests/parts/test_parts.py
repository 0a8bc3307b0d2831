"""The parts' mathematics, against an independent calculation."""

import math
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, kl_divergence
from torch.distributions import Normal as NormalLaw
from torch.nn.functional import binary_cross_entropy_with_logits

from latently.errors import ParameterError
from latently.parts import Augmentation, Bernoulli, Chain, Columns, Gaussian, LogMSE, Masking, Noise, Normal, Plain
from latently.quick import plain
from latently.spec import Spec

MIXED = Spec("table", (4,), levels=(0, 3, 0, 2), missing=(True, False, False, True))


def test_a_row_without_gaps_costs_what_it_costs_where_there_could_be_some():
    x, out = torch.randn(9, 3), torch.randn(9, 3, requires_grad=True)
    laws = [
        Columns(Spec("table", (3,), levels=(0,) * 3, missing=(gaps, False, False))).train() for gaps in (False, True)
    ]
    quick, careful = (law.nll(x, out) for law in laws)
    torch.testing.assert_close(quick, careful)
    torch.testing.assert_close(laws[0].square, laws[1].square)
    torch.testing.assert_close(*(torch.autograd.grad(nll.sum(), out)[0] for nll in (quick, careful)))
    assert torch.isfinite(laws[0].eval().nll(torch.full((1, 3), torch.nan), out[:1])).all()  # a new row may have gaps


@pytest.mark.parametrize("numbers", [1024, 1021])  # products of eight, and what is left over
@pytest.mark.parametrize("scale", [1, 100])  # sure of itself: sigmoids of 0 and 1
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_quick_cross_entropy_is_the_plain_one(numbers, scale, dtype):
    x, logits = torch.rand(40, numbers, dtype=dtype), scale * torch.randn(40, numbers, dtype=dtype)
    logits.requires_grad_()
    exact = binary_cross_entropy_with_logits(logits.double(), x.double(), reduction="none").sum(1)
    weights = torch.rand(40, dtype=dtype)
    found = {}
    for name, forms in (("quick", nullcontext), ("plain", plain)):
        with forms():
            nll = Bernoulli().nll(x, logits)
        assert type(nll.grad_fn).__name__.startswith("_CrossEntropy") == (name == "quick")
        found[name] = torch.autograd.grad(nll @ weights, logits)[0]
        torch.testing.assert_close(nll.double(), exact, rtol=1e-6, atol=0)
    torch.testing.assert_close(found["quick"], found["plain"], rtol=0, atol=1e-6)


def test_the_gaussian_price_is_the_divergence_from_a_standard_normal():
    h = torch.randn(5, 6)
    mean, sigma = h[:, :3], (0.5 * h[:, 3:]).exp()
    exact = kl_divergence(NormalLaw(mean, sigma), NormalLaw(torch.zeros(3), torch.ones(3))).sum(1)
    torch.testing.assert_close(Gaussian(3, beta=2.0).eval()(h).price["kl"], 2 * exact)


def test_the_gaussian_price_agrees_with_monte_carlo():
    mean, log_var = torch.tensor([[0.7, -1.2]]), torch.tensor([[-0.5, 0.8]])
    law = NormalLaw(mean, (0.5 * log_var).exp())
    z = law.sample((200_000,))
    estimate = (law.log_prob(z) - NormalLaw(0.0, 1.0).log_prob(z)).sum(-1).mean()
    price = Gaussian(2).eval()(torch.cat((mean, log_var), 1)).price["kl"].item()
    assert price == pytest.approx(estimate.item(), abs=0.02)


def test_a_gaussian_draws_in_training_and_is_still_in_evaluation():
    gaussian, h = Gaussian(3), torch.randn(4, 6)
    assert not torch.equal(gaussian.train()(h).z, gaussian(h).z)
    assert torch.equal(gaussian.eval()(h).z, h[:, :3])


def test_warm_up_raises_beta_step_by_step_and_counts_in_the_saved_state():
    gaussian, h = Gaussian(2, warmup=4), torch.ones(3, 4)
    prices = [gaussian.train()(h).price["kl"].mean().item() for _ in range(6)]
    assert np.allclose(np.array(prices) / prices[-1], [0.25, 0.5, 0.75, 1, 1, 1])
    assert gaussian.state_dict()["seen"] == 6
    assert gaussian.eval()(h).price["kl"].mean().item() == pytest.approx(prices[-1])


def test_free_bits_are_the_least_price_and_leave_an_unused_code_without_gradient():
    gaussian, h = Gaussian(2, free_bits=0.5).train(), torch.zeros(3, 4, requires_grad=True)
    price = gaussian(h).price["kl"]
    price.backward()
    assert price.item() == pytest.approx(1.0)
    assert h.grad.abs().sum() == 0


def test_free_nats_are_the_least_price_of_the_whole_code_whoever_carries_them():
    gaussian = Gaussian(2, free_nats=3.0).train()
    h = torch.tensor([[2.0, 0.0, 0.0, 0.0]]).repeat(3, 1).requires_grad_()  # 2 nats, in one of the numbers
    price = gaussian(h).price["kl"]
    assert price.item() == 3.0
    price.backward()
    assert not h.grad.any()
    more = gaussian(3 * h.detach()).price["kl"]
    torch.testing.assert_close(more, torch.tensor(18.0))
    torch.testing.assert_close(gaussian.eval()(h.detach()).price["kl"], torch.full((3,), 2.0))


def test_normal_is_the_density_of_its_sigma():
    law, x, out = Normal().eval(), torch.randn(3, 1, 2, 2), torch.randn(3, 1, 2, 2)
    law.square.fill_(math.exp(-1.4))
    exact = -NormalLaw(out, math.exp(-0.7)).log_prob(x).flatten(1).sum(1)
    torch.testing.assert_close(law.nll(x, out), exact)


@pytest.mark.parametrize(("error", "sigma"), [(0.2, 0.2), (3.0, 3.0), (0.0, 1 / 256)])
def test_sigma_follows_the_errors_and_comes_back_from_its_floor(error, sigma):
    law, out = Normal().train(), torch.zeros(64, 1, 4, 4)
    for step in range(900):
        law.nll(error * torch.randn_like(out) if step > 400 else out, out)  # first nothing to err about
    x = torch.zeros(1, 1, 1, 1)
    found = law.eval().nll(x, x).item() - 0.5 * math.log(2 * math.pi)
    assert math.exp(found) == pytest.approx(sigma, rel=0.1)


def test_bernoulli_is_the_binary_cross_entropy_and_stable_at_its_ends():
    x, out = torch.tensor([[0.0, 1.0, 0.3]]), torch.tensor([[-2.0, 0.4, 1.5]])
    p = out.sigmoid()
    torch.testing.assert_close(Bernoulli().nll(x, out), -(x * p.log() + (1 - x) * (1 - p).log()).sum(1))
    assert Bernoulli().nll(torch.zeros(1, 1), torch.full((1, 1), 200.0)).item() == 200.0


def test_columns_add_up_column_by_column():
    law, out = Columns(MIXED).eval(), torch.randn(1, 7)
    law.square.copy_(torch.tensor([-0.6, 0.4]).exp())
    x = torch.tensor([[0.4, 2.0, -1.0, 1.0]])
    exact = (
        -NormalLaw(out[0, 0], math.exp(-0.3)).log_prob(x[0, 0])
        - NormalLaw(out[0, 1], math.exp(0.2)).log_prob(x[0, 2])
        - Categorical(logits=out[0, 2:5]).log_prob(torch.tensor(2))
        - Categorical(logits=out[0, 5:7]).log_prob(torch.tensor(1))
    )
    torch.testing.assert_close(law.nll(x, out)[0], exact)


def test_missing_cells_cost_nothing_and_give_finite_gradients():
    law, out = Columns(MIXED), torch.randn(2, 7, requires_grad=True)
    x = torch.tensor([[torch.nan] * 4, [0.5, torch.nan, torch.nan, 0.0]])
    nll = law.nll(x, out)
    nll.sum().backward()
    assert nll[0] == 0
    assert torch.isfinite(out.grad).all()
    assert (out.grad[0] == 0).all()


def test_columns_restore_the_likeliest_and_sample_by_their_shares():
    law = Columns(Spec("table", (2,), levels=(0, 4), missing=(False, False))).eval()
    shares = torch.tensor([0.02, 0.07, 0.01, 0.9])  # the last is any other category, which is never restored
    out = torch.tensor([[1.5, *shares.log().tolist()]]).repeat(20_000, 1)
    before = torch.random.get_rng_state()
    assert law.mean(out)[0].tolist() == [1.5, 1.0]
    assert torch.equal(before, torch.random.get_rng_state())
    drawn = law.sample(out)
    assert np.allclose(np.bincount(drawn[:, 1].long().numpy()) / 20_000, [0.2, 0.7, 0.1], atol=0.02)
    assert drawn[:, 0].std().item() == pytest.approx(1.0, abs=0.03)


def test_a_column_without_known_cells_in_a_batch_keeps_its_sigma():
    law = Columns(Spec("table", (2,), levels=(0, 0), missing=(True, True))).train()
    for _ in range(300):
        law.nll(torch.tensor([[torch.nan, 0.5]]), torch.zeros(1, 2))
    assert law.square[0] == 1
    assert law.square[1].item() == pytest.approx(0.25, rel=0.05)


def test_noise_touches_numbers_alone_and_keeps_missing_cells():
    x = torch.tensor([[0.5, 2.0, torch.nan, 1.0]])
    seen = Noise(0.5, MIXED)(x)
    assert seen[0, 0] != 0.5
    assert torch.equal(seen[0, [1, 3]], x[0, [1, 3]])
    assert seen[0, 2].isnan()


def test_masking_hides_the_asked_share_in_the_kinds_own_way():
    picture, row = torch.ones(1, 1, 100, 100), torch.ones(5000, 4)
    hidden = Masking(0.3, Spec("image", (1, 100, 100)))(picture)
    assert (hidden == 0).float().mean().item() == pytest.approx(0.3, abs=0.02)
    assert Masking(0.3, MIXED)(row).isnan().float().mean().item() == pytest.approx(0.3, abs=0.02)


def test_a_chain_is_its_links_in_order():
    spec = Spec("image", (1, 2, 2))
    assert Chain(Noise(1.0, spec), Masking(1.0, spec))(torch.ones(3, 1, 2, 2)).abs().sum() == 0


@pytest.mark.parametrize("sides", [(8, 8), (6, 10)])
def test_flips_alone_are_exact_mirror_images(sides):
    x = torch.rand(40, 1, *sides)
    moved = Augmentation("hflip")(x)
    kinds = {
        "same" if torch.allclose(m, o, atol=1e-5) else "mirrored" if torch.allclose(m, o.flip(-1), atol=1e-5) else "?"
        for m, o in zip(moved, x, strict=True)
    }
    assert kinds == {"same", "mirrored"}


def test_a_turn_keeps_lengths_in_a_picture_that_is_not_square():
    x = torch.zeros(200, 1, 41, 81)
    x[:, :, 20, 30:51] = 1  # a bar of 21 pixels in the middle, lying
    turned = Augmentation("rotate180")(x)[..., 20:61]  # outside stand mirror images of the bar
    assert turned.sum((1, 2, 3)).numpy() == pytest.approx(np.full(200, 21), rel=0.2)  # one pixel wide: aliased


def test_no_moves_leave_the_picture():
    x = torch.rand(3, 3, 9, 7)
    torch.testing.assert_close(Augmentation("rotate0 zoom0 shear0 shift0")(x), x)


def test_an_unknown_move_is_named():
    with pytest.raises(ParameterError, match="'spin3' is not known"):
        Augmentation("rotate3 spin3")


def test_plain_passes_everything_for_free():
    h = torch.randn(2, 3)
    code = Plain(3)(h)
    assert code.z is h
    assert code.price == {}


def test_noise_has_the_levels_asked_for_and_stays_within_the_range_where_it_is_clipped():
    grey, spec = torch.full((400, 3, 8, 8), 0.5), Spec("image", (3, 8, 8))
    each = (Noise(0.3, spec, least=0.05)(grey) - grey).flatten(1).std(1)
    assert each.min() < 0.08 and 0.27 < each.max() < 0.36 and 0.16 < each.mean() < 0.19
    clipped = Noise(0.3, spec, clipped=True)(grey)
    assert clipped.min() == 0 and clipped.max() == 1
    assert (
        Noise(0.3, Spec("table", (2,), levels=(0, 0), missing=(False, False)), clipped=True)(grey[:, 0, 0, :2]).max()
        > 1
    )


def test_flips_and_quarter_turns_are_exact_and_all_are_met():
    picture = torch.arange(9.0).reshape(1, 1, 3, 3)
    seen = {tuple(one.flatten().tolist()) for one in Augmentation("hflip turns")(picture.repeat(200, 1, 1, 1))}
    assert len(seen) == 8
    colours = Augmentation("channels")(torch.arange(3.0).reshape(1, 3, 1, 1).repeat(200, 1, 1, 1)).flatten(1)
    assert {tuple(one.tolist()) for one in colours} == {
        (a, b, 3.0 - a - b) for a in range(3) for b in range(3) if a != b
    }
    light = Augmentation("light0.2")(torch.ones(200, 1, 1, 1))
    assert 0.8 <= light.min() < 0.83 and 1.17 < light.max() <= 1.2
    with pytest.raises(ParameterError, match=r"light is a share, below 1, as in light0\.1"):
        Augmentation("light1.5")


def test_the_logarithm_of_the_error_is_the_signal_to_noise_ratio():
    x = torch.rand(4, 3, 8, 8)
    out = x + torch.tensor([0.05, 0.1, 0.2, 0.4])[:, None, None, None] * torch.randn(4, 3, 8, 8)
    psnr = -10 * (x - out).square().flatten(1).mean(1).log10()
    nll = LogMSE(floor=0).eval().nll(x, out)
    torch.testing.assert_close(nll.diff() / (0.5 * 192), -psnr.diff() * math.log(10) / 10, atol=1e-3, rtol=1e-3)
