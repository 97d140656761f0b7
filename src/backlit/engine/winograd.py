"""Convolution with three places along the first axis, at two thirds of the multiplications: Winograd's F(2, 3).

Two neighbouring outputs of a window of three places take six products. Made from sums of inputs and sums of weights,
they take four:

    v = (d0 − d2, d1 + d2, d2 − d1, d1 − d3)                       of four neighbouring inputs
    u = (g0, (g0 + g1 + g2) / 2, (g0 − g1 + g2) / 2, g2)           of the three weights
    m = v · u                                                      four products
    y = (m0 + m1 + m2, m1 − m2 − m3)                               two neighbouring outputs

This is done along the first axis of a picture. Along the second the window's places lie side by side, so that the four
products are matrix products over (places × channels), as wide as those of `kernels.py`: done along both axes, which
needs fewer multiplications still, they are too narrow and it was slower (`docs/tried.md`).

A few examples are computed at a time, so that what lies between the steps stays in a core's cache; the sums of inputs
are made again for the gradient, which costs less than bringing them back from memory.

Rounding differs from the plain sum's in the last bits, as the order of any sum does.

Not for steps or gaps between places, nor for few channels.

Source: lavin2016, section 4.1.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

FORWARD_BYTES = 620_000  # of sums of inputs, at once
BACKWARD_BYTES = 310_000  # less, because the sums of gradients lie beside them
Kept = tuple[jax.Array, jax.Array, jax.Array]  # inputs, kernel, sums of the kernel
_OF_WEIGHTS = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])


@jax.custom_vjp
def convolve_by_sums(inputs: jax.Array, kernel: jax.Array) -> jax.Array:
    """Convolution without padding, steps or gaps.

    Args:
        inputs: (batch, height, width, channel).
        kernel: (3, any, channel, filter).

    Returns:
        (batch, height − 2, width − any + 1, filter).
    """
    return _forward(inputs, kernel)[0]


def _forward(inputs: jax.Array, kernel: jax.Array) -> tuple[jax.Array, Kept]:
    reach, n_filters = kernel.shape[1], kernel.shape[-1]
    height, width = inputs.shape[1] - 2, inputs.shape[2] - reach + 1
    n_pairs = -(-height // 2)
    weights = jnp.asarray(_OF_WEIGHTS, kernel.dtype)
    summed_kernel = jnp.einsum("iu,uvcf->ivcf", weights, kernel).reshape(4, -1, n_filters)

    def outputs_of(part: jax.Array) -> jax.Array:
        products = _summed_inputs(part, n_pairs=n_pairs, reach=reach) @ summed_kernel
        m0, m1, m2, m3 = products.reshape(4, part.shape[0], n_pairs, width, n_filters)
        pairs = jnp.stack([m0 + m1 + m2, m1 - m2 - m3], axis=2)
        return pairs.reshape(part.shape[0], 2 * n_pairs, width, n_filters)[:, :height]

    parts = _in_parts(inputs, FORWARD_BYTES, n_pairs=n_pairs, reach=reach)
    outputs = lax.map(outputs_of, parts)
    return outputs.reshape(-1, *outputs.shape[2:]), (inputs, kernel, summed_kernel)


def _backward(kept: Kept, gradient: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The gradients of inputs and kernel: the same sums, turned around."""
    inputs, kernel, summed_kernel = kept
    reach, n_channels, n_filters = kernel.shape[1:]
    height, width = gradient.shape[1:3]
    n_pairs = -(-height // 2)
    weights = jnp.asarray(_OF_WEIGHTS, kernel.dtype)
    turned_kernel = jnp.swapaxes(summed_kernel, 1, 2)
    parts = _in_parts(inputs, BACKWARD_BYTES, n_pairs=n_pairs, reach=reach)
    even = jnp.pad(gradient, [(0, 0), (0, 2 * n_pairs - height), (0, 0), (0, 0)])
    even = even.reshape(*parts.shape[:2], n_pairs, 2, width, n_filters)

    def add(total: jax.Array, part: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        seen, pairs = part
        n_examples = seen.shape[0]
        y0, y1 = pairs[:, :, 0], pairs[:, :, 1]
        of_products = jnp.stack([y0, y0 + y1, y0 - y1, -y1]).reshape(4, -1, n_filters)
        sums = _summed_inputs(seen, n_pairs=n_pairs, reach=reach)
        total = total + jnp.swapaxes(of_products, 1, 2) @ sums
        of_sums = (of_products @ turned_kernel).reshape(4, n_examples, n_pairs, width, reach, n_channels)
        shifted = [
            jnp.pad(of_sums[..., place, :], [*[(0, 0)] * 3, (place, reach - 1 - place), (0, 0)])
            for place in range(reach)
        ]
        v0, v1, v2, v3 = functools.reduce(jnp.add, shifted)
        # Even rows of the inputs are d0 of their pair and d2 of the one before, odd rows d1 and d3.
        rows = jnp.stack([_one_after(v0, v1 + v2 - v0), _one_after(v1 - v2 + v3, -v3)], axis=2)
        return total, rows.reshape(n_examples, 2 * n_pairs + 2, *inputs.shape[2:])[:, : inputs.shape[1]]

    total = jnp.zeros((4, n_filters, reach * n_channels), gradient.dtype)
    total, of_inputs = lax.scan(add, total, (parts, even))
    of_kernel = jnp.einsum("iu,ifvc->uvcf", weights, total.reshape(4, n_filters, reach, n_channels))
    return of_inputs.reshape(inputs.shape), of_kernel


convolve_by_sums.defvjp(_forward, _backward)


def _summed_inputs(inputs: jax.Array, *, n_pairs: int, reach: int) -> jax.Array:
    """The sums v of all pairs of rows: (4, batch × pair × width, place × channel)."""
    inputs = jnp.pad(inputs, [(0, 0), (0, 2 * n_pairs + 2 - inputs.shape[1]), (0, 0), (0, 0)])
    d0, d1, d2, d3 = (inputs[:, first : first + 2 * n_pairs - 1 : 2] for first in range(4))
    sums = jnp.stack([d0 - d2, d1 + d2, d2 - d1, d1 - d3])
    width = inputs.shape[2] - reach + 1
    places = [sums[:, :, :, place : place + width] for place in range(reach)]
    return jnp.concatenate(places, axis=-1).reshape(4, -1, reach * inputs.shape[-1])


def _in_parts(inputs: jax.Array, most_bytes: int, *, n_pairs: int, reach: int) -> Any:
    """The examples in equal parts, whose sums are at most so large: (part, example, …)."""
    n_examples = inputs.shape[0]
    n_windows = inputs.shape[2] - reach + 1
    example_bytes = 4 * n_pairs * n_windows * reach * inputs.shape[3] * inputs.dtype.itemsize
    sizes = [size for size in range(1, n_examples + 1) if n_examples % size == 0]
    fitting = [size for size in sizes if size * example_bytes <= most_bytes]
    return inputs.reshape(-1, max(fitting, default=1), *inputs.shape[1:])


def _one_after(first: jax.Array, second: jax.Array) -> jax.Array:
    """What two arrays of pairs add to neighbouring rows: the first to its own pair's, the second to the next pair's."""
    pads = [[(0, 0)] * first.ndim, [(0, 0)] * first.ndim]
    pads[0][1], pads[1][1] = (0, 1), (1, 0)
    return jnp.pad(first, pads[0]) + jnp.pad(second, pads[1])
