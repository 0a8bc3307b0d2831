"""One contract for all densities of codes, and how one is chosen."""

import sys

import numpy as np
import pytest
import torch

from latently import InputError, MissingPackageError, ParameterError, store
from latently.prior import CHOICES, PRIORS, Coded, choose, fit, restore

HOME = {"standard": "bare", "mixture": "bare", "vamp": "bare", "flow": "bare", "sequence": "book"}


def coded(n=120):
    rng = np.random.default_rng(0)
    means = rng.normal(size=(n, 2)) * [1.0, 5.0] + [3.0, -2.0]
    return Coded(means, np.full((n, 2), 0.1), rng.integers(0, 4, size=(n, 2)))


@pytest.fixture(params=PRIORS, scope="module")
def named(request, model):
    """A name, the model it suits, and its density of 120 codes."""
    module = model(HOME[request.param])
    return request.param, module, fit(request.param, coded(), module, seed=0)


def test_a_density_draws_codes_and_a_seed_draws_the_same_again(named):
    name, _, prior = named
    drawn = prior.sample(7, seed=3)
    assert prior.name == name and drawn.shape == (7, 2) and drawn.dtype == np.float64 and np.isfinite(drawn).all()
    assert np.array_equal(drawn, prior.sample(7, seed=3))
    many = [prior.sample(60, seed).tolist() for seed in (3, 4, None, None)]
    assert many[0] != many[1] != many[2] != many[3]


def test_fitting_twice_gives_the_same_density_and_leaves_the_generators_alone(model):
    some = coded()
    for name, home in HOME.items():
        torch.manual_seed(1)
        before = torch.get_rng_state()
        one, two = (fit(name, some, model(home), seed=5) for _ in range(2))
        torch.manual_seed(1)
        assert torch.equal(before, torch.get_rng_state())
        for key, tensor in one.tensors().items():
            assert np.array_equal(tensor, two.tensors()[key]), (name, key)


def test_no_density_moves_the_global_generator(named):
    name, module, prior = named
    before = torch.get_rng_state()
    fit(name, coded(), module, seed=0)
    prior.sample(3, seed=1)
    assert torch.equal(before, torch.get_rng_state())


def test_what_is_saved_draws_the_same(named, tmp_path):
    name, module, prior = named
    store.write(tmp_path / "prior.safetensors", {}, {"any": np.zeros(1), **prior.tensors()})
    tensors = {key: t for key, t in store.read(tmp_path / "prior.safetensors")[1].items() if key != "any"}
    again = restore(name, tensors, module, 2)
    assert np.array_equal(again.sample(9, seed=2), prior.sample(9, seed=2))


def test_what_cannot_have_been_saved_is_refused(named):
    name, module, prior = named
    tensors = prior.tensors()
    refused = (LookupError, ValueError, RuntimeError)
    for key, tensor in tensors.items():
        with pytest.raises(refused):
            restore(name, {k: t for k, t in tensors.items() if k != key}, module, 2)
        if tensor.dtype.kind == "f":
            with pytest.raises(refused):
                restore(name, {**tensors, key: np.full_like(tensor, np.nan)}, module, 2)
    if tensors:
        with pytest.raises(refused):
            restore(name, tensors, module, 3)
    assert not prior.fits(3) or name == "standard"


@pytest.mark.parametrize("n", [1, 2, 3, 19])
@pytest.mark.parametrize("same", [False, True])
def test_few_or_constant_codes_still_give_a_density(model, n, same):
    some = coded(n)
    if same:
        some = Coded(np.tile(some.means[:1], (n, 1)), np.zeros((n, 2)), np.tile(some.indices[:1], (n, 1)))
    for name, home in HOME.items():
        drawn = fit(name, some, model(home), seed=0).sample(50, seed=0)
        assert drawn.shape == (50, 2) and np.isfinite(drawn).all(), name
        if name in ("mixture", "vamp", "flow"):
            assert np.abs(drawn - some.means.mean(0)).max() < 10 * max(some.means.std(), 0.1), name
        if same and name == "sequence":
            assert (drawn == some.indices[0] ** 2).mean() > 0.9


@pytest.mark.parametrize(
    ("kind", "parts", "expected"),
    [
        ("bare", 1, "mixture"),
        ("bare", 2, "mixture"),
        ("pseudo", 2, "vamp"),
        ("drawn", 1, "standard"),
        ("book", 3, "sequence"),
    ],
)
def test_auto_chooses_the_density_that_the_decoder_saw(model, kind, parts, expected):
    whole = coded()
    some = Coded(*(whole.means, whole.spreads, whole.indices)[:parts])
    assert fit("auto", some, model(kind), seed=0).name == expected
    assert choose("auto", some.some(1, seed=0), model(kind)).name == expected


def test_an_unknown_name_is_refused_with_the_nearest(model):
    with pytest.raises(ParameterError, match="prior='mixtrue' is not known; did you mean mixture"):
        fit("mixtrue", coded(), model("bare"), seed=0)
    assert CHOICES == ("auto", "standard", "mixture", "vamp", "flow", "sequence")


@pytest.mark.parametrize(("name", "lack"), [("vamp", "spreads of codes"), ("sequence", "entries of a codebook")])
def test_a_density_that_does_not_suit_the_model_says_so_of_one_item(model, name, lack):
    with pytest.raises(ParameterError, match=f"prior='{name}' .*{lack}.* a .*Bare bottleneck .*none; choose 'mixture'"):
        choose(name, Coded(np.zeros((1, 2))), model("bare"))


def test_a_missing_zuko_is_named_with_its_command(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "zuko", None)
    with pytest.raises(MissingPackageError, match=r"pip install .zuko>=1[.]4") as caught:
        choose("flow", coded(), model("bare"))
    assert not isinstance(caught.value, InputError)


def test_items_are_encoded_in_evaluation_mode_and_all_parts_are_kept(model):
    module = model("bare").train()
    module.encoder = torch.nn.Sequential(module.encoder, torch.nn.Dropout(0.9))
    x = torch.randn(10, 3)
    found = Coded.of(module, [x[:6], x[6:]])
    assert len(found) == 10 and found.spreads is None and found.indices is None and module.training
    assert np.allclose(found.means, module.encoder[0](x).detach())


def test_the_standard_density_is_the_bottlenecks_own(model):
    drawn = fit("standard", coded(), model("bare"), seed=0).sample(4000, seed=0)
    assert np.allclose(drawn.mean(0), 100, atol=0.1) and np.allclose(drawn.std(0), 1, atol=0.05)
