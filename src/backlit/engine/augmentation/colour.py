"""Brightness, contrast, saturation and hue of images: what each adds to a value, and one limit to the range at the end.

    brightness   value + (f − 1) · (value − low)                 f between 1 − strength and 1 + strength
    contrast     value + (f − 1) · (value − mean of the grey)    so that 0 strength adds an exact 0
    saturation   value + (f − 1) · (value − grey of the pixel)
    hue          the colour's angle on the circle red, yellow, green, cyan, blue, magenta

The first three are Pillow's `ImageEnhance`; grey is 0.299 red + 0.587 green + 0.114 blue. Images that have not three
channels are as grey as the mean of their channels.

Source:
    smith-1978 (hue, saturation, value).
"""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from backlit.engine.augmentation.draws import Bits, either_way

NAMES = ("brightness", "contrast", "saturation", "hue")
_GREY = (0.299, 0.587, 0.114)
Images = Float[Array, "example height width channel"]
Numbers = Float[Array, " example"]


def coloured(
    images: Images, strengths: Mapping[str, Float[Array, ""]], bits: Bits, *, low: Numbers, high: Numbers
) -> Images:
    """The images with other colours.

    Args:
        images: A batch.
        strengths: By name, those that are at work.
        bits: A row for each example.
        low: Lowest value of an image.
        high: Highest value of an image.

    Returns:
        Images within the range.
    """
    dtype = images.dtype
    lowest, highest = low[:, None, None, None].astype(dtype), high[:, None, None, None].astype(dtype)

    def more(name: str) -> jax.Array:
        """By how much the factor exceeds 1."""
        return (strengths[name] * either_way(bits, name)).astype(dtype)[:, None, None, None]

    if "brightness" in strengths:
        images = images + more("brightness") * (images - lowest)
    if "contrast" in strengths:
        images = images + more("contrast") * (images - jnp.mean(_grey(images), axis=(1, 2, 3), keepdims=True))
    if "saturation" in strengths:
        images = images + more("saturation") * (images - _grey(images))
    images = jnp.clip(images, lowest, highest)
    if "hue" in strengths:
        turn = (strengths["hue"] * either_way(bits, "hue")).astype(dtype)[:, None, None]
        images = lowest + (highest - lowest) * turned_hue((images - lowest) / (highest - lowest), turn)
    return images


def turned_hue(images: Images, turn: Float[Array, "example 1 1"]) -> Images:
    """Colours with another hue, of the same saturation and value.

    Args:
        images: Red, green and blue from 0 to 1.
        turn: By how much of the colour circle.

    Returns:
        Images of the same size.
    """
    red, green, blue = images[..., 0], images[..., 1], images[..., 2]
    value = jnp.maximum(red, jnp.maximum(green, blue))
    chroma = value - jnp.minimum(red, jnp.minimum(green, blue))
    divisor = jnp.where(chroma > 0, chroma, 1)
    sixth = jnp.where(
        value == red,
        (green - blue) / divisor,
        jnp.where(value == green, (blue - red) / divisor + 2, (red - green) / divisor + 4),
    )  # of the circle: 0 is red, 2 green, 4 blue
    sixth = sixth + 6 * turn

    def channel(first: int) -> jax.Array:
        place = first + sixth
        place = place - 6 * jnp.floor(place / 6)  # a float's own `mod` is a slow call for each number
        return value - chroma * jnp.clip(jnp.minimum(place, 4 - place), 0, 1)

    return jnp.stack([channel(5), channel(3), channel(1)], axis=-1)


def _grey(images: Images) -> Float[Array, "example height width 1"]:
    """The grey of each pixel, with an axis of one channel."""
    if images.shape[-1] != len(_GREY):
        return jnp.mean(images, axis=-1, keepdims=True)
    red, green, blue = (images[..., i : i + 1] for i in range(len(_GREY)))
    return _GREY[0] * red + _GREY[1] * green + _GREY[2] * blue
