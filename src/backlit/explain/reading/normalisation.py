"""Normalisation: by the batch, by the sample, and by fixed numbers."""

from typing import Any

import keras
import numpy as np

from backlit.explain.ops.batch_normalisation import BatchNormalisation, MovingNormalisation
from backlit.explain.ops.layer_normalisation import LayerNormalisation, RootMeanSquare
from backlit.explain.ops.rescaling import Rescaling
from backlit.explain.reading.builder import Builder, Reader


def _batch(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    if layer.renorm:
        build.unsupported("renorm=True", expected="renorm=False")
    weights = {"gamma": layer.gamma, "beta": layer.beta}
    if build.is_training and layer.trainable:  # a frozen layer uses its moving averages even while training
        moving = build.place_of(layer.moving_mean), build.place_of(layer.moving_variance)
        return build.add(BatchNormalisation(layer.axis, layer.epsilon, layer.momentum, moving), inputs, weights)
    fixed = {"moving_mean": layer.moving_mean, "moving_variance": layer.moving_variance}
    return build.add(MovingNormalisation(layer.axis, layer.epsilon), inputs, {**fixed, **weights})


def _layer(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    if layer.rms_scaling:
        build.unsupported("LayerNormalization(rms_scaling=True)", expected="RMSNormalization()")
    operation = LayerNormalisation(tuple(layer.axis), layer.epsilon)
    return build.add(operation, inputs, {"gamma": layer.gamma, "beta": layer.beta})


def _root_mean_square(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    return build.add(RootMeanSquare(tuple(layer.axis), layer.epsilon), inputs, {"scale": layer.scale})


def _rescaling(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    return build.add(Rescaling(_exact(layer.scale), _exact(layer.offset)), inputs)


def _fixed(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    """Keras's Normalization: (x − mean) / σ with numbers that were given, or found in the data before."""
    mean, variance = _exact(layer.mean), _exact(layer.variance)
    if layer.input_mean is not None and np.size(layer.input_mean) in (1, mean.size):  # as given, not in float32
        shape = mean.shape if np.size(layer.input_mean) == mean.size else ()
        mean, variance = _exact(layer.input_mean).reshape(shape), _exact(layer.input_variance).reshape(shape)
    spread = np.maximum(np.sqrt(variance), keras.config.epsilon())
    if layer.invert:
        return build.add(Rescaling(spread, mean), inputs)
    return build.add(Rescaling(1.0 / spread, -mean / spread), inputs)


def _exact(numbers: Any) -> np.ndarray:
    return np.asarray(numbers, np.float64)


READERS: dict[type, Reader] = {
    keras.layers.BatchNormalization: _batch,
    keras.layers.LayerNormalization: _layer,
    keras.layers.RMSNormalization: _root_mean_square,
    keras.layers.Rescaling: _rescaling,
    keras.layers.Normalization: _fixed,
}
