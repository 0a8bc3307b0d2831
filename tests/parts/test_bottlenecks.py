"""The bottlenecks' mathematics, against draws and independent calculations."""

import math

import pytest
import torch
from torch import nn

import latently
from latently.errors import ParameterError
from latently.parts import Drawn, Gaussian, Ladder, Plain, Quantized, Rounded, Sphere, Vamp
from latently.spec import Spec

ROW = Spec("table", (3,), levels=(0, 0, 0), missing=(False,) * 3)
DRAWS = 200_000


@pytest.mark.parametrize("make", [lambda: Gaussian(3), lambda: Sphere(3), lambda: Ladder(4)], ids=["n", "s", "l"])
def test_the_mean_price_of_many_draws_is_the_price_in_evaluation(make):
    bottleneck = make().eval()
    h = torch.randn(1, bottleneck.in_features)
    drawn = bottleneck.sampled(h, DRAWS)
    assert drawn.z.shape == (DRAWS, bottleneck.features)
    assert drawn.mean.shape == (1, bottleneck.features)
    if isinstance(bottleneck, Ladder):  # the lower price hangs on the upper draw: average it in training mode
        once = bottleneck.train()(h.repeat(DRAWS, 1))
        exact = sum(price.mean() for price in once.price.values())
    else:
        exact = bottleneck(h).price["kl"]
    assert drawn.price["kl"].mean().item() == pytest.approx(exact.item(), abs=0.02)


@pytest.mark.parametrize("features", [2, 3, 8])
def test_a_power_spherical_density_integrates_to_one(features):
    sphere = Sphere(features)
    mean, kappa = sphere._direction(torch.randn(1, features + 1))
    z = sphere.draw(DRAWS, torch.zeros(1, features))  # uniform
    log_q = sphere._log_normaliser(kappa) + kappa * torch.log1p((z * mean).sum(1))
    assert (log_q + sphere._log_area()).exp().mean().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("direction", [(0.0, 2.0, 0.0), (5.0, 0.0, 0.0), (5.0, 1e-6, 0.0), (-3.0, 0.0, 0.0)])
def test_a_sphere_draws_around_its_direction_the_closer_the_more_concentrated(direction):
    sphere, h = Sphere(3), torch.tensor([[*direction, 1.0]])
    mean = torch.tensor(direction) / torch.tensor(direction).norm()
    far = []
    for concentration in (2.0, 10.0, 50.0):
        h[0, 3] = concentration
        z = sphere.sampled(h, 5000).z
        assert torch.allclose(z.norm(dim=1), torch.ones(5000), atol=1e-5)
        far.append(1 - (z @ mean).mean().item())
        torch.testing.assert_close(z.mean(0) / z.mean(0).norm(), mean, atol=0.1, rtol=0)
    assert far[0] > far[1] > far[2] > 0


def test_a_sphere_projects_anything_onto_itself():
    z = Sphere(4).project(torch.randn(9, 4) * 7)
    assert torch.allclose(z.norm(dim=1), torch.ones(9))


@pytest.mark.parametrize("cls", [Sphere, Ladder])
def test_a_code_of_one_number_is_refused_where_it_makes_no_sense(cls):
    with pytest.raises(ParameterError, match=r"latent=1 is not allowed .* it is at least 2"):
        cls(1)


def test_the_vamp_prior_is_the_mixture_of_its_pseudo_inputs_posteriors():
    vamp, encoder = Vamp(2, ROW, count=4), nn.Linear(3, 4)
    vamp.start(torch.randn(10, 3), encoder)
    parts = vamp.pseudo(encoder)
    mixture = torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.ones(4)),
        torch.distributions.Independent(torch.distributions.Normal(parts.mean, parts.spread), 1),
    )
    x = torch.randn(3, 3)
    torch.manual_seed(1)
    code = vamp.sampled(encoder(vamp.beside(x)), 2)
    own = vamp.eval()(encoder(vamp.beside(x)))
    log_q = torch.distributions.Normal(own.mean.repeat(2, 1), own.spread.repeat(2, 1)).log_prob(code.z).sum(1)
    torch.testing.assert_close(code.price["kl"], log_q - mixture.log_prob(code.z))


