"""The network as a moving figure."""

import json

import numpy as np
import pytest

from backlit.measure.examples import Examples
from backlit.measure.network_picture import Column, NetworkPicture
from backlit.measure.shown import Shown
from backlit.views.gallery.network import VIEW

SAMPLE = Examples("test", np.array([7]), np.zeros((1, 4)), np.zeros(1, np.int32), ("yes",))


def picture(**more):
    columns = (
        Column("", None, np.array([[[0.0, 1.0], [2.0, 3.0]]]), 2),
        Column("hidden", np.array([0.5, -1.23456]), None, 62),
        Column("out", np.array([0.25, 0.75]), None, 0, ("no", "yes")),
    )
    edges = (None, np.array([[0.0, 1.0, 0.333333], [1.0, 0.0, -2.0]]))
    return NetworkPicture(columns, edges, **{"n_layers": 2, "sample": SAMPLE, "shown": Shown(0, 1)} | more)


def test_columns_and_weights_are_what_the_module_reads():
    [figure] = VIEW.draw(picture())
    first, hidden, out = figure.data["layers"]
    assert ("maps", [[0, 1, 2, 3]], 2, 2, 2) == tuple(first[k] for k in ("kind", "maps", "height", "width", "more"))
    assert ({"en": "input", "zh": "输入"}, "hidden") == (first["name"], hidden["name"])
    assert ("units", [0.5, -1.235], None, 62) == tuple(hidden[k] for k in ("kind", "values", "names", "more"))
    assert ["no", "yes"] == out["names"]
    assert [None, [[0, 1, 0.3333], [1, 0, -2.0]]] == figure.data["weights"]
    json.dumps(figure.as_data(), allow_nan=False)


def test_it_says_in_words_what_it_shows():
    [figure] = VIEW.draw(picture())
    assert "The network and one sample: yes" == figure.title.en
    assert "input, 3 maps of 2 × 2; hidden, 64 units; out, 2 units" in figure.alternative.en
    assert "The strongest unit of the last layer is yes, 0.75." in figure.alternative.en
    assert "最后一层最强的单元是 yes，0.75。" in figure.alternative.zh


def test_layers_that_are_left_out_are_counted():
    [figure] = VIEW.draw(picture(n_layers=30, shown=Shown(4, 15)))
    assert figure.title.en.endswith("(2 of 30 layers; the best of 15 members)")


def test_of_a_real_run_the_last_column_is_its_prediction(table_run):
    [figure] = VIEW.draw(VIEW.read(table_run))
    row = table_run.data.splits.test[0]
    kernel, _, second, _ = table_run.model.get_weights()
    assert [4, 16, 3] == [len(layer["values"]) for layer in figure.data["layers"]]
    assert table_run.predict(table_run.data.inputs[[row]])[0] == pytest.approx(
        figure.data["layers"][-1]["values"], rel=1e-3
    )
    for start, edges in ((kernel, figure.data["weights"][0]), (second, figure.data["weights"][1])):
        assert all(start[i, j] == pytest.approx(weight, rel=1e-3) for i, j, weight in edges)
        assert np.count_nonzero(np.abs(start) >= np.abs(start).max() / 14) == len(edges)
    assert list(table_run.data.class_names) == figure.data["layers"][-1]["names"]


def test_of_a_real_cnn_the_maps_are_drawn(digits_cnn_run):
    [figure] = VIEW.draw(VIEW.read(digits_cnn_run))
    kinds = [(layer["kind"], layer["more"]) for layer in figure.data["layers"]]
    assert [("maps", 0), ("maps", 0), ("maps", 0), ("maps", 4), ("units", 0)] == kinds
