"""The four upsamplings on the small grid against PyTorch's own."""

import pytest
import torch
from torch.nn import functional as F


@pytest.fixture(scope="module")
def told(client):
    answer = client.get("/api/upsamplings")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_way_is_what_torch_makes(told):
    picture = torch.tensor(told["picture"], dtype=torch.float32)[None, None]
    pooled, stood = F.max_pool2d(picture, 2, return_indices=True)
    assert told["pooled"] == pooled[0, 0].tolist()
    kernel = torch.tensor(told["kernel"], dtype=torch.float32)[None, None]
    nails = torch.zeros(4, 4)
    nails[::2, ::2] = pooled[0, 0]
    expected = {
        "nearest": F.interpolate(pooled, scale_factor=2, mode="nearest")[0, 0],
        "nails": nails,
        "unpool": F.max_unpool2d(pooled, stood, 2)[0, 0],
    }
    made = {way["name"]: torch.tensor(way["output"]) for way in told["ways"]}
    for name, output in expected.items():
        assert torch.equal(made[name], output), name
    whole = F.conv_transpose2d(pooled, kernel, stride=2)[0, 0]  # 5 x 5, of which the layer keeps 4 x 4
    kept = [whole[r : r + 4, c : c + 4] for r in (0, 1) for c in (0, 1)]
    assert any(torch.equal(made["transposed"], one) for one in kept)


def test_the_terms_add_up_to_every_cell(told):
    for way in told["ways"]:
        for line, terms in zip(way["output"], way["terms"], strict=True):
            for value, cell in zip(line, terms, strict=True):
                pooled = [told["pooled"][one["at"][0]][one["at"][1]] * one["weight"] for one in cell]
                assert sum(pooled) == pytest.approx(value), way["name"]
    sums = [len(cell) for way in told["ways"] if way["name"] == "transposed" for line in way["terms"] for cell in line]
    assert max(sums) == 4
