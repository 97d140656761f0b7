"""Parameters by layer."""

import math

import keras
import numpy as np

from backlit import explain
from backlit.explain import LayerCount, Parameters
from backlit.language import Words
from backlit.views.gallery.parameters import VIEW

FORMULA = Words(en="inputs × units", zh="输入数 × 单元数")


def counts(*layers):
    made = tuple(LayerCount(f"l{i}", "Dense", "", n, n - fixed, FORMULA) for i, (n, fixed) in enumerate(layers))
    total = sum(n for n, _ in layers)
    return Parameters("net", made, total, total - sum(fixed for _, fixed in layers))


def test_a_bar_a_layer_that_has_parameters():
    [chart] = VIEW.draw(counts((90, 0), (0, 0), (10, 0)))
    [bars] = chart.series
    assert ["l0", "l2"] == [words.en for words in chart.x.labels]
    assert ([90.0, 10.0], "bars", False) == (bars.y.tolist(), bars.kind, chart.y.is_log)
    assert "100 parameters by layer" == chart.title.en
    assert "各层的参数，共 100 个" == chart.title.zh


def test_those_that_do_not_learn_stand_beside_on_an_axis_of_factors():
    [chart] = VIEW.draw(counts((5000, 0), (40, 20)))
    learn, fixed = chart.series
    assert chart.y.is_log  # 5000 / 20
    assert [5000.0, 20.0] == learn.y.tolist()
    assert math.isnan(fixed.y[0])
    assert 20.0 == fixed.y[1]


def test_of_very_many_layers_some_are_drawn_and_all_are_counted():
    [chart] = VIEW.draw(counts(*[(1, 0)] * 100))
    assert 24 == len(chart.x.labels)
    assert "100 parameters by layer: 24 of 100 layers" == chart.title.en


def test_of_a_real_run_the_bars_are_the_sizes_of_the_weights(digits_cnn_run):
    [chart] = VIEW.draw(VIEW.read(digits_cnn_run))
    model = digits_cnn_run.model
    sizes = {layer.name: sum(w.size for w in layer.get_weights()) for layer in model.layers if layer.weights}
    assert list(sizes) == [words.en for words in chart.x.labels]
    assert list(sizes.values()) == chart.series[0].y.tolist()


def test_a_model_inside_the_model_is_one_bar():
    inner = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)], name="inner")
    model = keras.Sequential([keras.Input((2,)), inner, keras.layers.Dense(1, name="out")])
    [chart] = VIEW.draw(explain.parameters(model))
    assert np.array_equal([9, 4], chart.series[0].y)  # 2·3 + 3, 3·1 + 1


def test_where_all_diverged_there_is_no_model(diverged_run):
    assert VIEW.read(diverged_run) is None
