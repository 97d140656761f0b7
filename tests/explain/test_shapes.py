"""Sizes of outputs: hand numbers, Keras's own, and the equations that lead to them."""

import itertools

import keras
import numpy as np
import pytest

from backlit import explain
from backlit.errors import ModelError, SettingError
from backlit.explain._keras_private import calls_of
from backlit.explain.output_size import size_equation
from backlit.formula import readable

layers = keras.layers
SETTINGS = list(itertools.product((5, 8, 9), (1, 2, 3, 4), (1, 2, 3), (1, 2)))


def test_sizes_by_hand():
    assert explain.output_size(28, kernel=3) == 26  # (28 − 3)/1 + 1
    assert explain.output_size(28, kernel=3, padding=1) == 28  # (28 − 3 + 2·1)/1 + 1
    assert explain.output_size(28, kernel=3, padding=(0, 1), stride=2) == 14  # ⌊26/2⌋ + 1
    assert explain.output_size(28, kernel=3, padding="same", stride=3) == 10  # ⌈28/3⌉
    assert explain.output_size(7, kernel=3, dilation=2) == 3  # 7 − 5 + 1


def test_zeros_of_the_padding_by_hand():
    assert explain.padding_of(28, kernel=3) == (1, 1)
    assert explain.padding_of(28, kernel=2) == (0, 1)  # the odd one stands at the end
    assert explain.padding_of(28, kernel=3, stride=2) == (0, 1)  # (14 − 1)·2 + 3 − 28 = 1
    assert explain.padding_of(28, kernel=1, stride=3) == (0, 0)  # windows that jump need none
    assert explain.padding_of(28, kernel=3, padding="causal", dilation=2) == (4, 0)


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
def test_sizes_equal_keras(padding):
    for n, kernel, stride, dilation in SETTINGS:
        if stride > 1 and dilation > 1:
            continue  # Keras has no such layer
        setting = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
        if padding == "valid" and n < dilation * (kernel - 1) + 1:
            with pytest.raises(SettingError, match=f"a window of at most {n} places"):
                explain.output_size(n, **setting)
            continue
        size = explain.output_size(n, **setting)
        layer = layers.Conv1D(2, kernel, strides=stride, padding=padding, dilation_rate=dilation)
        assert layer.compute_output_shape((1, n, 3)) == (1, size, 2), setting
        if dilation == 1 and padding != "causal":
            pool = layers.MaxPooling1D(kernel, strides=stride, padding=padding)
            assert pool.compute_output_shape((1, n, 3)) == (1, size, 3), setting


@pytest.mark.parametrize("setting", [{"kernel_size": 3}, {"kernel_size": 2}, {"kernel_size": 3, "strides": 2}])
@pytest.mark.parametrize("padding", ["same", "causal"])
def test_zeros_put_in_by_hand_give_what_keras_gives(setting, padding):
    x = np.arange(1.0, 9.0, dtype="float32").reshape(1, 8, 1)
    padded = layers.Conv1D(1, padding=padding, **setting)
    expected = padded(x)
    kernel, stride = setting["kernel_size"], setting.get("strides", 1)
    before, after = explain.padding_of(8, kernel=kernel, stride=stride, padding=padding)
    plain = layers.Conv1D(1, **setting)
    plain.build(x.shape)
    plain.set_weights(padded.get_weights())
    by_hand = plain(np.pad(x, [(0, 0), (before, after), (0, 0)]))
    np.testing.assert_allclose(np.asarray(expected), np.asarray(by_hand), atol=1e-6)


def test_equations_are_written_with_their_numbers():
    def written(n, **setting):
        return readable(size_equation(n, **setting))

    assert written(28, kernel=3) == "(28 − 3)/1 + 1 = 26"
    assert written(28, kernel=3, padding=1) == "(28 − 3 + 2 · 1)/1 + 1 = 28"
    assert written(28, kernel=2, padding=(0, 1)) == "(28 − 2 + 0 + 1)/1 + 1 = 28"
    assert written(28, kernel=3, stride=2) == "⌊(28 − 3)/2⌋ + 1 = 13"
    assert written(28, kernel=3, stride=2, padding="same") == "⌈28/2⌉ = (28 − 3 + 0 + 1)/2 + 1 = 14"
    assert written(9, kernel=3, dilation=2) == "(9 − (2 · (3 − 1) + 1))/1 + 1 = 5"
    assert written(None, kernel=3) == "(n − 3)/1 + 1"
    assert written(None, kernel=3, padding="same", stride=2) == "⌈n/2⌉"


