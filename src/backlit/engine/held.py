"""The weights that a given model's layers hold already: copied to clones, so that no seed draws them anew.

A frozen layer (`trainable=False`) keeps its weights in every member: that is what freezing is for. A layer that learns
keeps them unless each member shall be drawn by its seed; so a pretrained base inside a new `Sequential`, which is not
built as a whole, is not lost. A layer that has no weights yet gets them from the member's seed, like any other.

Not for layers that learn from `adapt`: see `adapted.py`.
"""

import keras

from backlit.engine.initialise import Initializers


def holds_weights(model: keras.Model) -> bool:
    """Whether any layer of the model has weights already."""
    return any(layer.built and layer.variables for layer in _layers(model))


def copy_held(source: keras.Model, target: keras.Model, initializers: Initializers, *, only_frozen: bool) -> None:
    """Gives a clone the weights that its model's layers hold, and takes their initialisers away.

    Args:
        source: The model.
        target: Its clone, built.
        initializers: What made each variable of the clone; changed.
        only_frozen: Whether layers that learn are left out, because they shall be drawn.
    """
    for layer, copy in zip(_layers(source), _layers(target), strict=True):
        if (only_frozen and layer.trainable) or not layer.built or len(layer.variables) != len(copy.variables):
            continue
        for variable, kept in zip(copy.variables, layer.variables, strict=True):
            if variable.shape == kept.shape:
                variable.assign(kept.value)
                initializers.pop(id(variable), None)


def _layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Without inputs, which a Sequential gets only when it is built."""
    return [layer for layer in model._flatten_layers() if not isinstance(layer, keras.layers.InputLayer)]
