"""The likelihood of texts: only real tokens cost, and what the decoder may read is what came before."""

import math

import torch

from latently.autoencoder import Autoencoder
from latently.nets import Network, writer
from latently.parts import Empty, Tokens
from latently.spec import END, PAD, START, UNKNOWN, Spec

X = torch.tensor([[1, 4, 5, 6, 2], [1, 5, 2, 0, 0]])


def test_a_text_costs_the_sum_over_its_own_tokens():
    out = torch.randn(6, 8)  # 4 tokens to tell of the first, 2 of the second
    told = out.log_softmax(1)
    first = -(told[0, 4] + told[1, 5] + told[2, 6] + told[3, 2])
    second = -(told[4, 5] + told[5, 2])
    torch.testing.assert_close(Tokens().nll(X, out), torch.stack((first, second)))


def test_padding_costs_nothing_and_changes_nothing():
    out = torch.randn(6, 8)
    wider = torch.nn.functional.pad(X, (0, 7))
    assert torch.equal(Tokens().nll(wider, out), Tokens().nll(X, out))


def test_tokens_may_come_as_floats():
    out = torch.randn(6, 8)
    assert torch.equal(Tokens().nll(X.float(), out), Tokens().nll(X, out))


def test_every_real_position_receives_a_gradient_and_no_other():
    out = torch.zeros(6, 8, requires_grad=True)
    Tokens().nll(X, out).sum().backward()
    assert (out.grad.abs().sum(1) > 0).all()
    torch.testing.assert_close(out.grad.sum(1), torch.zeros(6))


def test_an_untrained_writer_that_knows_nothing_pays_the_logarithm_of_the_vocabulary():
    spec = Spec("text", (5,), vocabulary=8)
    model = Autoencoder(Network(), Empty(), writer(spec, "embed4 lstm6"), Tokens()).eval()
    torch.nn.init.zeros_(model.decoder.dense.weight)
    done = model(X)
    torch.testing.assert_close(done.terms["reconstruction"], math.log(8) * torch.tensor([4.0, 2.0]))


def test_what_the_likelihood_gives_leaves_an_item_its_likelihood():
    spec = Spec("text", (5,), vocabulary=8)
    model = Autoencoder(Network(), Empty(), writer(spec, "embed4 lstm6"), Tokens()).eval()
    assert not model.handed
    restored = model.restore(X)  # of its empty code alone: what the writer finds likeliest
    assert restored.shape == (2, 5) and torch.equal(restored[0], restored[1])


def test_words_are_dropped_in_training_alone_and_no_other_tokens():
    x = torch.tensor([[START, 4, UNKNOWN, 5, 6, END], [START, 7, END, PAD, PAD, PAD]]).repeat(500, 1)
    tokens = Tokens(dropout=0.3)
    (read,) = tokens.eval().given(x)
    assert torch.equal(read, x)
    (read,) = tokens.train().given(x)
    words = x > UNKNOWN
    assert torch.equal(read[~words], x[~words])
    assert set(read[words & (read != x)].tolist()) == {UNKNOWN}
    assert 0.26 < (read[words] == UNKNOWN).float().mean() < 0.34
    assert torch.equal(tokens.nll(x[:2], torch.zeros(7, 8)), tokens.eval().nll(x[:2], torch.zeros(7, 8)))
    (none,) = Tokens(dropout=1.0).train().given(x)
    assert not (none > UNKNOWN).any()
