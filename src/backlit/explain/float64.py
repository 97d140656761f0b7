"""A Keras model in float64, so that it can be compared with exact arithmetic to the last digits.

Not for training: the engine trains in the model's own precision.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import keras
import numpy as np


@contextlib.contextmanager
def in_float64() -> Iterator[None]:
    """Lets JAX and Keras compute in float64 inside the `with`.

    Yields:
        Nothing.
    """
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        with jax.enable_x64(True):
            yield
    finally:
        keras.config.set_floatx(before)


def as_float64(
    model: keras.Model, weights: list[np.ndarray], *, masks: Mapping[str, np.ndarray] | None = None
) -> keras.Model:
    """A copy of a model whose layers compute in float64. Call it inside `in_float64`.

    Args:
        model: Sequential or functional.
        weights: Its weights, in Keras's order.
        masks: For layers of dropout, by name: what they multiply by instead of what chance would draw.

    Returns:
        A model of its own.
    """
    given = masks or {}

    def cloned(layer: keras.Layer) -> keras.Layer:
        if layer.name in given:
            return _Masked(given[layer.name], name=layer.name)
        return type(layer).from_config(_in_float64(layer.get_config()))

    copy = keras.models.clone_model(model, clone_function=cloned)
    if not copy.built:
        copy.build(model.input_shape)
    copy.set_weights(weights)
    return copy


class _Masked(keras.layers.Layer):
    """Multiplies by what is given, as dropout does by what it draws."""

    def __init__(self, mask: np.ndarray, *, name: str) -> None:
        super().__init__(name=name, dtype="float64")
        self._mask = mask

    def call(self, inputs: Any) -> Any:
        return inputs * jax.numpy.asarray(self._mask)


def _in_float64(config: Any) -> Any:
    """A layer's config, those of layers inside it included, with float64 for its dtype."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return {**config, "config": {**config["config"], "name": "float64"}}
        return {
            key: "float64"
            if key == "dtype" and isinstance(value, str) and value.startswith("float")
            else _in_float64(value)
            for key, value in config.items()
        }
    if isinstance(config, list | tuple):
        return type(config)(_in_float64(one) for one in config)
    return config
