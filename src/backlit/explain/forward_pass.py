"""The forward pass: every operation of a network, one after another, in NumPy and float64.

Not for showing it (see `explanation.py`), nor for what comes back (see `backward_pass.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backlit.explain.graph import INPUT, Graph
from backlit.explain.ops import Backward


@dataclass(frozen=True)
class Trace:
    """What a forward pass leaves behind.

    Attributes:
        inputs: The batch that went in.
        given: Weights, masks and targets, as they were given.
        values: What every node computed.
        backs: The function of every node that carries a gradient back.
    """

    inputs: np.ndarray
    given: Sequence[np.ndarray]
    values: tuple[np.ndarray, ...]
    backs: tuple[Backward, ...]

    def inputs_of(self, graph: Graph, place: int) -> tuple[np.ndarray, ...]:
        """The arrays that went into a node."""
        return tuple(self.inputs if i == INPUT else self.values[i] for i in graph.nodes[place].inputs)

    def given_of(self, graph: Graph, place: int) -> dict[str, np.ndarray]:
        """The weights, masks and targets of a node, by the operation's names."""
        return {name: self.given[i] for name, i in graph.nodes[place].given.items()}


def run_forward(graph: Graph, given: Sequence[np.ndarray], inputs: np.ndarray) -> Trace:
    """Computes every value of a network.

    Args:
        graph: The network.
        given: One array for each of `graph.given`, in float64.
        inputs: A batch.

    Returns:
        Every node's value, and the way back through it.
    """
    values: list[np.ndarray] = []
    backs: list[Backward] = []
    for node in graph.nodes:
        arrays = [inputs if i == INPUT else values[i] for i in node.inputs]
        value, back = node.operation.forward(*arrays, **{name: given[i] for name, i in node.given.items()})
        values.append(value)
        backs.append(back)
    return Trace(inputs, given, tuple(values), tuple(backs))
