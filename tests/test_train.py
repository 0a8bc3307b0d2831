"""The loop: what it keeps, when it ends, how it recovers."""

import copy
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from latently.compute import device
from latently.data.loader import Loader
from latently.errors import ParameterError, TrainingError
from latently.models import AE, VAE
from latently.player import Player
from latently.spec import Spec
from latently.train import Plan, Training, seeded

SPEC = Spec("table", (6,), levels=(0,) * 6, missing=(False,) * 6)


def rows(n=200):
    torch.manual_seed(0)
    return torch.randn(n, 2) @ torch.randn(2, 6)


def training(x=None, model=None, held_out=True, **plan):
    with seeded(0):
        x = rows() if x is None else x
        module = (model or VAE()).build(SPEC, 2)
    n = len(x) * 4 // 5 if held_out else len(x)
    watched = Loader(x, rows=torch.arange(n, len(x))) if held_out else None
    return Training(module, Plan(**{"epochs": 5, **plan}), Loader(x, 32, torch.arange(n)), watched, 6)


def same(a, b):
    return all(
        torch.equal(p, q) for p, q in zip(a.model.state_dict().values(), b.model.state_dict().values(), strict=True)
    )


def test_the_loss_falls_and_the_terms_add_up():
    events = list(training(epochs=30).events())
    assert events[-1]["train"]["loss"] < events[0]["train"]["loss"]
    for event in events:
        terms = dict(event["train"])
        assert terms.pop("loss") == pytest.approx(sum(terms.values()), rel=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_a_step_is_the_optimizers_own(optimizer):
    made = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[optimizer]
    torch.manual_seed(0)
    ours, x = nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 6)), rows(20)
    theirs = copy.deepcopy(ours)
    player, peer = Player([*ours.parameters()], Plan(1, optimizer=optimizer, clip=0.5), False), None
    for step in range(6):
        if step == 3:  # as after a checkpoint
            player.load_state(*player.state())
        player.descend((ours(x) - x).square().sum())
        peer = peer or made(theirs.parameters(), lr=1e-3, fused=True)
        peer.zero_grad()
        (theirs(x) - x).square().sum().backward()
        nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        peer.step()
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(p, q, rtol=1e-6, atol=1e-7)


def test_a_training_that_is_not_compiled_imports_no_compiler():
    script = "import sys, latently; latently.AE(latent=1, epochs=1).fit([[0.0], [1.0]]); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "torch.optim" in said.stdout.split() and "torch._dynamo" not in said.stdout.split()


def test_the_best_weights_are_kept():
    torch.manual_seed(0)
    t = training(torch.randn(60, 6), AE(), epochs=30, lr=0.01)  # noise, of which a part is learned by heart
    states = []
    for _ in t.events():
        states.append({n: p.clone() for n, p in t.model.state_dict().items()})
    t.finish()
    best = min(t.history, key=lambda e: e["watched"])["epoch"] - 1
    assert best < 20, "choose settings under which one of the last epochs is not the best"
    assert all(torch.equal(p, states[best][n]) for n, p in t.model.state_dict().items())


def test_patience_ends_a_training_that_no_longer_improves():
    t = training(epochs=500, lr=0.05, patience=3)
    list(t.events())
    best = max(e["epoch"] for e in t.history if e["best"])
    assert len(t.history) == best + 3 < 500
    assert [e.get("stopped") for e in t.history[-2:]] == [None, "no better held-out loss for 3 epochs."]


def test_no_held_out_items_no_early_end():
    t = training(held_out=False, epochs=7, patience=1)
    assert [e["validation"] for e in t.events()] == [None] * 7


@pytest.mark.parametrize("n", [1, 2, 3, 33])
def test_a_last_batch_of_one_and_a_single_row(n):
    t = training(rows(n), held_out=False)
    list(t.events())
    assert all(math.isfinite(e["train"]["loss"]) for e in t.history)


@pytest.mark.parametrize("stop", [1, 3, 5])
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "adadelta", "rmsprop", "sgd"])
def test_a_training_taken_up_again_ends_with_the_same_weights(stop, optimizer):
    whole = training(epochs=6, optimizer=optimizer, lr=1e-2, model=VAE(warmup=20))
    list(whole.events())
    first = training(epochs=6, optimizer=optimizer, lr=1e-2, model=VAE(warmup=20))
    events = first.events()
    for _ in range(stop):
        next(events)
    header, tensors = first.state()
    state = header, {name: t.clone() for name, t in tensors.items()}
    second = training(epochs=6, optimizer=optimizer, lr=1e-2, model=VAE(warmup=20))
    second.load_state(*state)
    torch.manual_seed(99)  # the caller's randomness must not matter
    list(second.events())
    whole.finish(), second.finish()
    assert same(whole, second)
    assert [e["watched"] for e in whole.history] == [e["watched"] for e in second.history]


def test_the_callers_randomness_is_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    t = training(epochs=2)
    torch.manual_seed(5)
    list(t.events())
    assert torch.equal(torch.rand(3), expected)


