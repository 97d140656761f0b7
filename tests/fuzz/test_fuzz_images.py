"""A thousand damaged pictures, each in a folder of sound ones: read, or rejected and counted; no traceback, no hang."""

import io
import struct
import zlib
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from tests.fuzz.limits import Reader, require_sound
from tests.fuzz.mutations import case_numbers, mutated

WORDS = (
    b"\xff\xd8\xff", b"\xff\xda", b"\xff\xc0", b"\xff\xc4", b"\x89PNG\r\n\x1a\n", b"IHDR", b"IDAT", b"IEND", b"tRNS",
    b"acTL", b"eXIf", b"RIFF", b"WEBPVP8 ", b"VP8L", b"VP8X", b"Exif\x00\x00MM\x00*", b"\x00\x00\xea\x60",
    b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x00\x00\x00\x00",
)  # fmt: skip
"""Beginnings of parts, and numbers that sizes are made of; 0xea60 is 60,000."""


SIDE = 64  # large enough that most edits hit pixels, and not the beginning


def specimens():
    """Valid pictures of several kinds, by their ending."""
    random = np.random.default_rng(0)
    ramp = np.linspace(0, 255, SIDE * SIDE * 3).reshape(SIDE, SIDE, 3).astype(np.uint8)
    noise = random.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    alpha = np.dstack([ramp, noise[..., 0]])
    kinds = [
        ("png", Image.fromarray(ramp), {}),
        ("png", Image.fromarray(alpha), {"exif": exif}),
        ("png", Image.fromarray(noise).convert("P"), {"transparency": 3}),
        ("jpg", Image.fromarray(ramp), {"exif": exif}),
        ("jpg", Image.fromarray(noise[..., 0]), {"progressive": True}),
        ("jpg", Image.fromarray(noise).convert("CMYK"), {}),
        ("webp", Image.fromarray(ramp), {}),
        ("webp", Image.fromarray(alpha), {"lossless": True}),
    ]
    found = []
    for ending, image, options in kinds:
        buffer = io.BytesIO()
        image.save(buffer, {"jpg": "JPEG"}.get(ending, ending.upper()), **options)
        found.append((ending, buffer.getvalue()))
    return found


def with_sums(damaged):
    """A PNG whose checksums fit again, so that what they guard is read."""
    whole, place = bytearray(damaged[:8]), 8
    while place + 12 <= len(damaged):
        [length] = struct.unpack(">I", damaged[place : place + 4])
        part = damaged[place + 4 : place + 8 + length]
        whole += damaged[place : place + 4] + part + struct.pack(">I", zlib.crc32(part))
        place += 12 + length
    return bytes(whole) + damaged[place:]


def is_unpacked(outcome):
    """Whether the damaged picture got past its beginning, to where pixels are unpacked, or was read."""
    return not outcome.words.startswith(("no PNG", "empty", "too large", "no pixels"))


@pytest.mark.slow
def test_damaged_pictures_end_well(tmp_path):
    valid = specimens()
    for name in ("a/1.png", "a/2.png", "b/1.png", "b/2.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((24, 24), len(name) + ord(name[2]), np.uint8)).save(tmp_path / name)
    outcomes = {}
    with Reader() as reader:
        for number in case_numbers():
            ending, content = valid[np.random.default_rng(number).integers(len(valid))]
            place = tmp_path / "b" / f"damaged.{ending}"
            damaged = mutated(content, number, words=WORDS)
            place.write_bytes(with_sums(damaged) if ending == "png" and number % 20 == 0 else damaged)
            outcomes[number] = reader.load(tmp_path, validation_split=0, test_split=0)
            place.unlink()
    print(Counter(one.words.split(":")[0] or one.kind for one in outcomes.values()))
    assert {"loaded"} == {one.kind for one in outcomes.values() if one.kind not in ("fault", "hang", "crash")}
    require_sound(outcomes, is_past=is_unpacked)


def test_a_case_is_always_the_same_and_never_the_valid_file():
    valid = b"a valid file of some bytes" * 10
    cases = [mutated(valid, number, words=WORDS) for number in range(50)]
    assert cases == [mutated(valid, number, words=WORDS) for number in range(50)]
    assert len(set(cases)) == 50
    assert valid not in cases
