"""Autoencoders: what they are told, what they give back, and what they are measured against."""

import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays
from backlit.errors import DataError, SettingError

QUIET = {"save": False, "verbose": False}


@pytest.fixture(scope="module")
def plane():
    """Sixty rows of four numbers that lie in a plane, so that a linear code of two loses nothing."""
    rng = np.random.default_rng(0)
    return (rng.normal(size=(60, 2)) @ rng.normal(size=(2, 4))).astype(np.float32)


@pytest.fixture(scope="module")
def digits():
    return bl.autoencoder("digits", code=4, hidden=[16], epochs=1, seeds=2, **QUIET)


def test_inputs_are_the_targets_and_classes_stay_aside(digits):
    data = digits.run.data
    assert data.targets is data.inputs or np.array_equal(data.targets, data.inputs)
    assert data.task == "regression"
    assert digits.source.task == "classification"
    assert data.splits.sizes == digits.source.splits.sizes


def test_code_and_back_make_the_reconstruction(digits):
    rows = digits.source.inputs[:5]
    codes = digits.encode(rows)
    assert codes.shape == (5, 4)
    assert digits.reconstruct(rows).shape == (5, 8, 8, 1)
    assert np.allclose(digits.decode(codes), digits.reconstruct(rows), atol=1e-5)
    assert digits.encoder.output_shape == (None, 4)


def test_errors_are_mean_squares_a_row(digits):
    rows = digits.source.inputs[:3]
    expected = ((digits.reconstruct(rows) - rows) ** 2).reshape(3, -1).mean(1)
    assert np.allclose(expected, digits.errors(rows))


def test_the_summary_is_over_seeds_beside_principal_components(digits):
    [row] = digits.summary().to_dicts()
    assert row["split"] == "test"
    assert row["n"] == 2
    means = [digits.errors(digits.source.test[0], member=member).mean() for member in (0, 1)]
    assert row["mean"] == pytest.approx(np.mean(means))
    assert row["lo"] < row["mean"] < row["hi"]
    assert row["components"] == pytest.approx(digits.component_error(4, "test"))


def test_principal_components_lose_nothing_of_a_plane(plane):
    found = bl.autoencoder(from_arrays(plane, np.zeros(60)), code=2, hidden=[], epochs=0, **QUIET)
    assert found.component_error(2, "train") < 1e-10
    assert found.component_error(1, "train") > 1e-3


@pytest.mark.slow
def test_a_linear_autoencoder_comes_near_principal_components_and_not_below(plane):
    found = bl.autoencoder(plane, code=1, hidden=[], epochs=300, learning_rate=0.01, seeds=3, **QUIET)
    [row] = found.summary().to_dicts()
    assert row["components"] * 0.999 < row["mean"] < row["components"] * 1.1


def test_several_codes_are_an_axis(plane):
    found = bl.autoencoder(plane, code=[1, 2], hidden=[3], epochs=1, seeds=2, **QUIET)
    assert found.run.axes == ("code", "seed")
    summary = found.summary()
    assert summary["code"].to_list() == [1, 2]
    assert summary["components"][1] < 1e-10 < summary["components"][0]
    assert len(found.lines()) == 2


def test_a_seed_decides_the_weights(plane):
    first, again, other = (
        bl.autoencoder(plane, code=1, epochs=1, seed=seed, **QUIET).reconstruct(plane) for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_images_of_sixteen_pixels_get_convolutions():
    images = np.random.default_rng(0).random((8, 16, 16, 3)).astype(np.float32)
    found = bl.autoencoder(images, code=3, hidden=[2, 3], epochs=1, **QUIET)
    kinds = [type(layer).__name__ for layer in found.run.model.layers]
    assert kinds.count("Conv2D") == 5
    assert found.reconstruct(images).shape == images.shape
    assert np.allclose(found.decode(found.encode(images)), found.reconstruct(images), atol=1e-5)


def test_codes_are_clustered(digits):
    found = bl.cluster(digits, k=3)
    assert found.on == "code"
    assert found.centres.shape == (3, 4)
    assert found.counts.shape == (3, 10)  # the classes come from the data that were given


def test_mistakes():
    with pytest.raises(DataError, match="whole numbers of type int32, as token ids are"):
        bl.autoencoder("sentiment", **QUIET)
    with pytest.raises(SettingError, match="multiples of 4"):
        bl.autoencoder("iris", kind="conv", **QUIET)
    with pytest.raises(SettingError, match="two numbers of filters in `hidden`"):
        bl.autoencoder("digits", kind="conv", hidden=[4], **QUIET)
    with pytest.raises(SettingError, match="code"):
        bl.autoencoder("iris", code=0, **QUIET)
