r"""A network as a list of operations: what every number is computed from, and which weights take part.

    graph = read_model(model)                      # reading/: Keras layers become nodes
    trace = run_forward(graph, weights, x)         # forward_pass.py
    slopes = run_backward(graph, trace)            # backward_pass.py

A *node* is one operation on the values of earlier nodes. *Given* arrays are what is not computed: weights, masks of
dropout, targets; a node names them by their place, so that a layer that is used twice has one set of weights. The
inputs of the network are place -1.

Not for numbers: those are arguments of `run_forward`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from backlit.explain.ops import Operation

INPUT = -1


@dataclass(frozen=True)
class Given:
    r"""An array that a network is given.

    Attributes:
        kind: A weight that learns, one that does not, a mask of dropout, or the targets.
        path: Its name, for example `dense/kernel`; `layer/name` as Keras writes it.
        symbol: In LaTeX, for example `w^{(1)}`.
        shape: Its shape; None for an axis, or for all, that depends on the batch.
    """

    kind: Literal["trainable", "fixed", "mask", "targets"]
    path: str
    symbol: str
    shape: tuple[int | None, ...] | None = None


@dataclass(frozen=True)
class Node:
    r"""One operation of a network.

    Attributes:
        layer: Name of the Keras layer that it is a part of.
        number: Of the layer, from 1, as in the symbols.
        operation: What is computed.
        inputs: Places of the nodes whose values go in; -1 is the network's input.
        given: The operation's name for a given array, to its place in `Graph.given`.
        symbol: Of its value, in LaTeX, for example `z^{(1)}`.
    """

    layer: str
    number: int
    operation: Operation
    inputs: tuple[int, ...]
    given: Mapping[str, int]
    symbol: str


@dataclass(frozen=True)
class Graph:
    """A network as a list of operations, each after those whose values it needs.

    Attributes:
        nodes: The operations; the last is the output, or the loss.
        given: The arrays that they are given.
        output: Place of the node whose value the network puts out.
        is_training: Whether dropout drops and batch normalisation uses the batch's own statistics.
        input_rank: Axes of the inputs, batch included.
    """

    nodes: tuple[Node, ...]
    given: tuple[Given, ...]
    output: int
    is_training: bool
    input_rank: int

    def places(self, kind: str) -> list[int]:
        """Places of the given arrays of a kind."""
        return [place for place, given in enumerate(self.given) if given.kind == kind]

    def node_of(self, layer: str) -> int:
        """Place of the node that puts out what a layer puts out."""
        return max(place for place, node in enumerate(self.nodes) if node.layer == layer)
