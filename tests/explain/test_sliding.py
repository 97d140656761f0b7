"""A window, position by position: hand numbers, and Keras's layers."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import DataError, SettingError

layers = keras.layers
IMAGE = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
KERNEL = [[1.0, 0.0], [0.0, -1.0]]


def test_a_convolution_by_hand():
    """Each window's upper left less its lower right: 1 − 5, 2 − 6, 4 − 8, 5 − 9; and a bias of 0.5."""
    found = explain.convolution(IMAGE, KERNEL, bias=0.5)
    assert found.output.tolist() == [[-3.5, -3.5], [-3.5, -3.5]]
    second = found.at(0, 1)
    assert second.patch.tolist() == [[2.0, 3.0], [5.0, 6.0]]
    assert second.products.tolist() == [[2.0, 0.0], [0.0, -6.0]]
    assert (second.row, second.column, second.top, second.left) == (0, 1, 0, 1)
    assert not second.is_padding.any()
    assert str(second) == "2 × 1 + 3 × 0 + 5 × 0 + 6 × (−1) + 0.5 = −3.5"
    assert [position.value for position in found] == [-3.5] * 4


def test_zeros_of_the_padding_are_seen():
    """At the first place of a padded picture a 3×3 window covers 5 zeros and 1, 2, 4, 5."""
    found = explain.convolution(IMAGE, np.ones((3, 3)), padding="same")
    first = found.at(0, 0)
    assert first.patch.tolist() == [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0], [0.0, 4.0, 5.0]]
    assert first.is_padding.tolist() == [[True, True, True], [True, False, False], [True, False, False]]
    assert (first.top, first.left, first.value) == (-1, -1, 12.0)
    assert found.padding == ((1, 1), (1, 1))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2, (1, 3)])
def test_convolution_equals_keras(padding, strides, rng):
    image, kernel = rng.normal(size=(7, 8, 3)), rng.normal(size=(3, 2, 3))
    layer = layers.Conv2D(1, (3, 2), strides=strides, padding=padding)
    layer.build((None, 7, 8, 3))
    layer.set_weights([kernel[..., None], np.array([0.7])])
    found = explain.convolution(image, kernel, bias=0.7, strides=strides, padding=padding)
    expected = np.asarray(layer(image[None].astype("float32")))[0, ..., 0]
    np.testing.assert_allclose(expected, found.output, atol=1e-5)
    flat = explain.convolution(image[..., 0], kernel[..., 0], strides=strides, padding=padding)
    layer = layers.Conv2D(1, (3, 2), strides=strides, padding=padding, use_bias=False)
    layer.build((None, 7, 8, 1))
    layer.set_weights([kernel[..., :1, None]])
    expected = np.asarray(layer(image[None, ..., :1].astype("float32")))[0, ..., 0]
    np.testing.assert_allclose(expected, flat.output, atol=1e-5)


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
def test_convolution_of_a_signal_equals_keras(padding, rng):
    signal, kernel = rng.normal(size=9), rng.normal(size=4)
    layer = layers.Conv1D(1, 4, strides=2, padding=padding, use_bias=False)
    layer.build((None, 9, 1))
    layer.set_weights([kernel[:, None, None]])
    found = explain.convolution(signal, kernel, strides=2, padding=padding)
    expected = np.asarray(layer(signal[None, :, None].astype("float32")))[0, :, 0]
    np.testing.assert_allclose(expected, found.output, atol=1e-5)
    assert (found.positions[1].row, found.positions[1].column) == (0, 1)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "strides"), [(2, None), (3, 2), ((2, 3), (1, 2))])
@pytest.mark.parametrize(("kind", "layer"), [("max", layers.MaxPooling2D), ("average", layers.AveragePooling2D)])
def test_pooling_equals_keras(kind, layer, size, strides, padding, rng):
    image = rng.normal(size=(7, 8, 2)) - 3.0  # all negative: a zero of the padding would be the largest
    found = explain.pooling(image, size=size, strides=strides, padding=padding, kind=kind)
    expected = np.asarray(layer(size, strides=strides, padding=padding)(image[None].astype("float32")))[0]
    np.testing.assert_allclose(expected, found.output, atol=1e-5)
    flat = explain.pooling(image[..., 1], size=size, strides=strides, padding=padding, kind=kind)
    np.testing.assert_allclose(found.output[..., 1], flat.output)


