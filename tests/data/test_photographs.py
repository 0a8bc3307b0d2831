"""Tiles cut from photographs, photographs laid together from tiles, and how much noise they have."""

import numpy as np
import pytest

import latently
from latently.data.photographs import mosaic, tiles

PHOTO = np.random.default_rng(0).integers(0, 255, (60, 80, 3)).astype(np.uint8)


def test_tiles_are_pieces_of_the_photograph():
    cut = tiles(PHOTO, 20, n=30, seed=1)
    assert cut.shape == (30, 20, 20, 3) and cut.dtype == np.uint8
    windows = np.lib.stride_tricks.sliding_window_view(PHOTO, (20, 20), axis=(0, 1))
    places = {windows[r, c].transpose(1, 2, 0).tobytes() for r in range(41) for c in range(61)}
    assert all(tile.tobytes() in places for tile in cut)
    np.testing.assert_array_equal(cut, tiles(PHOTO, 20, n=30, seed=1))
    assert not np.array_equal(cut, tiles(PHOTO, 20, n=30, seed=2))


def test_larger_photographs_are_drawn_from_more_often():
    small, large = np.zeros((20, 20), np.uint8), np.full((80, 80), 9, np.uint8)
    cut = tiles([small, large], 10, n=400)
    assert cut.shape == (400, 10, 10) and 0.9 < (cut == 9).all((1, 2)).mean() < 0.98


def test_tiles_of_a_shrunken_photograph_show_more_of_it():
    steps = np.tile(np.arange(80.0), (80, 1))
    spread = np.ptp(tiles(steps, 20, n=50, shrink=0.4), axis=(1, 2))
    assert spread.min() < 22 and spread.max() > 35


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"side": 0}, "side=0 is not allowed; it is a whole number, at least 1"),
        ({"n": 0}, "n=0 is not allowed"),
        ({"shrink": 1.5}, "shrink=1.5 is not allowed; it is above 0 and at most 1"),
    ],
)
def test_bounds_are_said(asked, why):
    with pytest.raises(latently.ParameterError, match=why):
        tiles(PHOTO, **{"side": 20, **asked})


def test_a_photograph_smaller_than_the_tile_is_named():
    with pytest.raises(
        latently.InputError, match="photograph 1 is 10 x 30 and a tile has 20 x 20; choose a smaller side, at most 10"
    ):
        tiles([PHOTO, PHOTO[:10, :30]], 20)


@pytest.mark.parametrize("size", [(64, 64), (65, 64), (200, 33), (10, 100), (5, 3)])
@pytest.mark.parametrize("overlap", [0, 1, 16, 40])
def test_tiles_that_nothing_is_done_to_make_the_picture(size, overlap):
    picture = np.random.default_rng(0).random((*size, 3)).astype(np.float32)
    np.testing.assert_allclose(mosaic(picture, (64, 64), overlap, lambda t: t), picture, atol=1e-6)


def test_where_tiles_disagree_one_gives_way_to_the_other():
    calls = iter(range(100))

    def use(batch):
        return np.stack([np.full_like(tile, next(calls)) for tile in batch])

    row = mosaic(np.zeros((32, 104, 1), np.float32), (32, 32), 8, use)[16, :, 0]
    assert row[0] == 0 and row[-1] == 3 and (np.diff(row) >= 0).all() and np.diff(row).max() < 0.3


@pytest.mark.parametrize("sigma", [0.02, 0.1, 0.3])
def test_the_level_of_noise_is_found(sigma):
    noise = sigma * np.random.default_rng(0).normal(size=(200, 300, 3))
    smooth = np.linspace(0.2, 0.8, 300)[None, :, None] * np.ones((200, 1, 3))
    assert latently.noise_level(smooth + noise) == pytest.approx(sigma, rel=0.05)
    both = latently.noise_level([smooth + noise, smooth])
    assert both[0] == pytest.approx(sigma, rel=0.05) and both[1] < 0.005
    assert latently.noise_level(np.zeros((1, 5))) == 0


def test_bytes_are_read_as_0_to_1():
    noisy = np.clip(128 + 25.5 * np.random.default_rng(0).normal(size=(200, 200)), 0, 255).astype(np.uint8)
    assert latently.noise_level(noisy) == pytest.approx(0.1, rel=0.05)
    assert latently.noise_level(noisy.astype(np.uint16) * 257) == pytest.approx(0.1, rel=0.05)
