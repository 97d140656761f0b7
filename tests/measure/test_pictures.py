"""What is a picture, and small versions."""

import numpy as np
import pytest

from backlit.measure.pictures import MOST_SIDE, are_pictures, small_pictures


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (32, 48, 3), (8, 24)])
def test_grey_and_colour_pictures(shape):
    assert are_pictures(shape)


@pytest.mark.parametrize("shape", [(), (64,), (8, 25), (3, 3), (8, 8, 2), (8, 8, 4), (2, 8, 8, 3), (50, 2)])
def test_what_is_no_picture(shape):
    assert not are_pictures(shape)
    assert small_pictures(np.zeros((2, *shape), np.float32)) is None


def test_no_rows_are_no_pictures():
    assert small_pictures(np.zeros((0, 8, 8), np.float32)) is None


def test_small_pictures_stay_as_they_are_and_get_a_channel():
    rows = np.linspace(0, 1, 64, dtype=np.float32).reshape(1, 8, 8)
    found = small_pictures(rows)
    assert (1, 8, 8, 1) == found.pixels.shape
    assert (0.0, 1.0) == (found.lowest, found.highest)
    assert found.pixels[0, 0, 1, 0] == 0.016  # 1 / 63 = 0.01587, to three digits
    np.testing.assert_allclose(rows[0], found.pixels[0, ..., 0], atol=0.5e-3)


def test_large_ones_are_means_of_blocks():
    side = 2 * MOST_SIDE
    rows = np.zeros((1, side, side + 1, 3), np.uint8)
    rows[0, :2, :3] = 255  # blocks of 3, because one side is a pixel too long: 6 of 9 pixels of the first
    found = small_pictures(rows)
    assert (1, side // 3, (side + 1) // 3, 3) == found.pixels.shape
    assert [170.0] * 3 == found.pixels[0, 0, 0].tolist()
    assert (0.0, 255.0, 0.0) == (found.lowest, found.highest, found.pixels[0, 1:].max())


def test_a_pixel_without_a_number_is_black():
    rows = np.ones((1, 8, 8), np.float32)
    rows[0, 0, 0] = np.nan
    rows[0, 0, 1] = 0.0
    assert 0.0 == small_pictures(rows).pixels[0, 0, 0, 0]
