"""Which inputs are pictures, and small versions of them for a page.

    (row, height, width)               grey, if neither side is more than three times the other
    (row, height, width, 1 or 3)       grey or colour

A sequence of as many features as moments looks like a picture to this rule and is drawn as one, which does no harm.

Large ones are made smaller by the mean of blocks, so that a page with thirty of them stays small.

Not for changing images (see `engine/augmentation`).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Shaped

from backlit.data.augment import value_range

MOST_SIDE = 48
"""Largest side of a small version, in pixels. Source: ours, 30 colour pictures are then 1 MB of text."""

LEAST_SIDE = 4
MOST_STRETCH = 3
"""How much longer one side of a picture without channels may be. Source: ours, a convention."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """Small pictures.

    Attributes:
        pixels: In the unit of the data, rounded to what 256 steps can show.
        lowest: Value of black, or of the lowest colour.
        highest: Value of white.
    """

    pixels: Float[np.ndarray, "picture height width channel"]
    lowest: float
    highest: float


def are_pictures(shape: tuple[int, ...]) -> bool:
    """Whether inputs of a shape are pictures.

    Args:
        shape: Of one input.

    Returns:
        True if they can be drawn.

    Example:
        >>> are_pictures((28, 28)), are_pictures((32, 32, 3)), are_pictures((100, 2)), are_pictures((64,))
        (True, True, False, False)
    """
    if len(shape) not in (2, 3) or min(shape[:2]) < LEAST_SIDE:
        return False
    return shape[2] in (1, 3) if len(shape) == 3 else max(shape) <= MOST_STRETCH * min(shape)


def small_pictures(inputs: Shaped[np.ndarray, "picture ..."]) -> Pictures | None:
    """Small versions of inputs that are pictures.

    Args:
        inputs: Rows as the network reads them.

    Returns:
        Pictures with a channel axis; None if they are no pictures or none are given.

    Example:
        >>> found = small_pictures(np.arange(96 * 96, dtype="float32").reshape(1, 96, 96))
        >>> found.pixels.shape
        (1, 48, 48, 1)
    """
    if not len(inputs) or not are_pictures(inputs.shape[1:]):
        return None
    pixels = np.asarray(inputs, np.float64)
    pixels = pixels[..., None] if pixels.ndim == 3 else pixels
    block = -(-max(pixels.shape[1:3]) // MOST_SIDE)
    if block > 1:
        n, (height, width), channels = len(pixels), (side // block for side in pixels.shape[1:3]), pixels.shape[3]
        blocks = pixels[:, : height * block, : width * block].reshape(n, height, block, width, block, channels)
        pixels = blocks.mean((2, 4))
    lowest, highest = value_range(inputs)
    decimals = max(0, int(np.ceil(-np.log10((highest - lowest) / 255))))
    return Pictures(np.nan_to_num(pixels, nan=lowest).round(decimals), float(lowest), float(highest))
