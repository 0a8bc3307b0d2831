"""Forms of networks that are quicker: each gives what the modules give one by one, in value and in every slope."""

import pickle
import threading
from contextlib import nullcontext
from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

from latently.nets import Network, build, fast, pair, parse, through
from latently.nets.convolution import Geometry, convolve, folds
from latently.parts import Plain
from latently.quick import allowed, plain
from latently.spec import Spec

FORMS = [  # the form, a network that has it, what comes in, and how many items
    ("products", "conv5:k3:valid", (3, 20, 19), 32),
    ("products", "conv16:k4:s2", (1, 21, 24), 70),  # the weights' slope by gathered rows
    ("products", "convt1:k4:s2", (8, 10, 11), 50),  # folded
    ("products", "convt1:valid", (5, 10, 11), 70),
    ("products", "convt3:k2:s2:valid", (6, 10, 11), 70),  # folded, windows apart
    ("turned", "conv1:k3", (6, 20, 20), 16),
    ("turned", "conv1:k4:valid", (8, 20, 21), 16),
    ("spread", "up2 conv4:k3", (3, 20, 21), 32),
    ("spread", "up3 conv4:k5:valid", (3, 20, 21), 32),
    ("spread", "up2 conv1", (8, 20, 21), 32),
    ("spread", "up2 convt4", (3, 20, 21), 32),
    ("spread", "up3 convt1:k2:valid", (8, 12, 13), 32),
    ("uncut", "convt4:k3:s2", (3, 20, 21), 32),
    ("uncut", "convt4:k3:s2:to39x42", (3, 20, 21), 32),
    ("pool first", "relu pool2", (3, 7, 9), 4),
    ("pool first", "elu pool3:valid", (3, 7, 9), 4),
    ("over", "dense7 leaky", (5,), 6),
    ("over", "dense7 tanh", (5,), 6),
    ("over", "dense7 sigmoid", (5,), 6),
    ("over", "conv3 elu", (2, 6, 6), 3),
    ("flat", "conv4 relu flatten dense3", (2, 6, 6), 9),
    ("picture", "dense36 reshape3x3x4 conv3", (4,), 9),
    ("curved picture", "dense36 elu reshape3x3x4 conv3", (4,), 9),
]
CASES = [pytest.param(*case, id=f"{case[0]}: {case[1]}") for case in FORMS]


def made(spelling, shape, batch, dtype=torch.float64, seed=0):
    torch.manual_seed(seed)
    network = build(parse(spelling), shape, "network").to(dtype, memory_format=torch.channels_last)
    for parameter in network.parameters():
        parameter.data = torch.randn_like(parameter)
    x = torch.randn(batch, *shape, dtype=dtype)
    return network, x.to(memory_format=torch.channels_last) if x.ndim == 4 else x


def taken(network, x):
    """The forms that a network takes for x."""
    names = []
    fast.walk(fast.steps(network), x, lambda module, x: module(x), names)
    return names


def slopes(network, x, reads):
    """The output, its slopes, and the slopes of their size, which takes a second pass back."""
    x = x.clone(memory_format=torch.preserve_format).requires_grad_(reads)
    out = network(x)
    ends = [*([x] if reads else []), *network.parameters()]
    weights = torch.linspace(0.5, 1.5, out.numel(), dtype=out.dtype).view_as(out)
    once = torch.autograd.grad((out * weights).sum() + out.square().mean(), ends, create_graph=True)
    size = sum(slope.square().sum() for slope in once)
    twice = torch.autograd.grad(size, ends, allow_unused=True, materialize_grads=True)
    return [out, *once, *twice]


def alike(ours, theirs, tolerance):
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        assert (a - b).abs().max() <= tolerance * b.abs().max().clamp(min=1e-3)


@pytest.mark.parametrize(("form", "spelling", "shape", "batch"), CASES)
@pytest.mark.parametrize("reads", [True, False], ids=["slope of x", "weights alone"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-4)], ids=str)
def test_a_form_gives_the_same_with_the_same_slopes(form, spelling, shape, batch, reads, dtype, tolerance):
    network, x = made(spelling, shape, batch, dtype)
    reads = reads or not list(network.parameters())
    assert form in taken(network, x)
    ours = slopes(network, x, reads)
    with plain():
        theirs = slopes(network, x, reads)
    alike(ours, theirs, tolerance)


