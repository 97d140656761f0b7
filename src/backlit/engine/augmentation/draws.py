"""The random numbers behind the changes of a batch: a function of the member's seed and the number of the step.

So a member's images change alike when it is run again, resumed, streamed, alone or in a population, wherever chunks
end. All of them come from one call, as rows of bits: one row an example, so that a part of a batch takes its part of
the rows. Each transform owns its columns, whether others are at work or not: the angles of a member do not depend on
whether noise is added, too.

Not for what is made of them.
"""

import math

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int, UInt32

# Columns by transform; never moved, so that a stored run is the same run again.
COLUMNS: dict[str, tuple[int, ...]] = {
    "flip_horizontal": (0,),
    "flip_vertical": (1,),
    "rotation": (2,),
    "zoom_in": (3,),
    "zoom_out": (4,),
    "crop": (5, 6, 7),  # how much; where, down and across
    "shift": (8, 9),  # down and across
    "brightness": (10,),
    "contrast": (11,),
    "saturation": (12,),
    "hue": (13,),
    "noise": (14, 15),  # mixed into the numbers of the pixels
    "cutout": (16, 17),  # where, down and across
    "mix_up": (18,),
}
N_COLUMNS = 19
PRNG = "threefry2x32"
_STREAM = 0xA06  # keeps these keys apart from those that draw weights
_UNIT = 2.0**-24  # floats hold 24 bits

Bits = UInt32[Array, "example column"]


def draw_bits(seed: UInt32[Array, ""], step: Int[Array, ""], *, n_examples: int) -> Bits:
    """The random bits of one step of one member.

    Args:
        seed: Of the member.
        step: Steps done before.
        n_examples: Of the batch.

    Returns:
        A row for each example.
    """
    key = jax.random.wrap_key_data(jnp.stack([seed, jnp.uint32(_STREAM)]), impl=PRNG)
    return jax.random.bits(jax.random.fold_in(key, step), (n_examples, N_COLUMNS), jnp.uint32)


def uniform(bits: Bits, name: str, place: int = 0) -> Float[Array, " example"]:
    """A number from 0 to 1, 1 excluded, for each example.

    Args:
        bits: From `draw_bits`.
        name: Of the transform.
        place: Which of its columns.

    Returns:
        The numbers.
    """
    return (bits[:, COLUMNS[name][place]] >> 8).astype(jnp.float32) * _UNIT


def either_way(bits: Bits, name: str, place: int = 0) -> Float[Array, " example"]:
    """A number from −1 to 1, 1 excluded, for each example.

    Args:
        bits: From `draw_bits`.
        name: Of the transform.
        place: Which of its columns.

    Returns:
        The numbers.
    """
    return 2.0 * uniform(bits, name, place) - 1.0


def pixel_noise(bits: Bits, shape: tuple[int, ...]) -> Float[Array, "example ..."]:
    """Normal noise of standard deviation 1, from two words of each example's own.

    Each value's number is mixed with the words by a few operations that XLA does in one pass. JAX's own generator goes
    through memory once a round on a CPU, which made noise cost more than all other changes together.

    Args:
        bits: From `draw_bits`.
        shape: Of one example.

    Returns:
        One number a value.

    Source:
        appleby-2016 (the finaliser of MurmurHash3, twice, with another word each time).
    """
    first, second = (bits[:, column].reshape(-1, *(1,) * len(shape)) for column in COLUMNS["noise"])
    number = jnp.arange(math.prod(shape), dtype=jnp.uint32).reshape(1, *shape)
    mixed = _mixed(_mixed(number ^ first) + second)
    middle = ((mixed >> 8).astype(jnp.float32) + 0.5) * _UNIT  # neither 0 nor 1
    return math.sqrt(2.0) * lax.erf_inv(2.0 * middle - 1.0)


def _mixed(words: UInt32[Array, "..."]) -> UInt32[Array, "..."]:
    """Words in which each bit depends on all bits of the word that was given."""
    words = (words ^ (words >> 16)) * jnp.uint32(0x85EBCA6B)
    words = (words ^ (words >> 13)) * jnp.uint32(0xC2B2AE35)
    return words ^ (words >> 16)
