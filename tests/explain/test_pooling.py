"""Pooling, padding, cropping and upsampling: hand numbers, ties, and every setting against Keras and differences."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import ModelError
from backlit.explain.ops.global_pooling import GlobalPooling
from backlit.explain.ops.pooling import AveragePooling, MaxPooling, largest_written
from backlit.explain.ops.upsampling import UpSampling
from backlit.explain.ops.windows import Windows
from backlit.explain.ops.zero_padding import Cropping, ZeroPadding
from backlit.explain.telling import equation
from backlit.formula import readable

layers = keras.layers
# 1 5 2 0
# 3 4 8 7
IMAGE = np.array([[1.0, 5.0, 2.0, 0.0], [3.0, 4.0, 8.0, 7.0]]).reshape(1, 2, 4, 1)
HALVES = Windows((2, 2), strides=(2, 2))
SLOPE = np.array([10.0, 20.0]).reshape(1, 1, 2, 1)


def test_the_largest_of_each_window_by_hand():
    value, back = MaxPooling(HALVES).forward(IMAGE)
    assert value.ravel().tolist() == [5, 8]
    assert back(SLOPE).inputs[0][0, ..., 0].tolist() == [[0, 10, 0, 0], [0, 0, 20, 0]]
    assert MaxPooling(HALVES).pieces(IMAGE).ravel().tolist() == [1, 2]  # of 0 1 / 2 3


def test_the_mean_of_each_window_by_hand():
    value, back = AveragePooling(HALVES).forward(IMAGE)
    assert value.ravel().tolist() == [(1 + 5 + 3 + 4) / 4, (2 + 0 + 8 + 7) / 4]
    assert back(SLOPE).inputs[0][0, ..., 0].tolist() == [[2.5, 2.5, 5, 5], [2.5, 2.5, 5, 5]]


def test_overlapping_windows_add_up():
    """Windows (1 2) and (2 3): the largest are the second and the third; both means hold the second."""
    signal, slope = np.array([1.0, 2.0, 3.0]).reshape(1, 3, 1), np.array([4.0, 8.0]).reshape(1, 2, 1)
    assert MaxPooling(Windows((2,))).forward(signal)[1](slope).inputs[0].ravel().tolist() == [0, 4, 8]
    assert AveragePooling(Windows((2,))).forward(signal)[1](slope).inputs[0].ravel().tolist() == [2, 2 + 4, 4]


def test_padding_is_never_the_largest_and_no_part_of_a_mean():
    """−1 −2 −3 with a window of 2 and one place added at the end: the last window holds −3 alone."""
    signal, windows = np.array([-1.0, -2.0, -3.0]).reshape(1, 3, 1), Windows((2,), padding="same")
    assert MaxPooling(windows).forward(signal)[0].ravel().tolist() == [-1, -2, -3]
    assert AveragePooling(windows).forward(signal)[0].ravel().tolist() == [-1.5, -2.5, -3]
    assert MaxPooling(windows).arithmetic((0, 2, 0), signal, signal) == r"\max(-3)"
    assert AveragePooling(windows).arithmetic((0, 2, 0), signal, signal) == r"\frac{1}{1} (-3)"


def test_of_equals_the_first_has_the_gradient_of_a_window_and_all_share_that_of_all_places():
    signal = np.array([2.0, 2.0, 1.0, 2.0]).reshape(1, 4, 1)
    _, back = MaxPooling(Windows((4,))).forward(signal)
    assert back(np.full((1, 1, 1), 6.0)).inputs[0].ravel().tolist() == [6, 0, 0, 0]
    _, back = GlobalPooling("max", 1).forward(signal)
    assert back(np.full((1, 1), 6.0)).inputs[0].ravel().tolist() == [2, 2, 0, 2]


def test_places_added_cut_off_and_repeated_by_hand():
    signal = np.array([1.0, 2.0, 3.0]).reshape(1, 3, 1)
    value, back = ZeroPadding(((1, 2),)).forward(signal)
    assert value.ravel().tolist() == [0, 1, 2, 3, 0, 0]
    assert back(np.arange(6.0).reshape(1, 6, 1)).inputs[0].ravel().tolist() == [1, 2, 3]
    value, back = Cropping(((1, 0),)).forward(signal)
    assert value.ravel().tolist() == [2, 3]
    assert back(value).inputs[0].ravel().tolist() == [0, 2, 3]
    value, back = UpSampling((2,)).forward(signal)
    assert value.ravel().tolist() == [1, 1, 2, 2, 3, 3]
    assert back(np.arange(6.0).reshape(1, 6, 1)).inputs[0].ravel().tolist() == [0 + 1, 2 + 3, 4 + 5]


POOLS = [
    {"pool_size": 2},
    {"pool_size": 2, "padding": "same"},
    {"pool_size": 3, "strides": 2, "padding": "same"},
    {"pool_size": 3, "strides": 1},
    {"pool_size": 2, "strides": 3},
]
CASES = [
    *((kind, setting, (7, 2)) for kind in (layers.MaxPooling1D, layers.AveragePooling1D) for setting in POOLS[1:3]),
    *((layers.MaxPooling2D, setting, (5, 6, 2)) for setting in POOLS),
    *((layers.AveragePooling2D, setting, (5, 6, 2)) for setting in POOLS[:3]),
    (layers.MaxPooling2D, {"pool_size": (1, 3), "strides": (2, 1), "padding": "same"}, (5, 4, 1)),
    (layers.GlobalMaxPooling1D, {}, (5, 2)),
    (layers.GlobalAveragePooling1D, {"keepdims": True}, (5, 2)),
    (layers.GlobalMaxPooling2D, {"keepdims": True}, (3, 4, 2)),
    (layers.GlobalAveragePooling2D, {}, (3, 4, 2)),
]


def agreement(chain, rows, kernel, rng):
    """A dense layer stands before, so that a gradient has to come back through the others."""
    before = layers.Dense(rows.shape[-1], use_bias=False)
    model = keras.Sequential([keras.Input(rows.shape[1:]), before, *chain])
    model.set_weights([kernel])
    found = explain.backprop(model, rows, rng.normal(size=(len(rows), *model.output_shape[1:])), loss="mse")
    assert len(found.say("en", entries=1).split("\n")) == len(found.say("zh", entries=1).split("\n"))
    return found.agreement


@pytest.mark.parametrize(("kind", "setting", "shape"), CASES)
def test_each_setting_agrees_with_keras_and_with_differences(kind, setting, shape, rng):
    found = agreement([kind(**setting)], rng.normal(size=(2, *shape)), rng.normal(size=(shape[-1],) * 2), rng)
    assert found.worst_autodiff <= 1e-8
    assert found.worst_difference <= 1e-5


@pytest.mark.parametrize(
    ("chain", "shape"),
    [
        ([layers.ZeroPadding1D((0, 2)), layers.UpSampling1D(3), layers.Cropping1D(1)], (3, 2)),
        (
            [
                layers.ZeroPadding2D(((1, 0), (2, 3))),
                layers.UpSampling2D((2, 3)),
                layers.Cropping2D(((0, 1), (3, 0))),
                layers.ZeroPadding2D(1),
            ],
            (3, 2, 2),
        ),
    ],
)
def test_places_added_repeated_and_cut_off_agree_with_keras_and_with_differences(chain, shape, rng):
    found = agreement(chain, rng.normal(size=(2, *shape)), rng.normal(size=(shape[-1],) * 2), rng)
    assert found.worst_autodiff <= 1e-8
    assert found.worst_difference <= 1e-5


@pytest.mark.parametrize(
    "layer", [layers.MaxPooling1D(3, 1, "same"), layers.MaxPooling2D(3, 2, "same"), layers.GlobalMaxPooling2D()]
)
def test_ties_go_where_they_go_in_keras(layer, rng):
    """Whole numbers from 0 to 2: most windows hold their largest number several times."""
    rows = rng.integers(0, 3, (2, 5, 6, 1)) if "2d" in layer.name else rng.integers(0, 3, (2, 9, 1))
    found = agreement([layer], rows.repeat(2, axis=-1), np.array([[1.0, -1.0], [0.0, 0.0]]), rng)
    assert found.worst_autodiff <= 1e-8


def test_a_tie_is_a_kink():
    """w·1 and w·1 are equally large; nudging w moves both, nudging one of two weights makes the other the largest."""
    model = keras.Sequential(
        [keras.Input((1, 1)), layers.Conv1D(2, 1, use_bias=False), layers.Permute((2, 1)), layers.MaxPooling1D(2)]
    )
    model.set_weights([np.ones((1, 1, 2))])
    found = explain.backprop(model, [[1.0]], [[0.0]], loss="mse")
    assert (found.agreement.n_entries, found.agreement.n_kinks) == (2, 2)
    assert [gradient.ravel().tolist() for gradient in found.gradients.values()] == [[2.0, 0.0]]


def test_a_derivation_reads_as_in_a_book():
    model = keras.Sequential([keras.Input((2, 4, 1)), layers.MaxPooling2D(2), layers.GlobalAveragePooling2D()])
    found = explain.backprop(model, IMAGE, [[0.0]], loss="mse", check=False)
    largest, mean = [step for step in found if step.kind == "value"]
    assert readable(largest.formula) == "a⁽¹⁾_(p,q,k) = max_(u,v) x_(2p+u−2,2q+v−2,k)"
    assert equation(largest, (0, 0, 1, 0)) == "a⁽¹⁾_(1,2,1) = max(2, 0, 8, 7) = 8"
    assert equation(mean, (0, 0)) == "a⁽²⁾₁ = 1/2 (5 + 8) = 6.5"
    # C = 6.5², ∂C/∂a² = 13, half of it to each maximum
    by_image = found[len(found)]
    assert equation(by_image, (0, 0, 1, 0)) == "∂C/∂x_(1,2,1) = 6.5"
    assert equation(by_image, (0, 0, 0, 0)) == "∂C/∂x_(1,1,1) = 0"


def test_of_many_numbers_the_largest_are_shown():
    assert largest_written(np.arange(20.0)) == r"\max(12, 13, 14, 15, 16, 17, 18, 19, \dots)"


@pytest.mark.parametrize(
    ("layer", "received"),
    [
        (layers.MaxPooling2D(data_format="channels_first", name="p"), 'received `data_format="channels_first"`'),
        (layers.GlobalMaxPooling2D(data_format="channels_first", name="p"), 'received `data_format="channels_first"`'),
        (layers.ZeroPadding2D(data_format="channels_first", name="p"), 'received `data_format="channels_first"`'),
        (layers.Cropping2D(data_format="channels_first", name="p"), 'received `data_format="channels_first"`'),
        (layers.UpSampling2D(interpolation="bilinear", name="p"), 'received `interpolation="bilinear"`'),
        (layers.Flatten(data_format="channels_first", name="p"), 'received `data_format="channels_first"`'),
    ],
)
def test_a_setting_that_is_not_known_is_refused(layer, received):
    with pytest.raises(ModelError, match=f"layer `p`.*{received}"):
        explain.forward(keras.Sequential([keras.Input((4, 4, 4)), layer]), np.zeros((4, 4, 4)))
