"""How long the weights of each layer are, over training."""

from collections.abc import Sequence

from backlit.language import Words
from backlit.measure.by_layer import LayerLines, weight_lines
from backlit.measure.subject import AbstractSubject
from backlit.views.chart import Axis, Chart
from backlit.views.kind import View
from backlit.views.layer_charts import WIDE_SPAN, layer_chart


def read(subject: AbstractSubject) -> LayerLines | None:
    """The lengths of all weights of each layer.

    Args:
        subject: A run.

    Returns:
        One line a layer; None where they were not measured.
    """
    return weight_lines(subject, "weight_norm")


def draw(measured: LayerLines) -> Sequence[Chart]:
    """Draws one line a layer.

    Args:
        measured: Lengths.

    Returns:
        One chart.
    """
    title = Words(en="Length of the weights by layer", zh="各层权重的范数")
    y = Axis(Words(en="length of the weights (L2 norm)", zh="权重的 L2 范数"), is_log=measured.span > WIDE_SPAN)
    return (layer_chart("norms", title, measured, y),)


VIEW = View(
    name="norms",
    title=Words(en="Length of the weights", zh="权重范数"),
    about=Words(
        en="The length of all weights of a layer as one vector. Growing without end, the network becomes ever surer of "
        "itself; falling to 0, a penalty such as weight decay outweighs the data.",
        zh="把一层的全部权重看作一个向量的长度。一直增大，网络会越来越自信；"
        "一直降到 0，说明权重衰减之类的惩罚压过了数据。",
    ),
    part="inside",
    read=read,
    draw=draw,
    place=20,
)
