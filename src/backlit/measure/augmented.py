"""What a run's augmentation makes of one training picture: the picture, and versions of it as training sees them.

The changes are computed by the same functions as in training, with the strengths of the best member. Where pictures are
mixed, each version is mixed with another picture.

Not for enlarging data.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from backlit.data.augment import FILL, PREFIX, STRENGTHS
from backlit.engine.augmentation import augmented
from backlit.measure.shown import Shown, shown_member
from backlit.measure.subject import AbstractSubject

N_VERSIONS = 15


@dataclass(frozen=True, eq=False)
class AugmentedPicture:
    """One picture and what training makes of it.

    Attributes:
        original: As it is in the data.
        versions: Changed.
        strengths: Name of each change to its strength, those at work.
        shown: Whose strengths.
    """

    original: Float[np.ndarray, "height width channel"]
    versions: Float[np.ndarray, "version height width channel"]
    strengths: Mapping[str, float]
    shown: Shown


def augmented_picture(subject: AbstractSubject, *, n: int = N_VERSIONS) -> AugmentedPicture | None:
    """Changes the first training picture as the run does.

    Args:
        subject: A run.
        n: How many versions.

    Returns:
        The versions; None where the run changes no pictures.
    """
    shown = shown_member(subject)
    [own] = subject.members.rows(named=True)[shown.member : shown.member + 1]
    settings = {**subject.experiment.settings, **own}
    strengths = {name.removeprefix(PREFIX): float(settings[name]) for name in STRENGTHS if settings.get(name)}
    rows = subject.data_of(shown.member).splits.train
    if not strengths or not len(rows):
        return None
    inputs = subject.data_of(shown.member).inputs
    original = np.asarray(inputs[rows[0]], np.float64)
    others = inputs[np.resize(rows[1:], n)] if len(rows) > 1 else np.repeat(inputs[rows[:1]], n, axis=0)
    # Each version is followed by another picture, because training mixes a picture with the next of its batch.
    batch = np.stack([np.repeat(inputs[rows[:1]], n, axis=0), others], 1).reshape(2 * n, *original.shape)
    fill = {"fill": settings[FILL]} if FILL in settings else {}
    versions = augmented(batch, {**strengths, **fill})[::2]
    return AugmentedPicture(original, np.asarray(versions, np.float64), strengths, shown)
