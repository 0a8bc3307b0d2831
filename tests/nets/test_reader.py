"""The encoder of texts: what is padded is not read, every weight learns, and what is no reader is said."""

import pytest
import torch

from latently.errors import ParameterError
from latently.nets import pair, reader
from latently.parts import Gaussian, Plain, Tokens
from latently.spec import Spec

SPEC = Spec("text", (8,), vocabulary=12)
X = torch.tensor([[1, 5, 6, 7, 2], [1, 8, 2, 0, 0], [1, 2, 0, 0, 0]])
SPELLINGS = ["embed8 lstm24", "embed4 drop0.2 gru5 lstm16 norm", "embed4 dense6 tanh gru6 dense5 silu"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_padding_changes_nothing(spelling):
    read = reader(SPEC, spelling, 3).eval()
    h = read(X)
    assert h.shape == (3, 3)
    for i, length in enumerate((5, 3, 2)):
        torch.testing.assert_close(read(X[i : i + 1, :length])[0], h[i])
    wide = torch.cat((X, torch.zeros(3, 3, dtype=torch.long)), 1)
    torch.testing.assert_close(read(wide), h)
    torch.testing.assert_close(read(X.flip(0)).flip(0), h)
    torch.testing.assert_close(read(X.float()), h)  # as an estimator's pass hands them over


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_token_counts_and_every_weight_learns(spelling):
    read = reader(SPEC, spelling, 3).eval()
    for place in range(5):
        other = X.clone()
        other[0, place] = 9
        assert not torch.allclose(read(other)[0], read(X)[0], atol=1e-7)
    read(X).square().sum().backward()
    without = [name for name, p in read.named_parameters() if p.grad is None or not p.grad.any()]
    assert not without


def test_its_weights_are_those_that_are_spelled():
    read = reader(SPEC, "embed4 lstm6", 3)
    assert read.spelling == "embed4:v12 lstm6 dense3"
    assert sum(p.numel() for p in read.parameters()) == 12 * 4 + 4 * 6 * (4 + 6 + 2) + 6 * 3 + 3
    assert reader(SPEC, read.spelling, 3).spelling == read.spelling


@pytest.mark.parametrize(
    ("spelling", "sentence"),
    [
        ("lstm6", "encoder: it begins with lstm6 and what comes in are tokens; write it like embed128 lstm256"),
        ("", "encoder: it is empty and what comes in are tokens"),
        ("embed4 dense6", "encoder: it has no lstm or gru and would see only the last token"),
        ("embed4:v9 lstm6", "the texts have a vocabulary of 12 with the padding; write embed4"),
        ("embed4 lstm6 flatten", "layer 3 of 4 .flatten.: 8 x 6 comes in, and it does not fit: texts go token by"),
        ("embed4 lsmt6", "encoder, word 2: 'lsmt6' is not a layer; did you mean lstm"),
    ],
)
def test_what_is_no_reader_is_said_in_one_sentence(spelling, sentence):
    with pytest.raises(ParameterError, match=sentence):
        reader(SPEC, spelling, 3)


def test_the_pair_of_a_text_is_a_reader_and_a_writer_that_knows_the_code():
    found = pair(SPEC, Gaussian(3), "embed4 gru6 dense5 tanh", None, "auto")
    assert found.spelling == {"encoder": "embed4:v12 gru6 dense5 tanh dense6", "decoder": "embed4:v12 gru6 dense12"}
    assert isinstance(found.likelihood, Tokens)
    z = torch.randn(3, 3)
    assert found.decoder(z, [X]).shape == (7, 12)
    assert found.decoder(z).shape == (3, 8)
    assert not torch.allclose(found.decoder(z, [X]), found.decoder(z + 1, [X]))
    assert pair(SPEC, Plain(3), None, None, "auto").spelling["encoder"] == "embed128:v12 lstm256 dense3"
    again = pair(SPEC, Gaussian(3), found.spelling["encoder"], found.spelling["decoder"], "auto")
    assert again.spelling == found.spelling
    with pytest.raises(ParameterError, match="decoder: it begins with lstm6"):
        pair(SPEC, Plain(3), None, "lstm6", "auto")
    with pytest.raises(ParameterError, match="likelihood='normal' is for pictures"):
        pair(SPEC, Plain(3), None, None, "normal")
