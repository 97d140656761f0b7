"""Flips, rotation, zoom, crop and shift of images: one affine map an image, one bilinear reading.

A changed image is read backwards: for each of its pixels p, counted from the middle of the image, the place it shows,

    source(p) = F · k · R(−θ) · (p − shift) + offset

    F       mirrors: −1 where an axis is flipped            R(θ)    turns counter-clockwise
    k       size of what is shown: crop / zoom              offset  middle of the window that a crop cuts out

and the value there is mixed from the four pixels around it. So several changes blur no more than one. Where nothing
is drawn, every place is a pixel and the image comes back bit for bit.

What lies outside the image is, by `fill`: the nearest pixel of the border, the image mirrored, or a constant.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from backlit.engine.augmentation.draws import Bits, either_way, uniform

NAMES = ("flip_horizontal", "flip_vertical", "rotation", "zoom_in", "zoom_out", "crop", "shift")
Strengths = Mapping[str, Float[Array, ""]]
Images = Float[Array, "example height width channel"]


@dataclass(frozen=True)
class Affine:
    """From a pixel of a changed image to the place that it shows, both in pixels from the middle: (down, across).

    Attributes:
        down: Down shown for a pixel down, and for one across.
        across: Across shown for a pixel down, and for one across.
        start: What the middle shows.
    """

    down: tuple[Float[Array, " example"], Float[Array, " example"]]
    across: tuple[Float[Array, " example"], Float[Array, " example"]]
    start: tuple[Float[Array, " example"], Float[Array, " example"]]


def affine_of(strengths: Strengths, bits: Bits, *, height: int, width: int) -> Affine:
    """The map that the draws of each example make.

    Args:
        strengths: By name, those that are at work.
        bits: A row for each example.
        height: Of the images, in pixels.
        width: Of the images, in pixels.

    Returns:
        One map for each example.
    """
    one, zero = jnp.ones(bits.shape[0], jnp.float32), jnp.zeros(bits.shape[0], jnp.float32)
    size, angle = one, zero
    start_down, start_across, shift_down, shift_across = zero, zero, zero, zero
    if "crop" in strengths:
        size = one - strengths["crop"] * uniform(bits, "crop")
        room_down, room_across = (0.5 * (one - size) * extent for extent in (height, width))
        start_down = room_down * either_way(bits, "crop", 1)
        start_across = room_across * either_way(bits, "crop", 2)
    if "zoom_in" in strengths:
        size = size / (one + strengths["zoom_in"] * uniform(bits, "zoom_in"))
    if "zoom_out" in strengths:
        size = size / (one - strengths["zoom_out"] * uniform(bits, "zoom_out"))
    if "rotation" in strengths:
        angle = jnp.deg2rad(strengths["rotation"]) * either_way(bits, "rotation")
    if "shift" in strengths:
        shift_down = strengths["shift"] * height * either_way(bits, "shift", 0)
        shift_across = strengths["shift"] * width * either_way(bits, "shift", 1)
    mirror_down, mirror_across = (
        jnp.where(uniform(bits, name) < strengths[name], -one, one) if name in strengths else one
        for name in ("flip_vertical", "flip_horizontal")
    )
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    down = (mirror_down * size * cos, mirror_down * size * sin)
    across = (-mirror_across * size * sin, mirror_across * size * cos)
    return Affine(
        down,
        across,
        (
            start_down - down[0] * shift_down - down[1] * shift_across,
            start_across - across[0] * shift_down - across[1] * shift_across,
        ),
    )


def moved(images: Images, affine: Affine, *, fill: str, low: Float[Array, " example"]) -> Images:
    """The images as their maps show them.

    Args:
        images: A batch.
        affine: From `affine_of`.
        fill: `nearest`, `reflect` or `constant`.
        low: What stands outside an image, where the fill is constant.

    Returns:
        Images of the same size.
    """
    n, height, width, channels = images.shape
    down = jnp.arange(height, dtype=jnp.float32)[None, :, None] - 0.5 * (height - 1)
    across = jnp.arange(width, dtype=jnp.float32)[None, None, :] - 0.5 * (width - 1)

    def shown(row: tuple[jax.Array, jax.Array], start: jax.Array, extent: int) -> jax.Array:
        place = row[0][:, None, None] * down + row[1][:, None, None] * across + start[:, None, None]
        return place + 0.5 * (extent - 1)

    ends_down = _ends(shown(affine.down, affine.start[0], height), height, fill)
    ends_across = _ends(shown(affine.across, affine.start[1], width), width, fill)
    flat = images.reshape(n * height * width, channels)
    first = (jnp.arange(n, dtype=jnp.int32) * (height * width))[:, None, None]
    total, weights = jnp.zeros_like(images), jnp.zeros((n, height, width), images.dtype)
    for row, row_weight in ends_down:
        for column, column_weight in ends_across:
            weight = (row_weight * column_weight).astype(images.dtype)
            pixels = flat.at[first + row * width + column].get(mode="promise_in_bounds")
            total, weights = total + weight[..., None] * pixels, weights + weight
    if fill == "constant":  # what the four pixels do not make up is outside
        total = total + ((1.0 - weights) * low[:, None, None].astype(images.dtype))[..., None]
    return total


def _ends(place: jax.Array, extent: int, fill: str) -> list[tuple[jax.Array, jax.Array]]:
    """The two pixels beside each place along one axis, and how much of each is taken."""
    if fill == "reflect":  # d c b a | a b c d | d c b a
        folded = place + 0.5 - 2.0 * extent * jnp.floor((place + 0.5) / (2.0 * extent))
        place = jnp.minimum(folded, 2.0 * extent - folded) - 0.5
    if fill != "constant":
        place = jnp.clip(place, 0.0, extent - 1.0)
    before = jnp.floor(place)
    share = place - before
    ends = []
    for pixel, weight in ((before, 1.0 - share), (before + 1.0, share)):
        if fill == "constant":
            weight = jnp.where((pixel >= 0.0) & (pixel <= extent - 1.0), weight, 0.0)
        ends.append((jnp.clip(pixel, 0.0, extent - 1.0).astype(jnp.int32), weight))
    return ends
