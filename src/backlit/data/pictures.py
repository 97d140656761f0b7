"""One picture file as numbers: bytes from 0 (black) to 255 (white), upright, of the size that is asked for.

| in the file | what becomes of it |
| --- | --- |
| PNG, JPEG, WebP, BMP, GIF | told by the content and not by the ending; of moving pictures the first frame |
| turned by its EXIF entry | turned upright |
| see-through parts | laid on white |
| palette, CMYK (without its colour profile) | red, green, blue |
| 16 bits of grey | 8 bits: value / 257, rounded |
| another size | scaled until the smaller side fits, then cut equally from both ends of the larger |

A file that is no picture, is broken, or is a bomb (small on disk, huge in memory) raises `Unreadable` with the reason.
It takes neither long nor much memory: sizes are looked at before anything is unpacked.

Not for folders of pictures: see `images.py`.
"""

import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL import WebPImagePlugin as WebPImagePlugin  # Pillow would import all its formats to find this one

from backlit.language import Text, text, verbatim

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
"""What is read; other decoders of Pillow are not let near files from elsewhere."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".gif")
"""Endings of these formats."""

MOST_SIDE = 16_384
"""Pixels of the longer side. Source: ours; the largest that WebP can hold, and no camera's."""

MOST_PIXELS = 50_000_000
"""Pixels in all. Source: ours; a telephone's 48 million fit, and unpacking one takes less than 0.8 GB."""

LARGE_PIXELS = 4_000_000
"""Larger pictures are unpacked one at a time, whatever the number of threads. Source: ours."""

_ORIENTATION = 0x0112  # of EXIF; its values from 2 on say what brings the picture upright, from 5 on by a quarter
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_GREY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "F")
_unpacks_large = threading.Lock()


class Unreadable(Exception):
    """A file that is not read as a picture.

    Args:
        reason: Why, in both languages.
    """

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(str(reason))


@dataclass(frozen=True)
class Header:
    """What a picture says of itself, before its pixels are unpacked.

    Attributes:
        format: One of `FORMATS`.
        height: Pixels, once it stands upright.
        width: As above.
        is_grey: Whether it holds no colours.
        is_turned: Whether an EXIF entry says that it is to be turned or mirrored.
        has_alpha: Whether it has see-through parts.
        is_deep: Whether grey has 16 bits.
        is_cmyk: Whether its colours are a printer's.
    """

    format: str
    height: int
    width: int
    is_grey: bool
    is_turned: bool
    has_alpha: bool
    is_deep: bool
    is_cmyk: bool


def read_header(path: Path) -> Header:
    """Size and kind of a picture.

    Args:
        path: The file.

    Returns:
        What stands at its beginning; the pixels may still turn out to be broken.
    """
    with _opened(path) as image:
        # For a PNG without it at the beginning, Pillow would unpack the whole picture to look behind the pixels.
        orientation = _orientation(image) if "exif" in image.info else 1
        width, height = image.size if orientation < 5 else image.size[::-1]
        return Header(
            format="JPEG" if image.format == "MPO" else str(image.format),
            height=height,
            width=width,
            is_grey=image.mode in _GREY_MODES,
            is_turned=orientation > 1,
            has_alpha=image.has_transparency_data,
            is_deep=image.mode.startswith("I"),
            is_cmyk=image.mode == "CMYK",
        )


