"""The number of parameters, by formula: hand numbers, Keras's own count, what learns, what is shared."""

import keras
import pytest

from backlit import explain
from backlit.errors import ModelError

layers = keras.layers


def of_one(layer, shape):
    """The count of a single layer, and the layer."""
    model = keras.Sequential([keras.Input(shape), layer])
    return explain.parameters(model)[layer.name]


# Layer, shape of a sample, the formula as a reader would write it.
CASES = [
    (lambda: layers.Dense(3), (4,), "4×3 + 3"),
    (lambda: layers.Dense(3, use_bias=False), (4,), "4×3"),
    (lambda: layers.Conv2D(32, 3), (28, 28, 1), "3×3×1×32 + 32"),
    (lambda: layers.Conv2D(8, (3, 5), groups=2, use_bias=False), (9, 9, 4), "3×5×2×8"),
    (lambda: layers.Conv1D(6, 4), (9, 2), "4×2×6 + 6"),
    (lambda: layers.Conv3D(2, 2), (3, 3, 3, 5), "2×2×2×5×2 + 2"),
    (lambda: layers.DepthwiseConv2D(3, depth_multiplier=2), (9, 9, 4), "3×3×4×2 + 4×2"),
    (lambda: layers.DepthwiseConv1D(3, use_bias=False), (9, 4), "3×4×1"),
    (lambda: layers.SeparableConv2D(8, 3), (9, 9, 4), "3×3×4×1 + 4×1×8 + 8"),
    (lambda: layers.SeparableConv1D(8, 3, depth_multiplier=2), (9, 4), "3×4×2 + 4×2×8 + 8"),
    (lambda: layers.Conv2DTranspose(6, 3), (4, 4, 5), "3×3×6×5 + 6"),
    (lambda: layers.Conv1DTranspose(6, 3, use_bias=False), (4, 5), "3×6×5"),
    (lambda: layers.SimpleRNN(5), (7, 3), "3×5 + 5×5 + 5"),
    (lambda: layers.LSTM(5), (7, 3), "4×(3×5 + 5×5 + 5)"),
    (lambda: layers.LSTM(5, use_bias=False), (7, 3), "4×(3×5 + 5×5)"),
    (lambda: layers.GRU(5), (7, 3), "3×(3×5 + 5×5 + 2×5)"),
    (lambda: layers.GRU(5, reset_after=False), (7, 3), "3×(3×5 + 5×5 + 5)"),
    (lambda: layers.RNN(layers.LSTMCell(5)), (7, 3), "4×(3×5 + 5×5 + 5)"),
    (lambda: layers.Bidirectional(layers.LSTM(5)), (7, 3), "2×4×(3×5 + 5×5 + 5)"),
    (
        lambda: layers.Bidirectional(layers.LSTM(5), backward_layer=layers.LSTM(2, go_backwards=True)),
        (7, 3),
        "4×(3×5 + 5×5 + 5) + 4×(3×2 + 2×2 + 2)",
    ),
    (lambda: layers.TimeDistributed(layers.Dense(6)), (7, 3), "3×6 + 6"),
    (lambda: layers.BatchNormalization(), (7, 3), "2×3 + 2×3"),
    (lambda: layers.BatchNormalization(scale=False), (7, 3), "3 + 2×3"),
    (lambda: layers.BatchNormalization(scale=False, center=False), (7, 3), "2×3"),
    (lambda: layers.LayerNormalization(), (7, 3), "2×3"),
    (lambda: layers.LayerNormalization(axis=[1, 2], center=False), (7, 3), "7×3"),
    (lambda: layers.Embedding(100, 8), (7,), "100×8"),
    (lambda: layers.PReLU(shared_axes=[1, 2]), (9, 9, 4), "1×1×4"),
    (lambda: layers.Dropout(0.5), (4,), "0"),
    (lambda: layers.GroupNormalization(2), (4,), "4 + 4"),  # not known: from the shapes of its weights
]


@pytest.mark.parametrize(("make", "shape", "formula"), CASES)
def test_the_formula_is_the_one_of_the_books_and_comes_to_keras_count(make, shape, formula):
    layer = make()
    found = of_one(layer, shape)
    assert formula == found.formula
    assert layer.count_params() == found.count
    is_from_shapes = found.words.en == "the shapes of its weights"
    assert is_from_shapes == (type(layer) is layers.GroupNormalization)  # a rule that is wrong falls back to them, too
    assert eval(formula.replace("×", "*")) == found.count  # a reader's own arithmetic


def test_attention_by_hand():
    """Query and key 6 → 2 heads of 4, value 6 → 2 heads of 3, and back to 6: 2·(48 + 8) + 36 + 6 + 36 + 6 = 196."""
    sequence = keras.Input((5, 6))
    attention = layers.MultiHeadAttention(2, 4, value_dim=3, name="attention")
    model = keras.Model(sequence, attention(sequence, sequence))
    found = explain.parameters(model)["attention"]
    assert found.equation == "2×(6×2×4 + 2×4) + 6×2×3 + 2×3 + 2×3×6 + 6 = 196"
    assert attention.count_params() == found.count
    plain = layers.MultiHeadAttention(2, 4, use_bias=False, name="plain")
    found = explain.parameters(keras.Model(sequence, plain(sequence, sequence)))["plain"]
    assert found.equation == "3×(6×2×4) + 2×4×6 = 192"
    assert plain.count_params() == found.count


