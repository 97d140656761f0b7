"""A grid of small images as a moving figure: kernels, feature maps, excited inputs, pictures.

    tiles = [Tile(kernel, label=Words(en="1", zh="1")) for kernel in kernels]
    image_grid("kernels", title=…, tiles=tiles, value_range=(-1, 1))

With a range that begins below zero one channel is blue and orange around zero, else grey. Two channels are shown as
their mean, of four the first three.

Not for the drawing itself, which `es/image_grid.js` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backlit.language import Language, Words
from backlit.views.moving import Moving
from backlit.views.short_numbers import short_numbers

MOST_TOLD = 4  # labels that the alternative reads out


@dataclass(frozen=True, eq=False)
class Tile:
    """One image.

    Attributes:
        pixels: (height, width) or (height, width, channel).
        label: Below it.
        note: What is told when it is chosen, or None.
        value_range: Of its colours; None for that of the grid.
    """

    pixels: np.ndarray
    label: Words
    note: Words | None = None
    value_range: tuple[float, float] | None = None


def image_grid(
    name: str,
    *,
    title: Words,
    tiles: Sequence[Tile],
    about: Words,
    value_range: tuple[float, float] | None = None,
    columns: int = 8,
) -> Moving:
    """Makes a grid.

    Args:
        name: Of the figure.
        title: What it shows.
        tiles: At least one; all of one size.
        about: What the images are, for whoever cannot see them.
        value_range: Lowest and highest value of the colours; None lets each image use its own.
        columns: Most images side by side.

    Returns:
        The figure.
    """
    shown = [_shown(tile.pixels) for tile in tiles]
    height, width, channels = shown[0].shape
    images = [
        {
            "pixels": short_numbers(pixels.reshape(-1)),
            "label": {"en": tile.label.en, "zh": tile.label.zh},
            **({} if tile.note is None else {"note": {"en": tile.note.en, "zh": tile.note.zh}}),
            **({} if tile.value_range is None else {"range": short_numbers(tile.value_range)}),
        }
        for tile, pixels in zip(tiles, shown, strict=True)
    ]
    data = {
        "images": images,
        **{"height": height, "width": width, "channels": channels},
        "range": None if value_range is None else short_numbers(value_range),
        "columns": columns,
    }
    alternative = Words(en=_told("en", title, about, tiles, shown), zh=_told("zh", title, about, tiles, shown))
    return Moving("image_grid", name, title=title, data=data, alternative=alternative)


def signed_range(values: np.ndarray) -> tuple[float, float]:
    """A range around zero that holds all values.

    Args:
        values: Any.

    Returns:
        The largest size below and above zero; 1 where all are zero.
    """
    most = float(np.abs(values).max(initial=0.0)) or 1.0
    return -most, most


def own_range(values: np.ndarray) -> tuple[float, float]:
    """The range of some values: around zero where some lie below it, else from the lowest to the highest.

    Args:
        values: Any, at least one.

    Returns:
        Lowest and highest value.
    """
    low, high = float(values.min()), float(values.max())
    return signed_range(values) if low < 0 else (low, high if high > low else low + 1.0)


def _shown(pixels: np.ndarray) -> np.ndarray:
    pixels = np.asarray(pixels, np.float64)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if pixels.shape[-1] >= 3:
        return pixels[..., :3]
    return pixels.mean(-1, keepdims=True)


def _told(spoken: Language, title: Words, about: Words, tiles: Sequence[Tile], shown: Sequence[np.ndarray]) -> str:
    height, width, _ = shown[0].shape
    labels = [tile.label.say(spoken) for tile in tiles[:MOST_TOLD]]
    more = "" if len(tiles) <= MOST_TOLD else ", …" if spoken == "en" else "……"
    if spoken == "en":
        size = f"{len(tiles)} images of {height} × {width} pixels: {', '.join(labels)}{more}."
        return f"{title.en}. {about.en} {size}"
    return f"{title.zh}。{about.zh}{len(tiles)} 幅 {height} × {width} 像素的图：{'、'.join(labels)}{more}。"
