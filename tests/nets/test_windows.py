"""Networks for windows of a series: the default, mirrors that end in the columns, flags of what is missing."""

import pytest
import torch

from latently.nets import pair
from latently.parts import Plain, Steps
from latently.spec import Spec

SPEC = Spec("series", (12, 2), missing=(False, True))


@pytest.mark.parametrize(
    ("encoder", "decoder"),
    [
        (None, "dense128 silu dense128 silu dense24 reshape12x2"),
        ("gru8 flatten dense16 silu", "dense16 silu dense96 reshape12x8 gru8 dense2"),
        ("lstm8 lstm4 flatten", "dense48 reshape12x4 lstm8 lstm8 dense2"),
        ("dense6 relu flatten", "dense72 reshape12x6 relu dense2"),
        ("reshape12x3x1 conv4:k4:s2 silu flatten dense8 silu", None),
    ],
)
def test_a_mirror_ends_in_a_number_a_step_and_column(encoder, decoder):
    networks = pair(SPEC, Plain(3), encoder, None, "auto")
    assert isinstance(networks.likelihood, Steps)
    if decoder:
        assert networks.spelling["decoder"] == decoder
    x = torch.randn(5, 12, 2)
    x[0, 3, 1] = torch.nan
    code = networks.encoder(x)
    assert code.shape == (5, 3) and code.isfinite().all()
    assert networks.decoder(code).shape == (5, 12, 2)


def test_a_recurrent_decoder_reaches_numbers_of_any_size():
    decoder = pair(SPEC, Plain(3), "gru8 flatten", None, "auto").decoder
    with torch.no_grad():
        for weight in decoder[-1].parameters():
            weight.fill_(10.0)
    assert decoder(torch.randn(5, 3)).abs().max() > 5


def test_the_encoder_is_told_what_is_missing():
    encoder = pair(SPEC, Plain(3), "flatten dense4", None, "auto").encoder
    x = torch.zeros(1, 12, 2)
    gone = x.clone()
    gone[0, 0, 1] = torch.nan
    assert not torch.equal(encoder(x), encoder(gone))
