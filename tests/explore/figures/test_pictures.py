import numpy as np
import pytest

from latently.explore.figures.pictures import picture_grid, scaled, shown, value_range


@pytest.mark.parametrize(
    ("shape", "dtype", "mode"),
    [
        ((5, 8, 8), np.uint8, "L"),
        ((5, 8, 6, 1), np.uint16, "L"),
        ((5, 8, 8, 3), np.float32, "RGB"),
        ((5, 8, 8, 4), np.uint8, "RGBA"),
        ((5, 8, 8, 2), np.uint8, "L"),
        ((5, 8, 8, 7), np.float64, "RGB"),
        ((5, 8, 8), np.bool_, "L"),
    ],
)
def test_pictures_of_any_type_can_be_shown(shape: tuple[int, ...], dtype: type, mode: str) -> None:
    pictures = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    assert shown(pictures[0], *value_range(pictures)).mode == mode
    assert picture_grid(pictures).mode == "RGBA"


def test_small_pictures_stay_crisp() -> None:
    pictures = np.array([[[[0], [255]]]], np.uint8)
    image = scaled(shown(pictures[0], 0, 255), 64)
    assert image.size == (64, 32)
    assert set(np.asarray(image).ravel().tolist()) == {0, 255}


def test_white_is_white_whatever_the_range() -> None:
    for pictures in (np.full((1, 2, 2), 65535, np.uint16), np.ones((1, 2, 2)), np.array([[[0.0, 16.0]]])):
        assert np.asarray(shown(pictures[0], *value_range(pictures))).max() == 255


def test_pictures_of_mixed_sizes_share_a_grid() -> None:
    grid = picture_grid([np.zeros((8, 8), np.uint8), np.zeros((300, 100), np.uint8)], columns=2, side=64)
    assert grid.size == (64 * 2 + 4, 64)
