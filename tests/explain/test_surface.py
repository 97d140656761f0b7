"""The loss over a plane: a bowl whose heights are arithmetic, directions scaled as the paper says, a path that lies in
the plane or leaves it, and the same losses from Keras."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit import explain
from backlit.data import from_arrays
from backlit.errors import DataError, ModelError, SettingError
from backlit.explain.directions import choose_plane, project, read_path

dense = keras.layers.Dense


def bowl():
    """y = w₁ x₁ + w₂ x₂; rows e₁, e₂ with targets 1, 2: C = ((w₁ − 1)² + (w₂ − 2)²) / 2, lowest at w = (1, 2)."""
    model = keras.Sequential([keras.Input((2,)), dense(1, use_bias=False)])
    model.compile("sgd", "mean_squared_error")
    model.set_weights([np.array([[1.0], [2.0]])])
    return model


ROWS = np.eye(2, dtype="float32"), np.array([1.0, 2.0], "float32")
AXES = [np.array([[1.0], [0.0]])], [np.array([[0.0], [1.0]])]


def test_the_heights_of_a_bowl():
    surface = explain.loss_surface(bowl(), ROWS, directions=AXES, size=5, reach=2.0)
    squares = np.array([4.0, 1.0, 0.0, 1.0, 4.0])
    assert surface.losses == pytest.approx((squares[:, None] + squares[None]) / 2)
    assert surface.alphas.tolist() == surface.betas.tolist() == [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert (surface.loss, surface.lowest, surface.n_rows) == (0.0, (0.0, 0.0), 2)
    assert (surface.plane.kind, surface.path, surface.share) == ("given", None, None)


def test_alpha_is_across_and_beta_down():
    """w₁ moves by α alone: at α = 1, β = 0 the loss is 1/2; twice the second direction: at β = 1 it is 4/2."""
    surface = explain.loss_surface(bowl(), ROWS, directions=(AXES[0], [2 * AXES[1][0]]), size=3)
    assert surface.losses[1].tolist() == [0.5, 0.0, 0.5]
    assert surface.losses[:, 1].tolist() == [2.0, 0.0, 2.0]


def test_random_directions_are_as_long_as_the_networks_filters(rng):
    end = [rng.normal(size=(3, 3, 2, 4)), rng.normal(size=4), rng.normal(size=(6, 5))]
    plane = choose_plane(None, end, None, seed=1)
    for direction in (plane.first, plane.second):
        for weight, own in ((end[0], direction[0]), (end[2], direction[2])):
            units = range(weight.shape[-1])
            lengths = [np.linalg.norm(weight[..., unit]) for unit in units]
            assert [np.linalg.norm(own[..., unit]) for unit in units] == pytest.approx(lengths)
        assert not direction[1].any()  # biases stay
    again, other = choose_plane("random", end, None, seed=1), choose_plane("random", end, None, seed=2)
    assert np.array_equal(again.first[0], plane.first[0])
    assert not np.array_equal(other.first[0], plane.first[0])


def test_a_path_in_a_plane_is_shown_whole():
    """Moves along two axes only: all variance is shown, and the places are those of the path."""
    end = [np.zeros((3, 2))]
    corners = [(0.0, 0.0), (4.0, 0.0), (4.0, 1.0), (0.0, 1.0)]
    path = [[np.array([[a, 0], [0, 0], [0, b]])] for a, b in corners]
    passed = read_path(path, end)
    plane = choose_plane(None, end, passed, seed=0)
    places, share = project(passed, end, plane)
    assert plane.kind == "path"
    assert np.abs(places[:, 0]).tolist() == pytest.approx([0.0, 4.0, 4.0, 0.0])  # the longer move comes first
    assert np.abs(places[:, 1]).tolist() == pytest.approx([0.0, 0.0, 1.0, 1.0])
    assert share == pytest.approx(1.0)


def test_a_path_that_leaves_the_plane_is_shown_in_part():
    """Three axes with variances 16 : 4 : 1 (each ±4, ±2, ±1): the plane of the first two shows 20 of 21."""
    end = [np.zeros((1, 3))]
    path = [[sign * length * np.eye(3)[[i]]] for i, length in enumerate((4.0, 2.0, 1.0)) for sign in (1, -1)]
    passed = read_path(path, end)
    _, share = project(passed, end, choose_plane("path", end, passed, seed=0))
    assert share == pytest.approx(20 / 21)


def test_a_network_of_one_weight_has_a_flat_second_axis():
    end, path = [np.zeros((1, 1))], [[np.full((1, 1), value)] for value in (3.0, 1.0, 0.0)]
    passed = read_path(path, end)
    places, share = project(passed, end, choose_plane(None, end, passed, seed=0))
    assert np.abs(places[:, 0]).tolist() == pytest.approx([3.0, 1.0, 0.0])
    assert not places[:, 1].any()
    assert share == pytest.approx(1.0)


@pytest.fixture(scope="module")
def trained():
    """A small network trained on two moons, with the weights that it passed."""
    model = keras.Sequential(
        [keras.Input((2,)), dense(8, "tanh"), keras.layers.BatchNormalization(), dense(2, "softmax")]
    )
    stream = bl.stream(model, bl.load("moons", n=200), epochs=8, learning_rate=0.02, save=False)
    for _ in stream:
        pass
    return stream


def test_a_run_brings_its_data_and_a_stream_the_path(trained):
    path = [snapshot.weights() for snapshot in trained.snapshots]
    surface = explain.loss_surface(trained.run, path=path, size=9)
    assert surface.plane.kind == "path"
    assert surface.path.shape == (len(path), 2)
    assert surface.path[-1] == pytest.approx([0.0, 0.0], abs=1e-4)  # the last snapshot is the network
    assert surface.share is not None
    assert 0.5 < surface.share <= 1.0
    for i, axis in enumerate((surface.alphas, surface.betas)):
        assert axis[0] < surface.path[:, i].min()
        assert axis[-1] > surface.path[:, i].max()
    assert "of the path's variance" in surface.say("en")
    assert "路径方差" in surface.say("zh")
    assert str(surface) == surface.say("en")


def test_the_losses_are_those_of_keras(trained):
    """Each point's weights put into the model, and its loss computed by Keras."""
    model, (inputs, targets) = trained.run.model, trained.run.data.train
    surface = explain.loss_surface(trained.run, size=3, seed=4)
    assert surface.loss == pytest.approx(model.evaluate(inputs, targets, verbose=0)[0], rel=1e-5)
    end = [np.asarray(variable.value) for variable in model.trainable_variables]
    for i, beta in enumerate(surface.betas):
        for j, alpha in enumerate(surface.alphas):
            moves = zip(end, surface.plane.first, surface.plane.second, strict=True)
            for variable, (weight, one, other) in zip(model.trainable_variables, moves, strict=True):
                variable.assign(weight + alpha * one + beta * other)
            assert surface.losses[i, j] == pytest.approx(model.evaluate(inputs, targets, verbose=0)[0], rel=1e-4)
    for variable, weight in zip(model.trainable_variables, end, strict=True):
        variable.assign(weight)


