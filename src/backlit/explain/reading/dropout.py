"""Dropout and its relatives: a mask while training, nothing for predictions."""

from typing import Any

import keras

from backlit.explain.ops.dropout import Dropout
from backlit.explain.ops.identity import Identity
from backlit.explain.reading.builder import Builder, Reader
from backlit.language import Words

AT_REST = Words(en="nothing is dropped: this is a prediction", zh="预测时不丢弃，原样传递")
NOTHING_TO_DROP = Words(en="nothing is dropped: the rate is 0", zh="丢弃率为 0，原样传递")


def _dropout(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    if layer.rate == 0 or not build.is_training:
        return build.add(Identity(AT_REST if layer.rate else NOTHING_TO_DROP), inputs)
    if not build.is_first_use():
        build.unsupported("a layer of dropout that is called twice", expected="a layer of its own for each place")
    if layer.rate >= 1:
        build.unsupported(f"rate={layer.rate}", expected="a rate below 1")
    shape = _shape_of_mask(layer)
    if None in shape[1:]:
        build.unsupported(f"inputs of the shape {shape}", expected="keras.Input with fixed lengths")
    return build.add_masked(Dropout(layer.rate), inputs, shape)


def _shape_of_mask(layer: Any) -> tuple[int | None, ...]:
    """The inputs' shape; 1 along an axis where all places share one draw."""
    batch, *sizes = layer.output.shape
    if isinstance(layer, keras.layers.SpatialDropout1D | keras.layers.SpatialDropout2D):
        if getattr(layer, "data_format", "channels_last") == "channels_first":
            return (batch, sizes[0], *(1 for _ in sizes[1:]))
        return (batch, *(1 for _ in sizes[:-1]), sizes[-1])
    given = layer.noise_shape or (None,) * (len(sizes) + 1)
    return tuple(size if asked is None else asked for size, asked in zip((batch, *sizes), given, strict=True))


def _noise(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    if build.is_training:
        build.unsupported(f"{type(layer).__name__} while training", expected="training=False")
    return build.add(Identity(AT_REST), inputs)


READERS: dict[type, Reader] = {
    keras.layers.Dropout: _dropout,
    keras.layers.SpatialDropout1D: _dropout,
    keras.layers.SpatialDropout2D: _dropout,
    keras.layers.AlphaDropout: _noise,
    keras.layers.GaussianDropout: _noise,
    keras.layers.GaussianNoise: _noise,
}
