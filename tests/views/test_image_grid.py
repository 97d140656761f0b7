"""A grid of images as plain data."""

import numpy as np
import pytest

from backlit.language import Words
from backlit.views.image_grid import Tile, image_grid, own_range, signed_range

ONE, ABOUT = Words(en="one", zh="一"), Words(en="Bright is much.", zh="越亮越多。")


def grid(*pixels, **more):
    tiles = [Tile(np.asarray(one, float), label=ONE, **more) for one in pixels]
    return image_grid("grid", title=Words(en="Grid", zh="图"), tiles=tiles, about=ABOUT, value_range=(0.0, 9.0))


def test_pixels_lie_row_by_row():
    found = grid([[1, 2, 3], [4, 5, 6]], [[0, 0, 0], [0, 0, 7]])
    assert (2, 3, 1, [0.0, 9.0]) == tuple(found.data[key] for key in ("height", "width", "channels", "range"))
    assert [[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 7]] == [image["pixels"] for image in found.data["images"]]
    assert {"en": "one", "zh": "一"} == found.data["images"][0]["label"]
    assert "range" not in found.data["images"][0]


def test_an_image_may_have_a_range_and_a_note_of_its_own():
    [image] = grid([[1]], note=Words(en="bias 2", zh="偏置 2"), value_range=(-1.0, 1.0)).data["images"]
    assert ([-1.0, 1.0], "偏置 2") == (image["range"], image["note"]["zh"])


@pytest.mark.parametrize(("n_channels", "drawn"), [(1, 1), (2, 1), (3, 3), (4, 3)])
def test_one_or_three_channels_are_drawn(n_channels, drawn):
    found = grid(np.arange(n_channels, dtype=float).reshape(1, 1, n_channels))
    assert drawn == found.data["channels"]
    assert {1: [0], 2: [0.5], 3: [0, 1, 2], 4: [0, 1, 2]}[n_channels] == found.data["images"][0]["pixels"]


def test_it_says_in_words_what_it_shows():
    found = grid(*[[[0.0]]] * 6).alternative
    assert "Grid. Bright is much. 6 images of 1 × 1 pixels: one, one, one, one, …." == found.en
    assert "图。越亮越多。6 幅 1 × 1 像素的图：一、一、一、一……。" == found.zh


@pytest.mark.parametrize(
    ("values", "expected"), [([0, 2], (0, 2)), ([-1, 3], (-3, 3)), ([5, 5], (5, 6)), ([0, 0], (0, 1))]
)
def test_a_range_with_values_below_zero_lies_around_it(values, expected):
    assert expected == own_range(np.array(values, float))
    assert signed_range(np.zeros(2)) == (-1, 1)
