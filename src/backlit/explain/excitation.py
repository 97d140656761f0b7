"""The input that excites a filter most, for all filters of a layer at once: gradient ascent from faint noise.

    z        the filter's value in the middle of its map, before the activation function
    x  ←  x + rate · range · (∂z/∂x ÷ max|∂z/∂x|  −  decay · (x − mean) ÷ range  −  variation · ∂TV/∂x)

The gradient is divided by its largest entry, so that no pixel moves by more than `rate` of the data's range in a step,
however strong or weak a filter is; the rate falls in a line to zero. x stays within the data's range. Without more, the
pixels' last bits of gradient make a pattern that no image has, so three brakes are on, each of which can be set to 0:

    decay        draws every pixel to the data's mean: what the filter does not care about fades
    variation    the total variation TV = Σ|neighbour − pixel|: flat areas with sharp borders, no speckles
    jitter       in the first half of the steps the image is shifted at random by so many pixels and back: what is
                 found has to work a little beside its place, too

Chosen by looking at what came out for a CNN on Fashion-MNIST and one on `shapes` (docs/tried.md): blurring in the place
of total variation washes borders out and reaches a quarter to a half of the activation; jitter until the end halves it
for kernels of 3 × 3. The middle of the map and not its mean, because the mean of an edge filter's map is zero for every
image, but for its borders.

Not for which rows of a data set excite a filter: see `strongest.py`.

Source:
    erhan-2009 (ascent by a unit's activation); simonyan-2014, section 2 (decay, and before the activation
    function); yosinski-2015, section 3 (several brakes at once); mahendran-vedaldi-2015 (total variation);
    olah-2017, "The enemy of feature visualization" (jitter, and why brakes are needed).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jaxtyping import Float

from backlit.explain._keras_private import Noted
from backlit.explain.convolutions import PLAIN, find_convolution, kernels_of
from backlit.explain.watched import Weights, kept_program, watch

BLOCK = 16  # filters side by side: 64 take twice as long on a CPU, because they no longer fit a core's cache
SMOOTH = 0.01  # of the range: below it, |difference| is rounded off, so that TV has a gradient everywhere


@dataclass(frozen=True)
class Ascent:
    """How to climb.

    Attributes:
        steps: How many steps.
        rate: Length of the first step, as a share of the data's range.
        decay: Pull to the data's mean.
        variation: Weight of the total variation.
        jitter: Pixels by which the image is shifted at most.
        noise: Standard deviation of the noise at the start, as a share of the data's range.
    """

    steps: int = 128
    rate: float | int = 0.1
    decay: float | int = 0.05
    variation: float | int = 0.05
    jitter: int = 1
    noise: float | int = 0.05


@dataclass(frozen=True)
class Range:
    """What a data set's numbers are like, for each channel.

    Attributes:
        low: The smallest; with the axes of an input, of size 1 except for the channels.
        high: The largest.
        mean: The mean.
    """

    low: Float[np.ndarray, "..."]
    high: Float[np.ndarray, "..."]
    mean: Float[np.ndarray, "..."]


@dataclass(frozen=True, eq=False)
class Excited:
    """The input that excites each filter most.

    Attributes:
        images: One for each filter.
        reached: The filter's activation in the middle of its map, as the network computes it.
        start: The same for the noise from which the ascent began.
    """

    images: Float[np.ndarray, "filter ..."]
    reached: Float[np.ndarray, " filter"]
    start: Float[np.ndarray, " filter"]


def excite(
    model: keras.Model,
    layer: Any,
    weights: Weights,
    shape: tuple[int, ...],
    *,
    span: Range,
    ascent: Ascent,
    seed: int = 0,
) -> Excited:
    """Climbs for all filters of a layer, in one program.

    Args:
        model: Built, with one input.
        layer: The convolution layer.
        weights: The model's.
        shape: Of one input.
        span: The data's range.
        ascent: How to climb.
        seed: Of the noise and the shifts. A filter gets the same noise whichever others climb with it.

    Returns:
        Images and activations.
    """
    n_filters = kernels_of(layer).shape[-1]
    starts = np.stack([_noise(shape, span, ascent.noise, seed=(seed, number)) for number in range(n_filters)])
    climb = kept_program(model, ("excite", layer.name, ascent), lambda model_now: _climb(model_now, layer.name, ascent))
    numbers = np.arange(n_filters, dtype=np.int32)
    shifts = _shifts(len(_space(layer, len(shape))), ascent, seed=seed)
    found = climb(weights, starts, numbers, shifts, (span.low, span.high, span.mean))
    return Excited(*(np.asarray(each) for each in found))


def filter_value(call: Noted, number: Any) -> Any:
    """The value of one filter in the middle of its map, before the activation function.

    For a plain convolution it is the filter's own window times its kernel, and neither its other places nor the other
    filters are computed: of a layer of 64 filters, that is most of the work.

    Args:
        call: Of the layer, for a batch of one.
        number: Of the filter.

    Returns:
        One number.
    """
    layer: Any = call.layer
    outputs = _channels_last(call.before, layer)[0]
    centre = tuple(size // 2 for size in outputs.shape[:-1])
    if type(layer) not in PLAIN or layer.groups != 1 or layer.data_format != "channels_last":
        return outputs[centre][number]
    inputs = call.inputs[0]
    borders, windows = [(0, 0)] * inputs.ndim, []
    for axis, place in enumerate(centre):
        stride, dilation = layer.strides[axis], layer.dilation_rate[axis]
        reach = (layer.kernel_size[axis] - 1) * dilation + 1
        borders[axis] = _border(inputs.shape[axis], layer.padding, reach=reach, stride=stride)
        windows.append(slice(place * stride, place * stride + reach, dilation))
    window = jnp.pad(inputs, borders)[tuple(windows)]
    value = jnp.sum(window * call.kernel[..., number].astype(window.dtype))
    return value if call.bias is None else value + call.bias[number].astype(window.dtype)


def _border(size: int, padding: str, *, reach: int, stride: int) -> tuple[int, int]:
    """Zeros before and after an axis, as Keras puts them."""
    if padding == "causal":
        return reach - 1, 0
    total = max((-(-size // stride) - 1) * stride + reach - size, 0) if padding == "same" else 0
    return total // 2, total - total // 2


def _climb(model_now: Callable[[], keras.Model], name: str, ascent: Ascent) -> Callable[..., Any]:
    """The program: weights, starts, numbers of filters, shifts and range to images and activations."""

    def climb(weights: Any, starts: Any, numbers: Any, shifts: Any, span: Any) -> Any:
        model = model_now()
        layer = find_convolution(model, name)
        low, high, mean = span
        space = _space(layer, starts.ndim - 1)

        def call_on(image: Any) -> Noted:
            return watch(model, weights, image[None], [layer]).calls[0]

        def value(image: Any, number: Any) -> Any:
            return filter_value(call_on(image), number).astype(image.dtype)

        def activation(image: Any, number: Any) -> Any:
            outputs = _channels_last(call_on(image).outputs, layer)[0]
            return outputs[tuple(size // 2 for size in outputs.shape[:-1])][number].astype(image.dtype)

        def climb_one(start: Any, number: Any) -> Any:
            def step(image: Any, now: Any) -> Any:
                shift, rate = now
                slope = jax.grad(value)(jnp.roll(image, shift, space), number)
                slope = jnp.roll(slope, -shift, space)
                push = slope / (jnp.abs(slope).max() + 1e-12)
                scaled = (image - mean) / (high - low)
                push = push - ascent.decay * scaled - ascent.variation * jax.grad(_variation)(scaled, space)
                return jnp.clip(image + rate * (high - low) * push, low, high), None

            rates = ascent.rate * (1 - jnp.arange(ascent.steps, dtype=start.dtype) / ascent.steps)
            image, _ = jax.lax.scan(step, start, (shifts, rates))
            return image, activation(image, number), activation(start, number)

        block = min(BLOCK, len(starts))
        return jax.lax.map(lambda each: climb_one(*each), (starts, numbers), batch_size=block)

    return climb


def _variation(image: Any, space: tuple[int, ...]) -> Any:
    """The total variation of an image, along its spatial axes."""
    total = jnp.zeros((), image.dtype)
    for axis in space:
        total += jnp.sum(jnp.sqrt(jnp.diff(image, axis=axis) ** 2 + SMOOTH**2))
    return total


def _noise(shape: tuple[int, ...], span: Range, noise: float, *, seed: tuple[int, int]) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal(shape, np.float32)
    return np.clip(span.mean + noise * (span.high - span.low) * drawn, span.low, span.high).astype(np.float32)


def _shifts(n_axes: int, ascent: Ascent, *, seed: int) -> np.ndarray:
    """By how much to shift in each step; not at all in the second half, so that the image settles in its place."""
    drawn = np.random.default_rng(seed).integers(-ascent.jitter, ascent.jitter + 1, (ascent.steps, n_axes))
    drawn[ascent.steps // 2 :] = 0
    return drawn.astype(np.int32)


def _space(layer: Any, rank: int) -> tuple[int, ...]:
    """The spatial axes of an input without its batch axis."""
    return tuple(range(1, rank)) if layer.data_format == "channels_first" else tuple(range(rank - 1))


def _channels_last(outputs: Any, layer: Any) -> Any:
    return jnp.moveaxis(outputs, 1, -1) if layer.data_format == "channels_first" else outputs
