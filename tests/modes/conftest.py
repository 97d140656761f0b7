"""Tiny data and nets that all modes are tried on."""

import keras
import numpy as np
import pytest

from backlit.data import Dataset, Splits


@pytest.fixture(scope="session")
def net():
    """A function that builds a net of 4 inputs and 3 classes."""

    def build(units=4, n_classes=3, last="softmax"):
        return keras.Sequential([keras.layers.Dense(units, "relu"), keras.layers.Dense(n_classes, last)])

    return build


@pytest.fixture(scope="session")
def blobs():
    """90 rows of 3 classes in 4 columns that overlap a little; 60 train, 15 validate, 15 test."""
    rng = np.random.default_rng(0)
    classes = np.arange(90) % 3
    centres = np.array([[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]])
    inputs = (centres[classes] + rng.normal(0, 1, (90, 4))).astype("float32")
    splits = Splits.of_rows(range(60), range(60, 75), range(75, 90))
    return Dataset("blobs", inputs, classes.astype("int32"), task="classification", splits=splits)


@pytest.fixture(scope="session")
def slope():
    """40 rows whose amount is the sum of two columns; 30 train, 10 validate."""
    inputs = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
    splits = Splits.of_rows(range(30), range(30, 40))
    return Dataset("slope", inputs, inputs.sum(1, keepdims=True), task="regression", splits=splits)


@pytest.fixture(scope="session")
def quick():
    """Arguments of `fit` that keep nothing and say nothing."""
    return {"epochs": 2, "save": False, "verbose": False}
