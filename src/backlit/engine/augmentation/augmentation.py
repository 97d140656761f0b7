"""What is done to a training batch before the step, and how the loss is taken where two images were mixed.

    drawn  = augmentation.drawn(batch, …)          random numbers, and what mix-up takes from the neighbours
    images = augmentation.changed(images, drawn)   a function of each example alone

The second half knows nothing of the other examples, so a step that is cut into slices, or shared among cores, changes
each slice where it is used, and no image twice. Mix-up is the first change for the same reason: it mixes the images as
they came, each with the next of its batch, and the mixture is then turned, coloured and cut like one image.

The order is: mix-up, geometry (one map, see `geometry.py`), colours, noise, cutout. Images that validate, test or are
looked at by probes never pass here.

Not for which changes a user may ask for (see `backlit.data.augment`).

Source:
    zhang-2018-mixup, equation 1. There the share is drawn from a Beta distribution; here it is uniform between nothing
    and the strength, which at 0.5 is the same as Beta(1, 1): an image that is mixed in by more than half is the first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from backlit.data.augment import FILL, FILLS, PREFIX, STRENGTHS, value_range
from backlit.engine.augmentation import colour, disturbing, geometry
from backlit.engine.augmentation.draws import draw_bits, uniform

Settings = Mapping[str, jax.Array]
Drawn = dict[str, jax.Array]  # each with one entry an example


@dataclass(frozen=True)
class Augmentation:
    """The changes of a group's images; their strengths are numbers of the members.

    Attributes:
        names: Names of the transforms that are at work.
        fill: What stands outside an image that was moved.
    """

    names: tuple[str, ...]
    fill: str = FILLS[0]

    @property
    def mixes(self) -> bool:
        """Whether images and targets are mixed."""
        return "mix_up" in self.names

    def drawn(
        self,
        inputs: jax.Array,
        targets: jax.Array,
        *,
        member: Mapping[str, jax.Array],
        step: jax.Array,
        settings: Settings,
    ) -> tuple[jax.Array, Drawn]:
        """The random numbers of one step, and the batch with each image mixed with the next.

        Args:
            inputs: One batch of images.
            targets: As many targets.
            member: From `member_ranges`, for one member.
            step: Steps done before.
            settings: The member's numbers by name.

        Returns:
            The images, mixed where that is asked for, and what `changed` and the loss need.
        """
        n = inputs.shape[0]
        inputs = _as_floats(inputs)
        drawn = {
            "bits": draw_bits(member["seed"], step, n_examples=n),
            **{end: jnp.broadcast_to(member[end], (n,)) for end in ("low", "high")},
        }
        if self.mixes:
            share = _strength(settings, "mix_up") * uniform(drawn["bits"], "mix_up")
            drawn |= {"share": share, "other_targets": jnp.roll(targets, -1, axis=0)}
            own = share.astype(inputs.dtype).reshape(-1, *(1,) * (inputs.ndim - 1))
            inputs = inputs + own * (jnp.roll(inputs, -1, axis=0) - inputs)
        return inputs, drawn

    def changed(self, images: jax.Array, drawn: Drawn, settings: Settings) -> jax.Array:
        """The images after all changes but the mixing.

        Args:
            images: Some examples of a batch, from `drawn`.
            drawn: Their entries.
            settings: The member's numbers by name.

        Returns:
            Images of the same size.
        """
        strengths = {name: _strength(settings, name) for name in self.names}
        bits, low, high = drawn["bits"], drawn["low"], drawn["high"]
        geometric = {name: strengths[name] for name in geometry.NAMES if name in strengths}
        colours = {name: strengths[name] for name in colour.NAMES if name in strengths}
        if geometric:
            affine = geometry.affine_of(geometric, bits, height=images.shape[1], width=images.shape[2])
            images = geometry.moved(images, affine, fill=self.fill, low=low)
        if colours:
            images = colour.coloured(images, colours, bits, low=low, high=high)
        if "noise" in strengths:
            images = disturbing.noisy(images, strengths["noise"], bits, low=low, high=high)
        if "cutout" in strengths:
            images = disturbing.cut_out(images, strengths["cutout"], bits, low=low)
        return images


def augmentation_of(traced: Iterable[str], structure: Mapping[str, Any]) -> Augmentation | None:
    """The changes of a group's images.

    Args:
        traced: Names of the numbers that are arguments of the program.
        structure: What the group's members have in common.

    Returns:
        The changes, or None where there is none.
    """
    traced = set(traced)
    names = tuple(name.removeprefix(PREFIX) for name in STRENGTHS if name in traced)
    return Augmentation(names, structure.get(FILL, FILLS[0])) if names else None


def member_ranges(images: np.ndarray, seeds: list[int]) -> dict[str, np.ndarray]:
    """What drawing needs of each member: its seed, and the range of the training images.

    Args:
        images: The training images.
        seeds: One for each member.

    Returns:
        `seed`, `low` and `high`: (member,) arrays.
    """
    low, high = value_range(images)
    return {
        "seed": np.array(seeds, np.uint32),
        "low": np.full(len(seeds), low, np.float32),
        "high": np.full(len(seeds), high, np.float32),
    }


def _strength(settings: Settings, name: str) -> jax.Array:
    return settings[PREFIX + name].astype(jnp.float32)


def _as_floats(images: jax.Array) -> jax.Array:
    return images if jnp.issubdtype(images.dtype, jnp.floating) else images.astype(keras.config.floatx())
