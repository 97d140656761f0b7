"""Layers of images and signals: convolution, pooling, padding. Channels last, as they are read everywhere here."""

from typing import Any

import keras

from backlit.explain.ops import Operation
from backlit.explain.ops.convolution import Convolution
from backlit.explain.ops.global_pooling import GlobalPooling
from backlit.explain.ops.pooling import AveragePooling, MaxPooling
from backlit.explain.ops.separable import Depthwise, Pointwise
from backlit.explain.ops.upsampling import UpSampling
from backlit.explain.ops.windows import Windows
from backlit.explain.ops.zero_padding import Cropping, ZeroPadding
from backlit.explain.reading.builder import Builder, Reader


def _require_channels_last(layer: Any, build: Builder) -> None:
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        build.unsupported('data_format="channels_first"', expected='data_format="channels_last"')


def _windows(layer: Any, build: Builder) -> Windows:
    _require_channels_last(layer, build)
    return Windows(tuple(layer.kernel_size), tuple(layer.strides), tuple(layer.dilation_rate), layer.padding)


def _convolution(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    if layer.groups != 1:
        build.unsupported(f"groups={layer.groups}", expected="groups=1")
    operation = Convolution(_windows(layer, build))
    sums = build.add(operation, inputs, {"kernel": layer.kernel, "bias": layer.bias}, letter="z")
    return build.activated(layer.activation, sums)


def _depthwise(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    operation = Depthwise(_windows(layer, build), layer.depth_multiplier)
    sums = build.add(operation, inputs, {"depthwise_kernel": layer.kernel, "bias": layer.bias}, letter="z")
    return build.activated(layer.activation, sums)


def _separable(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    """Two operations: each channel by itself, then the channels of each place."""
    depthwise = Depthwise(_windows(layer, build), layer.depth_multiplier)
    alone = build.add(depthwise, inputs, {"depthwise_kernel": layer.depthwise_kernel}, letter="d")
    pointwise = Pointwise(len(layer.kernel_size))
    weights = {"pointwise_kernel": layer.pointwise_kernel, "bias": layer.bias}
    return build.activated(layer.activation, build.add(pointwise, (alone,), weights, letter="z"))


def _pooling(operation: type[MaxPooling] | type[AveragePooling]) -> Reader:
    def read(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
        _require_channels_last(layer, build)
        return build.add(
            operation(Windows(tuple(layer.pool_size), tuple(layer.strides), padding=layer.padding)), inputs
        )

    return read


def _global_pooling(kind: str, n_axes: int) -> Reader:
    def read(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
        _require_channels_last(layer, build)
        return build.add(GlobalPooling(kind, n_axes, keeps_axes=bool(layer.keepdims)), inputs)

    return read


def _edges(given: Any) -> tuple[tuple[int, int], ...]:
    """A pair for each axis, from the pair of a signal or the two pairs of an image."""
    pairs = given if isinstance(given[0], tuple | list) else (given,)
    return tuple((int(before), int(after)) for before, after in pairs)


def _padding(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    _require_channels_last(layer, build)
    return build.add(ZeroPadding(_edges(layer.padding)), inputs)


def _cropping(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    _require_channels_last(layer, build)
    return build.add(Cropping(_edges(layer.cropping)), inputs)


def _upsampling(layer: Any, build: Builder, inputs: tuple[int, ...]) -> int:
    _require_channels_last(layer, build)
    how = getattr(layer, "interpolation", "nearest")
    if how != "nearest":
        build.unsupported(f'interpolation="{how}"', expected='interpolation="nearest"')
    operation: Operation = UpSampling((layer.size,) if isinstance(layer.size, int) else tuple(layer.size))
    return build.add(operation, inputs)


READERS: dict[type, Reader] = {
    keras.layers.Conv1D: _convolution,
    keras.layers.Conv2D: _convolution,
    keras.layers.DepthwiseConv1D: _depthwise,
    keras.layers.DepthwiseConv2D: _depthwise,
    keras.layers.SeparableConv1D: _separable,
    keras.layers.SeparableConv2D: _separable,
    keras.layers.MaxPooling1D: _pooling(MaxPooling),
    keras.layers.MaxPooling2D: _pooling(MaxPooling),
    keras.layers.AveragePooling1D: _pooling(AveragePooling),
    keras.layers.AveragePooling2D: _pooling(AveragePooling),
    keras.layers.GlobalMaxPooling1D: _global_pooling("max", 1),
    keras.layers.GlobalMaxPooling2D: _global_pooling("max", 2),
    keras.layers.GlobalAveragePooling1D: _global_pooling("average", 1),
    keras.layers.GlobalAveragePooling2D: _global_pooling("average", 2),
    keras.layers.ZeroPadding1D: _padding,
    keras.layers.ZeroPadding2D: _padding,
    keras.layers.Cropping1D: _cropping,
    keras.layers.Cropping2D: _cropping,
    keras.layers.UpSampling1D: _upsampling,
    keras.layers.UpSampling2D: _upsampling,
}
