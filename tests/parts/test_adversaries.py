"""Two players: what each is paid for, and that neither moves the other's weights."""

import math

import numpy as np
import pytest
import torch
from torch import nn

import latently
from latently.autoencoder import Autoencoder
from latently.data.loader import Loader
from latently.parts import (
    GAMES,
    Bernoulli,
    CodeAdversary,
    Columns,
    Drawn,
    Inversion,
    Normal,
    Plain,
    SampleAdversary,
    Shuffled,
)
from latently.player import Plan
from latently.spec import Spec
from latently.train import Trainer, Training

ROW = Spec("table", (3,), levels=(0, 3, 2), missing=(True, True, False))


def verdicts(name, fake, real):
    fake, real = torch.tensor([fake]), torch.tensor([real])
    return GAMES[name].player(fake).item(), GAMES[name].critic(fake, real).item()


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def test_the_games_are_those_of_the_literature():
    cross = -math.log(sigmoid(2.0)) - math.log(1 - sigmoid(0.5))
    assert verdicts("entropy", 0.5, 2.0) == pytest.approx((-math.log(sigmoid(0.5)), cross))
    assert verdicts("squares", 0.5, 2.0) == pytest.approx((0.125, 0.5 + 0.125))
    assert verdicts("distance", 0.5, 2.0) == pytest.approx((-0.5, -1.5 + 0.004))
    assert verdicts("ratio", 0.5, 2.0) == pytest.approx((-0.5, cross))


def model(adversary, bottleneck=None):
    bottleneck = bottleneck or Plain(2)
    return Autoencoder(nn.Linear(4, 2), bottleneck, nn.Linear(2, 4), Normal(), penalties=[adversary])


def test_each_player_moves_its_own_weights_alone():
    whole = model(CodeAdversary(nn.Linear(2, 1)))
    trainer = Trainer(whole, Plan(epochs=1), 4)
    ours, theirs = (player.params for player in trainer.players)
    assert {id(p) for p in ours} | {id(p) for p in theirs} == {id(p) for p in whole.parameters()}
    before = [p.detach().clone() for p in theirs]
    done = whole(torch.randn(8, 4))
    trainer.players[0].descend(done.loss)
    assert all(torch.equal(a, b) for a, b in zip(before, theirs, strict=True))
    before = [p.detach().clone() for p in ours]
    trainer.players[1].descend(whole.adversaries[0].opponent(whole, done))
    assert all(torch.equal(a, b) for a, b in zip(before, ours, strict=True))


def test_both_losses_and_their_sum_are_told():
    trainer = Trainer(model(CodeAdversary(nn.Linear(2, 1))), Plan(epochs=1), 4)
    told = trainer.step(torch.randn(8, 4))
    assert set(told) == {"reconstruction", "adversary", "loss", "critic", "game"}
    assert told["game"] == told["adversary"] + told["critic"]


def test_the_slope_is_pushed_towards_one():
    critic = nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        critic.weight.copy_(torch.tensor([[3.0, 4.0]]))  # a slope of 5 everywhere
    adversary = CodeAdversary(critic, slope=1.0)
    x = torch.randn(6, 2)
    assert adversary._steepness(x, x + 1, None).item() == pytest.approx(16, abs=1e-3)


def test_more_rounds_are_more_steps_of_the_critic():
    trainer = Trainer(model(CodeAdversary(nn.Linear(2, 1), rounds=3)), Plan(epochs=1), 4)
    trainer.step(torch.randn(8, 4))
    steps = [player.optimizer.state_dict()["state"][0]["step"].item() for player in trainer.players]
    assert steps == [1, 3]


def test_shuffled_codes_keep_each_numbers_values_and_lose_what_ties_them():
    z = torch.randn(4000, 1).repeat(1, 2)
    shuffled = Shuffled(nn.Linear(2, 1)).real(None, None, z)
    assert torch.equal(shuffled.sort(0).values, z.sort(0).values)
    assert abs(np.corrcoef(shuffled.numpy().T)[0, 1]) < 0.1


