"""Convolution and pooling for a CPU, from shifted slices and one matrix product.

XLA's CPU backend runs a convolution inside a loop, and above all the gradient of its kernel, very slowly. Written as

    columns[b, i, j, (u, v, c)] = inputs[b, i + u, j + v, c]          shifted slices, side by side
    outputs = columns @ kernel.reshape(u·v·c, filters)                one matrix product

the same numbers come 10 to 20 times faster (`benchmarks/`), and so do both gradients, because they are slices and
matrix products again. Max pooling sends a gradient to the first of equal maxima of a window, as XLA's own does, so
that networks trained either way run together.

`fast_kernels` puts these in Keras's way while a program is traced; whatever they do not cover falls back to Keras's
own: channels first, grouped convolutions, more than two spatial axes, windows of more than 49 places.

Not for an accelerator: there cuDNN is faster.
"""

import functools
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from backlit.engine._keras_private import backend_operations, replaced_operations

MOST_PLACES = 49  # a 7 × 7 window; beyond it the columns outgrow what the matrix product gains
MOST_AXES = 2
Sizes = tuple[int, ...]


@contextmanager
def fast_kernels() -> Iterator[None]:
    """Lets Keras's layers compute with these kernels inside the `with`, if the first device is a CPU.

    Yields:
        Nothing.
    """
    if jax.devices()[0].platform != "cpu":
        yield
        return
    ours = {"conv": convolve, "depthwise_conv": convolve_depthwise, "max_pool": pool_max, "average_pool": pool_average}
    originals = backend_operations(tuple(ours))
    with replaced_operations({name: functools.partial(ours[name], originals[name]) for name in ours}):
        yield


