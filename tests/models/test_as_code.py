"""Keras objects as Python: short where they can be, whole always."""

import json

import keras
import pytest

from backlit.models.as_code import model_code, object_code, quoted

layers = keras.layers


def again(code):
    return eval(code, {"keras": keras, "json": json})


def config(model):
    return keras.saving.serialize_keras_object(model)


MODELS = {
    "dense": ([layers.Dense(8, "relu"), layers.Dense(3, "softmax")], 'keras.layers.Dense(8, activation="relu")'),
    "images": (
        [keras.Input((8, 8, 1)), layers.Conv2D(4, 3, padding="same"), layers.MaxPooling2D(), layers.Flatten()],
        "keras.Input((8, 8, 1))",
    ),
    "window": ([layers.Conv2D(4, (3, 5), strides=2)], "keras.layers.Conv2D(4, (3, 5), strides=(2, 2))"),
    "named": ([layers.Dense(2, name="mine")], 'keras.layers.Dense(2, name="mine")'),
    "initialiser": ([layers.Dense(2, kernel_initializer=keras.initializers.HeNormal(seed=3))], "HeNormal(seed=3)"),
    "regulariser": ([layers.Dense(2, kernel_regularizer=keras.regularizers.L2(0.1))], "keras.regularizers.L2("),
    "recurrent": ([layers.Embedding(50, 4), layers.LSTM(3), layers.Dropout(0.2)], "keras.layers.LSTM(3)"),
    "norm": ([layers.BatchNormalization(momentum=0.9)], "keras.layers.BatchNormalization(momentum=0.9)"),
}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_sequential_model_is_written_as_people_write_it(name):
    parts, line = MODELS[name]
    model = keras.Sequential(parts)
    code = model_code(config(model))
    assert code.startswith("keras.Sequential([\n")
    assert line in code
    assert [type(layer) for layer in again(code).layers] == [type(layer) for layer in model.layers]


def test_what_cannot_be_written_so_is_read_from_its_config():
    frozen = keras.Sequential([layers.Dense(2)])
    frozen.layers[0].trainable = False
    inputs = keras.Input((2,))
    functional = keras.Model(inputs, layers.Add()([layers.Dense(2)(inputs), inputs]))
    for model in (frozen, functional):
        code = model_code(config(model))
        assert code.startswith("keras.saving.deserialize_keras_object(json.loads(")
        assert [one.trainable for one in again(code).layers] == [one.trainable for one in model.layers]


def test_optimisers_losses_and_metrics():
    adam = keras.optimizers.serialize(keras.optimizers.Adam(0.01, clipnorm=1.0))
    assert object_code(adam, "optimizers") == "keras.optimizers.Adam(learning_rate=0.01, clipnorm=1.0)"
    scheduled = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 10))
    code = object_code(keras.optimizers.serialize(scheduled), "optimizers")
    assert again(code).get_config()["learning_rate"]["class_name"] == "CosineDecay"
    smoothed = keras.losses.serialize(keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    assert object_code(smoothed, "losses") == "keras.losses.CategoricalCrossentropy(label_smoothing=0.1)"
    assert object_code(["accuracy", "mse"], "metrics") == '["accuracy", "mse"]'


def test_plain_values_have_double_quotes():
    assert quoted({"a": (1,), "b": [True, None, 'x"y']}) == '{"a": (1,), "b": [True, None, "x\\"y"]}'
