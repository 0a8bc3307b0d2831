"""The VAE of texts: it keeps the contract of every model, its likelihood is the exact one, and its code is in use."""

import itertools
import json
import math
import subprocess
import sys
import warnings
from functools import cache

import numpy as np
import polars as pl
import pytest
import torch
from sklearn.base import clone

import latently
from latently.parts import Tokens
from latently.spec import END, PAD

WHO, DID, WHOM = ("cat", "dog", "bird", "fox", "cow"), ("saw", "met", "fed", "bit"), ("tom", "ann", "joe", "sue", "eva")
WHERE = ("here", "there", "inside", "outside", "upstairs")
EVERY = [" ".join(("the", *words)) for words in itertools.product(WHO, DID, WHOM, WHERE)]
LINES = np.random.default_rng(0).permutation(EVERY)[:400].tolist()
SMALL = {"latent": 6, "encoder": "embed16 gru32", "lr": 0.01}


@cache
def fitted():
    return latently.TextVAE(**SMALL, epochs=40, free_nats=3, cycles=2, word_dropout=0.5, patience=0).fit(LINES)


@cache
def tiny():
    """Of a vocabulary of two words and a code of one number."""
    lines = np.random.default_rng(0).choice(["a", "b", "a b", "b a", "b b"], 200).tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", latently.LatentlyWarning)
        return latently.TextVAE(latent=1, encoder="embed4 gru8", epochs=10, lr=0.02, free_nats=0).fit(lines)


def weights(model):
    return {n: t.clone() for n, t in model.module_.state_dict().items()}


def test_it_learns_and_its_code_is_in_use():
    model = fitted()
    assert model.history_[-1]["watched"] < model.untrained_["loss"]
    found = latently.evaluate(model, LINES, n=200, draws=10)
    assert found["mutual_information"] > 1
    assert found["kl"] > found["mutual_information"] - 0.1
    assert found["active_units"] >= 3
    assert found["restored_words"] > found["restored_words_guess"] + 0.1


