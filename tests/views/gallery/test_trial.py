"""The forest plot."""

import math

from backlit.language import Words
from backlit.measure.verdicts import ArmResult, TrialResult
from backlit.views.chart_figure import draw_figure
from backlit.views.gallery.trial import VIEW
from tests.measure.stand_in import StandIn

TRIAL = TrialResult(
    Words(en="accuracy", zh="准确率"),
    "",
    (
        ArmResult(Words(en="lower rate", zh="减小学习率"), 10, 0.05, 0.02, 0.08, "helps"),
        ArmResult(Words(en="dropout", zh="随机失活"), 10, -0.01, -0.03, 0.01, "no effect"),
        ArmResult(Words(en="no bias", zh="去掉偏置"), 1, -0.2, None, None, "harms"),
    ),
)


def test_a_point_with_its_interval_a_remedy_and_a_line_at_zero():
    [chart] = VIEW.draw(TRIAL)
    helps, harms, nothing, control = chart.series
    assert ["helps", "harms", "no effect", "control"] == [one.words.en for one in chart.series]
    assert ([0.05], [0], [0.02], [0.08]) == tuple(getattr(helps, k).tolist() for k in ("x", "y", "lo", "hi"))
    assert ("x", "points") == (helps.spread, helps.kind)
    assert ([-0.2], [2]) == (harms.x.tolist(), harms.y.tolist())
    assert math.isnan(harms.lo[0])
    assert ([-0.01], [1]) == (nothing.x.tolist(), nothing.y.tolist())
    assert ([0, 0], [0, 2]) == (control.x.tolist(), control.y.tolist())
    assert ["lower rate (10 seeds)", "dropout (10 seeds)", "no bias (1 seed)"] == [one.en for one in chart.y.labels]
    assert "每种对策带来的变化：准确率，95% 区间" == chart.title.zh


def test_the_unit_stands_in_title_and_axis():
    [chart] = VIEW.draw(TrialResult(Words(en="loss", zh="损失"), "nat", TRIAL.arms[:1]))
    assert ("nat", "What each remedy changes: loss [nat], 95 % interval") == (chart.x.unit, chart.title.en)
    assert ["helps", "control"] == [one.words.en for one in chart.series]


def test_plotly_draws_the_whiskers_across():
    figure = draw_figure(VIEW.draw(TRIAL)[0], language="en")
    whiskers = figure.data[0].error_x
    assert math.isclose(0.03, whiskers.array[0])
    assert math.isclose(0.03, whiskers.arrayminus[0])


def test_a_run_shows_its_trial(digits_run):
    assert VIEW.read(digits_run) is None
    run = StandIn()
    run.trial = TRIAL
    assert TRIAL is VIEW.read(run)
    run.trial = TrialResult(TRIAL.metric, "", ())
    assert VIEW.read(run) is None
