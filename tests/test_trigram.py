"""The Kneser-Ney trigram of the measurements, against an example counted by hand."""

from math import log

import pytest
from bench.trigram import END, START, Trigram

A, B, C = 4, 5, 6
TEXTS = [[A, B], [A, B], [A, C]]
POSSIBLE = [END, 3, A, B, C]


def test_an_example_counted_by_hand():
    """ab ab ac. Trigrams: ssa 3, sab 2, sac 1, abe 2, ace 1: two of count 1, two of count 2, so d = 2/6."""
    model = Trigram(TEXTS, len(POSSIBLE))
    ones, twos, threes = model.levels
    assert threes.discount == pytest.approx(2 / (2 + 2 * 2))
    assert dict(twos.counts) == {(START, A): 1, (A, B): 1, (A, C): 1, (B, END): 1, (C, END): 1}
    assert twos.discount == pytest.approx(1)  # all five stand behind one token only
    assert dict(ones.counts) == {(A,): 1, (B,): 1, (C,): 1, (END,): 2}
    assert ones.discount == pytest.approx(3 / (3 + 2 * 1))
    p_b = (1 - 0.6 + 0.6 * 4 / 5) / 5  # five pairs, of four tokens, and one of five that can come
    p_ab = (1 - 1 + 1 * 2 * p_b) / 2  # after a: b and c, once each
    assert model.probability(START, A, B) == pytest.approx((2 - 1 / 3 + 1 / 3 * 2 * p_ab) / 3)


@pytest.mark.parametrize("context", [(START, START), (START, A), (A, B), (A, A), (C, 3), (3, 3), (9, 9)])
def test_the_probabilities_of_what_can_come_sum_to_one(context):
    model = Trigram(TEXTS, len(POSSIBLE))
    assert sum(model.probability(*context, w) for w in POSSIBLE) == pytest.approx(1)
    assert all(model.probability(*context, w) > 0 for w in POSSIBLE)


def test_a_text_costs_the_sum_over_its_tokens_and_one_that_was_seen_costs_less():
    model = Trigram(TEXTS, len(POSSIBLE))
    shares = [model.probability(START, START, A), model.probability(START, A, C), model.probability(A, C, END)]
    assert model.nll([A, C]) == pytest.approx(-sum(map(log, shares)))
    assert model.nll([A, B]) < model.nll([A, C]) < model.nll([C, A])
