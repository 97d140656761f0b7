"""Layers that only change shapes: the numbers stay as they are."""

from typing import Any

import keras

from backlit.explain.ops.reshape import Permute, Reshape
from backlit.explain.reading.builder import Builder, Reader


def _flatten(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    if layer.data_format != "channels_last":
        build.unsupported('data_format="channels_first"', expected='data_format="channels_last"')
    return build.add(Reshape((-1,)), inputs)


def _reshape(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    return build.add(Reshape(tuple(-1 if size is None else int(size) for size in layer.target_shape)), inputs)


def _permute(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    return build.add(Permute(tuple(layer.dims)), inputs)


READERS: dict[type, Reader] = {
    keras.layers.Flatten: _flatten,
    keras.layers.Reshape: _reshape,
    keras.layers.Permute: _permute,
}
