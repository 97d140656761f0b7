"""Scores of all members."""

import numpy as np
import pytest

from backlit.measure.final_metric import FinalMetric
from backlit.measure.member_scores import MemberScores
from backlit.views.gallery.population_scores import VIEW


def test_members_stand_in_order_and_the_best_is_marked():
    [chart] = VIEW.draw(MemberScores(FinalMetric("val_accuracy"), np.array([0.7, 0.8, 0.9]), 1, 2))
    members, best = chart.series
    assert ([1, 2, 3], [0.7, 0.8, 0.9], "points") == (list(members.x), list(members.y), members.kind)
    assert ([2], [0.8]) == (list(best.x), list(best.y))
    assert "Validation accuracy of 5 members (2 diverged)" == chart.title.en
    assert "5 个成员的验证准确率（2 个发散）" == chart.title.zh


@pytest.mark.parametrize(("n", "kind"), [(2, "points"), (15, "points"), (256, "line")])
def test_many_members_are_a_line(n, kind):
    [chart] = VIEW.draw(MemberScores(FinalMetric("val_accuracy"), np.linspace(0.1, 0.9, n), n - 1, 0))
    assert kind == chart.series[0].kind


@pytest.mark.parametrize(
    ("column", "worst", "is_log"), [("loss", 101, True), ("loss", 99, False), ("accuracy", 101, False)]
)
def test_losses_that_span_much_are_shown_in_factors(column, worst, is_log):
    [chart] = VIEW.draw(MemberScores(FinalMetric(column, "nat"), np.array([worst, 1.0]), 1, 0))
    assert is_log == chart.y.is_log


def test_real_runs(sweep, crowd, digits_run, diverged_run):
    for run, n in ((sweep, 15), (crowd, 256), (sweep, 15)):
        [chart] = VIEW.draw(VIEW.read(run))
        assert n == len(chart.series[0].y)
        [score] = chart.series[1].y
        assert run.members["val_accuracy"][run.best] == score
    assert [None, None] == [VIEW.read(run) for run in (digits_run, diverged_run)]
