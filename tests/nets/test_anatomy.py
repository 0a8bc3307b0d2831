"""What a network is made of: parameters, work and receptive fields against what PyTorch really does."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from latently.nets import build, matrix, parse
from latently.nets.anatomy import Part, dissect


def rows(spelling, shape, batch=1):
    layers = parse(spelling)
    with torch.device("meta"):
        network = build(layers, shape, "network")
    return [row for row, _ in dissect([Part("network", layers, list(network))], shape, batch)]


@pytest.mark.parametrize(
    "spelling",
    [
        "conv2 conv2:k5:s2 conv2:valid",
        "conv2:k4:s2 res convt2:k4:s2 conv2",
        "conv2:k3:s3:valid up3 conv2 conv2",
        "conv2:s2 convt2:k3:s2 up2 conv2:k2",
        "conv2:s2 nails2 conv2:k5",
        "conv2:s2 convt2:k2:s3:valid conv2:k3:s2",
        "conv2:k4:s2 up2:to33x29 conv2:k3",
    ],
)
def test_no_number_depends_on_more_than_the_receptive_field_and_some_on_all_of_it(spelling):
    layers, shape = parse(spelling), (1, 32, 29)
    reach = rows(spelling, shape)[-1].receptive_field
    network = build(layers, shape, "network")
    for p in network.parameters():
        p.data.fill_(0.1)
    found = []
    for at in range(network(torch.ones(1, *shape)).shape[3]):
        x = torch.ones(1, *shape, requires_grad=True)
        network(x)[0, 0, at, at].backward()
        touched = x.grad[0, 0].nonzero()
        if len(touched):
            found.append(touched.max(0).values - touched.min(0).values + 1)
    assert tuple(torch.stack(found).max(0).values.tolist()) == reach


@pytest.mark.parametrize(
    ("spelling", "shape", "fields"),
    [
        ("conv8 pool2 conv8 pool2 conv8", (1, 28, 28), [(3, 3), (4, 4), (8, 8), (10, 10), (18, 18)]),
        ("conv8:k5:s5 flatten dense1", (3, 50, 40), [(5, 5), (5, 5), (50, 40)]),
        ("relu dense4 relu", (9,), [(1,), (9,), (9,)]),
        ("dense4 gru3 dense2", (7, 2), [(1,), (7,), (7,)]),
        ("conv8:k40 conv8:k40", (1, 50, 45), [(40, 40), (50, 45)]),
        ("reshape4x4x1 conv2", (16,), [(1,), (16,)]),
    ],
)
def test_receptive_fields_are_never_more_than_the_input(spelling, shape, fields):
    assert [row.receptive_field for row in rows(spelling, shape)] == fields


@pytest.mark.parametrize(
    ("word", "shape", "work"),
    [
        ("dense32", (784,), 784 * 32),
        ("dense32:nobias", (4, 8), 4 * 8 * 32),
        ("conv8:k5:s2", (3, 10, 10), 5 * 5 * 8 * 3 * 25),
        ("convt8:k3:s2", (3, 5, 5), 5 * 5 * 3 * 8 * 9),
        ("res", (4, 6, 6), 2 * 36 * 4 * 4 * 9),
        ("lstm16", (7, 5), 7 * 4 * 16 * (5 + 16)),
        ("gru16", (7, 5), 7 * 3 * 16 * (5 + 16)),
        ("embed16:v100", (7,), 0),
        ("relu", (7,), 0),
        ("pool2", (1, 4, 4), 0),
    ],
)
def test_multiply_adds_are_those_of_the_formula(word, shape, work):
    assert [row.multiply_adds for row in rows(word, shape)] == [work]


def test_memory_is_that_of_the_batch():
    row = rows("conv16:k5:s5:nobias", (3, 1920, 1080), batch=64)[0]
    assert row.memory == 4 * 64 * 384 * 216 * 16
    assert row.shape == (384, 216, 16)


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, 1, 0), (3, 2, 0), (3, 1, 1), (4, 2, 1)])
def test_a_transposed_convolution_is_the_transposed_matrix(kernel, stride, padding):
    there = torch.nn.Conv2d(2, 3, kernel, stride, padding, bias=False)
    back = torch.nn.ConvTranspose2d(3, 2, kernel, stride, padding)
    back.weight = there.weight
    small = there(torch.zeros(1, 2, 8, 8)).shape[2]
    side = (small - 1) * stride + kernel - 2 * padding  # what the stride leaves over is not reached
    there_matrix, back_matrix = matrix(there, (side, side, 2)), matrix(back, (small, small, 3))
    assert np.allclose(back_matrix, there_matrix.T, atol=1e-6)
    y = torch.rand(1, 3, small, small)
    expected = F.conv_transpose2d(y, there.weight, stride=stride, padding=padding).flatten().detach()
    assert np.allclose(there_matrix.T @ y.flatten().numpy(), expected, atol=1e-5)
