"""One small population, trained once, that many tests keep; and the trees that two runs are compared by."""

import keras
import numpy as np
import pytest

import backlit as bl


@pytest.fixture(scope="session")
def population():
    """Two rates, two seeds, dropout, two epochs on iris; not kept."""
    model = keras.Sequential(
        [keras.layers.Dense(6, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(3, "softmax")]
    )
    return bl.fit(model, "iris", epochs=2, learning_rate=[0.1, 0.01], seeds=2, save=False, verbose=False)


@pytest.fixture
def assert_same():
    """Two runs have equal numbers in every bit: history, ends, weights, optimiser state."""

    def check(expected, actual):
        assert len(expected) == len(actual)
        assert expected.history.equals(actual.history, null_equal=True)
        assert expected.members.equals(actual.members, null_equal=True)
        for one, other in zip(expected.trained.groups, actual.trained.groups, strict=True):
            assert one.group == other.group
            assert one.placement == other.placement
            for name in ("diverged_step", "stop_epoch", "best_epoch"):
                assert_equal_bits([getattr(one.result, name)], [getattr(other.result, name)])
            assert list(one.result.kept) == list(other.result.kept)
            for part, arrays in one.result.kept.items():
                assert_equal_bits(arrays, other.result.kept[part])
            assert_equal_bits(one.result.optimizer, other.result.optimizer)

    return check


def assert_equal_bits(expected, actual):
    for one, other in zip(expected, actual, strict=True):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert np.ascontiguousarray(one).tobytes() == np.ascontiguousarray(other).tobytes()
