"""Small trained runs that the views are drawn from: one network, populations of 15 and 256, tables, two features, none.

Each is trained once a session; nothing is kept and nothing is said.
"""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays, load
from backlit.language import Words
from backlit.measure.verdicts import ArmResult, FindingSummary, TrialResult

QUIET = {"save": False, "verbose": False}


def dense(n_out, *, units=16, hidden="relu", last="softmax"):
    layers = keras.layers
    return keras.Sequential(
        [layers.Flatten(name="flat"), layers.Dense(units, hidden, name="hidden"), layers.Dense(n_out, last, name="out")]
    )


@pytest.fixture(scope="session")
def digits_run():
    """One network on the digits, three epochs, with probes."""
    return bl.fit(dense(10, units=32), "digits", epochs=3, probes=True, **QUIET)


@pytest.fixture(scope="session")
def digits_cnn_run():
    """A network of two convolutions on the digits, two epochs, with probes."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Conv2D(8, 3, activation="relu", padding="same", name="first"),
            layers.MaxPooling2D(name="pool"),
            layers.Conv2D(12, 3, activation="relu", name="second"),
            layers.Flatten(name="flat"),
            layers.Dense(10, "softmax", name="out"),
        ]
    )
    return bl.fit(model, "digits", epochs=2, probes=True, **QUIET)


@pytest.fixture(scope="session")
def sweep():
    """15 members on the digits: five learning rates, three seeds, with probes."""
    rates = [0.0001, 0.001, 0.003, 0.01, 0.1]
    return bl.fit(dense(10), "digits", epochs=3, learning_rate=rates, seeds=3, probes=True, **QUIET)


@pytest.fixture(scope="session")
def grid():
    """12 members on iris that differ in the learning rate and the strength of l2."""
    return bl.fit(dense(3), "iris", epochs=3, learning_rate=[0.001, 0.01, 0.1], l2=[0.0, 0.001, 0.01, 0.1], **QUIET)


@pytest.fixture(scope="session")
def crowd():
    """256 members of a tiny net on the two moons: 64 learning rates, four seeds."""
    rates = np.geomspace(1e-4, 1, 64).tolist()
    return bl.fit(dense(2, units=4), "moons", epochs=2, learning_rate=rates, seeds=4, **QUIET)


@pytest.fixture(scope="session")
def table_run():
    """One network on the table of irises."""
    return bl.fit(dense(3), "iris", epochs=5, learning_rate=0.03, **QUIET)


@pytest.fixture(scope="session")
def two_feature_run():
    """One network on the two moons, whose rows are points of a plane."""
    return bl.fit(dense(2), "moons", epochs=3, learning_rate=0.01, **QUIET)


@pytest.fixture(scope="session")
def regression_run():
    """One network on the diabetes table, its target in hundreds of points so that it trains."""
    data = load("diabetes")
    train, held = ((inputs, targets / 100) for inputs, targets in (data.train, data.validation))
    names = data.feature_names
    scaled = from_arrays(*train, validation=held, task="regression", feature_names=names, name="diabetes")
    return bl.fit(dense(1, last=None), scaled, epochs=5, **QUIET)


@pytest.fixture(scope="session")
def diverged_run():
    """Two members with a rate so large that the product of two layers is no finite number after a step."""
    model = dense(3, hidden="linear")
    return bl.fit(model, "iris", epochs=3, optimizer="sgd", learning_rate=[1e25, 1e30], **QUIET)


@pytest.fixture(scope="session")
def told_run():
    """One network on pictures that are changed anew in each step, with a finding and a trial written by hand."""
    run = bl.fit(dense(10), "digits", epochs=2, augment={"rotation": 15}, **QUIET)
    small, large = Words(en="ratio", zh="比值"), Words(en="below a thousandth", zh="低于千分之一")
    layer, remedy = Words(en="layer hidden", zh="hidden 层"), Words(en="He initialisation", zh="He 初始化")
    finding = FindingSummary(
        "G301",
        Words(en="vanishing gradients", zh="梯度消失"),
        layer,
        ((small, "1e-7"),),
        large,
        source="glorot-bengio-2010",
        confidence=0.9,
        lesson=28,
        remedies=(remedy,),
    )
    arms = (ArmResult(remedy, 10, 0.1, 0.05, 0.15, "helps"), ArmResult(layer, 10, 0.0, -0.1, 0.1, "no effect"))
    # As whoever examines and tries will fill them; a Run itself is frozen.
    object.__setattr__(run, "findings", (finding,))
    object.__setattr__(run, "trial", TrialResult(Words(en="accuracy", zh="准确率"), "", arms))
    return run


@pytest.fixture(scope="session")
def runs(request):
    """Every run above by its name, for tests of what all views owe."""
    names = (
        *("digits_run", "digits_cnn_run", "sweep", "grid", "crowd"),
        *("table_run", "two_feature_run", "regression_run", "diverged_run", "told_run"),
    )
    return {name: request.getfixturevalue(name) for name in names}
