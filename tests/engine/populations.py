"""Small data, networks and trainings that the engine's tests share."""

import inspect
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from backlit.data import Dataset, from_arrays
from backlit.engine import read_request, train
from backlit.engine.devices import Placement
from backlit.run import Run


def blobs(
    n_rows: int = 24, *, n_features: int = 6, n_classes: int = 3, n_validation: int = 0, seed: int = 0
) -> Dataset:
    """Classes that overlap a little, so that losses fall, wiggle and never reach zero."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n_classes, n_features))

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        ids = np.arange(n) % n_classes
        return (centres[ids] + rng.normal(size=(n, n_features))).astype("float32"), ids.astype("int32")

    return from_arrays(*draw(n_rows), validation=draw(n_validation) if n_validation else None, n_classes=n_classes)


def dense(*hidden: int, n_features: int = 6, n_classes: int = 3, **compiled: Any) -> keras.Model:
    """A built dense network; compiled if anything is given for it."""
    layers = [keras.layers.Dense(units, "tanh") for units in hidden]
    model = keras.Sequential([keras.Input((n_features,)), *layers, keras.layers.Dense(n_classes, "softmax")])
    if compiled:
        model.compile(**{"loss": "sparse_categorical_crossentropy", **compiled})
    return model


def train_placed(model: Any, data: Dataset, placement: Placement | None = None, **request: Any) -> Run:
    """Trains as `fit` does, with the members of every group where they are asked to be."""
    named = inspect.signature(read_request).parameters
    settings = {name: request.pop(name) for name in list(request) if name not in named}
    request = {"epochs": 3, "batch_size": 8, **request}
    experiment, ingredients = read_request(model, data, settings=settings, **request)
    if placement is not None:
        ingredients = replace(ingredients, placements=(placement,))
    return Run(experiment, ingredients, train(experiment, ingredients))


def one_block(n_members: int) -> Placement:
    """All members side by side (vmapped) on one device."""
    return Placement(n_devices=1, block=n_members, n_slots=n_members)


def one_by_one(n_members: int) -> Placement:
    """One member after another (mapped), spread over two devices as mapped members are."""
    each = -(-n_members // 2)
    return Placement(n_devices=2, block=1, n_slots=2 * each)


def same(one: Run, other: Run) -> bool:
    """Whether two Runs of one member each have the same weights and records, to the last bit."""
    weights = all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one.weights(0), other.weights(0), strict=True))
    mine, theirs = one.history.sort("metric", "split", "epoch"), other.history.sort("metric", "split", "epoch")
    return weights and mine["value"].equals(theirs["value"], null_equal=True)


def difference(one: Run, other: Run) -> float:
    """Largest difference between the weights of two Runs of one member, relative to the tensor's largest weight."""
    pairs = zip(one.weights(0), other.weights(0), strict=True)
    return max(float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-30)) for a, b in pairs)


def images(n_rows: int, *, seed: int = 5) -> Dataset:
    """Noise of 6 by 6 pixels in three classes."""
    rng = np.random.default_rng(seed)
    return from_arrays(rng.normal(size=(n_rows, 6, 6, 1)).astype("float32"), np.arange(n_rows) % 3)


def amounts(n_rows: int = 4, *, x: float = 1.0, y: float = 0.0, n_validation: int = 0) -> Dataset:
    """The same row again and again: input `x`, target `y`."""
    rows = np.full((n_rows, 1), x, "float32"), np.full((n_rows, 1), y, "float32")
    held_out = (rows[0][:1].repeat(n_validation, 0), rows[1][:1].repeat(n_validation, 0))
    return from_arrays(*rows, validation=held_out if n_validation else None, task="regression")


def linear() -> keras.Model:
    """prediction = w · x, with w = 1 before the first step; the loss is (w · x - y)²."""
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