def read_pixels(path: Path, *, height: int, width: int, n_channels: int) -> UInt8[np.ndarray, "height width channel"]:
    """The pixels of a picture, upright and in the size that is asked for.

    Args:
        path: The file.
        height: Pixels.
        width: Pixels.
        n_channels: 1 for grey, 3 for red, green, blue.

    Returns:
        Bytes.
    """
    with _opened(path) as image:
        is_large = image.size[0] * image.size[1] > LARGE_PIXELS
        with _unpacks_large if is_large else nullcontext():
            pixels = _unpacked(image, height=height, width=width, is_grey=n_channels == 1)
            image.close()  # gives its memory back before the next large one is unpacked
        return pixels.reshape(height, width, n_channels)


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Turns Pillow's warnings about odd files off, and the one about bombs into an error.

    Filters belong to the whole process, so this stands around all reading and not in each thread.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The picture, not yet unpacked; whatever goes wrong while it is used is `Unreadable`."""
    try:
        _require_file(path)
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            _require_size(*image.size)
            yield image
    except Unreadable:
        raise
    except UnidentifiedImageError:
        raise Unreadable(text("no PNG, JPEG, WebP, BMP or GIF picture, or broken at its beginning")) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable(text("too large: more than {most} million pixels", most=MOST_PIXELS // 10**6)) from None
    except FileNotFoundError:
        raise Unreadable(text("not there")) from None
    except PermissionError:
        raise Unreadable(text("may not be read")) from None
    except (
        Exception
    ) as fault:  # a damaged file takes Pillow's decoders anywhere: struct.error, KeyError, MemoryError, …
        raise Unreadable(_broken(fault)) from fault


def _require_file(path: Path) -> None:
    """Raise for what is no file with content: opening a pipe would wait for ever.

    Raises:
        Unreadable: If it is none.
    """
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise Unreadable(text("no ordinary file"))
    if not state.st_size:
        raise Unreadable(text("empty (0 bytes)"))


def _require_size(width: int, height: int) -> None:
    """Raise for a picture that would take too much memory.

    Raises:
        Unreadable: If it is too large, or has no pixels.
    """
    if width < 1 or height < 1:
        raise Unreadable(text("no pixels ({width} × {height})", width=width, height=height))
    if max(width, height) > MOST_SIDE:
        words = text("too large: {width} × {height} pixels, at most {most:,} a side",
                     width=width, height=height, most=MOST_SIDE)  # fmt: skip
        raise Unreadable(words)
    if width * height > MOST_PIXELS:
        raise Unreadable(text("too large: more than {most} million pixels", most=MOST_PIXELS // 10**6))


def _broken(fault: Exception) -> Text:
    words = str((isinstance(fault, OSError) and fault.strerror) or fault).strip().splitlines()
    if words and "truncated" in words[0].lower():
        return text("cut off before its end")
    return text("broken: {fault}", fault=verbatim(words[0][:100] if words else type(fault).__name__))


def _unpacked(image: Image.Image, *, height: int, width: int, is_grey: bool) -> np.ndarray:
    # A JPEG can be unpacked at a half, a quarter or an eighth of its size; twice ours leaves enough to scale.
    enough = 2 * max(height, width)
    image.draft(image.mode, (enough, enough))
    image.load()
    orientation = _orientation(image)
    upright = image if orientation == 1 else image.transpose(_UPRIGHT[orientation])
    small = ImageOps.fit(_plain(upright, is_grey=is_grey), (width, height), Image.Resampling.BILINEAR)
    return np.array(_on_white(small, "L" if is_grey else "RGB"), np.uint8)


def _orientation(image: Image.Image) -> int:
    """1 for upright, else a key of `_UPRIGHT`; a broken entry says nothing."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # as above: whatever the damage led to
        return 1
    return found if isinstance(found, int) and found in _UPRIGHT else 1


def _plain(image: Image.Image, *, is_grey: bool) -> Image.Image:
    """The picture in grey or colours of 8 bits, see-through parts kept."""
    if image.mode.startswith("I"):
        deep = np.asarray(image).clip(0, 65_535).astype(np.uint32)
        deep += 128
        deep //= 257
        return Image.fromarray(deep.astype(np.uint8))
    mode = "RGBA" if image.has_transparency_data else "L" if is_grey else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _on_white(image: Image.Image, mode: str) -> Image.Image:
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image)
    return image if image.mode == mode else image.convert(mode)
