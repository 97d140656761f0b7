"""A network as a chart: nodes in columns, and each connection as a row of dots, the more dots the larger its number.

    Chart("net", title=…, x=layer_axis(3), y=NODES, series=(nodes((2, 3, 2)), dots(words, sizes)))

Dots stand for sizes, because a terminal knows neither thickness nor colour. Not for numbers of nodes in the hundreds.
"""

from collections.abc import Sequence

import numpy as np

from backlit.language import Words
from backlit.views.chart import Axis, Series

MOST_DOTS = 14  # on the connection with the largest number
NODES = Axis(Words(en="node", zh="节点"))


def layer_axis(n_layers: int) -> Axis:
    """The axis along which the layers stand.

    Args:
        n_layers: Layers with weights; the inputs are one column more.

    Returns:
        The axis.
    """
    columns = [
        Words(en="inputs", zh="输入"),
        *(Words(en=f"layer {i}", zh=f"第 {i} 层") for i in range(1, n_layers + 1)),
    ]
    return Axis(Words(en="layer", zh="层"), labels=tuple(columns))


def place_of(layer: int, node: int, widths: Sequence[int]) -> tuple[float, float]:
    """Where a node stands: its layer, and its height around the middle, the first node on top."""
    return float(layer), (widths[layer] - 1) / 2 - node


def nodes(widths: Sequence[int]) -> Series:
    """All nodes.

    Args:
        widths: Nodes of each layer, the inputs first.

    Returns:
        Points.
    """
    places = [place_of(layer, node, widths) for layer, n in enumerate(widths) for node in range(n)]
    return Series(Words(en="node", zh="节点"), *np.array(places).T, kind="points")


def dots(words: Words, sizes: Sequence[np.ndarray], *, largest: float) -> Series:
    """The connections of one kind.

    Args:
        words: What the kind is.
        sizes: For each layer from the first, (k, j): a number of at least 0; 0 draws nothing.
        largest: The number that gets the most dots.

    Returns:
        Points; NaN alone if there is nothing to draw.
    """
    widths = [sizes[0].shape[0], *(size.shape[1] for size in sizes)]
    found: list[tuple[float, float]] = []
    for layer, size in enumerate(sizes, 1):
        for k, j in np.ndindex(size.shape):
            n = round(MOST_DOTS * float(size[k, j]) / largest) if largest > 0 else 0
            (x0, y0), (x1, y1) = place_of(layer - 1, k, widths), place_of(layer, j, widths)
            found += [(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in (np.arange(n) + 1) / (n + 1)]
    return Series(words, *np.array(found or [(np.nan, np.nan)]).T, kind="points")
