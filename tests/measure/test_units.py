"""Dead and saturated units."""

from backlit.measure.units import idle_units
from tests.measure.probed_stand_in import Probed, looks

DEAD = looks("dead_units", "a", [0, 0.5, 0.25]) + looks("dead_units", "b", [0, 0, 0.75])


def test_the_worst_layer_is_that_of_the_last_look():
    assert ("b", 0.75) == idle_units(Probed(DEAD)).worst


def test_saturated_outputs_are_shown_where_there_are_any():
    none = idle_units(Probed(DEAD + looks("saturated_units", "a", [0, 0, 0])))
    some = idle_units(Probed(DEAD + looks("saturated_units", "a", [0, 0, 0.1])))
    assert none.saturated is None
    assert [0, 0, 0.1] == some.saturated.lines[0].values.tolist()


def test_a_look_that_overflowed_is_not_the_last():
    rows = looks("dead_units", "a", [0, 0.5, float("nan")])
    assert ("a", 0.5) == idle_units(Probed(rows)).worst


def test_without_the_probe_there_is_nothing():
    assert idle_units(Probed(looks("saturated_units", "a", [0, 0, 1]))) is None
