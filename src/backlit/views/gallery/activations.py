"""Mean and spread of what each layer puts out, over training."""

from collections.abc import Sequence
from dataclasses import replace

from backlit.language import Words
from backlit.measure.by_layer import LayerLine, LayerLines, activation_lines
from backlit.views.chart import Axis, Chart
from backlit.views.kind import View
from backlit.views.layer_charts import WIDE_SPAN, layer_chart

MOST_BANDS = 4  # that can be told apart where they lie over each other; ours


def draw(measured: LayerLines) -> Sequence[Chart]:
    """Draws one line a layer with its spread as a band; of more than four, means and spreads by themselves.

    Args:
        measured: Means and spreads.

    Returns:
        One chart or two.
    """
    if len(measured.lines) <= MOST_BANDS:
        title = Words(en="Outputs of the layers: mean ± standard deviation", zh="各层的输出：均值 ± 标准差")
        return (layer_chart("activations", title, measured, Axis(Words(en="output", zh="输出值"))),)
    means = LayerLines(tuple(replace(line, spread=None) for line in measured.lines), measured.n_layers, measured.shown)
    spreads = LayerLines(tuple(_spread(line) for line in measured.lines), measured.n_layers, measured.shown)
    mean, spread = Words(en="mean output", zh="输出的均值"), Words(en="standard deviation", zh="输出的标准差")
    return (
        layer_chart("activations", Words(en="Outputs of the layers: mean", zh="各层输出的均值"), means, Axis(mean)),
        layer_chart(
            "activation-spreads",
            Words(en="Outputs of the layers: standard deviation", zh="各层输出的标准差"),
            spreads,
            Axis(spread, is_log=spreads.span > WIDE_SPAN),
        ),
    )


def _spread(line: LayerLine) -> LayerLine:
    assert line.spread is not None, "bug in backlit: a line without its spread"
    return LayerLine(line.layer, line.epochs, line.spread)


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
