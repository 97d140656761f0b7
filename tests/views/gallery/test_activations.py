"""Mean and spread of each layer's outputs."""

import numpy as np

from backlit.measure.by_layer import LayerLine, LayerLines
from backlit.measure.shown import Shown
from backlit.views.gallery.activations import VIEW

EPOCHS = np.array([0.0, 1.0])


def test_the_band_is_one_spread_on_each_side():
    line = LayerLine("hidden", EPOCHS, np.array([1.0, 2.0]), np.array([0.5, 0.25]))
    [chart] = VIEW.draw(LayerLines((line,), 1, Shown(0, 1)))
    [series] = chart.series
    assert ([0.5, 1.75], [1.5, 2.25]) == (series.lo.tolist(), series.hi.tolist())
    assert ("hidden", [0, 1], [1, 2]) == (series.words.zh, series.x.tolist(), series.y.tolist())


def test_layers_that_are_left_out_are_counted_and_the_member_is_named():
    line = LayerLine("hidden", EPOCHS, EPOCHS, EPOCHS)
    [chart] = VIEW.draw(LayerLines((line,), 9, Shown(3, 15)))
    assert chart.title.en.endswith(" (1 of 9 layers; the best of 15 members)")
    assert chart.title.zh.endswith("（9 层中的 1 层；15 个成员中最好的）")


def test_more_bands_than_can_be_told_apart_become_two_charts():
    lines = tuple(LayerLine(f"l{i}", EPOCHS, EPOCHS - 0.5, np.array([1.0, i + 1.0])) for i in range(5))
    means, spreads = VIEW.draw(LayerLines(lines, 5, Shown(0, 1)))
    assert ("activations", "activation-spreads") == (means.name, spreads.name)
    assert ([-0.5, 0.5], ()) == (means.series[4].y.tolist(), means.series[4].lo)
    assert [1.0, 5.0] == spreads.series[4].y.tolist()


def test_of_a_real_run_the_values_are_those_of_its_probes(sweep):
    found = VIEW.read(sweep)
    [chart] = VIEW.draw(found)
    rows = [row for row in sweep.probes.iter_rows(named=True) if row["member"] == sweep.best]
    means = [row["value"] for row in rows if row["probe"] == "activation_mean" and row["layer"] == "out"]
    spreads = [row["value"] for row in rows if row["probe"] == "activation_spread" and row["layer"] == "out"]
    assert ["hidden", "out"] == [series.words.en for series in chart.series]
    assert means == chart.series[1].y.tolist()
    assert np.allclose(np.add(means, spreads), chart.series[1].hi)
    assert abs(means[-1] - 0.1) < 1e-6  # ten probabilities sum to 1


def test_a_run_without_probes_has_no_such_view(grid):
    assert VIEW.read(grid) is None
