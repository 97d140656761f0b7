"""Dense layers, activation layers, and those that only rename or hand on."""

from typing import Any

import keras

from backlit.explain.ops.activations import Activation
from backlit.explain.ops.dense import Dense
from backlit.explain.ops.identity import Identity
from backlit.explain.ops.softmax import Softmax
from backlit.explain.reading.builder import Builder, Reader
from backlit.language import Words

HANDED_ON = Words(en="handed on unchanged", zh="原样传递")


def _dense(layer: keras.layers.Dense, build: Builder, inputs: tuple[int, ...]) -> int:
    sums = build.add(Dense(), inputs, {"kernel": layer.kernel, "bias": layer.bias}, letter="z")
    return build.activated(layer.activation, sums)


def _activation(layer: keras.layers.Activation, build: Builder, inputs: tuple[int, ...]) -> int:
    place = build.activated(layer.activation, inputs[0])
    return build.add(Identity(HANDED_ON), inputs) if place == inputs[0] else place


def _identity(layer: keras.Layer, build: Builder, inputs: tuple[int, ...]) -> int:  # noqa: ARG001  a Reader
    return build.add(Identity(HANDED_ON), inputs)


def _relu(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    if layer.threshold == 0 and layer.max_value is None and layer.negative_slope == 0:
        return build.add(Activation("relu"), inputs)
    if layer.threshold == 0 and layer.max_value == 6 and layer.negative_slope == 0:
        return build.add(Activation("relu6"), inputs)
    if layer.threshold == 0 and layer.max_value is None:
        return build.add(Activation("leaky_relu", float(layer.negative_slope)), inputs)
    return build.unsupported(f"ReLU(max_value={layer.max_value}, threshold={layer.threshold})")


def _leaky_relu(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    return build.add(Activation("leaky_relu", float(layer.negative_slope)), inputs)


def _elu(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    return build.add(Activation("elu", float(layer.alpha)), inputs)


def _softmax(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    return build.add(Softmax(layer.axis), inputs)


READERS: dict[type, Reader] = {
    keras.layers.Dense: _dense,
    keras.layers.Activation: _activation,
    keras.layers.Identity: _identity,
    keras.layers.ReLU: _relu,
    keras.layers.LeakyReLU: _leaky_relu,
    keras.layers.ELU: _elu,
    keras.layers.Softmax: _softmax,
}
