"""A picture and its versions."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.measure.augmented import AugmentedPicture
from backlit.measure.shown import Shown
from backlit.views.gallery.augmentation import VIEW


@pytest.fixture(scope="module")
def flipped_run():
    layers = [keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    changes = {"flip_horizontal": 1.0, "brightness": [0.0]}
    return bl.fit(keras.Sequential(layers), "digits", epochs=1, augment=changes, save=False, verbose=False)


def test_the_original_comes_first():
    original = np.array([[0.0, 1.0], [0.5, 0.25]])[..., None]
    picture = AugmentedPicture(
        original, np.stack([original[:, ::-1]] * 2), {"rotation": 15.0, "shift": 0.1}, Shown(0, 1)
    )
    [figure] = VIEW.draw(picture)
    assert [[0, 1, 0.5, 0.25], [1, 0, 0.25, 0.5], [1, 0, 0.25, 0.5]] == [one["pixels"] for one in figure.data["images"]]
    assert ("original", "原图") == tuple(figure.data["images"][0]["label"].values())
    assert "Augmentation: rotation 15, shift 0.1" == figure.title.en
    assert "数据增强：旋转 15、平移 0.1" == figure.title.zh
    assert [0.0, 1.0] == figure.data["range"]
    assert "rotation: turned by up to so many degrees either way; shift: " in figure.alternative.en


def test_of_a_real_run_its_own_changes_are_shown(flipped_run, digits_run):
    [figure] = VIEW.draw(VIEW.read(flipped_run))
    picture = flipped_run.data.inputs[flipped_run.data.splits.train[0], ..., 0]
    original, *versions = (np.reshape(one["pixels"], (8, 8)) for one in figure.data["images"])
    assert np.allclose(picture, original, atol=1e-4)
    assert 15 == len(versions)
    assert all(np.allclose(picture[:, ::-1], version, atol=1e-3) for version in versions)
    assert VIEW.read(digits_run) is None
