"""What layers such as Normalization have learned from `adapt`: kept, copied to clones, written down.

Their mean and variance are no weights that training draws or moves, and the layer bakes them into its code as
constants. So a clone has to be given them before it is traced; its variables alone do not do it.

    >>> import keras, numpy as np
    >>> layer = keras.layers.Normalization()
    >>> layer.adapt(np.array([[1.0], [3.0]]))
    >>> written_adapted(keras.Sequential([layer]))[0][0]    # mean (1 + 3) / 2
    [2.0]

Not for weights: see `initialise.py`.
"""

from typing import Any

import keras
import numpy as np


def is_adapted(layer: Any) -> bool:
    """Whether the layer learns from `adapt` and keeps what it learned in variables."""
    return hasattr(layer, "adapt") and hasattr(layer, "finalize_state") and layer.built and bool(layer.variables)


def copy_adapted(source: keras.Model, target: keras.Model) -> None:
    """Gives a clone what the layers of its model have learned from `adapt`.

    Args:
        source: The model.
        target: Its clone, built.
    """
    restore_adapted(target, [[np.asarray(v.value) for v in layer.variables] for layer in _layers(source)])


def written_adapted(model: keras.Model) -> list[list[Any]]:
    """What the layers of a model have learned from `adapt`, as plain lists.

    Args:
        model: Any model.

    Returns:
        One entry a layer, in Keras's order: the values of its variables.
    """
    return [[np.asarray(v.value).tolist() for v in layer.variables] for layer in _layers(model)]


def restore_adapted(model: keras.Model, values: list[list[Any]]) -> None:
    """Gives a model back what `written_adapted` wrote.

    Args:
        model: Built, with the same layers.
        values: From `written_adapted`.
    """
    for layer, own in zip(_layers(model), values, strict=False):
        for variable, value in zip(layer.variables, own, strict=True):
            variable.assign(np.asarray(value, variable.dtype))
        layer.finalize_state()


def _layers(model: keras.Model) -> list[Any]:
    return [layer for layer in model._flatten_layers() if is_adapted(layer)]
