"""A piece of a picture and the window that slides over it: what a learner steps through, small enough to read.

Of a convolution the filter that answers most strongly to the sample, and of its input the channel that this filter
weighs most; of a pooling layer the channel that varies most. Where the input is larger than eight places, the piece
around the strongest answer is cut out, and nothing is padded.

Not for sliding the window: see `explain.convolution` and `explain.pooling`.
"""

from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
from jaxtyping import Float

from backlit.measure.examples import Examples, examples_of
from backlit.measure.subject import AbstractSubject
from backlit.measure.tapped import inputs_of, outputs_by_layer

MOST_PLACES = 8  # of a side; ours: with its padding it is then drawn in cells that hold three digits
MOST_WINDOW = 5  # of a side of a kernel: 25 products still fit below the picture


@dataclass(frozen=True, eq=False)
class WindowSample:
    """A piece of one channel and a window.

    Attributes:
        layer: Whose window.
        kind: Of the window.
        picture: The piece.
        kernel: Weights of the window; None for pooling.
        bias: Of the filter; 0 where the piece is one of several channels, whose sums come together only later.
        size: Of the window.
        strides: How far it moves at a time.
        padding: `same` or `valid`.
        channel: Number of the channel, from 0.
        n_channels: Of the input.
        filter: Number of the filter, from 0; 0 for pooling.
        n_filters: Of the layer; 0 for pooling.
        sample: What the network reads.
    """

    layer: str
    kind: Literal["convolution", "max", "average"]
    picture: Float[np.ndarray, "row column"]
    kernel: Float[np.ndarray, "high wide"] | None
    bias: float
    size: tuple[int, int]
    strides: int
    padding: Literal["same", "valid"]
    channel: int
    n_channels: int
    filter: int
    n_filters: int
    sample: Examples


def window_samples(subject: AbstractSubject) -> tuple[WindowSample, ...] | None:
    """Samples of the first convolution and of the first pooling layer.

    Args:
        subject: A run.

    Returns:
        One or two; None where no member finished, or the model has no such layer that can be shown.
    """
    if not subject.finished or len(getattr(subject.model, "inputs", None) or []) != 1:
        return None
    model, sample = subject.model, examples_of(subject)
    found = []
    convolution = next((layer for layer in model.layers if _is_plain_convolution(layer)), None)
    if convolution is not None:
        found.append(_of_convolution(model, convolution, sample))
    pooling = next((layer for layer in model.layers if _is_plain_pooling(layer)), None)
    if pooling is not None:
        found.append(_of_pooling(model, pooling, sample))
    return tuple(one for one in found if one is not None) or None


def piece_around(place: tuple[int, int], sizes: tuple[int, int], *, most: int = MOST_PLACES) -> tuple[slice, slice]:
    """The piece of a plane around a place.

    Args:
        place: Row and column.
        sizes: Of the plane.
        most: Rows and columns of the piece, where the plane has so many.

    Returns:
        Rows and columns, inside the plane.

    Example:
        >>> piece_around((1, 20), (28, 28))
        (slice(0, 8, None), slice(16, 24, None))
    """
    starts = [max(0, min(at - most // 2, size - most)) for at, size in zip(place, sizes, strict=True)]
    rows, columns = (slice(start, start + min(most, size)) for start, size in zip(starts, sizes, strict=True))
    return rows, columns


def _is_plain_convolution(layer: Any) -> bool:
    return (
        type(layer) is keras.layers.Conv2D
        and layer.data_format == "channels_last"
        and layer.groups == 1
        and set(layer.dilation_rate) == {1}
        and len(set(layer.strides)) == 1
        and max(layer.kernel_size) <= MOST_WINDOW
    )


def _is_plain_pooling(layer: Any) -> bool:
    return (
        type(layer) in (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
        and layer.data_format == "channels_last"
        and len(set(layer.strides)) == 1
        and max(layer.pool_size) <= MOST_WINDOW
    )


def _of_convolution(model: keras.Model, layer: Any, sample: Examples) -> WindowSample | None:
    inputs = inputs_of(model, layer, sample.inputs)
    outputs = outputs_by_layer(model, sample.inputs).get(layer.name)
    if inputs is None or outputs is None:
        return None
    kernel = np.asarray(layer.kernel, np.float64)
    row, column, number = np.unravel_index(outputs[0].argmax(), outputs.shape[1:])
    channel = int(np.square(kernel[..., number]).sum((0, 1)).argmax())
    plane, stride = np.asarray(inputs[0, ..., channel], np.float64), layer.strides[0]
    is_whole = max(plane.shape) <= MOST_PLACES
    piece = plane[piece_around((int(row) * stride, int(column) * stride), (len(plane), plane.shape[1]))]
    has_bias = layer.use_bias and inputs.shape[-1] == 1
    return WindowSample(
        layer.name,
        "convolution",
        piece,
        kernel[:, :, channel, number],
        float(np.asarray(layer.bias)[number]) if has_bias else 0.0,
        tuple(layer.kernel_size),
        stride,
        "same" if is_whole and layer.padding == "same" else "valid",
        channel,
        inputs.shape[-1],
        int(number),
        kernel.shape[-1],
        sample,
    )


def _of_pooling(model: keras.Model, layer: Any, sample: Examples) -> WindowSample | None:
    inputs = inputs_of(model, layer, sample.inputs)
    if inputs is None:
        return None
    maps = np.asarray(inputs[0], np.float64)
    channel = int(maps.std((0, 1)).argmax())
    plane = maps[..., channel]
    row, column = np.unravel_index(plane.argmax(), plane.shape)
    piece = plane[piece_around((int(row), int(column)), (len(plane), plane.shape[1]))]
    if any(size < window for size, window in zip(piece.shape, layer.pool_size, strict=True)):
        return None
    kind = "max" if type(layer) is keras.layers.MaxPooling2D else "average"
    size, stride = (int(layer.pool_size[0]), int(layer.pool_size[1])), layer.strides[0]
    return WindowSample(
        layer.name, kind, piece, None, 0.0, size, stride, "valid", channel, maps.shape[-1], 0, 0, sample
    )
