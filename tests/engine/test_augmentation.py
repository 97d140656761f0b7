"""Each change of an image against Pillow, SciPy or the standard library, on one picture; and what they share."""

import colorsys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scipy import ndimage

import backlit as bl
from backlit.data import load
from backlit.data.augment import TRANSFORMS
from backlit.engine.augmentation import Augmentation
from backlit.engine.augmentation.draws import COLUMNS, N_COLUMNS, draw_bits, either_way, uniform
from backlit.engine.augmentation.geometry import affine_of, moved
from backlit.errors import SettingError

ROUNDING = 1e-5  # of float32, over the dozen operations of a bilinear mean
EXAMPLES = {transform.name: transform.example for transform in TRANSFORMS}


def picture(height=20, width=27):
    """A colour picture without symmetry, from 0 to 1."""
    drawn = load("shapes", n=12, size=32, noise=0).inputs[7]
    return np.ascontiguousarray(drawn[4 : 4 + height, 3 : 3 + width])


def bits(**draws):
    """Draws of one example: for each transform numbers from 0 to 1, in the order of its columns; 0 for the others."""
    row = np.zeros((1, N_COLUMNS), np.uint32)
    for name, values in draws.items():
        for column, value in zip(COLUMNS[name], np.atleast_1d(values), strict=True):
            row[0, column] = min(int(value * 2**32), 2**32 - 1)
    return jnp.asarray(row)


def changed(image, *, fill="nearest", low=0.0, high=1.0, strengths, **draws):
    augmentation = Augmentation(tuple(strengths), fill)
    drawn = {"bits": bits(**draws), "low": jnp.full(1, low), "high": jnp.full(1, high)}
    settings = {f"augment.{name}": jnp.float32(value) for name, value in strengths.items()}
    result = jax.jit(augmentation.changed)(jnp.asarray(image[None], jnp.float32), drawn, settings)
    return np.asarray(result[0])


def by_channel(function, image):
    """A function of grey pictures on each channel of a colour picture."""
    return np.stack([function(image[..., channel]) for channel in range(image.shape[-1])], axis=-1)


def through_pillow(image, function):
    """What Pillow makes of it, with floats for values."""
    return by_channel(lambda grey: np.asarray(function(Image.fromarray(grey))), image)


def in_bytes(image):
    return Image.fromarray(np.round(image * 255).astype(np.uint8))


def from_bytes(image):
    return np.asarray(image) / 255


# Geometry


def test_flips_mirror_exactly():
    image = picture()
    assert np.array_equal(image[:, ::-1], changed(image, strengths={"flip_horizontal": 1.0}, flip_horizontal=0.7))
    assert np.array_equal(image[::-1], changed(image, strengths={"flip_vertical": 1.0}, flip_vertical=0.7))
    both = changed(image, strengths={"flip_vertical": 0.5, "flip_horizontal": 0.5})  # draws of 0 are below 0.5
    assert np.array_equal(image[::-1, ::-1], both)
    assert np.array_equal(image, changed(image, strengths={"flip_horizontal": 0.5}, flip_horizontal=0.5))


def test_rotation_turns_as_pillow_does():
    image = picture()
    mine = changed(image, strengths={"rotation": 40.0}, rotation=0.875)  # 40 · (2 · 0.875 − 1) = 30 degrees
    theirs = through_pillow(image, lambda grey: grey.rotate(30, Image.Resampling.BILINEAR))
    middle = np.s_[6:14, 6:21]  # within half a side of the middle, where no corner of Pillow's is cut off
    np.testing.assert_allclose(mine[middle], theirs[middle], atol=ROUNDING)
    assert np.abs(mine - image)[middle].max() > 0.1


def test_a_quarter_turn_is_exact_up_to_the_sine_of_a_right_angle():
    image = picture(21, 21)
    mine = changed(image, strengths={"rotation": 180.0}, rotation=0.75)  # 90 degrees counter-clockwise
    np.testing.assert_allclose(mine, np.rot90(image), atol=ROUNDING)


