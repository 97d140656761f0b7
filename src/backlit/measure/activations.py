"""What one layer of a trained network makes of rows: its outputs, whole, for as many rows as are asked for.

    model:  Flatten · Dense 64 "hidden" · Dense 10      outputs_of(model, "hidden", rows)  →  (row, 64)

Outputs are those of inference: no dropout, moving averages in batch normalisation.

Not for a summary of each layer (see `layers.py`) nor for watching layers while they train (see the engine's probes).
"""

from typing import Any

import jax
import keras
import numpy as np
from jaxtyping import Float, Shaped

from backlit.errors import ModelError, did_you_mean
from backlit.language import text

BATCH = 256


def outputs_of(
    model: keras.Model, layer: str, inputs: Shaped[np.ndarray, "sample ..."]
) -> Float[np.ndarray, "sample ..."]:
    """The outputs of one layer.

    Args:
        model: Built, Sequential or Functional.
        layer: Name of the layer, as in `model.summary()`.
        inputs: Rows as the network reads them.

    Returns:
        One entry a row.

    Raises:
        ModelError: If there is no such layer, or the model does not say how its layers are connected.

    Example:
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Rescaling(3.0, name="triple")])
        >>> outputs_of(model, "triple", np.array([[1.0], [2.0]], "float32")).tolist()
        [[3.0], [6.0]]
    """
    tapped = part_until(model, layer)
    state = [
        [variable.value for variable in part] for part in (tapped.trainable_variables, tapped.non_trainable_variables)
    ]
    run = jax.jit(lambda rows: tapped.stateless_call(*state, rows, training=False)[0])
    padded = -len(inputs) % BATCH if len(inputs) > BATCH else 0  # one shape, so one compilation
    rows = np.concatenate([inputs, inputs[:padded]]) if padded else inputs
    parts = [np.asarray(run(rows[i : i + BATCH])) for i in range(0, len(rows), BATCH)]
    return np.concatenate(parts)[: len(inputs)]


def part_until(model: keras.Model, layer: str) -> keras.Model:
    """The part of a network that ends with one layer; it shares the network's weights.

    Args:
        model: Built, Sequential or Functional.
        layer: Name of the layer.

    Returns:
        A model whose output is that of the layer, where it is first used.

    Raises:
        ModelError: If there is no such layer, or the model does not say how its layers are connected.
    """
    names = [one.name for one in model.layers if not isinstance(one, keras.layers.InputLayer)]
    if layer not in names:
        raise ModelError(
            "layer-unknown",
            what=text("Looking for a layer of `{name}`", name=model.name),
            expected=text("the name of a layer"),
            received=text("`{name}`", name=layer),
            fix=did_you_mean(layer, names),
        )
    try:
        output: Any = model.get_layer(layer).output
        return keras.Model(model.inputs, output)
    except (AttributeError, ValueError, TypeError) as error:
        raise ModelError(
            "layer-not-reached",
            what=text("Looking at the layer `{layer}` of `{name}`", layer=layer, name=model.name),
            expected=text("a Sequential or Functional model"),
            received=text("`{kind}`, which does not say how its layers are connected", kind=type(model).__name__),
            fix=text("Write the model with `keras.Sequential` or as inputs and outputs of `keras.Model`."),
        ) from error


def last_hidden(model: keras.Model) -> str:
    """The layer whose output the last layer with weights reads: what the network knows before it decides.

    Args:
        model: Built.

    Returns:
        Name of the layer.

    Raises:
        ModelError: If no layer comes before the last one with weights.

    Example:
        >>> dense = keras.layers.Dense
        >>> last_hidden(keras.Sequential([keras.Input((2,)), dense(3, name="hidden"), dense(1, name="out")]))
        'hidden'
    """
    layers = [one for one in model.layers if not isinstance(one, keras.layers.InputLayer)]
    last = max((i for i, one in enumerate(layers) if one.weights), default=0)
    if last == 0:
        raise ModelError(
            "no-hidden-layer",
            what=text("Looking for a hidden layer of `{name}`", name=model.name),
            expected=text("a layer before the last one that has weights"),
            received=text("none"),
            fix=text("Use the inputs themselves, or a deeper network."),
        )
    return layers[last - 1].name