def test_the_vamp_price_in_evaluation_bounds_the_divergence_from_above():
    vamp, encoder = Vamp(2, ROW, count=4).eval(), nn.Linear(3, 4)
    vamp.start(torch.randn(10, 3), encoder)
    h = encoder(vamp.beside(torch.randn(1, 3)))
    drawn = vamp.sampled(h, DRAWS).price["kl"].mean()
    assert drawn - 0.02 <= vamp(h).price["kl"].item() < drawn + 1


def test_pseudo_inputs_begin_as_items_and_missing_cells_as_the_mean():
    vamp, x = Vamp(2, ROW, count=5), torch.randn(3, 3)
    x[0, 0] = math.nan
    vamp.start(x, nn.Identity())
    assert torch.equal(vamp.inputs[1], x[1]) and torch.equal(vamp.inputs[4], x[1]) and vamp.inputs[0, 0] == 0


def test_the_ladder_weighs_what_it_expects_and_what_it_is_told_by_precision():
    ladder, h = Ladder(4), torch.randn(2, 16)
    z2 = torch.randn(2, 2)
    expected, (mean, log_var) = ladder._lower(h, z2)
    said = ladder.here(h).chunk(2, 1)
    precision = (-expected[1]).exp() + (-said[1]).exp()
    torch.testing.assert_close((-log_var).exp(), precision)
    torch.testing.assert_close(mean * precision, expected[0] * (-expected[1]).exp() + said[0] * (-said[1]).exp())


def test_drawn_codes_know_nothing_of_the_item_in_training_and_all_in_evaluation():
    drawn, h = Drawn(2), torch.ones(2000, 2)
    z = drawn(h).z
    assert abs(z.mean()) < 0.1 and abs(z.std() - 1) < 0.1
    assert torch.equal(drawn.eval()(h).z, h)


def test_a_code_without_a_density_says_so():
    with pytest.raises(ParameterError, match="these codes are points, with no density"):
        Plain(2).sampled(torch.zeros(1, 2), 3)


class TestQuantized:
    def test_each_position_is_its_nearest_entry(self):
        bottleneck = Quantized(2, codes=5, positions=3).eval()
        bottleneck.moment.copy_(torch.randn(5, 2) / 5)
        code = bottleneck(h := torch.randn(4, 6))
        vectors = h.view(4, 2, 3).movedim(1, 2)  # the numbers of one entry stand three apart
        distances = (vectors.unsqueeze(2) - bottleneck.codebook).norm(dim=-1)
        assert torch.equal(code.indices, distances.argmin(2))
        torch.testing.assert_close(code.z, bottleneck.entries(code.indices))
        torch.testing.assert_close(code.price["commitment"], 0.25 * (h - code.z).square().sum(1))

    def test_the_gradient_passes_straight_through(self):
        bottleneck = Quantized(2, codes=5).train()
        h = torch.randn(4, 2, requires_grad=True)
        bottleneck(h).z.sum().backward()
        assert torch.equal(h.grad, torch.ones(4, 2))

    def test_entries_follow_the_mean_of_the_vectors_that_chose_them(self):
        bottleneck = Quantized(1, codes=2, decay=0.9).train()
        bottleneck.moment.copy_(torch.tensor([[-1.0], [1.0]]) / 2)
        h = torch.tensor([[-3.0], [-3.0], [4.0], [4.0]])
        for _ in range(200):
            bottleneck(h)
        torch.testing.assert_close(bottleneck.codebook, torch.tensor([[-3.0], [4.0]]))

    def test_it_begins_at_the_centres_of_the_data(self):
        bottleneck = Quantized(2, codes=3)
        centres = torch.tensor([[0.0, 9], [9, 0], [-9, -9]])
        bottleneck.start(centres.repeat(50, 1) + 0.1 * torch.randn(150, 2), nn.Identity())
        found = bottleneck.codebook
        assert (torch.cdist(centres, found).min(1).values < 0.2).all()

    def test_an_entry_that_nothing_chooses_is_put_where_vectors_are(self):
        bottleneck = Quantized(1, codes=4, decay=0.9).train()
        bottleneck.moment.copy_(torch.tensor([[0.0], [100], [200], [300]]) / 4)
        h = torch.linspace(-1, 1, 64).unsqueeze(1)
        for _ in range(100):
            bottleneck(h)
        assert bottleneck.eval()(h).indices.unique().numel() == 4

    def test_more_entries_than_vectors_are_said(self):
        with pytest.warns(latently.LatentlyWarning, match=r"codes=16 is more than the 10 vectors .* such as 1\."):
            Quantized(2, codes=16).start(torch.randn(10, 2), nn.Identity())

    def test_any_code_is_projected_to_entries(self):
        bottleneck = Quantized(2, codes=5, positions=2).eval()
        z = bottleneck.project(torch.randn(3, 4))
        assert torch.equal(bottleneck.project(z), z)
        assert torch.equal(bottleneck(z).z, z)