def test_few_points_at_a_time_give_the_same(trained, monkeypatch):
    whole = explain.loss_surface(trained.run, size=5)
    monkeypatch.setattr("backlit.explain.surface.CHUNK_BYTES", 1)
    assert explain.loss_surface(trained.run, size=5).losses == pytest.approx(whole.losses, rel=1e-5)


def test_a_flat_path_has_a_frame_all_the_same():
    still = [[np.array([[1.0], [2.0]])]] * 3
    surface = explain.loss_surface(bowl(), ROWS, path=still, size=3)
    assert surface.share == 1.0
    assert surface.alphas.tolist() == [-1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"size": 1}, "`size` a whole number from 2 to 201, received `1`"),
        ({"size": 2.5}, "received `2.5`"),
        ({"reach": 0}, "`reach` a number above 0, received `0`"),
        ({"directions": "path"}, 'received `directions="path"` without a `path`'),
        ({"directions": "up"}, "received `up`"),
        ({"directions": ([np.zeros(3)], AXES[0])}, r"with shapes \[\(2, 1\)\], received other shapes"),
        ({"path": [[np.zeros((2, 1))]] * 2}, "three lists of arrays or more.*received 2 lists"),
        ({"path": [[np.zeros((3, 1))]] * 3}, r"received shapes \[\(3, 1\)\]"),
    ],
)
def test_settings_that_make_no_plane_are_named(settings, words):
    with pytest.raises(SettingError, match=words):
        explain.loss_surface(bowl(), ROWS, **settings)


def test_model_and_data_have_to_fit():
    with pytest.raises(ModelError, match="expected a run, or a built Keras model, received `int`"):
        explain.loss_surface(3, ROWS)
    with pytest.raises(ModelError, match="received `Sequential`"):
        explain.loss_surface(keras.Sequential([dense(1)]), ROWS)
    with pytest.raises(DataError, match="expected data to compute the loss on"):
        explain.loss_surface(bowl())
    other = from_arrays(np.ones((2, 3), "float32"), ROWS[1], task="regression")
    with pytest.raises(DataError, match=r"rows of shape \(2,\), received an array of shape \(3,\)"):
        explain.loss_surface(bowl(), other)
    bare = keras.Sequential([keras.Input((2,)), dense(1)])
    with pytest.raises(ModelError, match="expected a loss, received a model that is not compiled"):
        explain.loss_surface(bare, ROWS)