@pytest.mark.parametrize(("form", "spelling", "shape", "batch"), CASES)
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_a_form_gives_the_same_where_nothing_is_learned(form, spelling, shape, batch, mode):
    network, x = made(spelling, shape, batch)
    before = x.clone()
    with mode():
        ours = network.eval()(x)
        with plain():
            alike([ours], [network(x)], 1e-10)
        one = network(x[:1])
        alike([one], [ours[:1]], 1e-10)
    assert torch.equal(x, before)


def test_every_form_is_tested():
    assert {form.name for form in fast.FORMS} == {case[0] for case in FORMS} | {"over, silent"}


def test_silu_writes_over_what_comes_in_where_no_slope_is_asked():
    network, x = made("dense8 silu dense2", (3,), 4)
    assert taken(network, x) == []
    with torch.no_grad():
        assert taken(network, x) == ["over, silent"]
        ours = network(x)
        with plain():
            alike([ours], [network(x)], 1e-12)


def test_a_residual_block_is_computed_so_too():
    network, x = made("res:k5", (5, 30, 31), 9)
    assert taken(network[0].change, x) == ["products", "over", "products"]
    ours = slopes(network, x, True)
    with plain():
        alike(ours, slopes(network, x, True), 1e-10)


def test_nothing_is_written_over_that_somebody_else_holds():
    network, x = made("relu", (3,), 4)
    before = x.clone()
    network(x)
    assert torch.equal(x, before)
    kept = []
    conv, x = made("conv3 relu", (2, 6, 6), 3)
    handle = conv[0].register_forward_hook(lambda module, args, out: kept.append((out, out.clone())))
    conv(x)
    handle.remove()
    assert torch.equal(*kept[0])
    assert "over" in taken(conv, x)


def test_a_picture_that_is_kept_stays_what_it_was():
    networks = pair(Spec("image", (1, 16, 16)), Plain(4), "unet", None, "normal")
    x, memory, slow = torch.rand(3, 1, 16, 16), [], []
    z = networks.encoder(x, memory)
    with plain():
        alike([networks.encoder(x, slow)], [z], 1e-4)
    alike(memory, slow, 1e-4)
    out = networks.decoder(z, list(memory))
    with plain():
        alike([out], [networks.decoder(z, slow)], 1e-4)


@pytest.mark.parametrize("where", ["module", "network", "all"])
def test_a_module_with_hooks_is_called(where):
    network, x = made("conv5 relu pool2 up2 conv4", (3, 20, 20), 90)
    inner = Network(network, nn.Flatten())
    assert taken(inner, x) == ["products", "pool first", "spread"]
    called = []

    def hook(module, *_):
        called.append(module)

    if where == "all":
        handle = nn.modules.module.register_module_forward_hook(hook)
        expected = [*network, network, inner[1], inner]
    else:
        one = network[2] if where == "module" else network
        handle, expected = one.register_forward_hook(hook), [one]
    inner(x)
    assert called == expected
    handle.remove()
    assert taken(inner, x) == ["products", "pool first", "spread"]


def test_a_network_that_is_changed_is_seen_anew():
    network, x = made("conv5 relu", (3, 20, 20), 32)
    assert taken(network, x) == ["products", "over"]
    network[1] = nn.Softplus()
    assert taken(network, x) == ["products"]
    alike([network(x)], [F.softplus(network[0](x))], 1e-10)


def test_what_a_form_cannot_do_is_called_as_it_is():
    for module in (
        nn.Conv2d(4, 4, 3, groups=2),
        nn.Conv2d(4, 4, 3, dilation=2),
        nn.Conv2d(4, 1, 3, padding=1, padding_mode="reflect"),
        nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), nn.ZeroPad2d(1)),
        nn.Sequential(nn.Upsample((40, 41)), nn.ZeroPad2d(1)),
        nn.Sequential(nn.Upsample(scale_factor=(2, 3)), nn.Conv2d(4, 2, 3, groups=2)),
    ):
        network, x = Network(module), torch.randn(8, 4, 40, 40)
        assert taken(network, x) == []
        out = network(x)
        with plain():
            assert torch.equal(out, network(x))


