r"""A window that slides over a picture, position by position: what it covers, the products, the value.

    for position in convolution(image, kernel):
        position.row, position.column, position.patch, position.products, position.value
        position.arithmetic            # 1 × 0.5 + 2 × (-1) + … = …, in LaTeX

What lies outside the picture is a zero of the padding: `position.is_padding` says where, and drawings show it as `·`.
As in Keras, the kernel is not turned over; books on signals call this a cross-correlation.

Not for whole layers with many filters, which are the operations of `ops/`.

Source:
    lecun-bottou-1998, section II.A; dumoulin-visin-2016, sections 1.1, 2 and 3 (pooling).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backlit.errors import DataError, SettingError, did_you_mean
from backlit.explain.ops.written import number, sum_of_products
from backlit.explain.output_size import output_size, padding_of
from backlit.explain.positions import Position, Sliding
from backlit.language import listed, text


def convolution(
    image: Any,
    kernel: Any,
    *,
    bias: float = 0.0,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
) -> Sliding:
    """Slides one filter over a picture, and keeps every position.

    Args:
        image: (height, width), (height, width, channels), or (time,).
        kernel: One filter: as many axes as the image, and as many channels.
        bias: Added to each sum.
        strides: How many places the window moves at a time; one number, or one for each axis.
        padding: `valid` or `same`; `causal` for inputs with one axis.

    Returns:
        The positions, and the output without a channel axis.

    Raises:
        DataError: If image and kernel do not fit.
        SettingError: If padding or strides are not known, or the window is larger than the padded image.

    Example:
        >>> found = convolution([[1, 2], [3, 4]], [[1, 0], [0, -1]])
        >>> print(found.at(0, 0))
        1 × 1 + 2 × 0 + 3 × 0 + 4 × (−1) = −3
        >>> convolution([[1, 2], [3, 4]], [[1, 1], [1, 1]], padding="same").output.tolist()
        [[10.0, 6.0], [7.0, 4.0]]

    Source:
        dumoulin-visin-2016, section 1.1.
    """
    picture, window = _array(image), np.asarray(kernel, np.float64)
    if window.ndim != picture.ndim or window.shape[2:] != picture.shape[2:]:
        raise DataError(
            "explain-kernel",
            what=text("Sliding a kernel over an image of shape {shape}", shape=picture.shape),
            expected=text("one filter with as many axes and channels as the image"),
            received=text("a kernel of shape {shape}", shape=window.shape),
            fix=text("Take one filter: `layer.kernel[..., 0]`; of a grey picture, `layer.kernel[:, :, 0, 0]`."),
        )
    sides = min(picture.ndim, 2)
    moves = _moves(strides, sides)
    allowed = ("valid", "same", "causal") if sides == 1 else ("valid", "same")
    _require_known(padding, allowed)
    ends, places = _places(picture.shape[:sides], window.shape[:sides], moves, padding)
    values = np.zeros(places)
    positions = []
    for at in np.ndindex(*places):
        patch, outside, start = _patch(picture, window.shape[:sides], moves, ends, at)
        products = patch * window
        values[at] = products.sum() + bias
        plus = (float(bias),) if bias else ()
        arithmetic = sum_of_products(zip(patch.ravel(), window.ravel(), strict=True), plus=plus, most=window.size)
        positions.append(_position(at, 0, start, patch, outside, products, float(values[at]), arithmetic))
    return Sliding("convolution", picture, window, float(bias), ends, tuple(positions), values)


def pooling(
    image: Any,
    *,
    size: int | Sequence[int] = 2,
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
    kind: str = "max",
) -> Sliding:
    """Slides a window over a picture and keeps the largest number, or the mean, of each position.

    Args:
        image: (height, width), (height, width, channels), or (time,).
        size: Of the window; one number, or one for each axis.
        strides: How many places it moves at a time; None for its own size, so that windows do not overlap.
        padding: `valid` or `same`. Zeros of the padding are neither the largest number nor part of the mean.
        kind: `max` or `average`.

    Returns:
        The positions, and the output.

    Raises:
        DataError: If the image has no such shape.
        SettingError: If a setting is not known, or the window is larger than the padded image.

    Example:
        >>> print(pooling([[1, 2], [3, 4]]).at(0, 0))
        max(1, 2, 3, 4) = 4
        >>> print(pooling([[1, 2], [3, 4]], kind="average").at(0, 0))
        (1 + 2 + 3 + 4)/4 = 2.5

    Source:
        dumoulin-visin-2016, section 3.
    """
    picture = _array(image)
    _require_known(kind, ("max", "average"), name="kind")
    _require_known(padding, ("valid", "same"))
    sides = min(picture.ndim, 2)
    window = _moves(size, sides)
    moves = window if strides is None else _moves(strides, sides)
    ends, places = _places(picture.shape[:sides], window, moves, padding)
    has_channels = picture.ndim == 3
    channels = picture.shape[2] if has_channels else 1
    values = np.zeros((*places, channels))
    positions = []
    for at in np.ndindex(*places):
        for channel in range(channels):
            plane = picture[..., channel] if has_channels else picture
            patch, outside, start = _patch(plane, window, moves, ends, at)
            inside = patch[~outside]
            values[(*at, channel)] = inside.max() if kind == "max" else inside.mean()
            arithmetic = _pooled(kind, inside)
            positions.append(_position(at, channel, start, patch, outside, patch, values[(*at, channel)], arithmetic))
    output = values if has_channels else values[..., 0]
    return Sliding(kind, picture, None, 0.0, ends, tuple(positions), output)


def _pooled(kind: str, inside: np.ndarray) -> str:
    numbers = [number(value) for value in inside]
    if kind == "max":
        return rf"\max({', '.join(numbers)})"
    written = [numbers[0], *(number(value, in_product=True) for value in inside[1:])]
    return rf"\frac{{{' + '.join(written)}}}{{{len(numbers)}}}"


def _array(values: Any) -> np.ndarray:
    found = np.asarray(values, np.float64)
    if found.ndim not in (1, 2, 3) or not found.size:
        raise DataError(
            "explain-image",
            what=text("Reading an image"),
            expected=text("shape (height, width), (height, width, channels) or (time,)"),
            received=text("shape {shape}", shape=found.shape),
            fix=text("Take one image of a batch: `images[0]`."),
        )
    return found


def _moves(given: int | Sequence[int], sides: int) -> tuple[int, ...]:
    found = (given,) * sides if isinstance(given, int) else tuple(given)
    if len(found) != sides:
        raise SettingError(
            "explain-sides",
            what=text("Reading the size or the strides of a window"),
            expected=text("one number, or {n}", n=sides),
            received=text("{value}", value=list(found)),
            fix=text("Give one number for each axis along which the window slides."),
        )
    return found


def _require_known(value: str, allowed: tuple[str, ...], *, name: str = "padding") -> None:
    if value not in allowed:
        raise SettingError(
            "explain-window-setting",
            what=text("Reading `{name}`", name=name),
            expected=text("one of {names}", names=listed(f"`{one}`" for one in allowed)),
            received=text("`{name}`", name=value),
            fix=did_you_mean(value, allowed),
        )


def _places(
    sizes: tuple[int, ...], window: tuple[int, ...], moves: tuple[int, ...], padding: str
) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """Zeros at the ends of each axis, and how many positions there are along it."""
    axes = list(zip(sizes, window, moves, strict=True))
    ends = tuple(padding_of(n, kernel=k, stride=s, padding=padding) for n, k, s in axes)
    return ends, tuple(output_size(n, kernel=k, stride=s, padding=padding) for n, k, s in axes)


def _patch(
    picture: np.ndarray,
    window: tuple[int, ...],
    moves: tuple[int, ...],
    ends: tuple[tuple[int, int], ...],
    at: tuple[int, ...],
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """What the window covers, where that is padding, and where the window begins."""
    start = tuple(place * move - before for place, move, (before, _) in zip(at, moves, ends, strict=True))
    patch = np.zeros((*window, *picture.shape[len(window) :]))
    outside = np.ones(patch.shape, bool)
    for offset in np.ndindex(*window):
        place = tuple(first + more for first, more in zip(start, offset, strict=True))
        if all(0 <= i < n for i, n in zip(place, picture.shape, strict=False)):
            patch[offset], outside[offset] = picture[place], False
    return patch, outside, start


def _position(
    at: tuple[int, ...],
    channel: int,
    start: tuple[int, ...],
    patch: np.ndarray,
    outside: np.ndarray,
    products: np.ndarray,
    value: float,
    arithmetic: str,
) -> Position:
    row, column = (0, *at)[-2:]
    top, left = (0, *start)[-2:]
    return Position(row, column, channel, top, left, patch, outside, products, float(value), arithmetic)
