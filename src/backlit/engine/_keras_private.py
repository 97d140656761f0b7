"""The one place that touches what Keras does not promise to keep; each function has a test of its own.

`compile_arguments`   the live objects that `model.compile` was given       (`_compile_config`)
`recorded_initializers`  which initialiser made which variable              (`Variable._initialize_with_initializer`)
`trusted_code`        layers that hold a Python lambda may be written and read (`SafeModeScope`)
`build_compiled`      variables of metrics and optimiser, without a step     (`_symbolic_build`)
`compiled_loss`       the loss of `model.compile` alone, without penalties    (`_compile_loss`)
`rate_variable`       the variable that holds the learning rate            (`optimizer._learning_rate`)
`weight_copies`       optimiser variables that start as copies of weights   (`optimizer._momentums`)
`graph_operations`    what a functional or sequential model runs, one by one (`Functional.operations`)
`replaced_operations` other functions for Keras's convolution and pooling   (`keras.src.backend.jax.nn`)
`tapped_outputs`      what layers put out while a model is traced           (`layer.call`, found by `Layer.__call__`)
`replaced_loops`      another loop over time for recurrent layers           (`RNN.inner_loop`)
`TracedNumber`        a traced value where Keras branches on a number in Python
"""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import keras
from keras.src.backend.jax import nn as _operations
from keras.src.initializers.random_initializers import RandomInitializer
from keras.src.models.functional import Functional
from keras.src.ops.numpy import Add, Divide, Maximum, Minimum, Multiply, Subtract
from keras.src.saving.serialization_lib import SafeModeScope

ARITHMETIC = (Add, Subtract, Multiply, Divide, Maximum, Minimum)  # what `a + b` between outputs becomes in a graph
Call = tuple[int, int]  # number of a layer, number of its call


def compile_arguments(model: keras.Model) -> dict[str, Any]:
    """The arguments of `model.compile`, as the objects that the user passed (not as configs).

    Args:
        model: A compiled model.

    Returns:
        `loss`, `loss_weights`, `metrics`, `weighted_metrics`, and the `optimizer` that Keras made of what was passed:
        in mixed precision it wraps it.
    """
    given = model._compile_config.config
    names = ("loss", "loss_weights", "metrics", "weighted_metrics")
    return {"optimizer": model.optimizer, **{name: given.get(name) for name in names}}


@contextlib.contextmanager
def recorded_initializers(*, draws: bool = True) -> Iterator[dict[int, Callable[..., Any]]]:
    """Notes the initialiser of every Keras variable that is created inside the `with`.

    Args:
        draws: Whether Keras's random initialisers draw; if not, zeros stand for what is drawn later.

    Yields:
        `id(variable)` to the callable that made its first value.
    """
    made_by: dict[int, Callable[..., Any]] = {}
    original = keras.Variable._initialize_with_initializer

    def record(variable: Any, initializer: Callable[..., Any]) -> None:
        made_by[id(variable)] = initializer
        is_random = isinstance(initializer, RandomInitializer)
        original(variable, keras.initializers.Zeros() if is_random and not draws else initializer)

    keras.Variable._initialize_with_initializer = record
    try:
        yield made_by
    finally:
        keras.Variable._initialize_with_initializer = original


@contextlib.contextmanager
def trusted_code() -> Iterator[None]:
    """Lets Keras read layers that hold a Python lambda: they come from a live model, not from a file."""
    with SafeModeScope(False), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The object being serialized includes a `lambda`")
        yield


def build_compiled(model: keras.Model, inputs: Any, targets: Any) -> None:
    """Makes the variables of a compiled model's metrics and optimiser, without computing anything.

    Args:
        model: Built and compiled.
        inputs: Some rows, for their shape and dtype.
        targets: The same rows' targets.
    """
    model._symbolic_build(data_batch=(inputs, targets, None))


def compiled_loss(model: keras.Model, targets: Any, predictions: Any, sample_weight: Any) -> Any:
    """The loss that the model was compiled with, without what its layers and regularisers add.

    Args:
        model: Compiled, with one output.
        targets: One batch.
        predictions: As many.
        sample_weight: One weight for each example.

    Returns:
        One number.
    """
    return model._compile_loss(targets, predictions, sample_weight)


def rate_variable(optimizer: keras.optimizers.Optimizer) -> keras.Variable | None:
    """The variable that holds the learning rate; None where a schedule computes it.

    Args:
        optimizer: Any Keras optimiser.

    Returns:
        The variable, which is one of `optimizer.variables`.
    """
    inner: Any = getattr(optimizer, "inner_optimizer", optimizer)
    rate = inner._learning_rate
    return rate if isinstance(rate, keras.Variable) else None


def weight_copies(optimizer: keras.optimizers.Optimizer) -> list[tuple[int, int]]:
    """Which of an optimiser's variables start as copies of the weights that it moves.

    Keras copies them when the optimiser is built, which is too early for weights that a member gets later.

    Args:
        optimizer: Any Keras optimiser that is built.

    Returns:
        Pairs: place among `optimizer.variables`, place among the trainable weights.
    """
    inner: Any = getattr(optimizer, "inner_optimizer", optimizer)
    if not isinstance(inner, keras.optimizers.ScheduleFreeAdamW):
        return []
    places = {id(variable): i for i, variable in enumerate(optimizer.variables)}
    return [(places[id(copy)], i) for i, copy in enumerate(inner._momentums) if copy is not None]


