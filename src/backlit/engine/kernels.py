"""Convolution for a CPU, from shifted slices and one matrix product; and the seam where Keras meets such kernels.

XLA's CPU backend runs a convolution inside a loop, and above all the gradient of its kernel, very slowly. Written as

    columns[b, i, j, (u, v, c)] = inputs[b, i + u, j + v, c]          shifted slices, side by side
    outputs = columns @ kernel.reshape(u·v·c, filters)                one matrix product

the same numbers come 10 to 20 times faster (`docs/tried.md`), and so do both gradients, because they are slices and
matrix products again. Windows of three rows over many channels take fewer multiplications: see `winograd.py`.

`fast_kernels` puts these, and the pooling of `pooling.py`, in Keras's way while a program is traced; whatever they do
not cover falls back to Keras's own: channels first, grouped convolutions, more than two spatial axes, windows of more
than 49 places.

Not for an accelerator: there cuDNN is faster.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from backlit.engine._keras_private import backend_operations, replaced_operations
from backlit.engine.attention import attend
from backlit.engine.pooling import pool_average, pool_max
from backlit.engine.recurrent import fast_loops
from backlit.engine.windows import all_borders, each, is_covered, shifted
from backlit.engine.winograd import convolve_by_sums

FEW_CHANNELS = 16  # copying fewer at a time costs more than copying twice
TURNED_BYTES = 1_500_000  # columns that fit a core's second-level cache are turned over for the kernel's gradient
PART_BYTES = 260_000  # of columns that are too many to turn, multiplied at once
MOST_PARTS = 512
LEAST_TURNED = 32  # columns narrower than this gain nothing


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
    ours["dot_product_attention"] = attend
    originals = backend_operations(tuple(ours))
    with replaced_operations({name: functools.partial(ours[name], originals[name]) for name in ours}), fast_loops():
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
    if not is_covered(inputs, window, data_format) or n_channels != inputs.shape[-1]:
        return original(inputs, kernel, strides, padding, data_format, dilation_rate)
    if window[0] == 3 and len(window) == 2 and n_channels >= FEW_CHANNELS and _is_plain(window, strides, dilation_rate):
        borders = all_borders(inputs.shape[1:-1], window=window, steps=(1, 1), dilation=(1, 1), padding=padding)
        edges = [(0, 0), *((before, after) for before, after, _ in borders), (0, 0)]
        return convolve_by_sums(jnp.pad(inputs, edges), kernel)
    columns = _columns(inputs, window, each(strides, window), each(dilation_rate, window), padding)
    width = columns.shape[-1]
    product = _product(columns.reshape(-1, width), kernel.reshape(width, -1))
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
    if not is_covered(inputs, window, data_format):
        return original(inputs, kernel, strides, padding, data_format, dilation_rate)
    slices = shifted(
        inputs,
        window=window,
        steps=each(strides, window),
        dilation=each(dilation_rate, window),
        padding=padding,
        fill=0.0,
    )
    weights = [kernel[place] for place in np.ndindex(*window)]
    terms = [part[..., None] * weight for part, weight in zip(slices, weights, strict=True)]
    total = functools.reduce(jnp.add, terms)
    return total.reshape(*total.shape[:-2], -1)


def _is_plain(window: Any, strides: Any, dilation: Any) -> bool:
    """Whether windows lie side by side and have no gaps."""
    return {*each(strides, window), *each(dilation, window)} == {1}


def _columns(inputs: jax.Array, window: Any, steps: Any, dilation: Any, padding: str) -> jax.Array:
    """What each window sees, side by side: (batch, windows…, place × channel)."""
    cut = functools.partial(shifted, padding=padding, fill=0.0)
    if len(window) == 1 or inputs.shape[-1] >= FEW_CHANNELS:
        slices = cut(inputs, window=window, steps=steps, dilation=dilation)
        return jnp.concatenate(slices, axis=-1) if len(slices) > 1 else slices[0]
    # A row of the window first, then the rows: longer runs of memory to copy.
    rows = cut(inputs, window=(1, window[1]), steps=(1, steps[1]), dilation=(1, dilation[1]))
    row = jnp.concatenate(rows, axis=-1) if len(rows) > 1 else rows[0]
    slices = cut(row, window=(window[0], 1), steps=(steps[0], 1), dilation=(dilation[0], 1))
    return jnp.concatenate(slices, axis=-1) if len(slices) > 1 else slices[0]


@jax.custom_vjp
def _product(columns: jax.Array, kernel: jax.Array) -> jax.Array:
    return columns @ kernel


def _product_forward(columns: jax.Array, kernel: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
    return columns @ kernel, (columns, kernel)


def _product_backward(kept: tuple[jax.Array, jax.Array], gradient: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The gradients of a product."""
    columns, kernel = kept
    return gradient @ kernel.T, _kernel_gradient(columns, gradient)


def _kernel_gradient(columns: jax.Array, gradient: jax.Array) -> jax.Array:
    """`columns.T @ gradient`, the summed axis brought to where XLA's fast matrix product wants it: last on the left.

    As it stands it is half as fast. Columns that fit a cache are turned over (the barrier keeps XLA from undoing it);
    of more, part after part is multiplied while it is in the cache, the smaller side turned.
    """
    n_bytes = columns.size * columns.dtype.itemsize
    if columns.shape[-1] < LEAST_TURNED:
        return columns.T @ gradient
    if n_bytes <= TURNED_BYTES:
        return lax.optimization_barrier(columns.T) @ gradient
    n_rows = columns.shape[0]
    n_parts = next((n for n in range(2, MOST_PARTS) if n_rows % n == 0 and n_bytes <= n * PART_BYTES), 1)
    if n_parts == 1:
        return columns.T @ gradient
    parts = [array.reshape(n_parts, n_rows // n_parts, -1) for array in (columns, gradient)]

    def add(total: jax.Array, part: list[jax.Array]) -> tuple[jax.Array, None]:
        return total + part[1].T @ part[0], None

    total, _ = lax.scan(add, jnp.zeros((gradient.shape[-1], columns.shape[-1]), columns.dtype), parts)
    return total.T


_product.defvjp(_product_forward, _product_backward)
