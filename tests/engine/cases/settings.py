"""Tasks, weights, regularisers, constraints, clipping, schedules, averages, frozen and shared layers."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers, optimizers
from keras.optimizers import schedules

from tests.engine.cases.kind import N_CLASSES, TABLE, Case, network


def _regularised() -> keras.Model:
    R = keras.regularizers
    model = keras.Sequential(
        [
            keras.Input(TABLE),
            layers.Dense(8, "tanh", kernel_regularizer=R.L2(0.02), bias_regularizer=R.L1(0.01)),
            layers.Dense(6, "tanh", kernel_regularizer=R.L1L2(0.003, 0.01), activity_regularizer=R.L2(0.01)),
            layers.Dense(4, "tanh", kernel_regularizer=R.OrthogonalRegularizer(0.01)),
            layers.Dense(N_CLASSES, "softmax", kernel_regularizer="l1"),
        ]
    )
    model.compile(optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    return model


def _constrained() -> keras.Model:
    C = keras.constraints
    model = keras.Sequential(
        [
            keras.Input(TABLE),
            layers.Dense(8, "tanh", kernel_constraint=C.MaxNorm(0.7)),
            layers.Dense(6, "tanh", kernel_constraint=C.NonNeg(), bias_constraint=C.MinMaxNorm(0.1, 0.5)),
            layers.Dense(N_CLASSES, "softmax", kernel_constraint=C.UnitNorm()),
        ]
    )
    model.compile(optimizers.SGD(0.3, momentum=0.5), "sparse_categorical_crossentropy")
    return model


def _frozen() -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input(TABLE),
            layers.Dense(8, "tanh", trainable=False, name="frozen"),
            layers.BatchNormalization(trainable=False, name="frozen_statistics"),
            layers.Dense(5, "tanh"),
            layers.Dense(N_CLASSES, "softmax"),
        ]
    )
    model.compile(optimizers.Adam(0.02), "sparse_categorical_crossentropy")
    return model


def _shared() -> keras.Model:
    inputs, layer = keras.Input(TABLE), layers.Dense(6, "tanh")
    model = keras.Model(inputs, layers.Dense(N_CLASSES, "softmax")(layer(layer(inputs))))
    model.compile(optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    return model


def _nested() -> keras.Model:
    inner = keras.Sequential([keras.Input(TABLE), layers.Dense(6, "tanh"), layers.BatchNormalization()])
    inputs = keras.Input(TABLE)
    model = keras.Model(inputs, layers.Dense(N_CLASSES, "softmax")(layers.Add()([inner(inputs), inputs])))
    model.compile(optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    return model


def _continued() -> keras.Model:
    """A model that has trained before: its weights and its optimiser's state go on from there."""
    model = network(lambda: optimizers.Adam(0.02))()
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(8, 6)).astype(keras.config.floatx())
    for _ in range(3):
        model.train_on_batch(rows, np.arange(8) % N_CLASSES)
    return model


def _settings(name: str, build: Callable[[], keras.Model], targets: str = "classes", **options: Any) -> Case:
    return Case(name, "settings", build, targets, **options)


_ADAM = lambda: optimizers.Adam(0.02)  # noqa: E731
SETTINGS = [
    _settings("task-classification", network(_ADAM, metrics=["accuracy"]), n_rows=12, has_validation=True),
    _settings(
        "task-one-hot",
        network(_ADAM, loss="categorical_crossentropy", metrics=["accuracy"]),
        "one-hot",
        has_validation=True,
    ),
    _settings(
        "task-two-classes",
        network(_ADAM, loss="binary_crossentropy", activation="sigmoid", width=1, metrics=["accuracy"]),
        "binary",
        has_validation=True,
    ),
    _settings(
        "task-multi-label",
        network(_ADAM, loss="binary_crossentropy", activation="sigmoid", metrics=["binary_accuracy"]),
        "labels",
        has_validation=True,
    ),
    _settings(
        "task-regression",
        network(_ADAM, loss="mse", activation="linear", metrics=["mae"]),
        "amounts",
        n_rows=12,
        has_validation=True,
    ),
    _settings("class-weight", network(_ADAM), fit={"class_weight": {0: 1.0, 1: 3.0, 2: 0.5}}, n_rows=12),
    _settings("class-weight-some", network(_ADAM), fit={"class_weight": {1: 3.0}}),
    _settings(
        "class-weight-one-hot",
        network(_ADAM, loss="categorical_crossentropy"),
        "one-hot",
        fit={"class_weight": {0: 1.0, 1: 3.0, 2: 0.5}},
    ),
    _settings(
        "class-weight-two-classes",
        network(_ADAM, loss="binary_crossentropy", activation="sigmoid", width=1),
        "binary",
        fit={"class_weight": {0: 1.0, 1: 3.0}},
    ),
    _settings("sample-weight", network(_ADAM), fit={"sample_weight": np.arange(16) / 8}),
    _settings(
        "sample-weight-regression",
        network(_ADAM, loss="mse", activation="linear"),
        "amounts",
        fit={"sample_weight": np.arange(12) / 8},
        n_rows=12,
    ),
    _settings("regularisers", _regularised, n_rows=12, has_validation=True),
    _settings("constraints", _constrained),
    _settings("clip-norm", network(lambda: optimizers.SGD(0.5, clipnorm=0.05))),
    _settings("clip-value", network(lambda: optimizers.SGD(0.5, clipvalue=0.01))),
    _settings("clip-global-norm", network(lambda: optimizers.Adam(0.02, global_clipnorm=0.1))),
    _settings("schedule-exponential", network(lambda: optimizers.SGD(schedules.ExponentialDecay(0.2, 7, 0.8)))),
    _settings(
        "schedule-cosine",
        network(lambda: optimizers.Adam(schedules.CosineDecay(0.001, 30, warmup_target=0.05, warmup_steps=8))),
    ),
    _settings("schedule-restarts", network(lambda: optimizers.SGD(schedules.CosineDecayRestarts(0.2, 9)))),
    _settings(
        "schedule-inverse-time",
        network(lambda: optimizers.SGD(schedules.InverseTimeDecay(0.2, 5, 0.5, staircase=True))),
    ),
    _settings(
        "schedule-piecewise",
        network(lambda: optimizers.SGD(schedules.PiecewiseConstantDecay([5, 20], [0.2, 0.1, 0.01]))),
    ),
    _settings(
        "schedule-polynomial", network(lambda: optimizers.SGD(schedules.PolynomialDecay(0.2, 40, 0.01, power=2.0)))
    ),
    _settings("averaged-weights", network(lambda: optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9))),
    _settings(
        "averaged-weights-overwritten",
        network(lambda: optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=7)),
    ),
    _settings("frozen-layers", _frozen, has_validation=True),
    _settings("shared-layer", _shared),
    _settings("nested-model", _nested),
    _settings("continued", _continued),
]
