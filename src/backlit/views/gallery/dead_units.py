"""Which share of each layer's units is dead, and which share of its outputs is saturated, over training."""

from collections.abc import Sequence

from backlit.language import Words
from backlit.measure.units import IdleUnits, idle_units
from backlit.views.chart import Axis, Chart
from backlit.views.kind import View
from backlit.views.layer_charts import layer_chart


def draw(measured: IdleUnits) -> Sequence[Chart]:
    """Draws dead units, and saturated ones where there are any.

    Args:
        measured: Shares by layer.

    Returns:
        One chart or two.
    """
    layer, share = measured.worst
    if share > 0:
        title = Words(
            en=f"Dead units: {share:.0%} of {layer} at the end", zh=f"死亡单元：最后 {layer} 层有 {share:.0%}"
        )
    else:
        title = Words(en="Dead units: none at the end", zh="死亡单元：最后一个也没有")
    y = Axis(Words(en="share of dead units (0 to 1)", zh="死亡单元的比例（0 到 1）"))
    charts = [layer_chart("dead-units", title, measured.dead, y)]
    if measured.saturated is not None:
        title = Words(en="Saturated outputs", zh="饱和的输出")
        y = Axis(Words(en="share of saturated outputs (0 to 1)", zh="饱和输出的比例（0 到 1）"))
        charts.append(layer_chart("saturated-units", title, measured.saturated, y))
    return charts


VIEW = View(
    name="dead-units",
    title=Words(en="Dead units", zh="死亡单元"),
    about=Words(
        en="A unit is dead if it puts out the same number for every sample that was looked at: nothing passes through "
        "it. An output is saturated if it lies within 1 % of a bound of its sigmoid or tanh, where hardly any gradient "
        "passes.",
        zh="如果一个单元对看过的所有样本都输出同一个数，它就是死亡单元：没有信息能通过它。"
        "如果一个输出离 sigmoid 或 tanh 的边界不到 1%，它就饱和了，几乎没有梯度能通过。",
    ),
    part="inside",
    read=idle_units,
    draw=draw,
    place=30,
)