def test_zoom_in_and_crop_enlarge_as_pillow_does():
    image = picture()
    height, width = image.shape[:2]

    def enlarged(box):
        return through_pillow(image, lambda grey: grey.resize((width, height), Image.Resampling.BILINEAR, box=box))

    # Enlarged 1 + 1.5 · 2/3 = 2 times: the middle half is shown.
    mine = changed(image, strengths={"zoom_in": 1.5}, zoom_in=2 / 3)
    np.testing.assert_allclose(mine, enlarged((width / 4, height / 4, 3 * width / 4, 3 * height / 4)), atol=ROUNDING)
    # 1 − 0.5 · 0.8 = 0.6 of each side; 0.25 of the way down what is left of the height, 0.75 across.
    mine = changed(image, strengths={"crop": 0.5}, crop=(0.8, 0.25, 0.75))
    top, left = 0.25 * 0.4 * height, 0.75 * 0.4 * width
    expected = enlarged((left, top, left + 0.6 * width, top + 0.6 * height))
    np.testing.assert_allclose(mine, expected, atol=ROUNDING)


@pytest.mark.parametrize(
    ("fill", "mode"), [("nearest", "nearest"), ("reflect", "reflect"), ("constant", "grid-constant")]
)
def test_shift_zoom_out_and_all_together_are_what_scipy_reads(fill, mode):
    image = picture()
    height, width = image.shape[:2]

    def read(matrix, offset):
        return by_channel(
            lambda grey: ndimage.affine_transform(grey, matrix, offset, order=1, mode=mode, cval=0.25), image
        )

    mine = changed(image, fill=fill, low=0.25, strengths={"shift": 0.4}, shift=(0.75, 0.25))
    shift = np.array([0.2 * height, -0.2 * width])  # 0.4 · (2 · 0.75 − 1) down, 0.4 · (2 · 0.25 − 1) across
    np.testing.assert_allclose(mine, read(np.eye(2), -shift), atol=ROUNDING)

    middle = (np.array([height, width]) - 1) / 2
    mine = changed(image, fill=fill, low=0.25, strengths={"zoom_out": 0.5}, zoom_out=0.75)
    matrix = np.eye(2) / (1 - 0.5 * 0.75)
    np.testing.assert_allclose(mine, read(matrix, middle - matrix @ middle), atol=ROUNDING)

    mine = changed(
        image, fill=fill, low=0.25,
        strengths={"flip_horizontal": 1.0, "rotation": 40.0, "zoom_in": 0.2, "shift": 0.4},
        rotation=0.875, zoom_in=0.5, shift=(0.75, 0.25),
    )  # fmt: skip
    cos, sin = np.cos(np.pi / 6), np.sin(np.pi / 6)
    matrix = np.diag([1, -1]) @ np.array([[cos, sin], [-sin, cos]]) / 1.1
    np.testing.assert_allclose(mine, read(matrix, middle - matrix @ (middle + shift)), atol=5 * ROUNDING)


# Colours


@pytest.mark.parametrize(
    ("name", "enhancer"),
    [("brightness", ImageEnhance.Brightness), ("contrast", ImageEnhance.Contrast), ("saturation", ImageEnhance.Color)],
)
@pytest.mark.parametrize("draw", [0.125, 0.875])
def test_brightness_contrast_and_saturation_are_those_of_pillow(name, enhancer, draw):
    image = from_bytes(in_bytes(picture()))
    mine = changed(image, strengths={name: 0.4}, **{name: draw})
    theirs = from_bytes(enhancer(in_bytes(image)).enhance(1 + 0.4 * (2 * draw - 1)))
    # Pillow rounds grey, mean and result to whole numbers out of 255: 1.5 at most.
    np.testing.assert_allclose(mine, theirs, atol=1.5 / 255)
    assert np.abs(mine - image).max() > 0.05


def test_hue_is_turned_on_the_circle_of_the_standard_library():
    image = picture()
    mine = changed(image, strengths={"hue": 0.5}, hue=0.7)  # 0.5 · (2 · 0.7 − 1) = 0.2 of the circle
    flat = []
    for pixel in image.reshape(-1, 3).astype(float):
        hue, saturation, value = colorsys.rgb_to_hsv(*pixel)
        flat.append(colorsys.hsv_to_rgb((hue + 0.2) % 1, saturation, value))
    np.testing.assert_allclose(mine, np.reshape(flat, image.shape), atol=ROUNDING)


