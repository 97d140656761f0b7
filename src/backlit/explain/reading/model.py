"""Reads a Keras model, layer by layer, into a Graph. What cannot be read is named; nothing is passed over.

    >>> import backlit, keras
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "relu", name="hidden")])
    >>> [(node.symbol, type(node.operation).__name__) for node in read_model(model).nodes]
    [('z^{(1)}', 'Dense'), ('a^{(1)}', 'Activation')]

A family of layers is one file of this folder with a table `READERS`; a new file is found by itself.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import keras

import backlit.explain.reading as _folder
from backlit.errors import ModelError
from backlit.explain._keras_private import Called, run_symbolically
from backlit.explain.graph import INPUT, Graph
from backlit.explain.reading.builder import Builder, Reader
from backlit.language import listed, text


@cache
def _readers() -> dict[type, Reader]:
    """Layer class to its reader, collected from every file of this folder."""
    found: dict[type, Reader] = {}
    for module in iter_modules(_folder.__path__):
        found |= getattr(import_module(f"backlit.explain.reading.{module.name}"), "READERS", {})
    return found


def supported_layers() -> list[str]:
    """Names of the layers and functions that can be explained.

    Returns:
        Class names, in alphabetical order.

    Example:
        >>> "Dense" in supported_layers()
        True
    """
    return sorted({kind.__name__ for kind in _readers()})


def read_model(model: keras.Model, *, training: bool = False) -> Graph:
    """Reads a Keras model.

    Args:
        model: Built; Sequential or functional, with one input and one output. Models inside it are read, too.
        training: Whether dropout drops and batch normalisation uses the batch's own statistics.

    Returns:
        Its operations.

    Raises:
        ModelError: If the model is not built, has a form of its own, or has layers that are not known (all are named).
    """
    _require_readable(model)
    build = Builder(is_training=training, input_rank=len(model.inputs[0].shape), weights=model.weights)
    unknown: dict[str, str] = {}

    def read(layer: Any, inputs: tuple[int, ...], called: Called) -> int:
        if isinstance(layer, keras.Model):
            return run_symbolically(layer, inputs, read)
        reader = next((known for kind, known in _readers().items() if type(layer) is kind), None)
        if reader is None:
            unknown[layer.name] = type(layer).__name__
            return inputs[0]
        build.layer, build.called = layer, called
        return reader(layer, build, inputs)

    output = run_symbolically(model, (INPUT,), read)
    if unknown:
        raise ModelError(
            "explain-layer",
            what=text("Explaining `{name}`", name=model.name),
            expected=text("layers of these kinds: {names}", names=listed(supported_layers())),
            received=text("also {layers}", layers=listed(f"`{name}` ({kind})" for name, kind in unknown.items())),
            fix=text("Explain a model without these layers; backlit's engine trains them all the same."),
        )
    return build.graph(output)


def _require_readable(model: keras.Model) -> None:
    is_known_form = type(model) is keras.Sequential or type(model).__name__ == "Functional"
    if is_known_form and model.built and len(model.inputs) == 1 and len(model.outputs) == 1:
        return
    if not is_known_form:
        received = text("`{kind}`, whose code cannot be read", kind=type(model).__name__)
    elif not model.built:
        received = text("a model that is not built yet")
    else:
        received = text("{n_in} inputs and {n_out} outputs", n_in=len(model.inputs), n_out=len(model.outputs))
    raise ModelError(
        "explain-model",
        what=text("Explaining `{name}`", name=model.name),
        expected=text("a built Sequential or functional model with one input and one output"),
        received=received,
        fix=text("Begin the model with `keras.Input(shape)`, or take the trained `run.model`."),
    )
