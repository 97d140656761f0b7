"""Pooling for a CPU: one axis after the other forward, and a gradient that knows where each maximum was.

XLA's CPU backend finds a window's maximum again for every window, in a scalar loop, to send its gradient there. Here

    forward     the maximum along one axis, then of those along the next          as few comparisons as possible
    backward    place = number of the first maximum in its window                 comparisons of shifted slices
                inputs' gradient = outputs' gradient where place is mine, else 0

Windows that do not overlap, the usual ones, need no sum in the last line: the gradient is spread to all places of
its window by a broadcast. It goes to the first of equal maxima in row-major order, as XLA's own does, so that networks
trained either way run together.

Not for choosing when this is used: see `kernels.py`.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from backlit.engine.windows import Sizes, all_borders, each, is_covered, shifted


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
    window = each(pool_size, inputs.shape[1:-1])
    if not is_covered(inputs, window, data_format) or not jnp.issubdtype(inputs.dtype, jnp.floating):
        return original(inputs, pool_size, strides, padding, data_format)
    return _max_of_windows(inputs, window, window if strides is None else each(strides, window), padding)


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
    window = each(pool_size, inputs.shape[1:-1])
    if not is_covered(inputs, window, data_format) or not jnp.issubdtype(inputs.dtype, jnp.floating):
        return original(inputs, pool_size, strides, padding, data_format)
    steps = window if strides is None else each(strides, window)
    borders = all_borders(inputs.shape[1:-1], window=window, steps=steps, dilation=_ones(window), padding=padding)
    counts = np.ones((1,) * inputs.ndim)
    for axis, (size, width, step, (before, _, n)) in enumerate(
        zip(inputs.shape[1:-1], window, steps, borders, strict=True), start=1
    ):
        first = np.arange(n) * step - before
        inside = np.minimum(first + width, size) - np.maximum(first, 0)
        counts = counts * inside.reshape([-1 if axis == i else 1 for i in range(inputs.ndim)])
    total = _along_each_axis(lax.add, 0.0, inputs, window, steps, borders)
    return total / jnp.asarray(counts, inputs.dtype)


@functools.partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3))
def _max_of_windows(inputs: jax.Array, window: Sizes, steps: Sizes, padding: str) -> jax.Array:
    borders = all_borders(inputs.shape[1:-1], window=window, steps=steps, dilation=_ones(window), padding=padding)
    return _along_each_axis(lax.max, -np.inf, inputs, window, steps, borders)


def _max_forward(inputs: jax.Array, window: Sizes, steps: Sizes, padding: str) -> tuple[jax.Array, jax.Array]:
    highest: Any = _max_of_windows(inputs, window, steps, padding)
    return highest, inputs


def _max_backward(window: Sizes, steps: Sizes, padding: str, inputs: jax.Array, gradient: jax.Array) -> tuple[Any]:
    if window == steps:
        return (_spread_in_tiles(window, padding, inputs, gradient),)

    def slices_of(values: jax.Array) -> list[jax.Array]:
        return shifted(values, window=window, steps=steps, dilation=_ones(window), padding=padding, fill=-np.inf)

    slices, spread = jax.vjp(slices_of, inputs)
    place = _first_maximum(slices)
    return spread([jnp.where(place == i, gradient, 0) for i in range(len(slices))])


_max_of_windows.defvjp(_max_forward, _max_backward)


def _spread_in_tiles(window: Sizes, padding: str, inputs: jax.Array, gradient: jax.Array) -> jax.Array:
    """The gradient of max pooling whose windows tile the picture: each input has one window and no sum is needed."""
    sizes, n_axes = inputs.shape[1:-1], len(window)
    borders = all_borders(sizes, window=window, steps=window, dilation=_ones(window), padding=padding)
    # What the windows cover: more than the picture at a padded border, less where windows do not divide it.
    beyond = [
        (before, n * width - size - before) for size, width, (before, _, n) in zip(sizes, window, borders, strict=True)
    ]
    fitted = lax.pad(
        inputs, np.array(-np.inf, inputs.dtype), [(0, 0, 0), *((*edges, 0) for edges in beyond), (0, 0, 0)]
    )
    # (batch, windows, place, …, channel): one axis of windows, one of places, for each axis of the picture.
    split = [extent for (_, _, n), width in zip(borders, window, strict=True) for extent in (n, width)]
    tiles = fitted.reshape(inputs.shape[0], *split, inputs.shape[-1])
    parts = [tiles[_place_in_tile(position)] for position in np.ndindex(*window)]
    place = _first_maximum(parts)
    place_axes = tuple(range(2, 2 + 2 * n_axes, 2))
    numbers = np.arange(len(parts), dtype=np.int8).reshape([extent for width in window for extent in (width, 1)])
    is_mine = jnp.expand_dims(place, place_axes) == numbers
    spread = jnp.where(is_mine, jnp.expand_dims(gradient, place_axes), 0).reshape(fitted.shape)
    back = [(0, 0, 0), *((-before, -after, 0) for before, after in beyond), (0, 0, 0)]
    return lax.pad(spread, np.array(0, spread.dtype), back)


def _place_in_tile(position: Sizes) -> tuple[Any, ...]:
    return (slice(None), *(entry for at in position for entry in (slice(None), at)))


def _first_maximum(slices: list[jax.Array]) -> jax.Array:
    """Number of the slice with the largest value, the first of equal ones."""
    highest, place = slices[0], jnp.zeros(slices[0].shape, jnp.int8)
    for i, part in enumerate(slices[1:], start=1):
        is_higher = part > highest
        highest, place = jnp.where(is_higher, part, highest), jnp.where(is_higher, jnp.int8(i), place)
    return place


def _along_each_axis(
    combine: Any, start: float, values: jax.Array, window: Sizes, steps: Sizes, borders: list[tuple[int, int, int]]
) -> jax.Array:
    """Combines the values of each window along the first axis, then those results along the next.

    XLA keeps the result of `reduce_window`. A maximum of slices it would compute anew in every operation that reads it,
    and the convolution behind a pooling layer reads each value up to nine times.
    """
    for axis, (width, step, (before, after, _)) in enumerate(zip(window, steps, borders, strict=True), start=1):
        if width > 1 or step > 1:
            extents, strides, padding = [1] * values.ndim, [1] * values.ndim, [(0, 0)] * values.ndim
            extents[axis], strides[axis], padding[axis] = width, step, (before, after)
            values = lax.reduce_window(values, np.array(start, values.dtype), combine, extents, strides, padding)
    return values


def _ones(window: Sizes) -> Sizes:
    return (1,) * len(window)
