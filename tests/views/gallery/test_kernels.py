"""Kernels of the first convolution."""

import keras
import numpy as np

from backlit import explain
from backlit.views.gallery.kernels import VIEW


def filters_of(kernel, **more):
    layer = keras.layers.Conv2D(kernel.shape[-1], kernel.shape[:2], name="conv", **more)
    model = keras.Sequential([keras.Input((9, 9, kernel.shape[2])), layer])
    layer.set_weights([kernel, np.arange(kernel.shape[-1], dtype="float32")])
    return explain.filters(model)


def test_an_image_a_filter_around_zero():
    kernel = np.arange(8, dtype="float32").reshape(2, 2, 1, 2) - 5
    [figure] = VIEW.draw(filters_of(kernel))
    first, second = figure.data["images"]
    assert [[-5, -3, -1, 1], [-4, -2, 0, 2]] == [first["pixels"], second["pixels"]]
    assert ([-5.0, 5.0], 1) == (figure.data["range"], figure.data["channels"])
    assert ("1", "bias 1", "偏置 1") == (first["label"]["en"], second["note"]["en"], second["note"]["zh"])
    assert "Kernels of conv" == figure.title.en


def test_three_channels_are_colours_and_others_are_averaged():
    colours = VIEW.draw(filters_of(np.ones((1, 1, 3, 1), "float32")))[0]
    assert (3, [1, 1, 1]) == (colours.data["channels"], colours.data["images"][0]["pixels"])
    several = VIEW.draw(filters_of(np.arange(5, dtype="float32").reshape(1, 1, 5, 1)))[0]
    assert (1, [2.0]) == (several.data["channels"], several.data["images"][0]["pixels"])
    assert several.title.en.endswith("(mean over 5 channels)")


def test_sixty_four_are_drawn_and_all_are_counted():
    [figure] = VIEW.draw(filters_of(np.ones((1, 1, 1, 70), "float32")))
    assert 64 == len(figure.data["images"])
    assert "Kernels of conv: the first 64 of 70" == figure.title.en


def test_of_a_real_run_they_are_the_weights_of_the_first_layer(digits_cnn_run, digits_run):
    [figure] = VIEW.draw(VIEW.read(digits_cnn_run))
    kernel = digits_cnn_run.model.get_layer("first").get_weights()[0]
    assert np.allclose(kernel[:, :, 0, 5].ravel(), figure.data["images"][5]["pixels"], rtol=1e-3)
    assert VIEW.read(digits_run) is None