def graph_operations(model: keras.Model) -> list[Any] | None:
    """The operations that a model runs one by one: layers, and functions such as `keras.ops.mean` applied to tensors.

    Args:
        model: Built.

    Returns:
        The operations of a functional or sequential model; None for a model whose code is its own.
    """
    if type(model) is keras.Sequential:
        return list(model.layers)
    return list(model.operations) if type(model) is Functional else None


def backend_operations(names: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """The functions with which Keras's JAX backend convolves and pools.

    Args:
        names: `conv`, `depthwise_conv`, `max_pool`, `average_pool`, …

    Returns:
        Name to function.
    """
    return {name: getattr(_operations, name) for name in names}


@contextlib.contextmanager
def replaced_operations(replacements: dict[str, Callable[..., Any]]) -> Iterator[None]:
    """Lets Keras's layers call other functions for these operations inside the `with`.

    Args:
        replacements: Name to function.

    Yields:
        Nothing.
    """
    originals = backend_operations(tuple(replacements))
    for name, function in replacements.items():
        setattr(_operations, name, function)
    try:
        yield
    finally:
        for name, function in originals.items():
            setattr(_operations, name, function)


@contextlib.contextmanager
def tapped_outputs(layers: Sequence[keras.Layer], zeros: Mapping[Call, jax.Array]) -> Iterator[dict[Call, jax.Array]]:
    """Notes what layers put out inside the `with`, and adds to it.

    Args:
        layers: Whose calls to note; one that calls another of them counts, too.
        zeros: What to add to the output of a call, by number of the layer and number of its call.

    Yields:
        Outputs by layer and call: the first array of numbers with a fraction, where a call gives several.
    """
    outputs: dict[Call, jax.Array] = {}

    def tap(idx: int, call: Callable[..., Any]) -> Callable[..., Any]:
        def tapped(*args: Any, **kwargs: Any) -> Any:
            leaves, structure = jax.tree.flatten(call(*args, **kwargs))
            for place, leaf in enumerate(leaves):
                if isinstance(leaf, jax.Array) and jax.numpy.issubdtype(leaf.dtype, jax.numpy.floating):
                    key = (idx, sum(known == idx for known, _ in outputs))
                    outputs[key] = leaves[place] = leaf + zeros[key] if key in zeros else leaf
                    break
            return jax.tree.unflatten(structure, leaves)

        return tapped

    for idx, layer in enumerate(layers):
        object.__setattr__(layer, "call", tap(idx, layer.call))  # past Keras's attribute tracking
    try:
        yield outputs
    finally:
        for layer in layers:
            object.__delattr__(layer, "call")


@contextlib.contextmanager
def replaced_loops(loop: Callable[..., Any]) -> Iterator[None]:
    """Lets Keras's recurrent layers loop over time with another function inside the `with`.

    A layer of the user's own with an `inner_loop` of its own keeps it.

    Args:
        loop: Takes Keras's own method, the layer, and what the method takes.

    Yields:
        Nothing.
    """
    originals = {kind: kind.inner_loop for kind in (keras.layers.RNN, keras.layers.LSTM, keras.layers.GRU)}

    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        def inner_loop(layer: Any, *args: Any, **kwargs: Any) -> Any:
            return loop(original, layer, *args, **kwargs)

        return inner_loop

    for kind, original in originals.items():
        kind.inner_loop = replacement(original)
    try:
        yield
    finally:
        for kind, original in originals.items():
            kind.inner_loop = original


class TracedNumber:
    """A traced number, known not to be zero, that survives Keras's questions about it.

    Keras asks `if self.momentum != 0` or `if self.rate > 0` in Python, where a tracer has no answer. Members whose
    number is zero are in another group (see `plan.py`), so the answer is known: it is not zero.

    Not for values that may be zero or negative.
    """

    def __init__(self, value: jax.Array) -> None:
        self._value = value

    def __jax_array__(self) -> jax.Array:
        return self._value

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __gt__(self, other: object) -> bool:
        return True

    def __ge__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return False

    def __le__(self, other: object) -> bool:
        return False

    def __add__(self, other: Any) -> Any:
        return self._value + other

    def __radd__(self, other: Any) -> Any:
        return other + self._value

    def __sub__(self, other: Any) -> Any:
        return self._value - other

    def __rsub__(self, other: Any) -> Any:
        return other - self._value

    def __mul__(self, other: Any) -> Any:
        return self._value * other

    def __rmul__(self, other: Any) -> Any:
        return other * self._value

    def __truediv__(self, other: Any) -> Any:
        return self._value / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / self._value

    def __pow__(self, other: Any) -> Any:
        return self._value**other

    def __rpow__(self, other: Any) -> Any:
        return other**self._value

    def __neg__(self) -> Any:
        return -self._value
