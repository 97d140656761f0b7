"""The one place of `explain` that touches what Keras does not promise to keep; each function has a test of its own.

`run_symbolically`    a model's graph, walked with anything in the place of tensors   (`_run_through_graph`)
`promoting_float64`   float64 stays what it is                                       (`dtypes.BIT64_TO_BIT32_DTYPE`)
`take_float64`        a model does not round its inputs         (`_dtype` of `KerasTensor` and of `InputLayer`)
`loss_settings`       what a loss was made with                              (`LossFunctionWrapper._fn_kwargs`)
`operation_class`     what stands behind `a + b` and `keras.ops.mean`                 (`keras.src.ops.numpy`)
`calls_of`            each use of a layer in a model's graph, with its shapes        (`_nodes_by_depth`)
`noted_calls`         what layers read and put out while a model is traced   (`layer.call`, found by `Layer.__call__`)
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import keras

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Place:
    """The number of a node, as an object that Keras's walk takes for a tensor.

    Attributes:
        number: Of the node.
    """

    number: int


@dataclass(frozen=True)
class Called:
    """How an operation is called in a model: by position and by name, with a `Place` for each tensor.

    Attributes:
        args: By position.
        kwargs: By name.
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def run_symbolically(
    model: keras.Model, inputs: tuple[int, ...], visit: Callable[[Any, tuple[int, ...], Called], int]
) -> int:
    """Walks through a model, operation by operation, with numbers of nodes in the place of tensors.

    Args:
        model: Sequential or functional, built.
        inputs: What stands for its inputs.
        visit: Takes an operation, what stands for its inputs, and how it is called; returns what stands for its output.

    Returns:
        What stands for the model's output.
    """
    functional: Any = model._functional if isinstance(model, keras.Sequential) else model

    def call(operation: Any) -> Callable[..., Place]:
        def called(*args: Any, **kwargs: Any) -> Place:
            places = [leaf for leaf in keras.tree.flatten((args, kwargs)) if isinstance(leaf, Place)]
            return Place(visit(operation, tuple(place.number for place in places), Called(args, kwargs)))

        return called

    out = functional._run_through_graph([Place(number) for number in inputs], operation_fn=call)
    [place] = keras.tree.flatten(out)
    return place.number


@contextlib.contextmanager
def promoting_float64() -> Iterator[None]:
    """Lets Keras's operations keep float64 inside the `with`; on JAX, most of them turn it into float32.

    Yields:
        Nothing.
    """
    narrowed = import_module("keras.src.backend.common.dtypes").BIT64_TO_BIT32_DTYPE
    before = narrowed["float64"]
    narrowed["float64"] = "float64"
    try:
        yield
    finally:
        narrowed["float64"] = before


def take_float64(model: keras.Model) -> None:
    """Makes a model take its inputs in float64, and the models inside it theirs; whole numbers stay whole.

    Args:
        model: Sequential or functional, built.
    """
    for part in model._flatten_layers():
        if isinstance(part, keras.layers.InputLayer) and part.dtype.startswith("float"):
            part._dtype = "float64"  # a Sequential model inside another rounds to this what it is called with
        for tensor in part.inputs if isinstance(part, keras.Model) else ():
            if tensor.dtype.startswith("float"):
                tensor._dtype = "float64"


def loss_settings(loss: keras.losses.Loss) -> dict[str, Any]:
    """The settings of a loss, those that its config leaves out (Huber's delta) included.

    Args:
        loss: Any.

    Returns:
        Name to value.
    """
    return {**loss.get_config(), **getattr(loss, "_fn_kwargs", {})}


def operation_class(name: str) -> type:
    """The class of an operation of `keras.ops`, which Keras shows as a function alone.

    Args:
        name: For example `Add`.

    Returns:
        The class of the operation that `a + b` puts into a model.
    """
    return getattr(import_module("keras.src.ops.numpy"), name)


def calls_of(model: keras.Model) -> list[tuple[Any, tuple[Shape, ...], tuple[Shape, ...]]]:
    """Each use of a layer in a model, in the order of computing.

    Args:
        model: Sequential or functional, built.

    Returns:
        The layer, the shapes of its inputs and of its outputs, without the batch.
    """
    functional: Any = model._functional if isinstance(model, keras.Sequential) else model
    nodes = [
        node for depth in sorted(functional._nodes_by_depth, reverse=True) for node in functional._nodes_by_depth[depth]
    ]
    return [
        (
            node.operation,
            tuple(tuple(tensor.shape[1:]) for tensor in node.input_tensors),
            tuple(tuple(tensor.shape[1:]) for tensor in node.outputs),
        )
        for node in nodes
        if not node.is_input
    ]


@dataclass(frozen=True)
class Noted:
    """One call of a layer.

    Attributes:
        layer: Which.
        inputs: What it read.
        before: What it put out before its activation function; the output itself where it has none.
        outputs: What it put out.
        kernel: Its kernel in this call, which is not the layer's own where weights are given from outside; None if it
            has none.
        bias: Its bias in this call; None if it has none.
    """

    layer: keras.Layer
    inputs: Any
    before: Any
    outputs: Any
    kernel: Any
    bias: Any


@contextlib.contextmanager
def noted_calls(layers: Sequence[keras.Layer]) -> Iterator[list[Noted]]:
    """Notes what layers read and put out inside the `with`.

    Args:
        layers: Whose calls to note, wherever in a model they stand.

    Yields:
        The calls, in their order.
    """
    calls: list[Noted] = []

    def noting(layer: Any, call: Callable[..., Any]) -> Callable[..., Any]:
        def noted(inputs: Any, *args: Any, **kwargs: Any) -> Any:
            activation = getattr(layer, "activation", None)
            if not callable(activation):
                outputs = before = call(inputs, *args, **kwargs)
            else:
                object.__setattr__(layer, "activation", _unchanged)  # past Keras's attribute tracking
                try:
                    before = call(inputs, *args, **kwargs)
                finally:
                    object.__setattr__(layer, "activation", activation)
                outputs = activation(before)
            kernel, bias = (getattr(layer, name, None) for name in ("kernel", "bias"))
            kernel, bias = (None if one is None else keras.ops.convert_to_tensor(one) for one in (kernel, bias))
            calls.append(Noted(layer, inputs, before, outputs, kernel, bias))
            return outputs

        return noted

    for layer in layers:
        object.__setattr__(layer, "call", noting(layer, layer.call))
    try:
        yield calls
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")


def _unchanged(values: Any) -> Any:
    return values