def test_batch_normalisation_learns_half_of_its_numbers():
    found = of_one(layers.BatchNormalization(name="norm"), (7, 3))
    assert (found.count, found.trainable, found.fixed) == (12, 6, 6)


def test_frozen_layers_do_not_learn():
    frozen, free = layers.Dense(3, trainable=False, name="frozen"), layers.Dense(2, name="free")
    found = explain.parameters(keras.Sequential([keras.Input((4,)), frozen, free]))
    assert (found["frozen"].trainable, found["frozen"].fixed) == (0, 15)
    assert (found["free"].trainable, found["free"].fixed) == (8, 0)
    assert (found.total, found.trainable, found.fixed) == (23, 8, 15)


def test_a_model_inside_shows_its_layers_and_their_sum():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="a"), layers.Dense(2, name="b")], name="inner")
    model = keras.Sequential([keras.Input((4,)), inner, layers.Dense(1, name="out")])
    found = explain.parameters(model)
    assert found["inner"].equation == "15 + 8 = 23"
    assert [one.layer for one in found["inner"].inside] == ["a", "b"]
    assert found["b"].equation == "3×2 + 2 = 8"
    assert model.count_params() == found.total == 26


def test_shared_weights_count_once():
    """One layer twice in a model is listed once; in a model inside and outside it is listed twice, counted once."""
    shared = layers.Dense(4, name="shared")
    inner = keras.Sequential([keras.Input((4,)), shared], name="inner")
    start = keras.Input((4,))
    model = keras.Model(start, inner(shared(shared(start))))
    found = explain.parameters(model)
    assert model.count_params() == found.total == 20
    assert found.n_shared == 20
    assert "20 parameters are shared by layers and counted once." in found.say("en")


class Scaled(layers.Dense):
    """A layer that its parent's rule does not fit."""

    def build(self, input_shape):
        super().build(input_shape)
        self.scale = self.add_weight(shape=(7,), name="scale")


def test_a_layer_of_ones_own_is_counted_by_the_shapes_of_its_weights():
    found = of_one(Scaled(3), (4,))
    assert found.equation == "4×3 + 3 + 7 = 22"
    assert found.words.en == "the shapes of its weights"


def test_weights_that_the_rule_does_not_know_show_as_shapes():
    layer = layers.Dense(3)
    model = keras.Sequential([keras.Input((4,)), layer])
    layer.enable_lora(2)  # 4×2 and 2×3 beside the kernel
    found = explain.parameters(model)[layer.name]
    assert layer.count_params() == found.count == 15 + 8 + 6
    assert found.words.en == "the shapes of its weights"
    assert found.trainable == 3 + 8 + 6


def test_a_subclassed_models_own_weights_are_counted():
    class Own(keras.Model):
        def __init__(self):
            super().__init__(name="own")
            self.inside = layers.Dense(2, name="inside")
            self.shift = self.add_weight(shape=(5,), name="shift")

        def call(self, x):
            return self.inside(x)

    model = Own()
    model(keras.ops.ones((1, 3)))
    found = explain.parameters(model)
    assert model.count_params() == found.total == 13
    assert found["own"].formula == "5"


def test_the_table_in_both_languages():
    conv = layers.Conv2D(32, 3, name="conv")
    model = keras.Sequential([keras.Input((28, 28, 1)), conv, layers.Flatten(name="flat")], name="net")
    found = explain.parameters(model)
    assert found.say("en").split("\n") == [
        "layer   kind     parameters           learnable  not learnable",
        "conv    Conv2D   3×3×1×32 + 32 = 320        320              0",
        "flat    Flatten  0                            0              0",
        "in all           320                        320              0",
        "",
        "Conv2D  window × channels in × filters + one bias per filter",
    ]
    chinese = found.say("zh").split("\n")
    assert chinese[0].split() == ["层", "类型", "参数个数", "可学习", "不学习"]
    assert chinese[0].index("参数个数") + 3 == chinese[1].index("3×3")  # three wide signs before it
    assert chinese[-1] == "Conv2D  窗口 × 输入通道数 × 滤波器数 + 每个滤波器一个偏置"
    assert found["conv"].latex == r"3 \times 3 \times 1 \times 32 + 32 = 320"


def test_what_is_not_built_is_named():
    with pytest.raises(ModelError, match="Counting the parameters of `late`: expected a built model"):
        explain.parameters(keras.Sequential([layers.Dense(1)], name="late"))


def test_a_layer_that_is_not_built_is_named():
    class Half(keras.Model):
        def __init__(self):
            super().__init__()
            self.used, self.unused = layers.Dense(2), layers.Dense(2, name="unused")

        def build(self, input_shape):
            self.used.build(input_shape)

        def call(self, x):
            return self.used(x)

    model = Half()
    model(keras.ops.ones((1, 3)))
    with pytest.raises(ModelError, match="Counting the parameters of `unused`"):
        explain.parameters(model)


def test_an_unknown_layer_name_lists_the_others():
    found = explain.parameters(keras.Sequential([keras.Input((2,)), layers.Dense(1, name="only")]))
    with pytest.raises(KeyError, match="no layer 'dense'; there are only"):
        found["dense"]