def test_hue_is_turned_as_pillow_turns_it():
    image = from_bytes(in_bytes(picture()))
    mine = changed(image, strengths={"hue": 0.5}, hue=0.5 + 32 / 256)  # 0.125 of the circle: 32 of its 256 steps
    hue, saturation, value = in_bytes(image).convert("HSV").split()
    turned = Image.fromarray((np.asarray(hue).astype(int) + 32).astype(np.uint8))
    theirs = from_bytes(Image.merge("HSV", (turned, saturation, value)).convert("RGB"))
    # Half a step of hue is 6/512 of a channel's span, half a step of saturation 1/510 of it; and rounding.
    np.testing.assert_allclose(mine, theirs, atol=0.02)


def test_a_red_pixel_becomes_green_by_a_third_of_the_circle_and_grey_stays():
    pixels = np.array([[[0.8, 0.2, 0.2], [0.5, 0.5, 0.5]]], np.float32)
    mine = changed(pixels, strengths={"hue": 0.5}, hue=0.5 + 1 / 3)
    np.testing.assert_allclose(mine, [[[0.2, 0.8, 0.2], [0.5, 0.5, 0.5]]], atol=ROUNDING)


# Noise and cutout


def test_noise_has_the_asked_for_spread_and_is_another_in_each_image():
    # 48 · 20 · 27 · 3 values: the spread of the spread is 1/√(2 n) = 0.25 %, that of the mean 0.36 % of it.
    images = np.full((48, 21, 27, 3), 0.5, np.float32)
    images[:, 0], images[:, 0, 0] = 0.0, 1.0  # so that the range is 0 to 1
    noise = (bl.augmented(images, {"noise": 0.05}) - images)[:, 1:]
    assert abs(noise.std() / 0.05 - 1) < 0.015
    assert abs(noise.mean()) < 0.05 * 0.02
    for sigmas, share in ((1, 0.3173), (2, 0.0455), (3, 0.0027)):  # outside of so many standard deviations
        assert abs((abs(noise) > 0.05 * sigmas).mean() - share) < 5 * np.sqrt(share / noise.size)
    between = np.corrcoef(noise.reshape(48, -1))
    assert np.abs(between - np.eye(48)).max() < 6 / np.sqrt(20 * 27 * 3)


def test_cutout_blanks_a_rectangle_that_may_stick_out():
    image = np.ones((8, 4, 1), np.float32)
    # Sides 0.5 · 8 = 4 and 0.5 · 4 = 2 pixels, around the middle: rows 2 to 5, columns 1 and 2.
    expected = np.ones((8, 4))
    expected[2:6, 1:3] = 0.25
    assert np.array_equal(expected, changed(image, low=0.25, strengths={"cutout": 0.5}, cutout=(0.5, 0.5))[..., 0])
    corner = changed(image, strengths={"cutout": 0.5}, cutout=(0.0, 0.0))[..., 0]
    assert [[0, 0], [1, 0]] == np.argwhere(corner == 0).tolist()
    assert 0 == changed(image, strengths={"cutout": 1.0}, cutout=(0.5, 0.5)).max()


# What all have in common


@pytest.mark.parametrize("name", [transform.name for transform in TRANSFORMS if transform.name != "mix_up"])
@pytest.mark.parametrize("fill", ["nearest", "reflect", "constant"])
def test_a_strength_of_zero_changes_no_bit(name, fill):
    # A traced strength may become 0 while a program runs.
    image = picture() * 2 - 1
    mine = changed(image, fill=fill, low=-1.0, strengths={name: 0.0}, **{name: [0.9] * len(COLUMNS[name])})
    if name == "hue":  # goes through hue and back
        np.testing.assert_allclose(mine, image, atol=1e-6)
    else:
        assert np.array_equal(image, mine)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_images_stay_within_the_range_of_their_values(low, high):
    images = low + (high - low) * np.stack([picture(), picture()[::-1]])
    strongest = {transform.name: transform.most for transform in TRANSFORMS}
    for seed in range(5):
        mine = bl.augmented(images.astype(np.float32), strongest, seed=seed)
        assert np.isfinite(mine).all()
        slack = 1e-5 * (high - low)
        assert low - slack <= mine.min() <= mine.max() <= high + slack


