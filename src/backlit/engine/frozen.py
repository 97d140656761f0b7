"""What frozen layers hold: copied to clones, so that no seed draws it anew.

A frozen layer (`trainable=False`) of a built model keeps its weights in every member: that is what freezing is for. A
frozen layer that has no weights yet gets them from the member's seed, like any other.

Not for layers that learn from `adapt`: see `adapted.py`.
"""

import keras

from backlit.engine.initialise import Initializers


def copy_frozen(source: keras.Model, target: keras.Model, initializers: Initializers) -> None:
    """Gives a clone the weights of its model's frozen layers, and takes their initialisers away.

    Args:
        source: The model.
        target: Its clone, built.
        initializers: What made each variable of the clone; changed.
    """
    for layer, copy in zip(_layers(source), _layers(target), strict=True):
        if layer.trainable or not layer.built or len(layer.variables) != len(copy.variables):
            continue
        for variable, kept in zip(copy.variables, layer.variables, strict=True):
            if variable.shape == kept.shape:
                variable.assign(kept.value)
                initializers.pop(id(variable), None)


def _layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Without inputs, which a Sequential gets only when it is built."""
    return [layer for layer in model._flatten_layers() if not isinstance(layer, keras.layers.InputLayer)]
