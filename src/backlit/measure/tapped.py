"""What every layer of a network puts out for some rows, in one pass; and what one layer reads.

Not for one layer and many rows (see `activations.py`), nor for the layers of a model inside the model.
"""

from collections.abc import Sequence
from typing import Any

import jax
import keras
import numpy as np
from jaxtyping import Shaped


def outputs_by_layer(model: keras.Model, inputs: Shaped[np.ndarray, "sample ..."]) -> dict[str, np.ndarray]:
    """The outputs of every layer that has one, as in prediction.

    Args:
        model: Built.
        inputs: Rows as the network reads them.

    Returns:
        By the layer's name, in the order of the model; nothing for a model that does not say how its layers are
        connected.

    Example:
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Rescaling(3.0, name="triple")])
        >>> outputs_by_layer(model, np.array([[2.0]], "float32"))["triple"].tolist()
        [[6.0]]
    """
    found = {layer.name: output_of(layer) for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)}
    tensors = {name: tensor for name, tensor in found.items() if tensor is not None}
    if not tensors or not getattr(model, "inputs", None):
        return {}
    return dict(zip(tensors, _values(model, list(tensors.values()), inputs), strict=True))


def inputs_of(
    model: keras.Model, layer: Any, inputs: Shaped[np.ndarray, "sample ..."]
) -> Shaped[np.ndarray, "sample ..."] | None:
    """What one layer reads.

    Args:
        model: Built.
        layer: Of the model.
        inputs: Rows as the network reads them.

    Returns:
        One entry a row; None where the layer has several inputs, or the model does not say what it reads.
    """
    tensor = input_of(layer)
    if tensor is None or not getattr(model, "inputs", None):
        return None
    if any(tensor is one for one in model.inputs):
        return inputs
    return _values(model, [tensor], inputs)[0]


def output_of(layer: Any) -> Any:
    """The tensor that a layer puts out where it is first used, or None where it has none or several."""
    return _tensor(layer, "output")


def input_of(layer: Any) -> Any:
    """The tensor that a layer reads where it is first used, or None where it has none or several."""
    return _tensor(layer, "input")


def _tensor(layer: Any, name: str) -> Any:
    try:
        tensor = getattr(layer, name)
    except (AttributeError, ValueError):  # never called symbolically
        return None
    return tensor if isinstance(tensor, keras.KerasTensor) else None


def _values(model: keras.Model, tensors: Sequence[Any], inputs: np.ndarray) -> list[np.ndarray]:
    part = keras.Model(model.inputs, list(tensors))
    state = [[variable.value for variable in own] for own in (part.trainable_variables, part.non_trainable_variables)]
    values, _ = jax.jit(lambda *arrays: part.stateless_call(*arrays, training=False))(*state, inputs)
    return [np.asarray(value) for value in (values if isinstance(values, list | tuple) else [values])]
