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
    notes = layers_left_out(len(measured.lines), measured.n_layers)
    series = tuple(_series(line) for line in measured.lines)
    return Chart(name, measured.shown.titled(title, *notes), EPOCH, y, (*series, *more))


def layers_left_out(n_drawn: int, n_layers: int) -> tuple[Words, ...]:
    """What a title says where not all layers are drawn.

    Args:
        n_drawn: How many are.
        n_layers: Of how many.

    Returns:
        A note, or nothing.
    """
    if n_drawn >= n_layers:
        return ()
    return (Words(en=f"{n_drawn} of {n_layers} layers", zh=f"{n_layers} 层中的 {n_drawn} 层"),)


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