def test_draws_are_even_and_depend_on_seed_and_step_alone():
    def draw(seed, step, n=1000):
        return draw_bits(jnp.uint32(seed), jnp.int32(step), n_examples=n)

    assert jnp.array_equal(draw(3, 5), draw(3, 5))
    assert jnp.array_equal(draw(3, 5)[:10], draw(3, 5, n=10)), "an example's draws depend on the size of the batch"
    assert not jnp.any(jnp.all(draw(3, 5) == draw(3, 6), axis=1))
    assert not jnp.any(jnp.all(draw(3, 5) == draw(4, 5), axis=1))
    for name, columns in COLUMNS.items():
        for place in range(len(columns)):
            numbers = np.asarray(uniform(draw(0, 0, 20_000), name, place))
            assert 0 <= numbers.min() < 0.001
            assert 0.999 < numbers.max() < 1
            assert abs(numbers.mean() - 0.5) < 5 / np.sqrt(12 * 20_000)
    assert -1 <= either_way(draw(0, 0), "hue").min() < -0.99


def test_the_draws_of_one_change_do_not_depend_on_the_others():
    image = np.zeros((4, 8, 8, 1), np.float32)
    image[:, 2, 3] = 1.0
    alone = bl.augmented(image, {"shift": 0.3})
    bits_of_step = draw_bits(jnp.uint32(0), jnp.int32(0), n_examples=4)
    affine = affine_of({"shift": jnp.float32(0.3)}, bits_of_step, height=8, width=8)
    np.testing.assert_allclose(moved(jnp.asarray(image), affine, fill="nearest", low=jnp.zeros(4)), alone, atol=1e-6)
    with_noise = bl.augmented(image, {"shift": 0.3, "noise": 1e-6})
    np.testing.assert_allclose(alone, with_noise, atol=1e-4)


# Preview


def test_a_preview_of_one_image_shows_different_versions():
    image = load("digits").inputs[0]
    versions = bl.augmented(image, {"rotation": 15}, n=5, seed=2)
    assert (5, 8, 8, 1) == versions.shape
    assert 5 == len({version.tobytes() for version in versions})
    assert np.array_equal(versions, bl.augmented(image, {"rotation": 15}, n=5, seed=2))
    assert not np.array_equal(versions, bl.augmented(image, {"rotation": 15}, n=5, seed=3))
    assert not np.array_equal(versions, bl.augmented(image, {"rotation": 15}, n=5, seed=2, step=1))


def test_a_preview_of_data_takes_training_rows():
    data = load("digits")
    assert np.array_equal(data.train[0][:3], bl.augmented("digits", {}, n=3))
    mirrored = bl.augmented(data, {"flip_horizontal": 1.0, "fill": "constant"}, n=3)
    assert np.array_equal(data.train[0][:3, :, ::-1], mirrored)


def test_a_preview_mixes_each_image_with_the_next():
    # Shares below 0.5: of a black and a white image, the black one stays darker.
    images = np.stack([np.zeros((2, 2, 1)), np.ones((2, 2, 1))]).astype(np.float32)
    first, second = bl.augmented(images, {"mix_up": 0.5})
    draws = np.asarray(uniform(draw_bits(jnp.uint32(0), jnp.int32(0), n_examples=2), "mix_up"))
    np.testing.assert_allclose(first, np.full((2, 2, 1), 0.5 * draws[0]), atol=1e-6)
    np.testing.assert_allclose(second, np.full((2, 2, 1), 1 - 0.5 * draws[1]), atol=1e-6)


@pytest.mark.parametrize(
    ("images", "augment", "message"),
    [
        ("iris", {"rotation": 15}, r"expected images: inputs of height × width × channels, received `iris`"),
        (np.zeros((9, 8, 8)), {"rotation": 15}, r"add an axis for the channel"),
        (np.zeros((9, 8, 8, 1)), {"hue": 0.1}, r"3 channels, for `hue`"),
        (np.zeros((9, 8, 8, 1)), {"shift": [0.1, 0.2]}, r"one value of `augment.shift`, received \[0.1, 0.2\]"),
        (np.zeros((9, 8, 8, 1)), {"shift": 2}, r"a number 0..1 .*received 2"),
    ],
    ids=["table", "no channels", "grey", "list", "strength"],
)
def test_a_preview_that_makes_no_sense_is_refused(images, augment, message):
    with pytest.raises(SettingError, match=message):
        bl.augmented(images, augment)
