"""The final score over the one setting in which members differ: mean and 95 % interval over the seeds."""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words, both
from backlit.measure.response import Response, SettingAxis, response
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View
from backlit.views.setting_words import setting_words, spaced
from backlit.views.terminal.words import metric_words

LOG_FROM = 20.0
"""Largest over smallest value from which equal steps are equal factors. Source: ours, values are else in a heap."""

MOST_WHISKERS = 12
"""Values of a number that are points with whiskers; more are a line with a band. Source: ours, a matter of looks."""


def draw(found: Response) -> Sequence[Chart]:
    """Draws the response.

    Args:
        found: Means by value.

    Returns:
        One chart.
    """
    score = both(metric_words(found.metric.column))
    setting = setting_words(found.axis.names)
    numbers = found.axis.numbers
    has_intervals = bool(np.isfinite(found.lo).any())
    is_line = len(numbers) > MOST_WHISKERS
    series = Series(
        Words(en="mean with its 95 % interval", zh="均值及其 95% 区间") if has_intervals else score,
        np.array(numbers) if numbers else np.arange(len(found.mean)),
        found.mean,
        kind="line" if is_line else "points",
        lo=found.lo if has_intervals else (),
        hi=found.hi if has_intervals else (),
    )
    title = Words(
        en=f"{score.en[0].upper()}{score.en[1:]} by {setting.en}", zh=spaced(f"{setting.zh}对{score.zh}的影响")
    )
    if found.n_diverged:
        lost, n = found.n_diverged, found.n_members
        title = Words(en=f"{title.en} ({lost} of {n} members diverged)", zh=f"{title.zh}（{n} 个成员中 {lost} 个发散）")
    return (Chart("axis-response", title, _axis(found.axis, setting), Axis(score, unit=found.metric.unit), (series,)),)


def _axis(axis: SettingAxis, words: Words) -> Axis:
    numbers = axis.numbers
    if not numbers:
        return Axis(words, labels=tuple(Words(en=label, zh=label) for label in axis.labels))
    if numbers[0] > 0 and numbers[-1] > LOG_FROM * numbers[0]:
        return Axis(words, is_log=True)
    return Axis(words, is_whole=all(number.is_integer() for number in numbers))


VIEW = View(
    name="axis-response",
    title=Words(en="Score by setting", zh="设置对成绩的影响"),
    about=Words(
        en="The final score for each value of the setting in which the members differ: the mean over the seeds and its "
        "95 % interval. Where two intervals hardly overlap, the difference is more than luck.",
        zh="那项各成员不同的设置，取每个值时的最终成绩：各随机种子的均值及其 95% 区间。"
        "两个区间几乎不重叠时，差别就不只是运气。",
    ),
    part="scores",
    read=response,
    draw=draw,
    place=4,
)