def test_forms_are_off_in_plain_in_this_thread_alone():
    assert allowed()
    others = []
    with plain():
        assert not allowed()
        with plain():
            assert not allowed()
        assert not allowed()
        thread = threading.Thread(target=lambda: others.append(allowed()))
        thread.start()
        thread.join()
    assert allowed()
    assert others == [True]


@pytest.mark.parametrize(
    ("weight", "how"),
    [
        ((8, 1, 3, 5), Geometry((2, 3), (1, 2), (1, 2), True)),
        ((8, 1, 2, 3), Geometry((4, 3), (0, 0), (3, 0), True)),  # gaps between the windows
        ((8, 1, 4, 4), Geometry((1, 1), (3, 2), (0, 0), True)),
        ((8, 2, 2, 3), Geometry((2, 3), (0, 0), (0, 0), True)),
        ((8, 2, 3, 3), Geometry((2, 3), (1, 0), (0, 1), True)),
        ((16, 1, 3, 5), Geometry((2, 3), (1, 2))),
        ((8, 1, 4, 2), Geometry((1, 1), (3, 0))),
    ],
)
@pytest.mark.parametrize("biased", [True, False])
def test_a_convolution_of_any_geometry(weight, how, biased):
    weight = torch.randn(weight, dtype=torch.float64, requires_grad=True)
    bias = None
    if biased:
        bias = torch.randn(weight.shape[int(how.transposed)], dtype=torch.float64, requires_grad=True)
    x = torch.randn(2, 8 if how.transposed else 1, 4, 5, dtype=torch.float64)
    theirs = torch.convolution(x, weight, bias, how.stride, how.padding, (1, 1), how.transposed, how.extra, 1)
    ours = convolve(x, weight, bias, how)
    g = torch.randn_like(ours)
    ends = [weight, *([bias] if biased else [])]
    alike([ours, *torch.autograd.grad(ours, ends, g)], [theirs, *torch.autograd.grad(theirs, ends, g)], 1e-10)
    x.requires_grad_()
    assert torch.autograd.gradcheck(lambda *t: convolve(*t, *([] if biased else [None]), how), (x, *ends))
    assert torch.autograd.gradgradcheck(lambda *t: convolve(*t, *([] if biased else [None]), how), (x, *ends))


def test_only_what_was_measured_to_pay_is_folded():
    apart = Geometry((3, 3), transposed=True)
    assert folds(torch.empty(16, 1, 3, 3), Geometry(transposed=True))
    assert folds(torch.empty(16, 3, 3, 3), apart)
    assert not folds(torch.empty(16, 16, 3, 3), apart)
    assert not folds(torch.empty(16, 3, 3, 3), Geometry(transposed=True))
    assert not folds(torch.empty(16, 1, 3, 3), Geometry())
    assert not folds(torch.empty(4, 1, 3, 3), Geometry(transposed=True))  # windows would be larger than what comes in


ROWS = {
    "row 8": (
        "conv16 relu pool2 conv8 relu pool2 conv4 relu pool2",
        "conv4 relu up2 conv8 relu up2 conv16:valid relu up2 conv1 sigmoid",
        {"products", "pool first", "spread", "over"},
    ),
    "row 5": (
        "conv8:valid elu conv8:valid elu flatten dense16 elu",
        "dense4608 elu reshape24x24x8 convt8:valid elu convt1:valid elu",
        {"products", "over", "flat", "curved picture"},
    ),
    "stride 2": ("conv8:s2 relu conv8:s2 relu", None, {"products", "over", "flat", "picture", "uncut"}),
    "residual": ("residual", None, {"products"}),
    "unet": ("unet", None, {"products"}),
}


