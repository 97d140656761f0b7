"""One picture file: each format and mode against pixels by hand, and files that are none."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from backlit.data.pictures import Unreadable, quiet_pillow, read_header, read_pixels

GREY = np.array([[1, 2, 3], [4, 5, 6]], np.uint8)
COLOURS = np.arange(18, dtype=np.uint8).reshape(2, 3, 3) * 10


@pytest.fixture
def saved(tmp_path):
    """Writes a picture and gives its path."""

    def save(pixels, name="picture.png", **options):
        path = tmp_path / name
        image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        image.save(path, **options)
        return path

    return save


def pixels_of(path, n_channels=1, size=None):
    with quiet_pillow():
        header = read_header(path)
        height, width = size or (header.height, header.width)
        found = read_pixels(path, height=height, width=width, n_channels=n_channels)
    return found[..., 0] if n_channels == 1 else found


def reason_of(path):
    with pytest.raises(Unreadable) as fault:
        pixels_of(path)
    assert fault.value.reason.say("zh") != str(fault.value.reason)
    return str(fault.value.reason)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.webp", "a.gif"])
def test_formats_without_loss_give_the_very_pixels(saved, name):
    options = {"lossless": True, "exact": True} if name.endswith("webp") else {}
    assert GREY.tolist() == pixels_of(saved(GREY, name, **options)).tolist()


def test_colours_stay_in_their_channels(saved):
    assert COLOURS.tolist() == pixels_of(saved(COLOURS), n_channels=3).tolist()
    assert COLOURS.tolist() == pixels_of(saved(COLOURS, "a.webp", lossless=True, exact=True), n_channels=3).tolist()


def test_jpeg_is_near(saved):
    flat = np.full((8, 8, 3), (200, 100, 50), np.uint8)
    near = pixels_of(saved(flat, "a.jpg", quality=95), n_channels=3).astype(int)
    assert np.abs(near - flat).max() <= 3


def test_a_grey_picture_in_colours_has_equal_channels(saved):
    red, green, blue = np.moveaxis(pixels_of(saved(GREY), n_channels=3), -1, 0)
    assert GREY.tolist() == red.tolist() == green.tolist() == blue.tolist()


def test_grey_of_colours_is_luma(saved):
    # ITU-R 601: 0.299 red + 0.587 green + 0.114 blue
    flat = np.full((2, 2, 3), (100, 200, 50), np.uint8)
    assert round(0.299 * 100 + 0.587 * 200 + 0.114 * 50) == pixels_of(saved(flat))[0, 0]


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [
        (1, GREY),
        (2, GREY[:, ::-1]),
        (3, GREY[::-1, ::-1]),
        (4, GREY[::-1]),
        (5, GREY.T),
        (
            6,
            np.array([[4, 1], [5, 2], [6, 3]]),
        ),  # a quarter to the right: the lower left corner comes to the upper left
        (7, GREY[::-1, ::-1].T),
        (8, np.array([[3, 6], [2, 5], [1, 4]])),
    ],
)
@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_exif_turns_upright(saved, orientation, upright, name):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(GREY, name, exif=exif, **({"lossless": True} if name == "a.webp" else {}))
    header = read_header(path)
    assert upright.shape == (header.height, header.width)
    assert (orientation != 1) == header.is_turned
    assert upright.tolist() == pixels_of(path).tolist()


def test_see_through_parts_lie_on_white(saved):
    # black at 128/255: 255 × (1 − 128/255) = 127
    half = np.array([[[0, 0, 0, 128], [0, 0, 0, 0], [9, 9, 9, 255]]], np.uint8)
    path = saved(half)
    assert read_header(path).has_alpha
    assert [[127, 255, 9]] == pixels_of(path, n_channels=3)[..., 0].tolist()
    grey = Image.fromarray(np.array([[[0, 0], [7, 255]]], np.uint8), "LA")
    assert [[255, 7]] == pixels_of(saved(grey)).tolist()


def test_palettes_with_and_without_a_see_through_colour(saved):
    image = Image.new("P", (2, 1))
    image.putpalette([200, 10, 20, 30, 40, 50])
    image.putpixel((1, 0), 1)
    assert [[[200, 10, 20], [30, 40, 50]]] == pixels_of(saved(image), n_channels=3).tolist()
    see_through = saved(image, "b.png", transparency=1)
    assert [[[200, 10, 20], [255, 255, 255]]] == pixels_of(see_through, n_channels=3).tolist()


def test_sixteen_bits_become_eight(saved):
    # v / 257 rounded: 257 is 1, 128 is 0.498 and so 0, 129 is 0.502 and so 1
    deep = np.array([[0, 257, 65535, 128, 129]], np.uint16)
    path = saved(deep)
    assert read_header(path).is_deep
    assert [[0, 1, 255, 0, 1]] == pixels_of(path).tolist()


def test_one_bit_and_cmyk(saved):
    bits = Image.new("1", (2, 1))
    bits.putpixel((1, 0), 1)
    assert [[0, 255]] == pixels_of(saved(bits)).tolist()
    red = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    path = saved(red, "a.jpg", quality=100)
    assert read_header(path).is_cmyk
    assert np.abs(pixels_of(path, n_channels=3).astype(int) - (255, 0, 0)).max() <= 4


def test_the_first_frame_of_a_moving_picture(saved):
    frames = [Image.fromarray(np.full((2, 2), value, np.uint8)) for value in (10, 200)]
    path = saved(frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert [[10, 10], [10, 10]] == pixels_of(path).tolist()


def test_another_shape_is_cut_at_both_ends(saved):
    wide = np.array([[0, 0, 10, 20, 0, 0]] * 2, np.uint8)
    assert [[10, 20]] * 2 == pixels_of(saved(wide), size=(2, 2)).tolist()
    assert [[10, 20]] * 2 == pixels_of(saved(wide.T.copy()), size=(2, 2)).T.tolist()


def test_large_pictures_are_scaled_by_mean_and_not_by_picking(saved):
    chess = np.indices((64, 64)).sum(0) % 2 * 255
    small = pixels_of(saved(chess.astype(np.uint8)), size=(4, 4))
    assert np.abs(small.astype(int) - 127).max() <= 2


def test_a_large_jpeg_is_unpacked_small_and_stays_near(saved):
    ramp = np.tile(np.linspace(0, 255, 1600).astype(np.uint8), (1600, 1))
    small = pixels_of(saved(ramp, "a.jpg"), size=(16, 16)).astype(float)
    # column i of 16 shows the mean of its sixteenth of the ramp: 255 × (i + 1/2) / 16; at the edges the filter is cut
    assert np.abs(small.mean(0) - 255 * (np.arange(16) + 0.5) / 16).max() <= 3


def bomb(path, width, height):
    """A PNG of 100 bytes that says it is that large."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00" * 100)))
    return path


