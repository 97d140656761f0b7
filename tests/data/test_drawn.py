"""The drawn sets: points, images, sentences and sequences."""

import numpy as np
import pytest

from backlit.data import load
from backlit.data.sentences import BLAME, NEGATIONS, PRAISE
from backlit.data.sequences import MOTIFS
from backlit.data.shapes import COLOURS, PLACES, SHAPES, TEXTURES
from backlit.errors import SettingError


def by_class(name, **options):
    data = load(name, n=400, noise=0.0, **options)
    return [data.inputs[data.targets == label].astype(float) for label in range(data.n_classes)]


def test_circles_without_noise_have_their_radii():
    outer, inner = by_class("circles", factor=0.25)
    np.testing.assert_allclose(np.hypot(*outer.T), 1, rtol=1e-6)
    np.testing.assert_allclose(np.hypot(*inner.T), 0.25, rtol=1e-6)


def test_moons_without_noise_are_half_circles():
    upper, lower = by_class("moons")
    np.testing.assert_allclose(np.hypot(*(upper + np.array([0.5, 0.25])).T), 1, rtol=1e-6)
    np.testing.assert_allclose(np.hypot(*(lower - np.array([0.5, 0.25])).T), 1, rtol=1e-6)
    assert upper[:, 1].min() >= -0.2501
    assert lower[:, 1].max() <= 0.2501


def test_xor_is_the_sign_of_the_product():
    same, different = by_class("xor")
    assert (same.prod(1) > 0).all()
    assert (different.prod(1) < 0).all()


def test_spirals_turn_with_the_radius():
    # Without noise the angle is 2π (turns × radius + class / classes).
    for label, points in enumerate(by_class("spirals", classes=3, turns=1.0)):
        radius, angle = np.hypot(*points.T), np.arctan2(points[:, 1], points[:, 0])
        expected = 2 * np.pi * (radius + label / 3)
        np.testing.assert_allclose(np.cos(angle), np.cos(expected), atol=1e-5)


def test_blobs_without_noise_are_their_centres():
    blobs = by_class("blobs", classes=4)
    expected = [[0.7, 0], [0, 0.7], [-0.7, 0], [0, -0.7]]
    np.testing.assert_allclose([blob[0] for blob in blobs], expected, atol=1e-6)


def test_regression_1d_is_a_wave_on_a_slope():
    data = load("regression-1d", noise=0.0)
    x, y = data.inputs[:, 0].astype(float), data.targets[:, 0]
    np.testing.assert_allclose(y, np.sin(2 * np.pi * x) / 2 + x / 2, atol=1e-5)


def test_noise_is_the_spread_of_what_is_added():
    clean, noisy = load("blobs", n=4000, noise=0.0), load("blobs", n=4000, noise=0.2)
    assert 0.2 == pytest.approx((noisy.inputs - clean.inputs).std(), rel=0.05)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("moons", {"n": 1}, "`n`: expected a whole number from 2, received 1"),
        ("moons", {"noise": -0.1}, r"`noise`: expected a number from 0, received -0\.1"),
        ("moons", {"noise": float("inf")}, "received inf"),
        ("circles", {"factor": 1.5}, r"`factor`: expected a number 0\.\.1, received 1\.5"),
        ("spirals", {"classes": 1}, "`classes`: expected a whole number from 2, received 1"),
        ("shapes", {"target": "size"}, "`shape`, `texture`, `colour`, `place`, received 'size'"),
        ("shapes", {"size": 4}, "`size`: expected a whole number 8..256, received 4"),
        ("sentiment", {"length": 5}, "`length`: expected a whole number from 13, received 5"),
        ("sentiment", {"negation": 2}, "`negation`: .*received 2"),
        ("motifs", {"alphabet": 4}, "`alphabet`: expected a whole number from 5, received 4"),
        ("adding", {"length": 3}, "`length`: expected a whole number from 4, received 3"),
    ],
)
def test_options_out_of_range(name, options, message):
    with pytest.raises(SettingError, match=message):
        load(name, **options)


