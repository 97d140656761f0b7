"""The networks in Keras's own layers, for backlit and for Keras's `fit` alike. Import after the backend is chosen."""

from typing import Any

import keras
from keras import layers

from benchmarks.networks import KERNEL, N_BLOCKS, N_CLASSES, Network


def keras_model(network: Network) -> keras.Model:
    """The network, built, with logits at its end."""
    inputs = keras.Input(network.input_shape)
    values: Any = BODIES[network.kind](inputs, network.sizes)
    return keras.Model(inputs, layers.Dense(N_CLASSES, dtype="float32")(values))


def _dense(values: Any, sizes: tuple[int, ...]) -> Any:
    for units in sizes:
        values = layers.Dense(units, "relu")(values)
    return values


def _cnn(values: Any, sizes: tuple[int, ...]) -> Any:
    for filters in sizes[:2]:
        values = layers.Conv2D(filters, KERNEL, padding="same", activation="relu")(values)
        values = layers.MaxPooling2D()(values)
    return layers.Dense(sizes[2], "relu")(layers.Flatten()(values))


def _lstm(values: Any, sizes: tuple[int, ...]) -> Any:
    return layers.LSTM(sizes[0])(values)


def _transformer(values: Any, sizes: tuple[int, ...]) -> Any:
    width, heads, head, ffn = sizes
    values = layers.Dense(width)(values)
    for _ in range(N_BLOCKS):
        attended = layers.MultiHeadAttention(heads, head)(values, values)
        values = layers.LayerNormalization(epsilon=1e-5)(values + attended)
        spread = layers.Dense(ffn, "relu")(values)
        values = layers.LayerNormalization(epsilon=1e-5)(values + layers.Dense(width)(spread))
    return layers.GlobalAveragePooling1D()(values)


BODIES = {"dense": _dense, "cnn": _cnn, "lstm": _lstm, "transformer": _transformer}
