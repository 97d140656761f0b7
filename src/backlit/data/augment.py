"""Which changes of training images there are, how strong each may be, and what `augment={…}` means.

    augment={"rotation": 15, "shift": [0.0, 0.1]}   →   augment.rotation = 15.0, augment.shift = 0.0 or 0.1

Every change has one number, its *strength*, which is 0 where nothing is changed. In every step every training image is
changed anew, by an amount that is drawn between nothing and the strength. Images that validate or test are left alone.

    >>> read_augment({"rotation": 15, "shift": [0.0, 0.1]})
    {'augment.rotation': 15, 'augment.shift': [0.0, 0.1]}

Not for changing any image (see `backlit.engine.augmentation`): nothing here imports JAX.

Source:
    shorten-khoshgoftaar-2019 (which changes are common), zhang-2018-mixup, devries-taylor-2017 (cutout).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backlit.data.dataset import Dataset
from backlit.data.options import require_amount, require_choice
from backlit.errors import SettingError, did_you_mean
from backlit.language import Text, listed, text, verbatim

PREFIX = "augment."
FILL = "augment.fill"
FILLS = ("nearest", "reflect", "constant")


@dataclass(frozen=True)
class Transform:
    """One kind of change.

    Attributes:
        name: As `augment={name: strength}` has it.
        words: What it does, with the meaning of its strength.
        most: Largest strength allowed.
        example: A strength that is often good, for messages.
        needs_rgb: Whether it works on red, green and blue alone.
    """

    name: str
    words: Text
    most: int | float
    example: int | float
    needs_rgb: bool = False

    @property
    def setting(self) -> str:
        """The name of its strength among the settings of a member."""
        return PREFIX + self.name


TRANSFORMS: tuple[Transform, ...] = (
    Transform("flip_horizontal", text("mirrored left to right, with this probability"), 1, 0.5),
    Transform("flip_vertical", text("mirrored top to bottom, with this probability"), 1, 0.5),
    Transform("rotation", text("turned by up to so many degrees either way"), 180, 15),
    Transform("zoom_in", text("up to this share larger: 0.2 is up to 1.2 times as large"), 10, 0.2),
    Transform("zoom_out", text("up to this share smaller: 0.2 is down to 0.8 times as large"), 0.9, 0.2),
    Transform("crop", text("up to this share of height and width cut away, the rest enlarged"), 0.9, 0.2),
    Transform("shift", text("moved by up to this share of height and width, each way"), 1, 0.1),
    Transform("brightness", text("up to this share brighter or darker"), 1, 0.2),
    Transform("contrast", text("up to this share more or less contrast"), 1, 0.2),
    Transform("saturation", text("up to this share more or less colourful"), 1, 0.3, needs_rgb=True),
    Transform("hue", text("colours turned by up to this share of the colour circle, either way"), 0.5, 0.05, True),
    Transform("noise", text("noise added to each value: its standard deviation as a share of the range"), 1, 0.05),
    Transform("cutout", text("a rectangle blanked: its sides as a share of height and width"), 1, 0.3),
    Transform("mix_up", text("up to this share of another image, and of its target, mixed in"), 0.5, 0.4),
)
BY_NAME: dict[str, Transform] = {transform.name: transform for transform in TRANSFORMS}
STRENGTHS: tuple[str, ...] = tuple(transform.setting for transform in TRANSFORMS)
SETTINGS = (*STRENGTHS, FILL)


def read_augment(augment: Any) -> dict[str, Any]:
    """What the user asked for, as settings of members: `augment.rotation` and so on.

    Args:
        augment: Name to strength or to a list of strengths, and perhaps `fill`: what stands where nothing was,
            `nearest` (the border again and again), `reflect` or `constant` (the lowest value).

    Returns:
        Setting to value or values as they were given; their range is checked by `checked_augment`.

    Raises:
        SettingError: If it is no dictionary, or a name is unknown.
    """
    if augment is None:
        return {}
    if not isinstance(augment, Mapping):
        raise SettingError(
            "augment-kind",
            what=text("Reading `augment`"),
            expected=text("a dictionary of strengths by name"),
            received=text("`{value}`", value=repr(augment)),
            fix=text('Write for example `augment={{"rotation": 15, "shift": 0.1}}`.'),
        )
    for name in augment:
        if name not in (*BY_NAME, "fill"):
            raise SettingError(
                "augment-unknown",
                what=text("Reading `augment`"),
                expected=text("names of changes that images can undergo"),
                received=text("`{name}`", name=name),
                fix=did_you_mean(str(name), (*BY_NAME, "fill")),
            )
    return {PREFIX + name: value for name, value in augment.items()}


def checked_augment(name: str, value: object) -> float | str:
    """One value of a setting that begins with `augment.`.

    Args:
        name: One of `SETTINGS`.
        value: What the user gave.

    Returns:
        The strength as a float, or the name of the fill.

    Raises:
        SettingError: If it is not a number where one is needed, or out of range.
    """
    if name == FILL:
        return require_choice(name, value, FILLS)
    transform = BY_NAME[name.removeprefix(PREFIX)]
    try:
        return require_amount(name, value, most=transform.most)
    except SettingError as error:
        raise SettingError(
            "augment-strength",
            what=text("Reading `{name}`", name=name),
            expected=text("a number 0..{most} or a list of such numbers ({words})",
                          most=transform.most, words=transform.words),
            received=verbatim(repr(value)),
            fix=text("Write for example `augment={{\"{name}\": {example}}}`.",
                     name=transform.name, example=transform.example),
        ) from error  # fmt: skip


def require_images(settings: Iterable[str], data: Dataset) -> None:
    """Raise if images are to be changed and the data hold none that can be.

    Args:
        settings: Names of all settings that members have.
        data: What they train on.

    Raises:
        SettingError: If the inputs are no images, or have no colours where a change needs them.
    """
    wanted = [transform for transform in TRANSFORMS if transform.setting in set(settings)]
    if not wanted:
        return
    what = text("Changing training images by {names}", names=listed(f"`{transform.setting}`" for transform in wanted))
    shape = data.input_shape
    is_grey = len(shape) == 2
    if len(shape) != 3 or not np.issubdtype(data.inputs.dtype, np.number):
        raise SettingError(
            "augment-images",
            what=what,
            expected=text("images: inputs of height × width × channels"),
            received=text("`{name}`, whose inputs are {shape}", name=data.name, shape=shape),
            fix=text("If these are grey images, add an axis for the channel: `images[..., None]`.")
            if is_grey
            else text("Leave `augment` out; it has no meaning for these data."),
        )
    coloured = [transform for transform in wanted if transform.needs_rgb]
    if coloured and shape[-1] != 3:
        raise SettingError(
            "augment-colours",
            what=what,
            expected=text(
                "colour images of 3 channels, for {names}", names=listed(f"`{one.name}`" for one in coloured)
            ),
            received=text("`{name}`, whose inputs are {shape}", name=data.name, shape=shape),
            fix=text("Use `brightness` and `contrast`, which any image has."),
        )


def value_range(images: np.ndarray) -> tuple[float, float]:
    """The range of an image's values: the usual one that holds all of them, else their own.

    Which of 0 to 1, −1 to 1 and 0 to 255 it is hardly ever depends on which rows are asked; noise, brightness and
    contrast are measured in it, and no change leaves it.

    Args:
        images: Any number of training images.

    Returns:
        The lowest and the highest value, the second larger.

    Example:
        >>> value_range(np.array([0.0, 0.7])), value_range(np.array([-0.4, 0.7])), value_range(np.array([0, 200]))
        ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
        >>> value_range(np.array([-2.5, 2.0])), value_range(np.array([0, 16]))
        ((-2.5, 2.0), (0.0, 16.0))
    """
    finite = images[np.isfinite(images)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    for least, most in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)):
        fills_a_quarter = high - low >= (most - least) / 4  # ink counted from 0 to 16 is not out of 255
        if least <= low and high <= most and fills_a_quarter:
            return least, most
    return low, high if high > low else low + 1.0