@pytest.mark.parametrize("values", [SHAPES, TEXTURES, COLOURS, PLACES], ids=["shape", "texture", "colour", "place"])
def test_shapes_classes_are_dealt_out_equally(values, request):
    target = request.node.callspec.id
    data = load("shapes", n=240, target=target)
    assert tuple(values) == data.class_names
    assert [240 // len(values)] * len(values) == np.bincount(data.targets).tolist()


def test_shapes_images_do_not_depend_on_the_target():
    by_shape, by_colour = load("shapes", n=24), load("shapes", n=24, target="colour")
    assert (by_shape.inputs == by_colour.inputs).all()
    assert (by_shape.targets != by_colour.targets).any()


def test_shapes_colour_can_be_read_from_the_pixels():
    data = load("shapes", n=120, target="colour", noise=0.0)
    spread = np.ptp(data.inputs, axis=3)  # grey ground has none
    brightest = (spread[..., None] * data.inputs).reshape(120, -1, 3)
    mean = brightest.sum(1) / spread.reshape(120, -1).sum(1)[:, None]
    ink = np.array(list(COLOURS.values()))
    near = np.argmax((mean @ ink.T) / np.linalg.norm(mean, axis=1)[:, None] / np.linalg.norm(ink, axis=1), axis=1)
    assert (near == data.targets).mean() > 0.97


def test_shapes_place_can_be_read_from_the_centre_of_the_ink():
    data = load("shapes", n=120, target="place", noise=0.0)
    ink = np.ptp(data.inputs, axis=3) > 0.1
    rows, columns = np.mgrid[:32, :32]
    right = (ink * (columns - 15.5)).sum((1, 2)) > 0
    below = (ink * (rows - 15.5)).sum((1, 2)) > 0
    assert (2 * below + right).tolist() == data.targets.tolist()


def test_shapes_cover_what_their_formula_says():
    # Areas in units of radius²: circle 0.81 π = 2.54; square 1.6² = 2.56; ring π(0.96² − 0.48²) = 2.17.
    data = load("shapes", n=900, noise=0.0)
    cover = (np.ptp(data.inputs, axis=3) > 0.05).mean((1, 2)) * 4  # the image is 2 × 2
    share = [cover[data.targets == label].mean() for label in range(3)]
    assert share[0] == pytest.approx(2.54 * 0.27, rel=0.15)  # mean of radius² between 0.44 and 0.60 is 0.27
    assert share[1] == pytest.approx(2.56 * 0.27, rel=0.15)
    assert share[2] == pytest.approx(1.299 * 0.75 * 0.27 * 4 / 3, rel=0.25)  # triangle: 27 (r/2)² / √27


def test_shapes_of_another_size():
    assert (16, 16, 3) == load("shapes", n=24, size=16).input_shape


def polarity(words: list[str]) -> str:
    """The class by the grammar: the last clause, turned around once for each negation in it."""
    last = words[max((i for i, word in enumerate(words) if word in ("and", "but")), default=-1) + 1 :]
    is_negated = any(word in NEGATIONS for word in last)
    assert last[-1] in PRAISE + BLAME
    return "positive" if (last[-1] in PRAISE) != is_negated else "negative"


def test_sentences_mean_what_their_class_says():
    data = load("sentiment", n=500)
    read = [polarity(data.words(row).split()) for row in range(500)]
    assert [data.class_names[label] for label in data.targets] == read
    assert 0.3 < np.mean(["not" in data.words(row) or "never" in data.words(row) for row in range(500)]) < 0.7


def test_sentences_without_negation():
    data = load("sentiment", n=100, negation=0)
    assert not any(set(data.words(row).split()) & set(NEGATIONS) for row in range(100))


def test_padding_stands_at_the_end():
    for name in ("sentiment", "motifs"):
        tokens = load(name, n=100).inputs
        is_padding = tokens == 0
        assert (np.diff(is_padding.astype(int), axis=1) >= 0).all()
        assert is_padding.any()


def test_motifs_are_there_once():
    data = load("motifs", n=300)
    for tokens, label in zip(data.inputs, data.targets, strict=True):
        found = [MOTIFS.index(w) for i in range(17) if (w := tuple(tokens[i : i + 4].tolist())) in MOTIFS]
        assert [label] == found


def test_adding_is_the_sum_of_two_marked_numbers():
    data = load("adding", n=50, length=10)
    for sequence, total in zip(data.inputs, data.targets[:, 0], strict=True):
        marked = sequence[sequence[:, 1] == 1, 0]
        assert 2 == len(marked)
        assert total == pytest.approx(marked.sum())
    assert ((data.inputs[:, :5, 1].sum(1) == 1) & (data.inputs[:, 5:, 1].sum(1) == 1)).all()


def test_adding_has_the_variance_that_the_baseline_needs():
    targets = load("adding", n=20_000, length=4).targets
    assert ((targets - 1) ** 2).mean() == pytest.approx(1 / 6, rel=0.03)