def test_a_networks_shapes_and_how_they_come_about():
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.ZeroPadding2D(1, name="zeros"),
            layers.Conv2D(32, 3, name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flat"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(10, name="out"),
        ]
    )
    found = explain.shapes(model)
    assert found["conv"].before == ((30, 30, 1),)
    assert found["conv"].after == ((28, 28, 32),)
    assert found.say("en").split("\n") == [
        "layer  shape before  shape after  how it comes about",
        "zeros  28×28×1       30×30×1      28 + 1 + 1 = 30; zeros around",
        "conv   30×30×1       28×28×32     (30 − 3)/1 + 1 = 28; one channel per filter",
        "pool   28×28×32      14×14×32     (28 − 2)/2 + 1 = 14; each channel by itself",
        "flat   14×14×32      6272         14 × 14 × 32 = 6272; the same numbers in the same order",
        "drop   6272          6272         the shape stays",
        "out    6272          10           one number per unit",
    ]
    chinese = found.say("zh").split("\n")
    assert chinese[2].split("  ")[-1] == "(30 − 3)/1 + 1 = 28；每个滤波器一个通道"


# Layer, shape of a sample, shape of its output, the equations. Shapes are Keras's; the rule asserts that they agree.
CASES = [
    (
        lambda: layers.Conv2D(4, (3, 5), strides=(2, 1)),
        (9, 9, 2),
        (4, 5, 4),
        ["(9 − 3)/2 + 1 = 4", "(9 − 5)/1 + 1 = 5"],
    ),
    (lambda: layers.Conv1D(4, 3, padding="causal"), (9, 2), (9, 4), ["(9 − 3 + 2 + 0)/1 + 1 = 9"]),
    (lambda: layers.Conv1D(4, 3), (None, 2), (None, 4), ["(n − 3)/1 + 1"]),
    (lambda: layers.SeparableConv2D(4, 3), (9, 9, 2), (7, 7, 4), ["(9 − 3)/1 + 1 = 7"]),
    (lambda: layers.DepthwiseConv2D(3, strides=2), (9, 9, 2), (4, 4, 2), ["(9 − 3)/2 + 1 = 4"]),
    (lambda: layers.AveragePooling1D(4), (9, 2), (2, 2), ["⌊(9 − 4)/4⌋ + 1 = 2"]),
    (lambda: layers.Conv2DTranspose(4, 3, strides=2), (4, 4, 2), (9, 9, 4), ["(4 − 1) · 2 + 3 = 9"]),
    (lambda: layers.Conv1DTranspose(4, 2, strides=3), (4, 2), (12, 4), ["(4 − 1) · 3 + 2 + 1 = 12"]),
    (lambda: layers.Conv1DTranspose(4, 3, strides=2, padding="same"), (4, 2), (8, 4), ["4 · 2 = 8"]),
    (
        lambda: layers.Conv2DTranspose(4, 3, strides=2, padding="same", output_padding=0),
        (4, 4, 2),
        (7, 7, 4),
        ["(4 − 1) · 2 + 1 + 0 = 7"],
    ),
    (lambda: layers.GlobalMaxPooling2D(), (9, 9, 2), (2,), []),
    (lambda: layers.Cropping2D(((1, 0), (2, 2))), (9, 9, 2), (8, 5, 2), ["9 − 1 − 0 = 8", "9 − 2 − 2 = 5"]),
    (lambda: layers.ZeroPadding1D(2), (9, 2), (13, 2), ["9 + 2 + 2 = 13"]),
    (lambda: layers.UpSampling2D(2), (9, 9, 2), (18, 18, 2), ["9 · 2 = 18"]),
    (lambda: layers.UpSampling1D(3), (9, 2), (27, 2), ["9 · 3 = 27"]),
    (lambda: layers.Reshape((7, 4)), (28,), (7, 4), ["28 = 7 × 4"]),
    (lambda: layers.Embedding(100, 8), (7,), (7, 8), []),
    (lambda: layers.LSTM(5, return_sequences=True), (7, 3), (7, 5), []),
    (lambda: layers.TimeDistributed(layers.Conv1D(2, 3)), (4, 9, 1), (4, 7, 2), ["(9 − 3)/1 + 1 = 7"]),
    (lambda: layers.Lambda(lambda x: x[:, :2], output_shape=(2,)), (4,), (2,), []),
]


