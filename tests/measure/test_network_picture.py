"""What of a network is drawn, on nets whose numbers can be redone by hand."""

import keras
import numpy as np
import pytest

from backlit.measure.network_picture import network_picture
from tests.measure.stand_in import StandIn, rows_of


def dense(kernel, name, activation=None):
    start = keras.initializers.Constant(np.array(kernel, "float32"))
    return keras.layers.Dense(np.shape(kernel)[1], activation, use_bias=False, kernel_initializer=start, name=name)


def picture_of(layers, inputs, **more):
    data = rows_of([inputs, inputs], [0, 1], test=[1], class_names=more.pop("class_names", ("no", "yes")), **more)
    model = keras.Sequential([keras.Input(np.shape(inputs)), *layers])
    return network_picture(StandIn(data=data, model=model))


def test_columns_hold_activations_and_lines_hold_weights():
    """(1, 2) → (1·1 − 2·1, 1·0.5 + 2·4) = (−1, 8.5) → ReLU (0, 8.5) → (8.5·2, 8.5·0) = (17, 0)."""
    layers = [dense([[1, 0.5], [-1, 4]], "hidden", "relu"), keras.layers.Dropout(0.5), dense([[3, 3], [2, 0]], "out")]
    found = picture_of(layers, [1.0, 2.0], feature_names=("age", "height"))
    assert ["", "hidden", "out"] == [one.name for one in found.columns]
    assert [[1, 2], [0, 8.5], [17, 0]] == [one.units.tolist() for one in found.columns]
    assert [("age", "height"), (), ("no", "yes")] == [one.unit_names for one in found.columns]
    first, second = (sorted(map(tuple, edges.tolist())) for edges in found.edges)
    assert [(0, 0, 1), (0, 1, 0.5), (1, 0, -1), (1, 1, 4)] == first
    assert [(0, 0, 3), (0, 1, 3), (1, 0, 2)] == second  # through the dropout; a weight of 0 is no line
    assert "yes" == found.sample.names[0]


def test_lines_too_faint_to_be_seen_are_left_out():
    found = picture_of([dense([[1, 0.07], [0.08, -0.01]], "out")], [1.0, 2.0])  # 1 / 14 = 0.0714…
    assert [[1, 0, 0.08], [0, 0, 1]] == found.edges[0].round(6).tolist()


def test_units_beyond_sixty_four_are_counted():
    found = picture_of([dense(np.ones((100, 70)), "wide"), dense(np.ones((70, 2)), "out")], np.ones(100).tolist())
    assert [(64, 36), (64, 6), (2, 0)] == [(len(one), one.n_more) for one in found.columns]
    assert found.edges[1][:, 0].max() == 63
    assert 1500 == len(found.edges[0])


def test_a_picture_is_a_stack_of_maps():
    pixels = np.arange(32, dtype="float32").reshape(4, 4, 2).tolist()
    layers = [
        keras.layers.Conv2D(10, 1, use_bias=False, kernel_initializer="ones", name="conv"),
        keras.layers.MaxPooling2D(name="pool"),
        keras.layers.Flatten(),
        dense(np.ones((40, 2)), "out"),
    ]
    found = picture_of(layers, pixels)
    assert [(2, 4, 4), (8, 4, 4), (8, 2, 2)] == [one.maps.shape for one in found.columns[:3]]
    assert [0, 2, 2, 0] == [one.n_more for one in found.columns]
    assert np.array_equal(np.arange(0, 32, 2).reshape(4, 4), found.columns[0].maps[0])
    assert np.array_equal(np.arange(1, 64, 4).reshape(4, 4), found.columns[1].maps[5])  # 2i + 2i + 1
    assert (None, None, None) == found.edges


def test_large_maps_are_thinned_out():
    found = picture_of([keras.layers.Flatten(), dense(np.ones((10_000, 2)), "out")], np.zeros((100, 100, 1)).tolist())
    assert (1, 34, 34) == found.columns[0].maps.shape  # every third


def test_a_deep_network_shows_eight_columns():
    layers = [dense(np.eye(2), f"layer_{i}") for i in range(12)]
    found = picture_of(layers, [1.0, 2.0])
    assert (8, 12) == (len(found.columns), found.n_layers)
    assert ["", "layer_0", "layer_11"] == [found.columns[i].name for i in (0, 1, -1)]
    drawn = [edges is not None for edges in found.edges]
    assert drawn[0]
    assert not all(drawn)  # where layers are left out between, no line is true


def test_a_branch_that_is_not_read_has_no_lines():
    x = keras.Input((2,))
    first = dense(np.eye(2), "first")(x)
    second = dense(np.eye(2), "second")(x)
    model = keras.Model(x, keras.layers.Concatenate(name="both")([first, second]))
    data = rows_of([[1.0, 2.0], [1.0, 2.0]], [0, 1])
    found = network_picture(StandIn(data=data, model=model))
    assert [True, False, False] == [edges is not None for edges in found.edges]


@pytest.mark.parametrize("status", ["diverged"])
def test_a_run_that_diverged_has_no_picture(status):
    data = rows_of([[1.0], [2.0]], [0, 1])
    assert network_picture(StandIn(data=data, members=[{"status": status}])) is None
