r"""Backpropagation: from the loss to the first layer, each operation handing its gradient to those before it.

Every operation knows how a gradient passes back through itself. So one walk over the nodes, from last to first, gives
the gradient of the loss by every value and every weight. Where a value or a weight is used several times, what comes
back from each use is added up; that sum is all the bookkeeping there is.

Source:
    rumelhart-1986, section "Learning by back-propagating errors"; baydin-2018, section 3.2 (reverse accumulation).
"""

from dataclasses import dataclass

import numpy as np

from backlit.explain.forward_pass import Trace
from backlit.explain.graph import INPUT, Graph


@dataclass(frozen=True)
class Slopes:
    """The gradient of one number, the last node's value, by all others.

    Attributes:
        values: ∂C/∂value for each node; None where C does not depend on it.
        given: ∂C/∂weight for each given array; None for those without a gradient (masks, targets, class numbers).
        inputs: ∂C/∂inputs, or None where inputs are whole numbers.
    """

    values: tuple[np.ndarray | None, ...]
    given: tuple[np.ndarray | None, ...]
    inputs: np.ndarray | None


def run_backward(graph: Graph, trace: Trace) -> Slopes:
    """Walks from the last node to the first.

    Args:
        graph: A network whose last node is one number: the loss.
        trace: Its forward pass.

    Returns:
        The gradient by every value and every weight.
    """
    by_value: list[np.ndarray | None] = [None] * len(graph.nodes)
    by_given: list[np.ndarray | None] = [None] * len(graph.given)
    by_inputs: np.ndarray | None = None
    by_value[-1] = np.ones_like(trace.values[-1])
    for place in range(len(graph.nodes) - 1, -1, -1):
        slope = by_value[place]
        if slope is None:
            continue
        node = graph.nodes[place]
        back = trace.backs[place](slope)
        for source, gradient in zip(node.inputs, back.inputs, strict=True):
            if source == INPUT:
                by_inputs = _added(by_inputs, gradient)
            else:
                by_value[source] = _added(by_value[source], gradient)
        for name, gradient in back.weights.items():
            by_given[node.given[name]] = _added(by_given[node.given[name]], gradient)
    return Slopes(tuple(by_value), tuple(by_given), by_inputs)


def _added(known: np.ndarray | None, more: np.ndarray | None) -> np.ndarray | None:
    if known is None or more is None:
        return more if known is None else known
    return known + more
