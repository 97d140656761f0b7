"""How many multiply-adds each layer takes, forward and back, counted from the shapes of its operations.

A weight that is used at m places takes m of them: in a dense layer m is the batch, in a convolution batch × windows
(zeros of the padding are multiplied like other numbers), in a recurrent layer batch × steps. Attention multiplies
inputs with each other: each query with each key, each share with each value.

Not for what that means: see `cost.py`.

Source:
    baydin-2018, section 3.2.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from backlit.explain.forward_pass import Trace
from backlit.explain.graph import INPUT, Graph, Node
from backlit.explain.ops.attention import Mixture, Projection, Scores
from backlit.explain.ops.identity import Identity
from backlit.explain.ops.losses import Loss
from backlit.explain.ops.recurrent import AbstractRecurrent
from backlit.explain.ops.reshape import Permute, Reshape
from backlit.explain.ops.zero_padding import Cropping, ZeroPadding

MATRICES = ("kernel", "recurrent_kernel", "depthwise_kernel", "pointwise_kernel")
"""Weights that are multiplied with inputs and added up."""
_COMPUTE_NOTHING = (Identity, Reshape, Permute, ZeroPadding, Cropping, Loss)


@dataclass(frozen=True)
class LayerCost:
    """What one layer takes, in multiply-adds.

    Attributes:
        layer: Its Keras name.
        n_weights: How many numbers of it learn.
        forward: Of the forward pass.
        to_weights: Of the backward pass, for the gradient by its weights.
        to_inputs: Of the backward pass, for the gradient that it hands back; 0 where nothing before it learns.
        elementwise: Numbers that are made without multiply-adds, in the forward pass: activations, pooling, and so on.
    """

    layer: str
    n_weights: int
    forward: int
    to_weights: int
    to_inputs: int
    elementwise: int

    @property
    def backward(self) -> int:
        """Of the whole backward pass."""
        return self.to_weights + self.to_inputs


def count_layers(graph: Graph, trace: Trace) -> tuple[LayerCost, ...]:
    """Counts what each layer takes.

    Args:
        graph: The network with its loss.
        trace: A forward pass, for the shapes.

    Returns:
        In the order of computing; layers that compute nothing are left out.
    """
    by_layer: dict[str, list[LayerCost]] = {}
    for one in _costs(graph, trace):
        by_layer.setdefault(one.layer, []).append(one)
    layers = [_summed(parts) for parts in by_layer.values()]
    return tuple(one for one in layers if one.forward or one.elementwise or one.n_weights)


def _costs(graph: Graph, trace: Trace) -> Iterator[LayerCost]:
    """One for each node."""
    learns_before: dict[int, bool] = {INPUT: False}
    counted: set[int] = set()  # a weight that is used twice is one weight
    for place, node in enumerate(graph.nodes):
        own = {i for i in node.given.values() if graph.given[i].kind == "trainable"}
        is_needed = any(learns_before[i] for i in node.inputs)
        learns_before[place] = is_needed or bool(own)
        products = _products(node, place, graph, trace)
        learned = sum(n for name, n in products.items() if node.given.get(name) in own)
        handed_back = sum(products.values()) if is_needed else 0
        if isinstance(node.operation, Scores | Mixture):
            handed_back = sum(products.values()) * sum(learns_before[i] for i in node.inputs)
        elif isinstance(node.operation, AbstractRecurrent) and own and not is_needed:
            handed_back = products["recurrent_kernel"]  # back through time, from step to step
        yield LayerCost(
            node.layer,
            n_weights=sum(trace.given[i].size for i in own - counted),
            forward=sum(products.values()),
            to_weights=learned,
            to_inputs=handed_back,
            elementwise=_elementwise(node, place, graph, trace, has_products=bool(products)),
        )
        counted |= own


def _products(node: Node, place: int, graph: Graph, trace: Trace) -> dict[str, int]:
    """Multiply-adds of an operation's forward pass, by the weight that is multiplied; "" for inputs with each other."""
    inputs, given, value = trace.inputs_of(graph, place), trace.given_of(graph, place), trace.values[place]
    if isinstance(node.operation, Scores):
        return {"": value.size * inputs[0].shape[-1]}  # one product for each entry of a query
    if isinstance(node.operation, Mixture):
        return {"": value.size * inputs[0].shape[-1]}  # one for each place that is mixed in
    if isinstance(node.operation, AbstractRecurrent | Projection):
        n_places = math.prod(inputs[0].shape[:2])
    else:
        n_places = value.size // value.shape[-1] if value.ndim else 0
    return {name: given[name].size * n_places for name in MATRICES if name in given}


def _elementwise(node: Node, place: int, graph: Graph, trace: Trace, *, has_products: bool) -> int:
    """Numbers that come out of an activation, a maximum, a mean; in a recurrent layer, one for each sum and step."""
    if isinstance(node.operation, AbstractRecurrent):
        n_steps = math.prod(trace.inputs_of(graph, place)[0].shape[:2])
        return n_steps * trace.given_of(graph, place)["kernel"].shape[1]
    if has_products or isinstance(node.operation, _COMPUTE_NOTHING):
        return 0
    return trace.values[place].size


def _summed(parts: list[LayerCost]) -> LayerCost:
    names = ("n_weights", "forward", "to_weights", "to_inputs", "elementwise")
    return LayerCost(parts[0].layer, **{name: sum(getattr(part, name) for part in parts) for name in names})