def test_a_loss_that_is_no_number_is_rolled_back_with_a_reason():
    t = training(epochs=3)
    step, calls = t.trainer.step, []

    def once(x, label=None):
        terms = step(x)
        calls.append(1)
        if len(calls) == 8:
            with torch.no_grad():
                t.trainer.params[0].fill_(math.nan)
        return terms

    t.trainer.step = once
    events = list(t.events())
    assert [("note" in e) for e in events] == [False, True, False]
    assert "halved" in events[1]["note"] or "0.0005" in events[1]["note"]
    assert t.trainer.lr == 0.0005
    assert all(torch.isfinite(p).all() for p in t.model.parameters())


def test_data_that_cannot_be_learned_end_in_a_sentence():
    with pytest.raises(TrainingError, match=r"epoch 1: the loss is not a number even at a learning rate of"):
        list(training(torch.full((20, 6), 1e38)).events())


def test_a_time_budget_ends_within_an_epoch_and_says_so():
    t = training(rows(5000), epochs=100_000, max_minutes=0.005)
    events = list(t.events())
    assert 1 <= len(events) < 100_000
    (event,) = training(rows(5000), max_minutes=0).events()
    assert event["stopped"] == "max_minutes=0 is over."


@pytest.mark.parametrize("when", ["between two epochs", "while held-out items are judged"])
def test_a_time_budget_that_is_over_between_steps_is_what_ended_the_training(monkeypatch, when):
    now = [0.0]
    monkeypatch.setattr("latently.train.time.monotonic", lambda: now[0])
    t = training(epochs=50, max_minutes=1)
    judge = t.trainer.evaluate

    def slowly(batches):
        now[0] += 100 * (when != "between two epochs" and len(t.history) == 2)
        return judge(batches)

    monkeypatch.setattr(t.trainer, "evaluate", slowly)
    for event in t.events():
        now[0] += 100 * (event["epoch"] == 2)
    assert [e.get("stopped") for e in t.history] == [None, None, "max_minutes=1 is over."]


def test_with_nothing_held_out_the_last_epoch_is_the_one_that_is_kept():
    t = training(held_out=False, epochs=12, lr=0.05)
    assert all(event["best"] for event in t.events())


def test_fits_in_several_threads_are_those_of_one():
    def fitted(_):
        t = training(epochs=4)
        list(t.events())
        return t

    with ThreadPoolExecutor(3) as pool:
        one, *others = pool.map(fitted, range(3))
    assert all(same(one, other) for other in others)


def test_gradients_are_clipped():
    t = training(1e6 * rows(), clip=1e-9, optimizer="sgd", lr=1.0, epochs=1, model=AE())
    before = [p.clone() for p in t.trainer.params]
    t.trainer.step(1e6 * rows())
    moved = sum((p - b).square().sum() for p, b in zip(t.trainer.params, before, strict=True)).sqrt()
    assert 0 < moved <= 1.01e-9 + 1e-6


def test_bf16_trains_too():
    t = training(precision="bf16", epochs=10)
    events = list(t.events())
    assert events[-1]["train"]["loss"] < events[0]["train"]["loss"]


def test_every_weight_receives_a_gradient():
    for model in (AE(), VAE()):
        t = training(model=model)
        t.trainer.step(rows())
        for name, p in t.model.named_parameters():
            assert p.grad is not None and p.grad.abs().sum() > 0, name


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is there")
def test_a_device_that_is_not_there_is_a_sentence():
    with pytest.raises(ParameterError, match="PyTorch finds none"):
        device("cuda")


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [("constant", [1, 1, 1, 1]), ("linear", [1, 0.75, 0.5, 0.25]), ("cosine", [1, 0.8536, 0.5, 0.1464])],
)
def test_the_learning_rate_falls_as_planned_and_goes_on_falling_after_a_stop(schedule, rates):
    whole = training(epochs=4, schedule=schedule, lr=0.01)
    told = [event["lr"] for event in whole.events()]
    assert told == pytest.approx([0.01 * rate for rate in rates], abs=1e-6)
    half = training(epochs=4, schedule=schedule, lr=0.01)
    events = half.events()
    next(events), next(events)
    header, tensors = half.state()
    rest = training(epochs=4, schedule=schedule, lr=0.01)
    rest.load_state(header, {name: t.clone() for name, t in tensors.items()})
    assert [event["lr"] for event in rest.events()] == told[2:]
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, rest.model.state_dict()[name])


def test_no_epoch_is_the_best_while_the_price_rises():
    found = training(epochs=40, patience=3, model=VAE(warmup=50))  # 5 steps an epoch
    events = list(found.events())
    assert [e.get("rising", False) for e in events[:12]] == [True] * 9 + [False] * 3
    assert all(e["best"] for e in events[:10]), "and none of them ends the training"
    after = [e["watched"] for e in events[9:]]
    assert [e["best"] for e in events[9:]] == [w < min(after[:i], default=math.inf) for i, w in enumerate(after)]


def test_what_was_the_best_before_a_longer_training_rises_anew_is_not_what_it_is_compared_with():
    first = training(epochs=12, patience=0, model=VAE(warmup=50))
    list(first.events())
    header, tensors = first.state()
    header["history"][-1]["watched"] = -1e9  # no epoch can be better
    longer = training(epochs=22, patience=0, model=VAE(warmup=100))
    longer.load_state(header, {name: t.clone() for name, t in tensors.items()})
    events = list(longer.events())
    assert [e.get("rising", False) for e in events] == [True] * 7 + [False] * 3
    assert events[7]["best"], "else the weights of the last epoch that rose are kept"
