"""A chart of one line a layer over training, which several views of the inside draw.

Not for choosing the lines (see `backlit.measure.by_layer`).
"""

from backlit.language import Words
from backlit.measure.by_layer import LayerLine, LayerLines
from backlit.views.chart import Axis, Chart, Series

EPOCH = Axis(Words(en="epoch", zh="轮次"))
WIDE_SPAN = 20.0
"""Largest over smallest value from which a logarithmic axis shows more; ours: below it both ends are seen."""


def layer_chart(name: str, title: Words, measured: LayerLines, y: Axis, *, more: tuple[Series, ...] = ()) -> Chart:
    """Draws the lines.

    Args:
        name: Of the chart.
        title: What is shown; how many layers are left out and which member it is are added here.
        measured: The lines.
        y: What was measured.
        more: Lines of another kind, drawn last.

    Returns:
        The chart.
    """
    n = len(measured.lines)
    if n < measured.n_layers:
        en = f"{title.en}: {n} of {measured.n_layers} layers"
        title = Words(en=en, zh=f"{title.zh}：{measured.n_layers} 层中的 {n} 层")
    series = tuple(_series(line) for line in measured.lines)
    return Chart(name, measured.shown.titled(title), EPOCH, y, (*series, *more))


def layer_words(name: str) -> Words:
    """The name of a layer, which is the same in every language.

    Args:
        name: As Keras has it.

    Returns:
        The words.
    """
    return Words(en=name, zh=name)


def _series(line: LayerLine) -> Series:
    if line.spread is None:
        return Series(layer_words(line.layer), line.epochs, line.values)
    lo, hi = line.values - line.spread, line.values + line.spread
    return Series(layer_words(line.layer), line.epochs, line.values, lo=lo, hi=hi)
