"""Noise on every value of an image, and a rectangle of it blanked out.

Source:
    devries-taylor-2017 (cutout: the centre lies anywhere, so that the rectangle may stick out over the border).
"""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from backlit.engine.augmentation.draws import Bits, pixel_noise, uniform

NAMES = ("noise", "cutout")
Images = Float[Array, "example height width channel"]
Numbers = Float[Array, " example"]


def noisy(images: Images, strength: Float[Array, ""], bits: Bits, *, low: Numbers, high: Numbers) -> Images:
    """The images with noise.

    Args:
        images: A batch.
        strength: Standard deviation of the noise, as a share of the range.
        bits: A row for each example.
        low: Lowest value of an image.
        high: Highest value of an image.

    Returns:
        Images within the range.
    """
    lowest, highest = (end[:, None, None, None].astype(images.dtype) for end in (low, high))
    noise = pixel_noise(bits, images.shape[1:]).astype(images.dtype)
    return jnp.clip(images + strength.astype(images.dtype) * (highest - lowest) * noise, lowest, highest)


def cut_out(images: Images, strength: Float[Array, ""], bits: Bits, *, low: Numbers) -> Images:
    """The images with a rectangle of the lowest value.

    Args:
        images: A batch.
        strength: Height and width of the rectangle, as a share of those of the image.
        bits: A row for each example.
        low: Lowest value of an image.

    Returns:
        Images of the same size.
    """

    def is_near(place: int, extent: int) -> Bool[Array, "example pixel"]:
        pixels = jnp.arange(extent, dtype=jnp.float32)[None, :] + 0.5
        middle = uniform(bits, "cutout", place)[:, None] * extent
        return jnp.abs(pixels - middle) < 0.5 * strength * extent

    _, height, width, _ = images.shape
    inside = is_near(0, height)[:, :, None, None] & is_near(1, width)[:, None, :, None]
    return jnp.where(inside, low[:, None, None, None].astype(images.dtype), images)
