"""What layers put out and read, in one pass."""

import keras
import numpy as np

from backlit.measure.tapped import input_of, inputs_of, outputs_by_layer


def constant(units, value, name, **more):
    start = keras.initializers.Constant(value)
    return keras.layers.Dense(units, use_bias=False, kernel_initializer=start, name=name, **more)


def test_every_layer_in_one_pass():
    """x = 2: doubled 4, dropped nothing as in prediction, tripled 12."""
    layers = [constant(1, 2.0, "double"), keras.layers.Dropout(0.9, name="drop"), constant(1, 3.0, "triple")]
    model = keras.Sequential([keras.Input((1,)), *layers])
    found = outputs_by_layer(model, np.array([[2.0]], "float32"))
    assert {"double": [[4.0]], "drop": [[4.0]], "triple": [[12.0]]} == {k: v.tolist() for k, v in found.items()}
    assert ["double", "drop", "triple"] == list(found)
    assert [[4.0]] == inputs_of(model, model.get_layer("triple"), np.array([[2.0]], "float32")).tolist()


def test_the_first_layer_reads_the_inputs_themselves():
    model = keras.Sequential([keras.Input((1,)), constant(1, 2.0, "double")])
    rows = np.array([[5.0]], "float32")
    assert inputs_of(model, model.get_layer("double"), rows) is rows


def test_a_layer_that_reads_two_tensors_has_no_single_one():
    layer, x = constant(1, 2.0, "twice"), keras.Input((1,))
    added = keras.layers.Add(name="add")([layer(x), layer(layer(x))])
    model = keras.Model(x, added)
    assert input_of(model.get_layer("add")) is None
    assert inputs_of(model, model.get_layer("add"), np.ones((1, 1), "float32")) is None
    assert [[6.0]] == outputs_by_layer(model, np.ones((1, 1), "float32"))["add"].tolist()  # 2 + 4


def test_a_model_of_ones_own_shows_nothing():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = constant(1, 2.0, "inner")

        def call(self, x):
            return self.inner(x)

    model = Own()
    model(np.ones((1, 1), "float32"))
    assert {} == outputs_by_layer(model, np.ones((1, 1), "float32"))