def test_every_parameter_receives_a_gradient():
    training = latently.TextVAE(**SMALL).begin(LINES).training
    for epoch in (1, 2):
        for batch in training.train.shuffled(0, epoch):
            training.trainer.step(*batch)
    without = [n for n, p in training.model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not without, f"no gradient: {without}"


def test_codes_are_deterministic_and_do_not_hang_on_the_texts_beside():
    model = fitted()
    codes = model.transform(LINES)
    assert codes.shape == (400, 6) and codes.dtype == np.float32
    assert np.array_equal(codes, model.transform(LINES))
    np.testing.assert_allclose(model.transform(LINES[:3]), codes[:3], atol=1e-5)
    beside = model.transform(["the cat", LINES[0]])  # padded, for a longer one stands beside it
    np.testing.assert_allclose(beside, [model.transform(["the cat"])[0], codes[0]], atol=1e-5)
    assert list(model.get_feature_names_out())[-1] == "textvae5"


def test_texts_come_back_as_texts():
    model = fitted()
    back = model.reconstruct(LINES[:20])
    assert back == model.inverse_transform(model.transform(LINES[:20]))
    assert len(back) == 20 and all(isinstance(text, str) and text.startswith("the ") for text in back)
    assert not any("<" in text for text in back), "special tokens are never written"
    assert len({*back}) > 5


def test_samples_depend_on_their_seed_alone():
    model = fitted()
    assert model.sample(9, seed=1) == model.sample(9, seed=1) != model.sample(9, seed=2)
    assert len({*model.sample(30, seed=0)}) > 10
    with pytest.raises(latently.InputError, match="knows no labels"):
        model.sample(2, label="cat")


def test_odd_lines_stand_out():
    model = fitted()
    scores = model.score_samples(["the cat saw tom here", "here saw the the cat", "xyzzy plugh"])
    assert scores[0] > model.offset_ > scores[1:].max()
    assert model.predict(["here saw the the cat", "xyzzy plugh"]).tolist() == [-1, -1]
    assert (model.predict(LINES) == 1).mean() > 0.85


# --- against exact enumeration ----------------------------------------------------------------------------------------


GRID = torch.linspace(-9, 9, 6001, dtype=torch.float64)


def exact(model, tokens):
    """log p of tokens behind <start>, by quadrature over the one number of the code."""
    writer = model.module_.decoder
    told = torch.tensor([[1, *tokens]]).expand(len(GRID), -1)
    with torch.inference_mode():
        states, _ = writer.states(GRID.float().unsqueeze(1), told[:, :-1])
        shares = writer.dense(states).double().log_softmax(2)
    each = shares.gather(2, told[:, 1:].unsqueeze(2)).squeeze(2).sum(1)
    prior = -0.5 * GRID.square() - 0.5 * math.log(2 * math.pi)
    return float((each + prior).logsumexp(0) + (GRID[1] - GRID[0]).log())


def test_the_probabilities_of_all_texts_sum_to_one():
    model = tiny()
    tokens, length = range(len(model.codec_.words)), 3
    others = [t for t in tokens if t != END]
    ended = [(*body, END) for n in range(length) for body in itertools.product(others, repeat=n)]
    going = itertools.product(others, repeat=length)
    total = sum(math.exp(exact(model, text)) for text in [*ended, *going])
    assert math.isclose(total, 1, abs_tol=1e-6)


@pytest.mark.parametrize("text", ["a", "b", "a b", "b a", "b b"])
def test_the_sampled_likelihood_is_the_exact_one(text):
    model = tiny()
    truth = exact(model, [*model.codec_.tokens(text)[1:], END])
    found = model.log_probability([text] * 40, draws=500, seed=1)
    shares = np.exp(found - truth)  # each of them 1 in the mean
    assert abs(shares.mean() - 1) < 4 * shares.std() / math.sqrt(40) < 0.05
    assert np.mean(model.log_probability([text] * 400, draws=1, seed=2)) < truth, "a bound, from below"


def test_the_divergence_is_the_mean_of_the_log_ratio():
    model = tiny()
    x = model.codec_.pack(latently.open(["b a"])).take(torch.tensor([0]))
    with torch.inference_mode():
        code = model.module_.encode(x)
        q = torch.distributions.Normal(code.mean.double(), code.spread.double())
        ratio = (q.log_prob(GRID) - torch.distributions.Normal(0.0, 1.0).log_prob(GRID)) * q.log_prob(GRID).exp()
        exact_kl = float(ratio.sum() * (GRID[1] - GRID[0]))
        assert math.isclose(float(code.price["kl"]), exact_kl, abs_tol=1e-4)


def test_the_bound_is_what_is_scored_token_by_token():
    model = fitted()
    x = model.codec_.pack(latently.open(LINES[:1])).take(torch.tensor([0]))
    with torch.inference_mode():
        done = model.module_(x)
    tokens = int((x != PAD).sum()) - 1
    assert math.isclose(model.score_samples(LINES[:1])[0], -float(done.cost) / tokens, rel_tol=1e-5)
    assert set(done.terms) == {"reconstruction", "kl"}


def test_the_same_seed_draws_the_same_and_more_draws_tighten():
    model = fitted()
    one, two = (model.log_probability(LINES[:50], draws=3, seed=s) for s in (0, 0))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, model.log_probability(LINES[:50], draws=3, seed=1))
    assert one.mean() < model.log_probability(LINES[:50], draws=200).mean()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"draws": 0}, "log_probability: draws=0 is not allowed; it is a whole number, at least 1"),
        ({"draws": 1.5}, "draws=1.5 is not allowed"),
        ({"draws": True}, "draws=True is not allowed"),
        ({"seed": -1}, "seed=-1 is not allowed; it is a whole number, from 0 to 4294967295"),
    ],
)
def test_what_cannot_be_drawn_is_said(asked, sentence):
    with pytest.raises(latently.ParameterError, match=sentence):
        fitted().log_probability(LINES[:2], **asked)


# --- settings, files, resuming ----------------------------------------------------------------------------------------


def test_words_are_dropped_in_training_only():
    model = fitted()
    assert isinstance(model.module_.likelihood, Tokens) and model.module_.likelihood.dropout == 0.5
    x = model.codec_.pack(latently.open(LINES[:9])).take(torch.arange(9))
    assert torch.equal(model.module_.likelihood.given(x)[0], x), "fitted models evaluate"
    with torch.inference_mode():
        assert torch.equal(model.module_(x).cost, model.module_(x).cost)


