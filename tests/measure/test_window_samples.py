"""The piece of a picture that a window slides over."""

import keras
import numpy as np
import pytest

from backlit.measure.window_samples import piece_around, window_samples
from tests.measure.stand_in import StandIn, rows_of


@pytest.mark.parametrize(
    ("place", "sizes", "expected"),
    [
        ((1, 20), (28, 28), ((0, 8), (16, 24))),
        ((27, 0), (28, 28), ((20, 28), (0, 8))),
        ((2, 2), (5, 6), ((0, 5), (0, 6))),
    ],
)
def test_a_piece_lies_around_its_place_and_inside(place, sizes, expected):
    assert expected == tuple((one.start, one.stop) for one in piece_around(place, sizes))


def convolution(kernel, **more):
    start = keras.initializers.Constant(np.array(kernel, "float32"))
    n_filters = np.shape(kernel)[-1]
    return keras.layers.Conv2D(n_filters, np.shape(kernel)[:2], kernel_initializer=start, name="conv", **more)


def samples_of(picture, *layers):
    pixels = np.stack([picture, picture]).astype("float32")
    model = keras.Sequential([keras.Input(pixels.shape[1:]), *layers])
    return list(window_samples(StandIn(data=rows_of(pixels, [0, 1]), model=model)) or ())


def test_the_filter_that_answers_most_and_the_channel_that_it_weighs_most():
    """Two channels of ones; filter 0 gives 1 + 0 = 1, filter 1 gives −1 + 3 = 2 and weighs the second channel most."""
    [found] = samples_of(np.ones((4, 4, 2)), convolution([[[[1.0, -1.0], [0.0, 3.0]]]], bias_initializer="ones"))
    assert ("conv", "convolution", 1, 1) == (found.layer, found.kind, found.filter, found.channel)
    assert [[3.0]] == found.kernel.tolist()
    assert 0.0 == found.bias  # it belongs to the sum over both channels
    assert (2, 2, "valid", 1) == (found.n_channels, found.n_filters, found.padding, found.strides)


def test_a_large_picture_is_cut_around_the_strongest_answer_without_padding():
    picture = np.zeros((20, 20, 1))
    picture[15, 3] = 7.0
    [found] = samples_of(picture, convolution(np.ones((3, 3, 1, 1)), padding="same", bias_initializer="ones"))
    assert ((8, 8), "valid", 1.0) == (found.picture.shape, found.padding, found.bias)
    assert 7.0 == found.picture.max()


def test_a_small_picture_stays_whole_with_its_padding():
    [found] = samples_of(np.ones((5, 5, 1)), convolution(np.ones((3, 3, 1, 1)), padding="same"))
    assert ((5, 5), "same") == (found.picture.shape, found.padding)


def test_pooling_shows_the_map_that_varies_most():
    picture = np.zeros((4, 4, 2))
    picture[..., 0] = 9.0  # large, but everywhere alike
    picture[1, 1, 1] = 5.0
    [found] = samples_of(picture, keras.layers.MaxPooling2D(name="pool"))
    assert ("pool", "max", 1, (2, 2), 2) == (found.layer, found.kind, found.channel, found.size, found.strides)
    assert np.array_equal(picture[..., 1], found.picture)
    assert found.kernel is None


@pytest.mark.parametrize(
    "layer",
    [
        keras.layers.Conv2D(1, 3, dilation_rate=2),
        keras.layers.Conv2D(1, 7),
        keras.layers.Conv2D(1, 3, strides=(1, 2)),
        keras.layers.Flatten(),
    ],
)
def test_windows_that_the_figure_cannot_show_are_left_out(layer):
    assert samples_of(np.ones((9, 9, 1)), layer) == []
