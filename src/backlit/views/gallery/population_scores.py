"""The final scores of all members, from the worst to the best, with the best member marked."""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words, both
from backlit.measure.member_scores import MemberScores, member_scores
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View
from backlit.views.terminal.words import metric_words

MOST_DOTS = 64
"""Members that are a dot each; more are a line. Source: ours, dots of more lie on each other."""

LOG_FROM = 100.0
"""Worst over best loss from which the axis counts in factors. Source: ours, the best ones lie else in a heap."""


def draw(found: MemberScores) -> Sequence[Chart]:
    """Draws the scores in order.

    Args:
        found: From the worst to the best.

    Returns:
        One chart.
    """
    scores, n = found.scores, len(found.scores)
    score = both(metric_words(found.metric.column))
    total = n + found.n_diverged
    title = Words(en=f"{score.en[0].upper()}{score.en[1:]} of {total} members", zh=f"{total} 个成员的{score.zh}")
    if found.n_diverged:
        title = Words(en=f"{title.en} ({found.n_diverged} diverged)", zh=f"{title.zh}（{found.n_diverged} 个发散）")
    is_log = found.metric.is_better_low and scores.min() > 0 and scores.max() > LOG_FROM * scores.min()
    members = Series(
        Words(en="member", zh="成员"), np.arange(1, n + 1), scores, kind="points" if n <= MOST_DOTS else "line"
    )
    best = Series(
        Words(en="best member (by loss)", zh="最佳成员（按损失选出）"),
        [found.best + 1],
        [float(scores[found.best])],
        kind="points",
    )
    return (
        Chart(
            "population-scores",
            title=title,
            x=Axis(Words(en="members, from the worst to the best", zh="成员（从差到好）"), is_whole=True),
            y=Axis(score, unit=found.metric.unit, is_log=bool(is_log)),
            series=(members, best),
        ),
    )


VIEW = View(
    name="population-scores",
    title=Words(en="Scores of all members", zh="所有成员的成绩"),
    about=Words(
        en="The final score of every member, sorted. A flat line means that what differs hardly matters; a steep end, "
        "that few settings or seeds do well. The best member is chosen by its loss, not by this score.",
        zh="每个成员的最终成绩，从差到好排列。曲线平坦，说明成员之间的差别影响不大；末端陡峭，说明只有少数设置或种子学得好。最佳成员按损失选出，而不是按这项成绩。",
    ),
    part="scores",
    read=member_scores,
    draw=draw,
    place=2,
)
