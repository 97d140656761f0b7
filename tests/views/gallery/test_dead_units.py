"""Dead and saturated units."""

import numpy as np

from backlit.measure.by_layer import LayerLine, LayerLines
from backlit.measure.shown import Shown
from backlit.measure.units import IdleUnits
from backlit.views.gallery.dead_units import VIEW

EPOCHS = np.array([0.0, 1.0])


def lines(*values):
    return LayerLines((LayerLine("hidden", EPOCHS, np.array(values)),), 1, Shown(0, 1))


def test_the_worst_layer_stands_in_the_title():
    [chart] = VIEW.draw(IdleUnits(lines(0.0, 0.25), None))
    assert "Dead units: 25% of hidden at the end" == chart.title.en
    assert "死亡单元：最后 hidden 层有 25%" == chart.title.zh
    assert [0, 0.25] == chart.series[0].y.tolist()


def test_none_dead_is_said():
    [chart] = VIEW.draw(IdleUnits(lines(0.5, 0.0), None))
    assert "Dead units: none at the end" == chart.title.en


def test_saturated_outputs_are_a_second_chart():
    _, chart = VIEW.draw(IdleUnits(lines(0.0, 0.0), lines(0.125, 0.5)))
    assert ("saturated-units", [0.125, 0.5]) == (chart.name, chart.series[0].y.tolist())


def test_of_a_real_run_the_shares_are_those_of_its_probes(digits_run):
    chart = VIEW.draw(VIEW.read(digits_run))[0]
    rows = [row for row in digits_run.probes.iter_rows(named=True) if row["probe"] == "dead_units"]
    assert [row["value"] for row in rows if row["layer"] == "hidden"] == chart.series[0].y.tolist()
    assert [row["epoch"] for row in rows if row["layer"] == "hidden"] == chart.series[0].x.tolist()
