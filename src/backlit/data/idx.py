"""The IDX format of the MNIST family: a short header, then bytes.

offset 0   0, 0, 8 (unsigned bytes), number of axes d
offset 4   d sizes, four bytes each, largest first
then       the values, last axis fastest

>>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]), name="two labels").tolist()
[7, 9]
"""

import gzip
import zlib
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from backlit.errors import DataError
from backlit.language import Text, text, verbatim


def read_idx(path: Path) -> UInt8[np.ndarray, "..."]:
    """The array in a gzipped IDX file.

    Args:
        path: The file, ending `.gz`.

    Returns:
        Unsigned bytes in the file's shape.

    Raises:
        DataError: If the file cannot be unpacked.
    """
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as fault:
        raise DataError(
            "idx-damaged", **_damage(str(path), expected=text("a gzipped file"), received=verbatim(fault))
        ) from fault
    return parse_idx(content, name=str(path))


def parse_idx(content: bytes, *, name: str) -> UInt8[np.ndarray, "..."]:
    """The array in the bytes of an IDX file.

    Args:
        content: The file, unpacked.
        name: Of the file, for messages.

    Returns:
        Unsigned bytes in the file's shape.

    Raises:
        DataError: If the header is another one, or bytes are missing.
    """
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise DataError(
            "idx-damaged",
            **_damage(
                name,
                expected=text("an IDX file of bytes, starting 00 00 08"),
                received=text("`{start}`", start=content[:4].hex(" ")),
            ),
        )
    n_axes = content[3]
    shape = tuple(int(size) for size in np.frombuffer(content[4 : 4 + 4 * n_axes], ">u4"))
    values = np.frombuffer(content, np.uint8, offset=min(4 + 4 * n_axes, len(content)))
    if len(shape) != n_axes or values.size != np.prod(shape, dtype=np.int64):
        raise DataError(
            "idx-damaged",
            **_damage(
                name,
                expected=text("{n} values for shape {shape}", n=int(np.prod(shape, dtype=np.int64)), shape=shape),
                received=text("{n} values", n=values.size),
            ),
        )
    return values.reshape(shape)


def _damage(name: str, *, expected: Text, received: Text) -> dict[str, Text]:
    """The four parts of the message."""
    return {
        "what": text("Reading `{path}`", path=name),
        "expected": expected,
        "received": received,
        "fix": text("Fetch the file again; it is damaged or another format."),
    }
