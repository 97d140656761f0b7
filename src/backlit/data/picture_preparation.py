"""What every picture goes through before a network sees it, kept with the model.

    a folder  --encode-->  bytes 0..255 of one size, grey or colour  --apply / Rescaling-->  0..1

Nothing is fitted: the size and the colours were chosen when the training pictures were read, and new pictures are
brought to the same. A saved model takes bytes, as every picture library gives them.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float, Shaped, UInt8

from backlit.data.image_files import files_in, name_below
from backlit.data.pictures import Unreadable, quiet_pillow, read_pixels
from backlit.data.preparation import AbstractPreparation, Coded, Rejected, require_coded_shape
from backlit.errors import DataError
from backlit.language import Text, text

SCALE = 1 / 255
MOST_THREADS = 4

MOST_BYTES = 2 * 2**30
"""Of all pictures together as float32: all are held in memory, and on the device too. Source: ours."""


@dataclass(frozen=True)
class PicturePreparation(AbstractPreparation):
    """Size and colours that all pictures are brought to; the coded numbers are bytes as float32.

    Attributes:
        height: Pixels.
        width: Pixels.
        n_channels: 1 for grey, 3 for red, green, blue.
    """

    height: int
    width: int
    n_channels: int

    kind: ClassVar[str] = "pictures"

    def encode(self, source: Any) -> Coded:
        """All pictures of a folder and of those below it, or one picture.

        Args:
            source: The path.

        Returns:
            The pictures that can be read, in the order of their names, and the other files with their reasons.

        Raises:
            DataError: If not one picture can be read.
        """
        place = Path(source).expanduser()
        if place.is_dir():
            files, rejected = files_in(place)
            names = [name_below(path, place) for path in files]
        else:
            files, rejected, names = [place], [], [place.name]
        require_memory(len(files), self, place)
        places, pixels = [], []
        for name, read in zip(names, read_all(files, self), strict=True):
            if isinstance(read, Text):
                rejected.append(Rejected(name, read))
            else:
                places.append(name)
                pixels.append(read)
        if not pixels:
            raise DataError(
                "pictures-none",
                what=text("Reading the pictures in `{path}`", path=place),
                expected=text("at least 1 picture (PNG, JPEG, WebP, BMP or GIF)"),
                received=text(
                    "{n} files that are none, first `{place}`: {reason}",
                    n=len(rejected),
                    place=rejected[0].place,
                    reason=rejected[0].reason,
                )
                if rejected
                else text("none"),
                fix=text("Check the path."),
            )
        return Coded(np.stack(pixels).astype(np.float32), tuple(places), "file", tuple(rejected))

    def apply(self, coded: Shaped[np.ndarray, "..."]) -> Float[np.ndarray, "sample height width channel"]:
        """Bytes, brought to 0 (black) to 1 (white).

        Args:
            coded: 0 to 255.

        Returns:
            float32, by the multiplication that Keras's Rescaling does.
        """
        rows = np.asarray(coded)
        require_coded_shape(rows, self.coded_shape)
        return np.multiply(rows, np.float32(SCALE), dtype=np.float32)

    def as_layers(self, coded: Any) -> Any:
        """`apply` as Keras's Rescaling.

        Args:
            coded: A symbolic tensor of bytes.

        Returns:
            0 to 1.
        """
        import keras

        return keras.layers.Rescaling(SCALE, name="bytes_to_0_1")(coded)

    def on(self, coded: Shaped[np.ndarray, "sample ..."]) -> "PicturePreparation":  # noqa: ARG002  nothing is fitted
        """Itself: nothing depends on which rows train.

        Args:
            coded: Any.

        Returns:
            The same.
        """
        return self

    @property
    def coded_shape(self) -> tuple[int, ...]:
        """Height, width, channels."""
        return (self.height, self.width, self.n_channels)

    @property
    def coded_dtype(self) -> str:
        """Bytes, as numbers that layers take."""
        return "float32"

    def describe(self) -> Text:
        """What is done to the pictures."""
        return text("Inputs: pixels from 0 (black) to 1 (white)")

    def to_json(self) -> dict[str, Any]:
        """Size and channels."""
        return {"height": self.height, "width": self.width, "n_channels": self.n_channels}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "PicturePreparation":
        """What `to_json` wrote.

        Args:
            plain: Size and channels.

        Returns:
            The preparation.
        """
        return cls(int(plain["height"]), int(plain["width"]), int(plain["n_channels"]))


def read_all(paths: list[Path], size: PicturePreparation) -> Iterator[UInt8[np.ndarray, "height width channel"] | Text]:
    """The pictures one after another, some unpacked at the same time.

    Args:
        paths: Of the files.
        size: What they are brought to.

    Yields:
        The pixels of a file, or why it cannot be read.
    """

    def read(path: Path) -> np.ndarray | Text:
        try:
            return read_pixels(path, height=size.height, width=size.width, n_channels=size.n_channels)
        except Unreadable as fault:
            return fault.reason

    with quiet_pillow(), ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS)) as pool:
        yield from pool.map(read, paths)


def require_memory(n_pictures: int, size: PicturePreparation, place: Path) -> None:
    """Raise before so many pictures are read that memory would not hold them.

    Args:
        n_pictures: How many.
        size: Of each.
        place: Where they are, for the message.

    Raises:
        DataError: If they take more than `MOST_BYTES`.
    """
    n_bytes = 4 * n_pictures * size.height * size.width * size.n_channels
    if n_bytes <= MOST_BYTES:
        return
    smaller = int(max(size.height, size.width) * (MOST_BYTES / n_bytes) ** 0.5)
    raise DataError(
        "pictures-memory",
        what=text("Reading the pictures in `{path}`", path=place),
        expected=text("at most {most:.1f} GB in memory", most=MOST_BYTES / 1e9),
        received=text(
            "{n:,} pictures of {height} × {width} × {channels}: {size:.1f} GB",
            n=n_pictures,
            height=size.height,
            width=size.width,
            channels=size.n_channels,
            size=n_bytes / 1e9,
        ),
        fix=text("Make them smaller (`size={size}`), or give fewer.", size=max(smaller, 1)),
    )
