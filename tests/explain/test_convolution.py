"""Convolution: hand numbers, the derivation as it is written, and every setting against Keras and differences."""

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import ModelError, SettingError
from backlit.explain.ops import window_places
from backlit.explain.ops.convolution import Convolution
from backlit.explain.ops.separable import Depthwise, Pointwise
from backlit.explain.ops.windows import Windows
from backlit.explain.telling import equation
from backlit.formula import readable

layers = keras.layers


def evaluated(written):
    """The value of a sum of products in LaTeX."""
    for latex, python in ((r"\times 10^", "* 10 ** "), (r"\times", "*"), ("{", "("), ("}", ")")):
        written = written.replace(latex, python)
    return eval(written)


def agreement(layer, shape, rng, *, name):
    """A layer's gradients beside those of the two other roads, and everything told in both languages."""
    model = keras.Sequential([keras.Input(shape), layer], name=name)
    model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
    targets = rng.normal(size=(2, *model.output_shape[1:]))
    found = explain.backprop(model, rng.normal(size=(2, *shape)), targets, loss="mean_squared_error")
    assert len(found.say("en", entries=1).split("\n")) == len(found.say("zh", entries=1).split("\n"))
    return found.agreement


# x = 1 2 3   kernel = 1  0   bias 10: windows (1 2 4 5), (2 3 5 6), (4 5 7 8), (5 6 8 9), each a − d of its corners
#     4 5 6            0 −1
#     7 8 9
IMAGE = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
KERNEL = np.array([[1.0, 0.0], [0.0, -1.0]]).reshape(2, 2, 1, 1)


def test_an_image_by_hand():
    value, back = Convolution(Windows((2, 2))).forward(IMAGE, kernel=KERNEL, bias=np.array([10.0]))
    assert value[0, ..., 0].tolist() == [[1 - 5 + 10, 2 - 6 + 10], [4 - 8 + 10, 5 - 9 + 10]]
    found = back(np.array([[1.0, 0.0], [0.0, 2.0]]).reshape(1, 2, 2, 1))
    # once the first window (1 2 4 5), twice the last (5 6 8 9)
    assert found.weights["kernel"][..., 0, 0].tolist() == [[1 + 2 * 5, 2 + 2 * 6], [4 + 2 * 8, 5 + 2 * 9]]
    assert found.weights["bias"].tolist() == [1 + 2]
    # the kernel at the first corner, and twice at the last; 5 is seen by both: −1 and 2 × 1
    assert found.inputs[0][0, ..., 0].tolist() == [[1, 0, 0], [0, -1 + 2, 0], [0, 0, -2]]


def test_channels_are_summed_and_filters_kept_apart():
    """One place, channels (1, 2); filter 1 takes (3, 4), filter 2 (5, 6): 1·3 + 2·4 and 1·5 + 2·6."""
    kernel = np.array([[[3.0, 5.0], [4.0, 6.0]]])
    value, _ = Convolution(Windows((1,))).forward(np.array([[[1.0, 2.0]]]), kernel=kernel)
    assert value.tolist() == [[[11.0, 17.0]]]


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        (Windows((3,)), [1 + 2 + 3, 2 + 3 + 4, 3 + 4 + 5]),
        (Windows((3,), padding="same"), [0 + 1 + 2, 6, 9, 12, 4 + 5 + 0]),
        (Windows((2,), padding="same"), [1 + 2, 2 + 3, 3 + 4, 4 + 5, 5 + 0]),  # the odd zero stands at the end
        (Windows((3,), padding="causal"), [0 + 0 + 1, 0 + 1 + 2, 6, 9, 12]),
        (Windows((3,), strides=(2,)), [1 + 2 + 3, 3 + 4 + 5]),
        (Windows((3,), strides=(2,), padding="same"), [0 + 1 + 2, 2 + 3 + 4, 4 + 5 + 0]),
        (Windows((2,), dilation=(3,)), [1 + 4, 2 + 5]),
        (Windows((2,), dilation=(2,), padding="causal"), [0 + 1, 0 + 2, 1 + 3, 2 + 4, 3 + 5]),
    ],
)
def test_a_signal_by_hand(windows, expected):
    signal, ones = np.arange(1.0, 6.0).reshape(1, 5, 1), np.ones((windows.size[0], 1, 1))
    value, _ = Convolution(windows).forward(signal, kernel=ones)
    assert value.ravel().tolist() == expected


