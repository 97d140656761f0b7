"""What the changes make of some images, to be looked at: computed by the same functions as in training.

Not for enlarging a data set: in training every step changes its images anew, for nothing.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import keras
import numpy as np

from backlit.data import Dataset, from_arrays, load
from backlit.data.augment import FILL, checked_augment, read_augment, require_images
from backlit.data.options import require_count, require_seed
from backlit.engine.augmentation.augmentation import Augmentation, augmentation_of, member_ranges
from backlit.errors import SettingError
from backlit.language import text, verbatim

N_VERSIONS = 8
_MOST_CHANNELS = 4  # of one image; more is a stack of images without channels


def augmented(data: Any, augment: Any, *, n: int | None = None, seed: int = 0, step: int = 0) -> np.ndarray:
    """Images as a training with `augment` would see them.

    Training rows of a data set are changed as the member with this seed would change them if they were its batch in
    this step. With `mix_up`, each image is mixed with the next, the last with the first.

    Args:
        data: A data set or its name, whose training rows are taken; images (sample, height, width, channel); or one
            image (height, width, channel), of which `n` versions are made.
        augment: As for `fit`, without lists.
        n: How many images; None takes all, or 8 versions of one.
        seed: Of the draws.
        step: Steps done before.

    Returns:
        The changed images, (sample, height, width, channel).

    Raises:
        SettingError: If the data are no images, or `augment` is wrong.

    Example:
        >>> import numpy as np
        >>> bright = np.ones((2, 2, 1), "float32")
        >>> augmented(bright, {"cutout": 1.0}, n=3).shape
        (3, 2, 2, 1)
    """
    settings = read_augment(augment)
    for name, value in settings.items():
        if isinstance(value, list | tuple | np.ndarray):
            raise SettingError(
                "augment-preview-list",
                what=text("Changing some images"),
                expected=text("one value of `{name}`", name=name),
                received=verbatim(repr(value)),
                fix=text("Call it once for each value."),
            )
    checked = {name: checked_augment(name, value) for name, value in settings.items()}
    images, of_range = _images(data, settings, n)
    structure = {name: value for name, value in checked.items() if name == FILL}
    strengths = {name: np.float32(value) for name, value in checked.items() if name != FILL and value}
    augmentation = augmentation_of(strengths, structure)
    if augmentation is None:
        return np.array(images)
    member = {name: values[0] for name, values in member_ranges(of_range, [require_seed(seed)]).items()}
    n_before = np.int32(require_count("step", step, least=0))
    return np.asarray(_changed(augmentation, np.asarray(images, keras.config.floatx()), member, n_before, strengths))


# Looked at once: worth compiling fast.
@partial(jax.jit, static_argnums=0, compiler_options={"xla_backend_optimization_level": 1})
def _changed(augmentation: Augmentation, images: Any, member: Any, step: Any, strengths: Any) -> jax.Array:
    inputs, drawn = augmentation.drawn(images, images[:, 0, 0, 0], member=member, step=step, settings=strengths)
    return augmentation.changed(inputs, drawn, strengths)


def _images(data: Any, settings: Mapping[str, Any], n: int | None) -> tuple[np.ndarray, np.ndarray]:
    """The images that are to be changed, and those that tell the range of their values."""
    n = None if n is None else require_count("n", n)
    if isinstance(data, np.ndarray):
        is_one = data.ndim == 3 and data.shape[-1] <= _MOST_CHANNELS
        if is_one:
            data = np.repeat(data[None], N_VERSIONS if n is None else n, axis=0)
        dataset = from_arrays(data, np.zeros(len(data), np.float32), task="regression", name="images")
    else:
        dataset = data if isinstance(data, Dataset) else load(data)
    require_images(settings, dataset)
    rows = dataset.train[0]
    return rows[:n], rows