def convolve(
    original: Callable[..., jax.Array],
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> jax.Array:
    """Convolution as shifted slices and one matrix product.

    Args:
        original: Keras's own, for what this does not cover.
        inputs: (batch, space…, channel).
        kernel: (window…, channel, filter).
        strides: Steps between windows.
        padding: `valid` or `same`.
        data_format: `channels_last` is covered.
        dilation_rate: Steps between places of a window.

    Returns:
        (batch, space…, filter).
    """
    kernel = jnp.asarray(kernel)
    inputs = jnp.asarray(inputs, kernel.dtype)
    window, n_channels = kernel.shape[:-2], kernel.shape[-2]
    if not _is_covered(inputs, window, data_format) or n_channels != inputs.shape[-1]:
        return original(inputs, kernel, strides, padding, data_format, dilation_rate)
    slices = _shifted(inputs, window, _each(strides, window), _each(dilation_rate, window), padding, fill=0.0)
    columns = jnp.concatenate(slices, axis=-1) if len(slices) > 1 else slices[0]
    width = columns.shape[-1]
    product = columns.reshape(-1, width) @ kernel.reshape(width, -1)
    return product.reshape(*columns.shape[:-1], kernel.shape[-1])


def convolve_depthwise(
    original: Callable[..., jax.Array],
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> jax.Array:
    """Depthwise convolution as a sum of shifted slices, each times its weights.

    Args:
        original: Keras's own, for what this does not cover.
        inputs: (batch, space…, channel).
        kernel: (window…, channel, multiplier).
        strides: Steps between windows.
        padding: `valid` or `same`.
        data_format: `channels_last` is covered.
        dilation_rate: Steps between places of a window.

    Returns:
        (batch, space…, channel × multiplier).
    """
    inputs, kernel = jnp.asarray(inputs), jnp.asarray(kernel)
    window = kernel.shape[:-2]
    if not _is_covered(inputs, window, data_format):
        return original(inputs, kernel, strides, padding, data_format, dilation_rate)
    slices = _shifted(inputs, window, _each(strides, window), _each(dilation_rate, window), padding, fill=0.0)
    weights = [kernel[place] for place in np.ndindex(*window)]
    terms = [part[..., None] * weight for part, weight in zip(slices, weights, strict=True)]
    total = functools.reduce(jnp.add, terms)
    return total.reshape(*total.shape[:-2], -1)


def pool_max(
    original: Callable[..., jax.Array],
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """Max pooling; the gradient goes to the first maximum of a window.

    Args:
        original: Keras's own, for what this does not cover.
        inputs: (batch, space…, channel).
        pool_size: Window.
        strides: Steps between windows; None takes the window.
        padding: `valid` or `same`.
        data_format: `channels_last` is covered.

    Returns:
        (batch, space…, channel).
    """
    inputs = jnp.asarray(inputs)
    window = _each(pool_size, inputs.shape[1:-1])
    if not _is_covered(inputs, window, data_format) or not jnp.issubdtype(inputs.dtype, jnp.floating):
        return original(inputs, pool_size, strides, padding, data_format)
    return _max_of_windows(inputs, window, window if strides is None else _each(strides, window), padding)


def pool_average(
    original: Callable[..., jax.Array],
    inputs: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> jax.Array:
    """Average pooling; at a border only places inside the picture count.

    Args:
        original: Keras's own, for what this does not cover.
        inputs: (batch, space…, channel).
        pool_size: Window.
        strides: Steps between windows; None takes the window.
        padding: `valid` or `same`.
        data_format: `channels_last` is covered.

    Returns:
        (batch, space…, channel).
    """
    inputs = jnp.asarray(inputs)
    window = _each(pool_size, inputs.shape[1:-1])
    if not _is_covered(inputs, window, data_format) or not jnp.issubdtype(inputs.dtype, jnp.floating):
        return original(inputs, pool_size, strides, padding, data_format)
    steps = window if strides is None else _each(strides, window)
    total = functools.reduce(jnp.add, _shifted(inputs, window, steps, (1,) * len(window), padding, fill=0.0))
    ones = np.ones((1, *inputs.shape[1:-1], 1), np.float32)
    counts = functools.reduce(np.add, _shifted(ones, window, steps, (1,) * len(window), padding, fill=0.0, xp=np))
    return total / jnp.asarray(counts, inputs.dtype)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3))
def _max_of_windows(inputs: jax.Array, window: Sizes, steps: Sizes, padding: str) -> jax.Array:
    return functools.reduce(jnp.maximum, _window_slices(inputs, window, steps, padding))


def _max_forward(
    inputs: jax.Array, window: Sizes, steps: Sizes, padding: str
) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    highest: Any = _max_of_windows(inputs, window, steps, padding)
    return highest, (inputs, highest)


def _max_backward(
    window: Sizes, steps: Sizes, padding: str, kept: tuple[jax.Array, jax.Array], gradient: jax.Array
) -> tuple[jax.Array]:
    inputs, highest = kept
    slices, spread = jax.vjp(lambda values: _window_slices(values, window, steps, padding), inputs)
    is_taken = jnp.zeros(highest.shape, bool)
    shares = []
    for part in slices:
        is_first = (part == highest) & ~is_taken
        is_taken = is_taken | is_first
        shares.append(jnp.where(is_first, gradient, 0))
    return spread(shares)


_max_of_windows.defvjp(_max_forward, _max_backward)


def _window_slices(inputs: jax.Array, window: Sizes, steps: Sizes, padding: str) -> list[jax.Array]:
    return _shifted(inputs, window, steps, (1,) * len(window), padding, fill=-np.inf)


def _shifted(
    inputs: Any, window: Sizes, steps: Sizes, dilation: Sizes, padding: str, *, fill: float, xp: Any = jnp
) -> list[Any]:
    """For each place of the window, in row-major order, the inputs that all windows have there."""
    borders = [
        _border(size, width, step, gap, padding)
        for size, width, step, gap in zip(inputs.shape[1:-1], window, steps, dilation, strict=True)
    ]
    if any(before or after for before, after, _ in borders):
        widths = [(0, 0), *((before, after) for before, after, _ in borders), (0, 0)]
        inputs = xp.pad(inputs, widths, constant_values=fill)
    slices = []
    for place in itertools.product(*(range(width) for width in window)):
        spans = [
            slice(u * gap, u * gap + (n - 1) * step + 1, step)
            for u, gap, step, (_, _, n) in zip(place, dilation, steps, borders, strict=True)
        ]
        slices.append(inputs[(slice(None), *spans)])
    return slices


def _border(size: int, width: int, step: int, gap: int, padding: str) -> tuple[int, int, int]:
    """Padding before and after one axis, and the number of windows along it (Keras's `valid` and `same`)."""
    reach = (width - 1) * gap + 1
    if padding.lower() == "valid":
        return 0, 0, (size - reach) // step + 1
    n_windows = -(-size // step)
    total = max((n_windows - 1) * step + reach - size, 0)
    return total // 2, total - total // 2, n_windows


def _is_covered(inputs: jax.Array, window: Sizes, data_format: str | None) -> bool:
    from keras import config

    layout = data_format or config.image_data_format()
    has_windows = all(width <= size for width, size in zip(window, inputs.shape[1:-1], strict=False))
    return (
        layout == "channels_last"
        and len(window) == inputs.ndim - 2 <= MOST_AXES
        and int(np.prod(window)) <= MOST_PLACES
        and has_windows
    )


def _each(value: Any, window: Any) -> Sizes:
    """One whole number an axis."""
    return (int(value),) * len(window) if isinstance(value, int | np.integer) else tuple(int(v) for v in value)
