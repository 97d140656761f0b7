"""The final score over two settings: a cell for each pair of values."""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words, both
from backlit.measure.response import SettingAxis
from backlit.measure.score_grid import ScoreGrid, score_grid
from backlit.views.chart import Axis, Chart, Surface
from backlit.views.kind import View
from backlit.views.setting_words import setting_words, spaced
from backlit.views.terminal.words import metric_words

MOST_NUMBERED = 10
"""Cells along a side that hold their number; in smaller cells it cannot be read. Source: ours."""


def draw(found: ScoreGrid) -> Sequence[Chart]:
    """Draws the cells, the largest value of the second setting on top.

    Args:
        found: Means by cell.

    Returns:
        One chart.
    """
    score = both(metric_words(found.metric.column))
    across, down = setting_words(found.across.names), setting_words(found.down.names)
    mean, labels = found.mean, _labels(found.down)
    if found.down.numbers:  # names are read from top to bottom, numbers rise from bottom to top
        mean, labels = mean[::-1], labels[::-1]
    title = Words(
        en=f"{score.en[0].upper()}{score.en[1:]} by {across.en} and {down.en}",
        zh=spaced(f"{across.zh}与{down.zh}对{score.zh}的影响"),
    )
    if found.is_lost.any():
        title = Words(en=f"{title.en} (empty: all diverged)", zh=f"{title.zh}（空白：全部发散）")
    surface = Surface(
        score,
        x=np.arange(mean.shape[1], dtype=float),
        y=np.arange(mean.shape[0], dtype=float),
        height=mean,
        unit=found.metric.unit,
        form="cells",
        spec=".3g" if max(mean.shape) <= MOST_NUMBERED else "",
    )
    return (
        Chart(
            "axis-heat-map",
            title=title,
            x=Axis(across, labels=_labels(found.across)),
            y=Axis(down, labels=labels),
            surface=surface,
        ),
    )


def _labels(axis: SettingAxis) -> tuple[Words, ...]:
    return tuple(Words(en=label, zh=label) for label in axis.labels)


VIEW = View(
    name="axis-heat-map",
    title=Words(en="Score by two settings", zh="两项设置对成绩的影响"),
    about=Words(
        en="The final score for each pair of values of the two settings in which the members differ: the mean over the "
        "seeds. A ridge that runs slantwise says that the two settings must be chosen together.",
        zh="成员之间不同的两项设置每对取值的最终成绩（各随机种子的均值）。若好成绩沿斜线分布，说明这两项设置要一起选。",
    ),
    part="scores",
    read=score_grid,
    draw=draw,
    place=4,
)
