"""What a network remembers beside the code: where maxima stood, a U-Net's skips."""

import pytest
import torch

from latently import nets
from latently.errors import InputError, ParameterError
from latently.nets import pair
from latently.parts import Plain
from latently.spec import Spec

DIGIT = Spec("image", (1, 28, 28))


def both(encoder, decoder, spec=DIGIT, code=8):
    return pair(spec, Plain(code), encoder, decoder, "auto")


@pytest.mark.parametrize("side", [4, 5])
@pytest.mark.parametrize("padding", ["", ":valid"])
def test_unpooling_puts_each_maximum_back_where_it_stood(side, padding):
    spec = Spec("image", (3, side, side))
    kept = side // 2 if padding else -(-side // 2)
    networks = both(f"pool2{padding}", f"unpool2:to{side}", spec, 3 * kept**2)
    x = torch.rand(2, 3, side, side)
    memory = []
    back = networks.decoder(networks.encoder(x, memory), memory)
    assert memory == []
    there = back != 0
    assert torch.equal(back[there], x[there])
    assert there.sum() == 2 * 3 * kept**2
    pooled = torch.nn.functional.max_pool2d(x, 2, ceil_mode=not padding)
    assert torch.equal(torch.nn.functional.max_pool2d(back, 2, ceil_mode=not padding), pooled)


def test_unpooling_agrees_with_pytorch():
    x = torch.rand(2, 3, 6, 6)
    pooled, places = torch.nn.functional.max_pool2d(x, 2, return_indices=True)
    networks = both("pool2", "unpool2", Spec("image", (3, 6, 6)), 27)
    memory = []
    back = networks.decoder(networks.encoder(x, memory), memory)
    assert torch.equal(back, torch.nn.functional.max_unpool2d(pooled, places, 2))


def test_two_pools_are_undone_in_the_other_order():
    networks = both("conv4 pool2 conv8 pool2", "unpool2 convt4 unpool2 convt1", code=7 * 7 * 8)
    x, memory = torch.rand(3, 1, 28, 28), []
    z = networks.encoder(x, memory)
    assert [tuple(m.shape) for m in memory] == [(3, 4, 14, 14), (3, 8, 7, 7)]
    assert all(int(m.max()) <= 3 for m in memory)
    restored, bare = networks.decoder(z, memory), networks.decoder(z)
    assert restored.shape == bare.shape == x.shape
    assert not torch.equal(restored, bare)


def test_what_nobody_asks_for_is_not_kept():
    memory = []
    both("conv4 keep pool2 conv8 pool2", "convt4:s2 convt1:s2", code=7 * 7 * 8).encoder(
        torch.rand(1, 1, 28, 28), memory
    )
    assert memory == []


def test_a_network_that_remembers_encodes_alike_with_and_without_a_memory():
    networks = both("unet", None)
    x = torch.rand(2, 1, 28, 28)
    assert torch.equal(networks.encoder(x), networks.encoder(x, []))


def test_skips_reach_the_decoder_and_its_gradient_the_encoder():
    networks = both("unet", None)
    x, memory = torch.rand(2, 1, 28, 28), []
    z = networks.encoder(x, memory)
    assert [tuple(m.shape[1:]) for m in memory] == [(16, 28, 28), (32, 14, 14)]
    networks.decoder(z, memory).square().sum().backward()
    silent = [
        n for n, p in [*networks.encoder.named_parameters(), *networks.decoder.named_parameters()] if p.grad is None
    ]
    assert not silent


def test_a_bare_code_of_a_network_with_skips_says_so():
    with pytest.raises(InputError, match=r"a bare code cannot be decoded.*reconstruct can"):
        both("unet", None).decoder(torch.zeros(1, 8))


def test_the_saved_spelling_of_a_named_network_is_the_expanded_one():
    spelling = both("unet", "unet").spelling
    assert spelling == both("unet", None).spelling
    assert "keep" in spelling["encoder"] and "join16" in spelling["decoder"] and "unet" not in str(spelling)
    assert both(spelling["encoder"], spelling["decoder"]).spelling == spelling


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 21, 30)])
def test_a_denoiser_s_skips_are_sums_and_it_says_what_to_change(shape):
    spec = Spec("image", shape)
    networks = both("denoiser", None, spec, nets.natural(spec, nets.NAMED["denoiser"](shape)))
    assert networks.spelling["decoder"].split().count("add") == 2 and networks.spelling["decoder"].endswith("add")
    x, memory = torch.rand(2, *shape), []
    z = networks.encoder(x, memory)
    assert torch.equal(memory[0], x)
    silent = [p.zero_() for p in networks.decoder.state_dict().values()]
    assert silent and torch.equal(networks.decoder(z, memory), x) and not memory
    with pytest.raises(InputError, match="a bare code cannot be decoded"):
        networks.decoder(z)


def test_what_is_added_has_the_same_channels():
    with pytest.raises(ParameterError, match="bring the picture to that shape first"):
        both("keep conv8", "conv4 add", code=8 * 28 * 28)


@pytest.mark.parametrize("name", ["residual", "unet"])
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 2, 5), (1, 8, 8), (3, 33, 50), (1, 7, 96)])
def test_named_networks_fit_every_size(name, shape):
    networks = both(name, None, Spec("image", shape), 3)
    x, memory = torch.rand(2, *shape), []
    assert networks.decoder(networks.encoder(x, memory), memory).shape == x.shape


def test_a_residual_block_adds_to_what_comes_in():
    network = nets.build(nets.parse("res"), (4, 5, 5), "encoder")
    x = torch.rand(2, 4, 5, 5)
    assert sum(p.numel() for p in network.parameters()) == 2 * (4 * 4 * 9 + 4)
    for p in network.parameters():
        p.data.zero_()
    assert torch.equal(network(x), x)


@pytest.mark.parametrize(
    ("encoder", "decoder", "message"),
    [
        (
            "conv8:s2 conv8:s2",
            "unpool2 unpool2 conv1",
            r"decoder, layer 1 of 3 \(unpool2\): 7 x 7 x 8 .*no pool .* is left.*up2",
        ),
        (
            "conv4 pool2 conv8:s2",
            "up2 unpool2 conv1",
            r"layer 2 of 3 \(unpool2\): 14 x 14 x 8 .*14 x 14 x 4 \(pool2, layer 2\)",
        ),
        ("conv8 pool2 conv8 pool2", "unpool2 unpool2 unpool2", r"layer 3 of 3 \(unpool2\): 28 x 28 x 8"),
        ("conv8 pool4", "unpool2 up2 conv1", r"\(unpool2\).*7 x 7 x 8 \(pool4, layer 2\)"),
        ("conv8 pool4", "join up4 conv1", r"\(join\): 7 x 7 x 8 comes in.*kept no picture.*put keep"),
        ("conv8 keep pool4", "join up4 conv1", r"\(join\).*28 x 28 x 8 \(keep, layer 2\)"),
        ("conv8 pool4 keep", "join5 up4 conv1", r"\(join5\).*7 x 7 x 8 \(keep, layer 3\)"),
        ("join", None, r"encoder, layer 1 of 1 \(join\).*put keep"),
    ],
)
def test_what_was_not_kept_cannot_be_recalled(encoder, decoder, message):
    with pytest.raises(ParameterError, match=message):
        both(encoder, decoder, code=nets.natural(DIGIT, encoder) or 8)


def test_a_named_network_for_pictures_is_refused_for_a_row():
    spec = Spec("table", (5,), levels=(0,) * 5, missing=(False,) * 5)
    with pytest.raises(ParameterError, match="is a network for pictures"):
        both("unet", None, spec, 2)
