"""How what each layer puts out is distributed, over training: one map of values × time a layer."""

from collections.abc import Sequence

from backlit.language import Words
from backlit.measure.distributions import Distributions, LayerDistribution, activation_distributions
from backlit.views.chart import Axis, Chart, Surface
from backlit.views.kind import View
from backlit.views.layer_charts import EPOCH


def draw(measured: Distributions) -> Sequence[Chart]:
    """Draws one chart a layer.

    Args:
        measured: The distributions.

    Returns:
        The charts.
    """
    return [_chart(one, measured) for one in measured.layers]


def _chart(one: LayerDistribution, measured: Distributions) -> Chart:
    title = Words(en=f"Distribution of the outputs of {one.layer}", zh=f"{one.layer} 层输出的分布")
    surface = Surface(
        Words(en="share of the outputs", zh="占全部输出的比例"), x=one.epochs, y=one.centres, height=one.shares.T
    )
    return Chart(
        f"activation-histogram-{one.layer.replace('_', '-').replace('.', '-')}",
        title=measured.shown.titled(title),
        x=EPOCH,
        y=Axis(Words(en="output", zh="输出值")),
        surface=surface,
    )


VIEW = View(
    name="activation-histograms",
    title=Words(en="Distribution of the outputs", zh="输出的分布"),
    about=Words(
        en="Each column is a histogram of everything that the layer puts out at that moment: the brighter, the more "
        "outputs have this value. All mass at 0 is a layer of ReLU that is mostly silent; all at the ends is a "
        "saturated sigmoid or tanh.",
        zh="每一列是该时刻这一层全部输出的直方图：越亮，取该值的输出越多。全部集中在 0，说明 ReLU 层大多不激活；"
        "全部集中在两端，说明 sigmoid 或 tanh 已经饱和。",
    ),
    part="inside",
    read=activation_distributions,
    draw=draw,
    place=15,
)
