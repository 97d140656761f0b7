"""Mean and spread of what each layer puts out, over training."""

from collections.abc import Sequence

from backlit.language import Words
from backlit.measure.by_layer import LayerLines, activation_lines
from backlit.views.chart import Axis, Chart
from backlit.views.kind import View
from backlit.views.layer_charts import layer_chart


def draw(measured: LayerLines) -> Sequence[Chart]:
    """Draws one line a layer with its spread as a band.

    Args:
        measured: Means and spreads.

    Returns:
        One chart.
    """
    title = Words(en="Outputs of the layers: mean ± standard deviation", zh="各层的输出：均值 ± 标准差")
    return (layer_chart("activations", title, measured, Axis(Words(en="output", zh="输出值"))),)


VIEW = View(
    name="activations",
    title=Words(en="Outputs of the layers", zh="各层的输出"),
    about=Words(
        en="The mean of everything that a layer puts out, and one standard deviation around it. A band that shrinks to "
        "nothing says that the layer puts out the same for every sample; one that keeps growing may end in overflow.",
        zh="每一层全部输出的均值，色带是上下各一个标准差。色带缩到几乎没有，说明这一层对所有样本的输出都一样；"
        "色带越来越宽，则可能最终溢出。",
    ),
    part="inside",
    read=activation_lines,
    draw=draw,
    place=10,
)
