"""Texts in batches: every row once, little padding, the order a function of the generator alone."""

import pytest
import torch

from latently.data.packed import packed
from latently.data.ragged import TOGETHER, Ragged


def ragged(lengths, most=64):
    starts = torch.tensor([0, *lengths]).cumsum(0)
    return Ragged(torch.arange(1, int(starts[-1]) + 1, dtype=torch.int32), starts, most)


def many(n=5000):
    return ragged(torch.randint(2, 60, (n,), generator=torch.Generator().manual_seed(0)).tolist())


def order(seed=0):
    return torch.Generator().manual_seed(seed)


def test_a_batch_is_as_long_as_its_longest_text():
    texts = ragged([2, 4, 0, 1])
    assert (len(texts), texts.shape, texts.device.type) == (4, (64,), "cpu")
    assert texts.take(torch.tensor([3, 0])).tolist() == [[7, 0], [1, 2]]
    assert texts.take(torch.tensor([1, 2, 1])).tolist() == [[3, 4, 5, 6], [0] * 4, [3, 4, 5, 6]]
    assert texts.take(torch.tensor([2])).shape == (1, 0)
    assert texts.take(torch.tensor([], dtype=torch.int64)).shape == (0, 0)
    assert texts.take(torch.tensor([0])).dtype == torch.int64 and texts.tokens.dtype == torch.int32
    assert packed(texts) is texts and texts.to(torch.device("cpu")) is texts


@pytest.mark.parametrize(("n", "size"), [(5000, 32), (5000, 7), (33, 32), (3, 128), (1, 1), (1025, 32)])
def test_every_row_is_served_once_in_batches_of_one_size(n, size):
    texts = many(n)
    rows = torch.randperm(n, generator=order(5))[: max(1, n - 2)]
    batches = [*texts.shuffled(rows, size, order())]
    assert torch.cat(batches).sort().values.equal(rows.sort().values)
    assert max(map(len, batches)) - min(map(len, batches)) <= 1 and max(map(len, batches)) <= size
    assert torch.cat([*texts.ordered(rows)]).equal(rows)


def test_the_order_is_the_generators_alone():
    texts, rows = many(), torch.arange(5000)
    first, again, other = (torch.cat([*texts.shuffled(rows, 32, order(seed))]) for seed in (1, 1, 2))
    assert first.equal(again) and not first.equal(other)
    lengths = [int(texts.lengths[batch].max()) for batch in texts.shuffled(rows, 32, order())]
    assert lengths != sorted(lengths)


def test_little_is_padded():
    texts, rows = many(), torch.arange(5000)

    def share(batches):
        shapes = [texts.take(batch) for batch in batches]
        return sum(int((x == 0).sum()) for x in shapes) / sum(x.numel() for x in shapes)

    plain = share(rows[torch.randperm(5000, generator=order())].split(32))
    assert share(texts.shuffled(rows, 32, order())) < 0.03 < 0.3 < plain


def test_batches_that_are_looked_at_are_bounded():
    assert max(len(rows) for rows in many().ordered(torch.arange(5000))) == TOGETHER // 64
    assert len(next(iter(ragged([2] * 9, most=2**20).ordered(torch.arange(9))))) == 1