def test_kernels_of_one_channel_each():
    """Channels 1 2 and 10 20; kernels (3, 4) and (5, 6) of the first, (7, 8) and (9, 0) of the second."""
    signal = np.array([[[1.0, 10.0], [2.0, 20.0]]])
    kernel = np.array([[[3.0, 5.0], [7.0, 9.0]], [[4.0, 6.0], [8.0, 0.0]]])
    value, back = Depthwise(Windows((2,)), 2).forward(signal, depthwise_kernel=kernel, bias=np.zeros(4))
    assert value.tolist() == [[[3 + 8, 5 + 12, 70 + 160, 90]]]
    found = back(np.array([[[1.0, 0.0, 0.0, 1.0]]]))
    assert found.inputs[0].tolist() == [[[3, 9], [4, 0]]]
    assert found.weights["depthwise_kernel"].tolist() == [[[1, 0], [0, 10]], [[2, 0], [0, 20]]]


def test_a_pointwise_convolution_is_a_convolution_with_a_kernel_of_one(rng):
    image, kernel, bias = rng.normal(size=(2, 3, 4, 3)), rng.normal(size=(1, 1, 3, 2)), rng.normal(size=2)
    value, back = Pointwise(2).forward(image, pointwise_kernel=kernel, bias=bias)
    other, other_back = Convolution(Windows((1, 1))).forward(image, kernel=kernel, bias=bias)
    slope = rng.normal(size=value.shape)
    assert value == pytest.approx(other)
    assert back(slope).inputs[0] == pytest.approx(other_back(slope).inputs[0])
    assert back(slope).weights["pointwise_kernel"] == pytest.approx(other_back(slope).weights["kernel"])


SETTINGS = [
    {"kernel_size": 3},
    {"kernel_size": 3, "padding": "same"},
    {"kernel_size": 2, "padding": "same", "strides": 2},
    {"kernel_size": 3, "padding": "same", "strides": 3},
    {"kernel_size": 3, "padding": "same", "dilation_rate": 2, "use_bias": False},
    {"kernel_size": 2, "strides": 2, "activation": "tanh"},
]
CASES = [
    *((layers.Conv1D, {"filters": 2, **setting}, (7, 2)) for setting in SETTINGS[1:3]),
    (layers.Conv1D, {"filters": 2, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}, (6, 2)),
    (layers.Conv1D, {"filters": 2, "kernel_size": 3, "padding": "causal", "strides": 2}, (6, 1)),
    *((layers.Conv2D, {"filters": 3, **setting}, (6, 5, 2)) for setting in SETTINGS),
    (layers.Conv2D, {"filters": 1, "kernel_size": (1, 4), "strides": (2, 3), "padding": "same"}, (5, 7, 1)),
    (layers.Conv2D, {"filters": 2, "kernel_size": (3, 2), "dilation_rate": (1, 3)}, (5, 6, 2)),
    (layers.DepthwiseConv1D, SETTINGS[2], (7, 2)),
    (layers.DepthwiseConv1D, {**SETTINGS[0], "depth_multiplier": 2}, (6, 2)),
    (layers.DepthwiseConv2D, {**SETTINGS[1], "depth_multiplier": 2, "activation": "sigmoid"}, (5, 4, 2)),
    (layers.DepthwiseConv2D, {**SETTINGS[3], "use_bias": False}, (5, 5, 3)),
    (layers.SeparableConv1D, {"filters": 3, **SETTINGS[2], "depth_multiplier": 2}, (7, 2)),
    (layers.SeparableConv2D, {"filters": 2, **SETTINGS[1], "activation": "relu"}, (5, 4, 2)),
    (layers.SeparableConv2D, {"filters": 2, **SETTINGS[4]}, (6, 6, 2)),
]


@pytest.mark.parametrize(("kind", "setting", "shape"), CASES)
def test_each_setting_agrees_with_keras_and_with_differences(kind, setting, shape, rng):
    found = agreement(kind(**setting), shape, rng, name="one")
    assert found.worst_autodiff <= 1e-8
    assert found.worst_difference <= 1e-5


def test_every_gradient_is_the_sum_that_is_written(rng):
    """The arithmetic of an entry and its value are computed apart: from single windows, and for all at once."""
    model = keras.Sequential(
        [
            keras.Input((4, 3, 1)),
            layers.Conv2D(2, (2, 3), strides=2, padding="same", name="c"),  # one place in front, along the width
            layers.DepthwiseConv2D(2, padding="same", depth_multiplier=2, name="d"),
        ]
    )
    found = explain.backprop(model, rng.normal(size=(4, 3, 1)), rng.normal(size=(2, 2, 4)), loss="mse", check=False)
    own = [step for step in found if step.kind in ("value", "gradient") and not step.symbol.endswith("z^{(2)}}")]
    assert len(own) == 2 + 4 + 2  # the values; by each kernel and bias; by the first layer's sums and the image
    for step in own:
        for place in np.ndindex(step.shape):
            written = step.arithmetic(place)
            assert evaluated(written) == pytest.approx(step.value[place], rel=0.01, abs=2e-3), written


