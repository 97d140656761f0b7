"""What one layer of a network reads and puts out, as a pure function of the weights and the rows.

    weights = held_weights(model)                    # as they are now; training goes on without changing them
    seen = watch(model, weights, rows, [layer])      # inside a program that JAX traces
    seen.calls[0].inputs, seen.calls[0].outputs

The whole model is traced, so that a layer is found wherever it stands: in a Sequential, in a functional model, in a
model inside a model. What lies behind the layer is never computed, because nothing asks for it and XLA leaves it out.

Programs are kept: the same model, kind and settings compile once, and live as long as the model does.

Not for the plain arithmetic of a pass: see `forward_pass.py`.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, ref

import jax
import keras
import numpy as np

from backlit.data import Dataset
from backlit.engine.kernels import fast_kernels
from backlit.errors import DataError
from backlit.explain._keras_private import Noted, noted_calls
from backlit.language import text

Weights = tuple[list[np.ndarray], list[np.ndarray]]
"""Trainable weights and the others, in Keras's order."""

_programs: WeakKeyDictionary[keras.Model, dict[Hashable, Callable[..., Any]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Seen:
    """One pass.

    Attributes:
        output: What the model put out.
        calls: The calls of the layers that were watched, in their order.
    """

    output: Any
    calls: list[Noted]


def held_weights(model: keras.Model) -> Weights:
    """A model's weights as they are now.

    Args:
        model: Built.

    Returns:
        Copies.
    """
    trainable, others = (
        [np.array(variable.value) for variable in part]
        for part in (model.trainable_variables, model.non_trainable_variables)
    )
    return trainable, others


def watch(model: keras.Model, weights: Any, rows: Any, layers: Sequence[keras.Layer]) -> Seen:
    """Runs a model as it predicts, and notes what some layers do.

    Args:
        model: Built, with one input.
        weights: From `held_weights`, or what is traced in their place.
        rows: A batch.
        layers: Which layers to watch; of the model, or of a model inside it.

    Returns:
        Values that may be traced.
    """
    with noted_calls(layers) as calls, fast_kernels():
        given = rows if is_one_tensor(model) else keras.tree.pack_sequence_as(model.input, [rows])
        output = model.stateless_call(*weights, given, training=False)[0]
    return Seen(output, calls)


def is_one_tensor(model: keras.Model) -> bool:
    """Whether a model with one input takes it as it is, and not in a list or a dict, as `keras.Model([x], y)` does."""
    return isinstance(model, keras.Sequential) or not isinstance(model.input, list | tuple | dict)


def kept_program(
    model: keras.Model, key: Hashable, make: Callable[[Callable[[], keras.Model]], Callable[..., Any]]
) -> Callable[..., Any]:
    """A compiled program of a model, made when it is first asked for.

    Args:
        model: Whose program; it is forgotten together with the model.
        key: What else it depends on, beside shapes.
        make: Takes a function that gives the model, to be called while tracing; returns what JAX is to compile.

    Returns:
        The program.
    """
    known = _programs.setdefault(model, {})
    if key not in known:
        alive = ref(model)

        def model_now() -> keras.Model:
            found = alive()
            assert found is not None, "bug in backlit: a program outlived its model"
            return found

        known[key] = jax.jit(make(model_now))
    return known[key]


def read_rows(model: keras.Model, data: Any) -> np.ndarray:
    """Rows as a model takes them.

    Args:
        model: Whose inputs.
        data: A Dataset (all its rows), rows, or one sample without the batch axis.

    Returns:
        The batch first; numbers with a fraction in Keras's float type.

    Raises:
        DataError: If the shape does not fit.
    """
    found = np.asarray(data.inputs if isinstance(data, Dataset) else data)
    wanted = tuple(model.inputs[0].shape)
    batch = found[None] if found.ndim == len(wanted) - 1 else found
    fits = batch.ndim == len(wanted) and all(
        size is None or size == given for size, given in zip(wanted[1:], batch.shape[1:], strict=True)
    )
    if not fits or batch.size == 0:
        raise DataError(
            "explain-sample",
            what=text("Reading the sample for `{name}`", name=model.name),
            expected=text("shape {shape}, or several of them", shape=wanted[1:]),
            received=text("shape {shape}", shape=found.shape),
            fix=text("Pass one row of the data, for example `data[0]`."),
        )
    return batch.astype(keras.config.floatx()) if batch.dtype.kind == "f" or not reads_numbers(model) else batch


def reads_numbers(model: keras.Model) -> bool:
    """Whether a model reads whole numbers that only name something, such as words."""
    return any(isinstance(layer, keras.layers.Embedding) for layer in model._flatten_layers())