def test_the_warm_up_that_nobody_chose_is_half_of_each_cycle():
    fitting = latently.TextVAE(**SMALL, epochs=10, cycles=2, batch_size=40).begin(LINES)  # 9 steps an epoch
    assert fitting.training.model.bottleneck.warmup == 9 * 10 // 4
    assert latently.TextVAE(**SMALL, warmup=7).begin(LINES).training.model.bottleneck.warmup == 7


def test_the_code_has_as_many_numbers_as_were_asked_for():
    assert latently.TextVAE(encoder="embed4 gru4", epochs=1).fit(LINES[:40]).transform(LINES[:2]).shape == (2, 32)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"likelihood": "normal"}, "likelihood='normal' is not allowed; it is 'auto'"),
        ({"word_dropout": 1.1}, "word_dropout=1.1 is not allowed; it is a number, from 0 to 1"),
        ({"cycles": 0}, "cycles=0 is not allowed; it is a whole number, at least 1"),
        ({"encoder": "dense8"}, "encoder: it begins with dense8 and what comes in are tokens"),
        ({"decoder": "embed4 dense8"}, "decoder: it has no lstm or gru"),
    ],
)
def test_settings_that_do_not_fit_are_refused(given, sentence):
    with pytest.raises(latently.ParameterError, match=sentence):
        latently.TextVAE(**given).fit(LINES)


def test_every_parameter_is_declared_with_help_and_survives_cloning():
    declared = latently.parameters(latently.TextVAE)
    assert set(declared) == set(latently.TextVAE().get_params())
    assert all(p.help for p in declared.values())
    model = latently.make("text-vae", latent=5, seed=7, word_dropout=0.1)
    assert clone(model).get_params() == model.get_params()


def test_a_saved_model_gives_identical_codes_in_a_fresh_process(tmp_path):
    model = fitted()
    path = model.save(tmp_path / "m.safetensors")
    again = latently.load(path)
    assert np.array_equal(again.transform(LINES), model.transform(LINES))
    assert np.array_equal(again.score_samples(LINES), model.score_samples(LINES))
    assert again.reconstruct(LINES[:9]) == model.reconstruct(LINES[:9])
    assert again.sample(5, seed=3) == model.sample(5, seed=3)
    assert again.get_params() == model.get_params()
    code = (
        "import sys, json, latently, torch; torch.set_num_threads(1); "
        "print(json.dumps(latently.load(sys.argv[1]).transform(json.loads(sys.argv[2])).tolist()))"
    )
    asked = [sys.executable, "-c", code, str(path), json.dumps(LINES[:20])]
    found = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert np.array_equal(np.array(json.loads(found.stdout), np.float32), model.transform(LINES[:20]))


def test_layers_may_be_objects_and_both_networks_spelled():
    layers = [latently.nets.Embed(4), latently.nets.GRU(8), latently.nets.Dense(7), latently.nets.Activation("tanh")]
    model = latently.TextVAE(latent=2, encoder=layers, decoder="embed6 lstm9", epochs=1).fit(LINES)
    v = len(model.codec_.words)
    assert model.networks_["encoder"] == f"embed4:v{v} gru8 dense7 tanh dense4"
    assert model.networks_["decoder"] == f"embed6:v{v} lstm9 dense{v}"


def test_a_column_of_a_table_is_read_and_remembered():
    frame = pl.DataFrame({"id": range(100), "said": LINES[:100]})
    model = latently.TextVAE(**SMALL, epochs=1).fit(latently.open(frame, text="said"))
    assert model.codec_.asked["text"] == "said"
    assert np.array_equal(model.transform(frame), model.transform(LINES[:100]))


@pytest.mark.parametrize("unit", ["character", "bpe"])
def test_texts_may_be_cut_otherwise(unit):
    if unit == "bpe":
        pytest.importorskip("tokenizers")
    source = latently.open(LINES[:60], unit=unit)
    model = latently.TextVAE(latent=2, encoder="embed8 gru16", epochs=1).fit(source)
    assert len(model.reconstruct(source)) == 60


def test_its_anatomy_is_that_of_both_networks():
    found = latently.anatomy(fitted())
    assert found.parameters == sum(p.numel() for p in fitted().module_.parameters())
    v = len(fitted().codec_.words)
    names = [f"embed16:v{v}", "gru32", "max", "dense12", "gaussian", f"embed16:v{v}", "gru32", f"dense{v}"]
    assert [row.name for row in found.rows] == names
    assert found.rows[2].shape == (32,) and found.rows[5].shape == (7, 16 + 6)
