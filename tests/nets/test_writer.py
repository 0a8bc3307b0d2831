"""The decoder of texts: what it sees, what it carries, how many weights it has, and what cannot be spelled."""

import pytest
import torch
from torch import nn

from latently import ParameterError
from latently.nets import GRU, LSTM, Embed, picked, writer
from latently.nets.writer import NO_WORDS
from latently.spec import END, PAD, START, Spec

SPEC = Spec("text", (7,), vocabulary=12)
X = torch.tensor([[1, 4, 5, 6, 7, 2], [1, 5, 9, 2, 0, 0], [1, 11, 2, 0, 0, 0]])
SPELLINGS = ["embed4 lstm6", "embed4 lstm6 lstm5", "embed4 gru6", "embed4 drop0.3 gru6 norm lstm5 dense3 tanh"]


def empty(n):
    return torch.zeros(n, 0)


def test_the_writer_of_prose_has_exactly_these_weights():
    """Embedding 7,001 x 256, LSTM 256 to 1,024, 1,024 to 1,024, dense to 7,001."""
    with torch.device("meta"):
        made = writer(Spec("text", (22,), vocabulary=7001), "embed256 lstm1024 lstm1024")
    count = {name: sum(p.numel() for p in part.parameters()) for name, part in made.named_children()}
    first, second = (sum(p.numel() for p in cells.parameters()) for cells in made.body)
    assert count["embedding"] == 7001 * 256 == 1_792_256
    assert first == 4 * 1024 * (256 + 1024 + 2) == 5_251_072  # PyTorch has two biases a gate
    assert second == 4 * 1024 * (1024 + 1024 + 2) == 8_396_800
    assert count["dense"] == (1024 + 1) * 7001 == 7_176_025
    assert sum(count.values()) == 22_616_153
    assert sum(count.values()) - 2 * 4 * 1024 == 22_607_961  # with one bias a gate, as in Keras


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_output_for_each_token_that_is_not_padding(spelling):
    out = writer(SPEC, spelling)(empty(3), [X])
    assert out.shape == (5 + 3 + 2, 12)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_comes_later_is_not_seen(spelling):
    made = writer(SPEC, spelling).eval()
    other = X.clone()
    other[0, 3:5] = torch.tensor([10, 4])
    before, after = made(empty(3), [X]), made(empty(3), [other])
    torch.testing.assert_close(before[:3], after[:3])
    assert not torch.allclose(before[3], after[3])
    torch.testing.assert_close(before[5:], after[5:])


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_token_by_token_is_the_same_as_all_at_once(spelling):
    made = writer(SPEC, spelling, code=2).eval()
    z = torch.randn(3, 2)
    at_once, _ = made.states(z, X)
    steps, carry = [], None
    for t in range(X.shape[1]):
        h, carry = made.states(z, X[:, t : t + 1], carry)
        steps.append(h)
    torch.testing.assert_close(torch.cat(steps, 1), at_once)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_is_carried_can_be_picked_row_by_row(spelling):
    made, rows = writer(SPEC, spelling).eval(), torch.tensor([2, 0, 0])
    _, carry = made.next(empty(3), X[:, :2])
    together, _ = made.next(empty(3), X[rows, 2:4], picked(carry, rows))
    alone, _ = made.next(empty(3), X[rows, :4])
    torch.testing.assert_close(together, alone)


def test_every_weight_learns():
    made = writer(SPEC, "embed4 lstm6 gru5", code=2)
    made(torch.randn(3, 2), [X]).square().sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in made.parameters())


def test_a_code_is_read_beside_every_token():
    made = writer(SPEC, "embed4 lstm6", code=3).eval()
    z = torch.randn(3, 3, requires_grad=True)
    made(z, [X]).sum().backward()
    assert (z.grad != 0).all()
    assert not torch.equal(made(torch.zeros(3, 3)), made(100 * torch.randn(3, 3)))


def test_it_writes_the_likeliest_words_by_itself():
    made = writer(SPEC, "embed4 lstm6").eval()
    nn.init.normal_(made.dense.weight, std=3.0)
    told = made(empty(2))
    assert told.shape == (2, 7) and torch.equal(told[0], told[1])
    assert told[0, 0] == START and not set(told[0, 1:].tolist()) & {START, 3}
    for t in range(1, 7):
        if told[0, t - 1] in (END, PAD):
            assert told[0, t] == PAD
            continue
        logits, _ = made.next(empty(1), told[:1, :t])
        logits[0, list(NO_WORDS)] = -torch.inf
        assert told[0, t] == logits.argmax()


def test_an_lstm_remembers_at_first():
    made = writer(SPEC, "embed4 lstm6")
    assert made.body[0].cells.bias_ih_l0.tolist() == [0] * 6 + [1] * 6 + [0] * 12


def test_layers_as_objects_are_the_same_as_words():
    assert writer(SPEC, [Embed(4), LSTM(6), GRU(5)]).spelling == "embed4:v12 lstm6 gru5 dense12"
    assert writer(SPEC, "embed4:v12 lstm6 gru5 dense12").spelling == "embed4:v12 lstm6 gru5 dense12"


@pytest.mark.parametrize(
    ("spelling", "sentence"),
    [
        ("", "network: it is empty and what comes in are tokens; write it like embed256 lstm512 lstm512."),
        ("lstm8", "it begins with lstm8 and what comes in are tokens"),
        ("embed4:v9 lstm8", "the texts have a vocabulary of 12 with the padding; write embed4."),
        ("embed4 dense8", "it has no lstm or gru and would see only the last token"),
        ("embed4 lstm8 flatten", "layer 3 of 4 .flatten.: 7 x 8 comes in, and it does not fit: texts go token by"),
        ("embed4 embed4 lstm8", "layer 2 of 4 .*it reads tokens, whole numbers, and has to be the first layer"),
        ("embed4 lstm99999999", "layer 2 of 3 .*it would have [0-9,]+ weights; at most"),
        ("embed4 lstn8", "did you mean lstm"),
    ],
)
def test_what_is_no_writer_is_said_in_one_sentence(spelling, sentence):
    with pytest.raises(ParameterError, match=sentence):
        writer(SPEC, spelling)