@pytest.mark.parametrize(("make", "shape", "after", "equations"), CASES)
def test_each_kind_of_layer(make, shape, after, equations):
    layer = make()
    found = explain.shapes(keras.Sequential([keras.Input(shape), layer]))[layer.name]
    assert found.after == (after,)
    assert [readable(formula) for formula in found.formulas] == equations
    assert found.words.zh


def test_a_graph_with_two_ways_and_a_model_inside():
    """Left 8×8×3 → 8×8×4, right → 8×8×2, side by side 4 + 2 = 6; then a model inside, its layers one deeper."""
    start = keras.Input((8, 8, 3))
    left, right = layers.Conv2D(4, 1, name="left")(start), layers.Conv2D(2, 1, name="right")(start)
    both = layers.Concatenate(name="both")([left, right])
    inner = keras.Sequential([keras.Input((8, 8, 6)), layers.MaxPooling2D(name="small")], name="inner")
    found = explain.shapes(keras.Model(start, inner(both)))
    assert [readable(one) for one in found["both"].formulas] == ["4 + 2 = 6"]
    assert found["left"].words.en == "one channel per filter"
    assert (found["inner"].depth, found["small"].depth) == (0, 1)
    assert found["small"].after == ((4, 4, 6),)
    assert "  small" in found.say("en")


def test_what_works_number_by_number_keeps_the_shape():
    start = keras.Input((4,))
    added = layers.Add(name="added")([start, layers.Dropout(0.5)(start)])
    stretched = added * layers.Dense(1)(start)  # 4 and 1 become 4: Keras's own rule
    found = explain.shapes(keras.Model(start, stretched))
    assert found["added"].why("en") == "the shape stays"
    assert found.layers[-1].why("en") == "as Keras says"


def test_channels_first_slides_along_the_last_axes():
    model = keras.Sequential([keras.Input((2, 9)), layers.Conv1D(4, 3, data_format="channels_first", name="conv")])
    assert explain.shapes(model)["conv"].why("en") == "(9 − 3)/1 + 1 = 7; one channel per filter"


def test_each_use_of_a_shared_layer_has_its_own_row():
    shared, start = layers.Dense(4, name="shared"), keras.Input((4,))
    model = keras.Model(start, shared(shared(start)))
    assert [operation.name for operation, _, _ in calls_of(model)] == ["shared", "shared"]  # Keras's private graph
    assert len(explain.shapes(model).layers) == 2


def test_numbers_below_one_are_refused():
    with pytest.raises(SettingError, match="`stride` of at least 1, received 0"):
        explain.output_size(5, kernel=2, stride=0)


@pytest.mark.parametrize("padding", ["sam", -1, (1, 2, 3)])
def test_unknown_padding_is_refused(padding):
    with pytest.raises(SettingError, match="Reading `padding`: expected `valid`, `same`, `causal`"):
        explain.output_size(5, kernel=2, padding=padding)


def test_models_whose_code_cannot_be_read_are_refused():
    class Own(keras.Model):
        pass

    with pytest.raises(ModelError, match="`Own`, whose code cannot be read"):
        explain.shapes(Own())
    with pytest.raises(ModelError, match="a model that is not built yet"):
        explain.shapes(keras.Sequential([layers.Dense(1)]))


def test_an_unknown_layer_name_lists_the_others():
    found = explain.shapes(keras.Sequential([keras.Input((2,)), layers.Dense(1, name="only")]))
    with pytest.raises(KeyError, match="no layer 'dense'; there are only"):
        found["dense"]
