"""How long a step is relative to the weights that it moves, over training.

Source:
    cs231n-nn3, section "Ratio of weights:updates" (near 1e-3; a rule of thumb, not a theorem).
"""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words
from backlit.measure.by_layer import LayerLine, LayerLines, kernel_lines
from backlit.measure.subject import AbstractSubject
from backlit.views.chart import Axis, Chart, Series
from backlit.views.kind import View
from backlit.views.layer_charts import layer_chart

USUAL = 1e-3
"""Where the ratio usually lies. Source: cs231n-nn3, section "Ratio of weights:updates"."""


def read(subject: AbstractSubject) -> LayerLines | None:
    """The ratio of each weight that does not start at 0.

    Args:
        subject: A run.

    Returns:
        One line a weight; None where it was not measured.
    """
    return kernel_lines(subject, "update_ratio")


def draw(measured: LayerLines) -> Sequence[Chart]:
    """Draws one line a weight, and the usual ratio.

    Args:
        measured: Ratios.

    Returns:
        One chart.
    """
    epochs = measured.lines[0].epochs
    usual = Series(Words(en="rule of thumb: 0.001", zh="经验值：0.001"), epochs[[0, -1]], np.array([USUAL, USUAL]))
    positive = LayerLines(tuple(_positive(line) for line in measured.lines), measured.n_layers, measured.shown)
    title = Words(en="Step relative to the weights", zh="更新量与权重之比")
    y = Axis(Words(en="length of a step / length of the weights", zh="更新量的范数 / 权重的范数"), is_log=True)
    return (layer_chart("update-ratio", title, positive, y, more=(usual,)),)


def _positive(line: LayerLine) -> LayerLine:
    """0 has no place on a logarithmic axis: a frozen or dead layer leaves a gap."""
    return LayerLine(line.layer, line.epochs, np.where(line.values > 0, line.values, np.nan))


VIEW = View(
    name="update-ratio",
    title=Words(en="Step relative to the weights", zh="更新量与权重之比"),
    about=Words(
        en="How far one step moves the weights, as a share of their length. Often near 0.001, for small networks "
        "up to 0.01. Much higher: the learning rate is likely too high; much lower: too low. Biases are left out: "
        "they start at 0.",
        zh="一步把权重移动多远，以权重自身的长度为单位。通常在 0.001 附近，小网络可到 0.01。高得多：学习率可能太大；"
        "低得多：学习率可能太小。偏置从 0 开始，这里不画。",
    ),
    part="inside",
    read=read,
    draw=draw,
    place=35,
)
