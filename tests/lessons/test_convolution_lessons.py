"""What lessons 4, 19, 21 and 22 compute beside Keras, by numbers that can be redone by hand."""

import backlit  # noqa: F401  before keras, whose backend it chooses

# isort: split
import keras
import numpy as np

from backlit.lessons.l04_layers.tasks import motif_starts
from backlit.lessons.l04_layers.tour import seen_by
from backlit.lessons.l19_convolutional_networks.probes import answers, drawn_edges, untrained_like
from backlit.lessons.l21_zero_padding.lesson import influence, logits, rings_of, stack, ways
from backlit.lessons.l22_max_pooling.lesson import convolved, placed, pooled_by


def test_ways_are_counted_layer_by_layer():
    # Two layers over five places, padded: 1 1 1 1 1 → 2 3 3 3 2 → 2+3, 2+3+3, 3+3+3, …
    assert [5, 8, 9, 8, 5] == ways(5, 2, True).tolist()
    # Not padded, one place is left: it is reached by 1 2 3 2 1 ways.
    assert [1, 2, 3, 2, 1] == ways(5, 2, False).tolist()


def test_rings_count_from_the_border():
    assert [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]] == rings_of(4).tolist()


def test_a_stack_in_numpy_is_keras_s_for_every_padding():
    images = np.random.default_rng(0).uniform(0, 1, (3, 8, 8))
    for padding in ("valid", "same", "once"):
        model = stack(2, padding)
        keras_says = np.asarray(model(images[..., None].astype(np.float32)), float)
        powers = np.exp(logits(model.get_weights(), images, padding))
        np.testing.assert_allclose(powers / powers.sum(1, keepdims=True), keras_says, atol=1e-5)


def test_the_influence_of_a_pixel_is_what_its_weights_make_of_it():
    # One filter that copies the middle of its window, and an output that adds up 36 places: each pixel but those of
    # the border moves the one logit by 1; those of the border are never in the middle.
    kernel = np.zeros((3, 3, 1, 1))
    kernel[1, 1] = 1.0
    moved = influence([kernel, np.zeros(1), np.ones((36, 1)), np.zeros(1)], np.full((2, 8, 8), 0.5), "valid")
    np.testing.assert_allclose(moved, (rings_of(8) > 0).astype(float), atol=1e-9)


def test_pooling_of_whole_windows_leaves_out_the_rest():
    maps = np.arange(25.0).reshape(1, 5, 5, 1)
    # Windows 0 1 5 6 and 2 3 7 8 above, 10 11 15 16 and 12 13 17 18 below.
    assert [[6.0, 8.0], [16.0, 18.0]] == pooled_by(maps, "max", 2)[0, ..., 0].tolist()
    assert [[3.0, 5.0], [13.0, 15.0]] == pooled_by(maps, "average", 2)[0, ..., 0].tolist()
    assert pooled_by(maps, "none", 2) is maps


def test_a_convolution_in_numpy_is_keras_s():
    maps = np.random.default_rng(1).normal(size=(2, 5, 5, 3))
    layer = keras.layers.Conv2D(4, 3, padding="same", activation="relu")
    keras_says = np.asarray(layer(maps.astype(np.float32)), float)
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(convolved(maps, kernel, bias), keras_says, atol=1e-5)


def test_a_digit_is_moved_and_stays_whole():
    digit = np.arange(1.0, 65.0).reshape(1, 8, 8, 1)
    moved = placed(digit, 2, -1)[0, ..., 0]
    assert digit.sum() == moved.sum()
    assert moved[4, 1] == 1.0  # two pixels of margin, two down; two of margin, one to the left


def test_a_motif_is_found_where_it_begins():
    rows = np.array([[6, 5, 1, 2, 3, 4, 7, 0], [3, 1, 4, 2, 8, 8, 0, 0]])
    assert [2, 0] == motif_starts(rows).tolist()


def test_a_digit_is_read_as_each_layer_reads_it():
    digit = np.linspace(0, 1, 64).reshape(8, 8)
    assert (8, 8, 1) == seen_by("convolution", digit).shape
    assert (64,) == seen_by("output", digit).shape
    assert (0, 16) == (seen_by("embedding", digit)[0], seen_by("embedding", digit)[-1])


def test_an_edge_runs_as_its_angle_says():
    drawn = drawn_edges(64, seed=0)
    for image, angle in zip(drawn.images, drawn.properties["edge"], strict=True):
        down, across = np.gradient(image.mean(2))[0], np.gradient(image.mean(2))[1]
        steepest = np.arctan2((down * across).sum() * 2, (across**2 - down**2).sum()) / 2  # of the squared gradients
        assert abs(np.angle(np.exp(2j * (steepest - np.pi * angle / 4)))) < 0.2


def test_filters_are_drawn_anew_and_answer_by_the_peak_of_their_map():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(1, 1, use_bias=False),
            keras.layers.Activation("relu"),
        ]
    )
    fresh = untrained_like(model, seed=0)
    # One input and one output of one place: uniform up to √(6 / 2).
    np.testing.assert_allclose(fresh.get_weights()[0].item(), np.random.default_rng(0).uniform(-(3**0.5), 3**0.5), 1e-6)
    model.set_weights([np.full((1, 1, 1, 1), 2.0)])
    images = np.zeros((1, 8, 8, 1), np.float32)
    images[0, 0, 0], images[0, 3, 3] = 5.0, 3.0
    assert 10.0 == answers(model, images)[0].item()
    assert 6.0 == answers(model, images, only_middle=True)[0].item()  # the corner lies in the outer half