def test_pooling_by_hand():
    """max(1, 2, 4, 5) = 5; at the edge of a padded picture the mean of 3 and 6 alone."""
    assert str(explain.pooling(IMAGE).at(0, 0)) == "max(1, 2, 4, 5) = 5"
    edge = explain.pooling(IMAGE, padding="same", kind="average").at(0, 1)
    assert str(edge) == "(3 + 6)/2 = 4.5"
    assert explain.pooling([1.0, 5.0, 2.0, 3.0]).output.tolist() == [5.0, 3.0]


def test_the_text_shows_padding_positions_and_output():
    lines = explain.convolution([[1, 2], [3, 4]], np.ones((3, 3)), bias=1.0, padding="same").say("en").split("\n")
    assert lines == [
        "input (· is a zero of the padding)",
        "  ·  ·  ·  ·",
        "  ·  1  2  ·",
        "  ·  3  4  ·",
        "  ·  ·  ·  ·",
        "",
        "kernel",
        "  1  1  1",
        "  1  1  1",
        "  1  1  1",
        "",
        "bias 1",
        "",
        "(1, 1)  0 × 1 + 0 × 1 + 0 × 1 + 0 × 1 + 1 × 1 + 2 × 1 + 0 × 1 + 3 × 1 + 4 × 1 + 1 = 11",
        "(1, 2)  0 × 1 + 0 × 1 + 0 × 1 + 1 × 1 + 2 × 1 + 0 × 1 + 3 × 1 + 4 × 1 + 0 × 1 + 1 = 11",
        "(2, 1)  0 × 1 + 1 × 1 + 2 × 1 + 0 × 1 + 3 × 1 + 4 × 1 + 0 × 1 + 0 × 1 + 0 × 1 + 1 = 11",
        "(2, 2)  1 × 1 + 2 × 1 + 0 × 1 + 3 × 1 + 4 × 1 + 0 × 1 + 0 × 1 + 0 × 1 + 0 × 1 + 1 = 11",
        "",
        "output",
        "  11  11",
        "  11  11",
    ]


def test_the_text_in_chinese_is_short_for_large_pictures():
    words = explain.pooling(np.zeros((8, 8, 2))).say("zh", most=3)
    assert "(1, 1) 通道 1  max(0, 0, 0, 0) = 0" in words
    assert "还有 29 个" in words  # 4 × 4 × 2 − 3
    assert words.startswith("输入\n")


def test_an_image_and_a_kernel_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match=r"image of shape \(3, 3\).*received a kernel of shape \(2, 2, 1, 1\)"):
        explain.convolution(IMAGE, np.ones((2, 2, 1, 1)))
    with pytest.raises(DataError, match=r"received a kernel of shape \(2, 2, 3\)"):
        explain.convolution(np.ones((4, 4, 2)), np.ones((2, 2, 3)))


@pytest.mark.parametrize("image", [5.0, np.zeros((1, 2, 3, 4)), np.zeros((0, 3))])
def test_an_image_of_another_shape_is_refused(image):
    with pytest.raises(DataError, match="Reading an image: expected shape"):
        explain.pooling(image)


def test_settings_that_are_not_known_are_refused():
    with pytest.raises(SettingError, match="Reading `kind`: expected one of `max`, `average`, received `mean`"):
        explain.pooling(IMAGE, kind="mean")
    with pytest.raises(SettingError, match="Reading `padding`: expected one of `valid`, `same`, received `causal`"):
        explain.convolution(IMAGE, KERNEL, padding="causal")
    with pytest.raises(SettingError, match=r"expected one number, or 2, received \[1, 1, 1\]"):
        explain.convolution(IMAGE, KERNEL, strides=(1, 1, 1))
    with pytest.raises(SettingError, match="a window of at most 3 places"):
        explain.convolution(IMAGE, np.ones((4, 4)))


def test_a_place_outside_the_output_is_refused():
    with pytest.raises(IndexError, match=r"no position \(2, 0, 0\); the output has the shape \(2, 2\)"):
        explain.convolution(IMAGE, KERNEL).at(2, 0)
