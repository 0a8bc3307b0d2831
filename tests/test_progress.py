"""The bar: there on a terminal, silent elsewhere, and never in the way of what it counts."""

import io
import sys
import time

import pytest

from latently import progress
from latently.progress import doing, early, follow, kept, track


class Terminal(io.StringIO):
    def isatty(self):
        return True


def events(best, epochs=9, held_out=True, **last):
    """Events of which those in `best`, a text of 0 and 1, were the best so far; `last` is added to the last."""
    losses = {"loss": 1.0}
    told = [
        {"epoch": i, "epochs": epochs, "train": losses, "validation": losses if held_out else None, "best": b == "1"}
        for i, b in enumerate(best, 1)
    ]
    told[-1].update(last)
    return told


def test_silent_without_a_terminal(capsys):
    assert list(track(range(3), 3, "Counting")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert list(track((i for i in range(3)), None, "Counting")) == [0, 1, 2]
    assert "Counting" in sys.stderr.getvalue()


def test_the_weights_kept_are_the_last_that_were_best():
    assert kept(events("1101"))["epoch"] == 4
    assert kept(events("1100"))["epoch"] == 2
    assert kept(events("00"))["epoch"] == 2


STALE = "no better held-out loss for 2 epochs."
STOPS = [
    (events("111", epochs=3), None),
    (events("100", epochs=3, stopped=STALE), None),
    (events("100", stopped=STALE), "stopped early: no better held-out loss for 2 epochs"),
    (events("10", stopped="max_minutes=2 is over."), "stopped early: max_minutes=2 is over"),
]


@pytest.mark.parametrize(("told", "why"), STOPS)
def test_why_a_training_ended(told, why):
    assert early(told) == why


def test_more_epochs_asked_for_than_the_events_say():
    assert early(events("100", epochs=3, stopped=STALE), 5) == "stopped early: no better held-out loss for 2 epochs"
    assert early([]) is None


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize(("told", "why"), STOPS)
def test_an_early_end_is_said(monkeypatch, terminal, told, why):
    monkeypatch.setattr(sys, "stderr", Terminal() if terminal else io.StringIO())
    assert list(follow(told)) == told
    said = " ".join(sys.stderr.getvalue().split())
    assert (why in said) if why else ("stopped" not in said)


def slow(*stages):
    """Events of a training that is at each of these for a while before its first epoch."""
    for stage in stages:
        doing(stage)
        time.sleep(0.5)
    yield from events("111", epochs=3)


def test_a_log_is_told_what_takes_long(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SLOW", 0.01)
    assert len([*follow(slow("Reading people.csv", "Learning the columns"))]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["Reading people.csv ...", "Learning the columns ..."] and lines[2].startswith("epoch 1/3")


def test_what_is_quick_is_not_told(capsys):
    assert len([*follow(slow("Reading people.csv"))]) == 3
    doing("Something that nobody follows")
    assert "Reading" not in capsys.readouterr().err


def test_a_terminal_is_told_at_once(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert len([*follow(slow("Reading people.csv"))]) == 3
    assert "Reading people.csv" in sys.stderr.getvalue()


def test_a_failure_is_not_talked_over(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SLOW", 1.0)

    def failing():
        doing("Reading people.csv")
        yield from events("1")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(follow(failing()))
    time.sleep(1.2)
    assert "Reading" not in capsys.readouterr().err