@pytest.mark.parametrize(
    ("width", "height", "reason"),
    [
        (60_000, 1, "too large: 60000 × 1 pixels, at most 16,384 a side"),
        (60_000, 60_000, "too large: more than 50 million pixels"),
        (10_000, 10_000, "too large: more than 50 million pixels"),
        (8_000, 8_000, "too large: more than 50 million pixels"),
    ],
)
def test_bombs_are_told_by_their_header(tmp_path, width, height, reason):
    assert reason == reason_of(bomb(tmp_path / "bomb.png", width, height))


def test_what_is_no_picture(tmp_path, saved):
    whole = saved(np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8), "whole.png")
    cut = tmp_path / "cut.png"
    cut.write_bytes(whole.read_bytes()[:2000])
    assert "cut off before its end" == reason_of(cut)
    jpeg = saved(np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8), "whole.jpg")
    cut.write_bytes(jpeg.read_bytes()[:2000])
    assert "cut off before its end" == reason_of(cut)
    nothing = tmp_path / "nothing.png"
    nothing.touch()
    assert "empty (0 bytes)" == reason_of(nothing)
    words = tmp_path / "words.png"
    words.write_text("no picture")
    assert reason_of(words).startswith("no PNG, JPEG, WebP, BMP or GIF picture")
    assert "not there" == reason_of(tmp_path / "gone.png")
    assert "no ordinary file" == reason_of(tmp_path)
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    assert "no ordinary file" == reason_of(pipe)
    damaged = bytearray(whole.read_bytes())
    damaged[60] ^= 0xFF  # in the packed pixels: their checksum no longer fits
    broken = tmp_path / "broken.png"
    broken.write_bytes(damaged)
    assert reason_of(broken).startswith("broken: ")


def test_formats_that_are_not_let_near(saved):
    assert reason_of(saved(GREY, "a.tiff")).startswith("no PNG")