class TestRounded:
    @pytest.mark.parametrize("levels", [3, 4, 5, 8])
    def test_as_many_values_occur_as_there_are_levels(self, levels):
        bottleneck = Rounded(1, levels)
        z = bottleneck(torch.linspace(-20, 20, 999).unsqueeze(1)).z
        assert z.detach().unique().numel() == levels
        assert z.abs().max() <= 1

    def test_indices_and_entries_are_each_others_inverse(self):
        bottleneck = Rounded(3, 5)
        code = bottleneck(2 * torch.randn(9, 3))
        assert code.indices.min() >= 0 and code.indices.max() <= 4
        torch.testing.assert_close(bottleneck.entries(code.indices), code.z)
        torch.testing.assert_close(bottleneck.project(code.z + 0.1), code.z)

    def test_the_gradient_is_that_of_the_squeeze(self):
        h = torch.tensor([[0.3]], requires_grad=True)
        Rounded(1, 5)(h).z.backward()
        assert h.grad.item() == pytest.approx(1 - math.tanh(0.3) ** 2)


def weights(steps, **how):
    bottleneck = Gaussian(1, beta=2.0, **how).train()
    return [float(bottleneck.weight()) for _ in range(steps)]


def test_beta_rises_in_cycles_as_the_formula_says():
    half = [2 / 3 * t for t in (1, 2, 3)]
    assert weights(20, warmup=3, cycles=3) == pytest.approx([*half, 2, 2, 2, *half, 2, 2, 2, *half, *[2] * 5])
    assert weights(8, warmup=3) == pytest.approx([*half, *[2] * 5]), "one cycle is a warm-up"
    assert weights(4, warmup=0, cycles=5) == [2, 2, 2, 2]


def test_a_warm_up_that_nobody_chose_fills_the_training_with_cycles():
    bottleneck = Gaussian(1, beta=1.0, warmup=None, cycles=4).train()
    assert float(bottleneck.weight()) == 1, "nobody said how long the training is"
    bottleneck.lasts(80)
    told = [float(bottleneck.weight()) for _ in range(80)]
    assert told == pytest.approx([min(1.0, t / 10) for t in range(1, 21)] * 4)
    chosen = Gaussian(1, warmup=7)
    chosen.lasts(80)
    assert chosen.warmup == 7


def test_it_rises_until_the_last_cycle_is_full():
    bottleneck = Gaussian(1, warmup=3, cycles=2).train()
    rising = []
    for _ in range(12):
        bottleneck.weight()
        rising.append(bottleneck.rising)
    assert rising == [True] * 8 + [False] * 4
    assert not Gaussian(1).rising and not Plain(1).rising
    assert float(bottleneck.eval().weight()) == 1


def test_cycles_of_no_warm_up_are_refused():
    with pytest.raises(ParameterError, match="cycles=3 repeats the warm-up and warmup=0 has none"):
        latently.VAE(latent=1, cycles=3).fit([[0.0, 1.0]] * 40)
