"""Which member the views of the inside show."""

from backlit.language import Words
from backlit.measure.shown import Shown, shown_member, shown_probes
from tests.measure.probed_stand_in import Probed, looks

NORMS = Words(en="Norms", zh="范数")


def test_one_network_needs_no_words():
    assert NORMS == Shown(0, 1).titled(NORMS)


def test_the_best_of_a_population_is_shown_and_said():
    run = Probed(looks("dead_units", "a", [0, 0, 0]), looks("dead_units", "a", [0.1, 0.2, 0.3]), best=1)
    shown = shown_member(run)
    assert Shown(1, 2) == shown
    assert "Norms (the best of 2 members)" == shown.titled(NORMS).en
    assert "范数（2 个成员中最好的）" == shown.titled(NORMS).zh
    found = shown_probes(run)
    assert found is not None
    assert [0.1, 0.2, 0.3] == found[1]["value"].to_list()


def test_where_all_diverged_the_first_is_shown_and_said():
    shown = shown_member(Probed(looks("dead_units", "a", [0, 0, 0]), diverged=True))
    assert shown.has_diverged
    assert "Norms (a member that diverged)" == shown.titled(NORMS).en


def test_a_run_without_probes_has_none():
    assert shown_probes(Probed([])) is None
