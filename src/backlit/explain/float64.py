"""A Keras model in float64, so that it can be compared with exact arithmetic to the last digits.

Not for training: the engine trains in the model's own precision.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import jax
import keras
import numpy as np

from backlit.explain._keras_private import promoting_float64, take_float64


@contextlib.contextmanager
def in_float64() -> Iterator[None]:
    """Lets JAX and Keras compute in float64 inside the `with`.

    Yields:
        Nothing.
    """
    before, policy = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")  # models made inside take it, and round nothing
    try:
        with jax.enable_x64(True), promoting_float64():
            yield
    finally:
        keras.config.set_floatx(before)
        keras.config.set_dtype_policy(policy)


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

    def cloned(layer: Any) -> Any:  # layers, and operations such as that of `a + b`
        if layer.name in given:
            masked = _Masked(name=layer.name, dtype="float64")
            masked.drawn = given[layer.name]
            return masked
        kind = _Attention if type(layer) is keras.layers.MultiHeadAttention else type(layer)
        return kind.from_config(_in_float64(layer.get_config()))

    copy = keras.models.clone_model(model, clone_function=cloned, recursive=True)
    if not copy.built:
        copy.build(model.input_shape)
    take_float64(copy)
    copy.set_weights(weights)
    for layer in copy._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes with a copy of its weights
    return copy


class _Masked(keras.layers.Layer):
    """Multiplies by what is given, as dropout does by what it draws."""

    drawn: Any = 1.0

    def call(self, inputs: Any) -> Any:
        return inputs * jax.numpy.asarray(self.drawn)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape  # so that Keras does not find out by multiplying a batch of its own


class _Attention(keras.layers.MultiHeadAttention):
    """Keras's attention with its scores written out: JAX's own function takes their softmax in float32 (JAX 0.10)."""

    def _compute_attention(  # pyright: ignore[reportIncompatibleMethodOverride]  causal masks are not read
        self,
        query: Any,
        key: Any,
        value: Any,
        attention_mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
    ) -> Any:
        del return_attention_scores
        return super()._compute_attention(query, key, value, attention_mask, training, return_attention_scores=True)


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