def test_a_derivation_reads_as_in_a_book():
    model = keras.Sequential([keras.Input((3, 3, 1)), layers.Conv2D(1, 2, name="c")])
    model.set_weights([KERNEL, np.array([10.0])])
    found = explain.backprop(model, IMAGE, np.zeros((1, 2, 2, 1)), loss="mse", check=False)
    steps = {step.symbol: step for step in found}
    sums = steps["z^{(1)}"]
    assert readable(sums.formula) == "z⁽¹⁾_(p,q,j) = Σ(u,v,k) w⁽¹⁾_(u,v,k,j) x_(p+u−1,q+v−1,k) + b⁽¹⁾ⱼ"
    assert equation(sums, (0, 0, 1, 0)) == "z⁽¹⁾_(1,2,1) = 1 × 2 + 0 × 3 + 0 × 5 + (−1) × 6 + 10 = 6"
    # C = mean of 6², 6², 6², 6²; ∂C/∂z = 2 · 6 / 4 = 3 everywhere
    kernel = steps[r"\frac{\partial C}{\partial w^{(1)}}"]
    assert equation(kernel, (0, 0, 0, 0)).endswith("= 1 × 3 + 2 × 3 + 4 × 3 + 5 × 3 = 36")
    image = steps[r"\frac{\partial C}{\partial x}"]
    assert readable(image.formula) == ("∂C/∂x_(r,c,k) = Σ(u,v,j) w⁽¹⁾_(u,v,k,j) ∂C/∂z⁽¹⁾_(p,q,j), r = p+u−1, c = q+v−1")
    assert equation(image, (0, 1, 1, 0)).endswith("= 1 × 3 + 0 × 3 + 0 × 3 + (−1) × 3 = 0")


@pytest.mark.parametrize(
    ("windows", "seen"),
    [
        (Windows((3,), padding="same"), "p+u-2"),
        (Windows((4,), padding="same"), "p+u-2"),  # one zero in front, two at the end
        (Windows((3,), padding="causal"), "p+u-3"),
        (Windows((3,), dilation=(2,)), "p+2u-2"),
        (Windows((2, 3), strides=(2, 1), padding="same"), "2p+u-2-P,q+v-2"),
        (Windows((1, 1), strides=(2, 2), padding="same"), "2p+u-2,2q+v-2"),
    ],
)
def test_the_places_that_a_formula_names_are_those_that_are_read(windows, seen):
    assert window_places.seen(windows) == seen
    n_inputs = (9,) * len(windows.size)
    edges = windows.edges(n_inputs)
    for axis, written in enumerate(seen.split(",")):
        for p, u in ((1, 1), (3, windows.size[axis])):
            known = {"p": p, "q": p, "u": u, "v": u, "P": edges[0][0]}
            place = eval(written.replace("2p", "2*p").replace("2q", "2*q").replace("2u", "2*u"), known)
            s, d = windows.strides[axis], windows.dilation[axis]
            assert place == s * (p - 1) + d * (u - 1) - edges[axis][0] + 1


def test_open_padding_is_explained_in_both_languages():
    windows = Windows((3, 3), strides=(2, 2), padding="same")
    assert Convolution(windows).words.en == "convolution (P, Q: places that padding adds in front)"
    assert Convolution(windows).words.zh == "卷积（P、Q 为填充在前端补入的位置数）"
    assert Convolution(Windows((3, 3))).words.en == "convolution"


@pytest.mark.parametrize(
    ("layer", "received"),
    [
        (layers.Conv2D(2, 2, groups=2, name="c"), "received `groups=2`"),
        (layers.Conv2D(2, 2, data_format="channels_first", name="c"), 'received `data_format="channels_first"`'),
    ],
)
def test_a_setting_that_is_not_known_is_refused(layer, received):
    with pytest.raises(ModelError, match=f"layer `c`.*{received}"):
        explain.forward(keras.Sequential([keras.Input((4, 4, 4)), layer]), np.zeros((4, 4, 4)))


def test_a_sample_smaller_than_the_kernel_is_refused():
    model = keras.Sequential([keras.Input((None, 1)), layers.Conv1D(1, 5)])
    with pytest.raises(SettingError, match="a window of at most 3 places, zeros included, received 5 places"):
        explain.forward(model, np.zeros((3, 1)))