def trained(encoder, decoder, forms):
    """A model after 20 steps: its loss at each, its weights, the forms it took."""
    torch.manual_seed(0)
    networks = pair(Spec("image", (1, 28, 28)), Plain(16), encoder, decoder, "normal")
    model = nn.ModuleDict({"encoder": networks.encoder, "decoder": networks.decoder})
    model.to(memory_format=torch.channels_last)
    descent = torch.optim.SGD(model.parameters(), 1e-3, momentum=0.9)
    losses, x = [], torch.rand(64, 1, 28, 28)
    names = set(taken(model["encoder"], x))
    if "join" not in networks.spelling["decoder"]:  # reads more than a code
        names |= set(taken(model["decoder"], torch.zeros(64, 16)))
    with nullcontext() if forms else plain():
        for _ in range(20):
            memory = []
            z = through(model["encoder"], x, memory)
            loss = (through(model["decoder"], z, memory) - x).square().mean()
            descent.zero_grad()
            loss.backward()
            descent.step()
            losses.append(loss.item())
    return losses, model.state_dict(), names


@pytest.mark.parametrize("row", ROWS)
def test_a_whole_model_learns_the_same(row):
    encoder, decoder, forms = ROWS[row]
    losses, weights, names = trained(encoder, decoder, True)
    slow, theirs, _ = trained(encoder, decoder, False)
    assert forms <= names
    assert losses[-1] < losses[0]
    assert losses == pytest.approx(slow, rel=1e-4)
    assert list(weights) == list(theirs)
    for name, weight in weights.items():
        assert torch.allclose(weight, theirs[name], rtol=1e-3, atol=1e-4), name


def test_a_network_that_has_run_is_copied_and_pickled():
    network, x = made("conv5 relu pool2", (3, 20, 20), 32)
    out = network(x)
    for other in (deepcopy(network), pickle.loads(pickle.dumps(network))):
        assert torch.equal(other(x), out)
        other[0].weight.data.zero_()
        assert other(x).abs().max() <= other[0].bias.abs().max()
    assert torch.equal(network(x), out)


def test_names_of_weights_are_those_of_the_modules():
    network = build(parse("conv4 relu up2 convt3:s2 res flatten dense2"), (1, 6, 6), "network")
    network(torch.rand(2, 1, 6, 6))
    names = ["0.weight", "0.bias", "3.0.weight", "3.0.bias", "4.change.0.weight", "4.change.0.bias"]
    assert list(network.state_dict()) == [*names, "4.change.2.weight", "4.change.2.bias", "6.weight", "6.bias"]


def test_weights_that_are_put_in_for_a_call_are_read():
    network, x = made("dense400 relu reshape10x10x4 up2 conv4 relu convt1:s2", (4,), 90)
    others = {name: torch.randn_like(weight) for name, weight in network.named_parameters()}
    assert {"curved picture", "spread", "uncut"} <= set(taken(network, x))
    ours = functional_call(network, others, (x,))
    with plain():
        alike([ours], [functional_call(network, others, (x,))], 1e-10)


def test_on_the_meta_device_only_shapes_are_found():
    network = build(parse("conv4 relu pool2 up2 conv1"), (1, 8, 8), "network").to("meta")
    assert network(torch.empty(900, 1, 8, 8, device="meta")).shape == (900, 1, 8, 8)
    assert taken(network, torch.empty(900, 1, 8, 8, device="meta")) == ["pool first"]


def test_in_bf16_the_products_are_pytorchs():
    network, x = made("conv4 relu up2 conv1", (1, 20, 20), 90, torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        assert taken(network, x) == ["over"]
        out = network(x)
        assert out.dtype == torch.bfloat16
    out.float().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_a_picture_of_which_much_is_cut_is_made_first():
    network = Network(nn.ConvTranspose2d(4, 8, 3, 2), fast.Sides((9, 41)))  # else with a kernel of 35 x 3
    assert taken(network, torch.randn(32, 4, 20, 20)) == ["products"]


def test_a_curve_that_falls_is_not_written_over():
    for curve in (nn.LeakyReLU(-0.1), nn.ELU(-1.0)):
        network = Network(nn.Linear(4, 32), curve, nn.Unflatten(1, (2, 4, 4)))
        assert taken(network, torch.randn(16, 4)) == []
        network(torch.randn(16, 4)).sum().backward()