def test_a_critic_learns_the_total_correlation_of_tied_codes():
    """Of two normals with correlation r it is -log(1 - r^2) / 2: "ratio" estimates it."""
    torch.manual_seed(0)
    r, critic = 0.8, nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
    adversary, descent = Shuffled(critic, "ratio"), torch.optim.Adam(critic.parameters(), lr=3e-3)

    def codes(n):
        e = torch.randn(n, 2)
        return torch.stack((e[:, 0], r * e[:, 0] + math.sqrt(1 - r * r) * e[:, 1]), 1)

    for _ in range(400):
        z = codes(512)
        fake = critic(z)[:, 0]
        loss = GAMES[adversary.game].critic(fake, critic(adversary.real(None, None, z))[:, 0]).mean()
        descent.zero_grad()
        loss.backward()
        descent.step()
    estimate = GAMES[adversary.game].player(critic(codes(20_000))[:, 0]).mean().item()
    assert estimate == pytest.approx(-0.5 * math.log(1 - r * r), abs=0.12)


def test_an_inverted_generator_keeps_its_weights_to_the_game():
    whole = Autoencoder(
        nn.Linear(4, 2),
        Drawn(2),
        nn.Linear(2, 4),
        Normal(),
        penalties=[SampleAdversary(nn.Linear(4, 1)), Inversion(1.0)],
    )
    done = whole(torch.randn(8, 4))
    assert "reconstruction" not in done.terms
    done.terms["inversion"].mean().backward()
    assert all(p.grad is None for p in whole.decoder.parameters())
    assert whole.encoder.weight.grad.any()


def test_a_rows_soft_form_is_numbers_and_shares_of_levels():
    law, out = Columns(ROW).eval(), torch.randn(5, 6)
    soft = law.soft(out)
    assert soft.shape == (5, *ROW.open)
    torch.testing.assert_close(soft[:, 0], out[:, 0])
    torch.testing.assert_close(soft[:, 1:4], out[:, 1:4].softmax(1))
    torch.testing.assert_close(soft[:, 4:], out[:, 4:].softmax(1))


def test_a_real_row_is_one_hot_and_its_gaps_are_the_fakes():
    law, fake = Columns(ROW), torch.full((2, 6), 0.25)
    wide = law.wide(torch.tensor([[1.5, 2.0, 0.0], [torch.nan, torch.nan, 1.0]]), fake)
    assert wide.tolist() == [[1.5, 0, 0, 1, 1, 0], [0.25, 0.25, 0.25, 0.25, 0, 1]]


def test_pictures_are_seen_as_they_are():
    x = torch.rand(2, 1, 3, 3)
    assert torch.equal(Bernoulli().wide(x, x), x)
    torch.testing.assert_close(Bernoulli().soft(x), x.sigmoid())


def test_a_model_with_an_opponent_that_restores_items_keeps_its_best_weights():
    torch.manual_seed(0)
    x = torch.randn(60, 4)
    train, held_out = Loader(x, 16, torch.arange(40)), Loader(x, rows=torch.arange(40, 60))
    training = Training(model(CodeAdversary(nn.Linear(2, 1))), Plan(epochs=30, patience=2, lr=10.0), train, held_out, 4)
    events = list(training.events())
    assert len(events) < 30 and training.best is not None


def test_a_game_keeps_its_last_weights_and_never_stops_early():
    torch.manual_seed(0)
    x = torch.randn(60, 4)
    whole = model(SampleAdversary(nn.Linear(4, 1)), Drawn(2))
    training = Training(
        whole,
        Plan(epochs=4, patience=1, lr=10.0),
        Loader(x, 16, torch.arange(40)),
        Loader(x, rows=torch.arange(40, 60)),
        4,
    )
    assert [event["best"] for event in training.events()] == [True] * 4


def test_a_game_that_is_resumed_ends_as_one_that_was_never_stopped():
    X = np.random.default_rng(0).normal(size=(80, 4)).astype("float32")

    def begun(epochs):
        return latently.GAN(latent=2, epochs=epochs).begin(X).training

    whole = begun(4)
    list(whole.events())
    half = begun(2)
    list(half.events())
    header, tensors = half.state()
    rest = begun(4)
    rest.load_state(header, {name: t.clone() for name, t in tensors.items()})
    list(rest.events())
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, rest.model.state_dict()[name]), name
