"""What lesson 20 computes beside `explain.filters`, by numbers that can be redone by hand."""

import backlit  # noqa: F401  before keras, whose backend it chooses

# isort: split
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from backlit.lessons.l20_visualising_filters.asking import in_pieces, left_of, receptive_sides, roughness


def test_pieces_are_the_same_tiles_in_another_order():
    picture = np.arange(16.0).reshape(1, 4, 4, 1)
    pieces = in_pieces(picture, tiles=2, seed=0)
    tiles = {tuple(part.ravel()) for half in np.split(pieces[0], 2) for part in np.split(half, 2, axis=1)}
    assert {(0.0, 1.0, 4.0, 5.0), (2.0, 3.0, 6.0, 7.0), (8.0, 9.0, 12.0, 13.0), (10.0, 11.0, 14.0, 15.0)} == tiles
    assert not np.array_equal(picture, pieces)
    np.testing.assert_array_equal(picture, in_pieces(picture, tiles=1, seed=0))


def test_every_picture_has_an_order_of_its_own():
    pieces = in_pieces(np.tile(np.arange(64.0).reshape(1, 8, 8, 1), (20, 1, 1, 1)), tiles=4, seed=0)
    assert len(np.unique(pieces.reshape(20, -1), axis=0)) == 20


def test_what_is_left_is_counted_from_what_pictures_give_in_general():
    # One filter, six pictures: five answer 4, one answers −8. In general (5 · 4 − 8) / 6 = 2, so the strongest five
    # have 2 more. In pieces they answer 3, which is 1 more: a half is left.
    whole, pieces = np.array([[4.0]] * 5 + [[-8.0]]), np.array([[3.0]] * 5 + [[9.0]])
    found = SimpleNamespace(peaks=lambda data=None: whole if data is None else pieces)
    assert [0.5] == left_of(found, pieces).tolist()


def test_a_field_of_view_grows_by_window_and_stride():
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((32, 32, 1)), layers.Conv2D(1, 3), layers.MaxPooling2D(), layers.Conv2D(1, 5), layers.Conv2D(1, 3)]
    )
    # 3; pooled 3 + 1 = 4, steps of 2; 4 + 4 · 2 = 12; 12 + 2 · 2 = 16
    assert (3, 12, 16) == receptive_sides(model.layers)


@pytest.mark.parametrize("place", [0, 1])
def test_the_field_of_view_is_what_moves_the_middle(place):
    layers = keras.layers
    convolutions = [layers.Conv2D(1, 3, padding="same", kernel_initializer="ones") for _ in range(2)]
    body = [convolutions[0], layers.MaxPooling2D(), convolutions[1]]
    model = keras.Sequential([keras.Input((32, 32, 1)), *body])
    opened = keras.Model(model.inputs[0], convolutions[place].output)
    image = np.ones((1, 32, 32, 1), np.float32)
    middle = opened.output_shape[1] // 2
    still = np.asarray(opened(image))[0, middle, middle, 0]
    moves = []
    for column in range(32):
        moved = image.copy()
        moved[0, :, column] = 2.0  # a column of light: one of its pixels is the largest of its window
        moves.append(np.asarray(opened(moved))[0, middle, middle, 0] != still)
    assert receptive_sides(model.layers)[place] == sum(moves)


def test_roughness_is_the_mean_step_between_neighbours():
    # Across: 1 and 1; down: 0 and 0. The mean of the two axes is 0.5.
    assert 0.5 == roughness(np.array([[0.0, 1.0], [0.0, 1.0]]).reshape(1, 2, 2, 1))
