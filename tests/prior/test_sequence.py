"""The sequence model, against chains that are known."""

import numpy as np
import torch
from torch.nn import functional as F

from latently.prior import Sequence
from latently.prior.descent import descend

ODDS = np.array([[0.9, 0.1, 0.0], [0.0, 0.9, 0.1], [0.1, 0.0, 0.9]])


def chain(n, positions, rng):
    """Entries of a Markov chain that mostly stays where it is."""
    found = np.zeros((n, positions), np.int64)
    found[:, 0] = rng.integers(3, size=n)
    for p in range(1, positions):
        found[:, p] = (ODDS[found[:, p - 1]].cumsum(1) < rng.random((n, 1))).sum(1)
    return found


def test_what_follows_what_is_learned_and_an_unused_entry_is_never_drawn():
    entries = chain(1500, 8, np.random.default_rng(0))
    drawn = Sequence.of(entries, codes=5, module=None, seed=0).indices(3000, seed=0)
    assert drawn.max() == 2
    moves = np.zeros((3, 3))
    np.add.at(moves, (drawn[:, :-1].ravel(), drawn[:, 1:].ravel()), 1)
    assert np.allclose(moves / moves.sum(1, keepdims=True), ODDS, atol=0.05)
    assert np.allclose(np.bincount(drawn[:, 0]) / 3000, 1 / 3, atol=0.05)


def test_held_out_sequences_are_likelier_than_by_the_frequencies_alone():
    rng = np.random.default_rng(0)
    network = Sequence.of(chain(1500, 8, rng), codes=3, module=None, seed=0).network
    held_out = torch.from_numpy(chain(500, 8, rng))
    before = torch.cat((torch.full((500, 1), 3), held_out[:, :-1]), 1)
    with torch.no_grad():
        learned = F.cross_entropy(network(before)[0].flatten(0, 1), held_out.flatten())
        alone = F.cross_entropy(network.start.expand(500, -1, -1).flatten(0, 1), held_out.flatten())
    entropy = -(ODDS * np.log(ODDS + 1e-30)).sum(1).mean()  # of a move; the first entry costs log 3
    assert learned < (np.log(3) + 7 * entropy) / 8 + 0.05 < alone - 0.5


def test_where_order_says_nothing_the_frequencies_of_each_position_are_kept():
    rng = np.random.default_rng(0)
    entries = np.column_stack([rng.choice(4, size=400, p=p) for p in ([0.7, 0.1, 0.1, 0.1], [0, 0, 0.5, 0.5])])
    drawn = Sequence.of(entries, codes=4, module=None, seed=0).indices(4000, seed=0)
    for p in range(2):
        assert np.allclose(np.bincount(drawn[:, p], minlength=4) / 4000, np.bincount(entries[:, p], minlength=4) / 400,
                           atol=0.05)  # fmt: skip


def test_noise_is_not_learned_by_heart():
    """With nothing to learn the best weights are those of the start."""
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    x, y = torch.randn(40, 1), torch.randn(40, 1)

    def nll(rows):
        return (network(x[rows]) - y[rows]).square().mean() + 10 * network.weight.square().sum()

    descend(network, nll, 40, steps=100, batch=8, lr=0.5, seed=0)
    assert network.weight.abs().item() < 0.05 and not network.training
