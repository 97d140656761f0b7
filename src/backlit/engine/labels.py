"""Which layers of a network are looked at, and what they and their weights are called.

A layer counts if the user wrote it into the model: the layers of the model and of models inside it, not what a layer
is made of. Those that only move or drop numbers (Flatten, Reshape, Dropout, …) are left out.

The program knows layers by their number, because a compiled network is used again for models whose layers have other
names; a walk over the user's own model gives the names.

Not for measuring (see `probing.py`).
"""

from collections.abc import Iterator

import keras

_MOVERS = (
    keras.layers.InputLayer,
    keras.layers.Flatten,
    keras.layers.Reshape,
    keras.layers.Permute,
    keras.layers.RepeatVector,
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
    keras.layers.AlphaDropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.ZeroPadding1D,
    keras.layers.ZeroPadding2D,
    keras.layers.ZeroPadding3D,
    keras.layers.Cropping1D,
    keras.layers.Cropping2D,
    keras.layers.Cropping3D,
    keras.layers.UpSampling1D,
    keras.layers.UpSampling2D,
    keras.layers.UpSampling3D,
)
# Layers whose output is what their `activation` made of numbers; a recurrent layer's is not.
_ACTIVATED = (
    keras.layers.Dense,
    keras.layers.EinsumDense,
    keras.layers.Activation,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
)


def layers_to_look_at(model: keras.Model) -> list[keras.Layer]:
    """The layers whose outputs are looked at, each once, in the order in which the model lists them.

    Args:
        model: Built or not.

    Returns:
        The layers.
    """
    return [layer for layer, _ in _walk(model, "") if not isinstance(layer, _MOVERS)]


def layer_names(model: keras.Model) -> list[str]:
    """Names of the layers that are looked at.

    Args:
        model: Built or not.

    Returns:
        As many as `layers_to_look_at`; a layer of an inner model is `inner.layer`.
    """
    return [name for layer, name in _walk(model, "") if not isinstance(layer, _MOVERS)]


def weight_places(model: keras.Model) -> list[tuple[int, str]]:
    """Whose each trainable weight is.

    Args:
        model: Built.

    Returns:
        For each of `model.trainable_variables` the number of its layer among those looked at, or -1 if it belongs to
        none, and its name in it, such as `kernel` or `query/kernel`.
    """
    owners: dict[int, tuple[int, str]] = {}
    for idx, layer in enumerate(layers_to_look_at(model)):
        for variable in layer.trainable_variables:
            parts = variable.path.split("/")
            inside = parts[parts.index(layer.name) + 1 :] if layer.name in parts[:-1] else parts[-1:]
            owners.setdefault(id(variable), (idx, "/".join(inside)))
    return [owners.get(id(variable), (-1, variable.path)) for variable in model.trainable_variables]


def activation_name(layer: keras.Layer) -> str | None:
    """The activation function that made a layer's output, by Keras's name for it; None if none did.

    Args:
        layer: Any.

    Returns:
        Such as `relu`.
    """
    if isinstance(layer, keras.layers.ReLU):
        return "relu"
    activation = getattr(layer, "activation", None) if isinstance(layer, _ACTIVATED) else None
    return getattr(activation, "__name__", None)


def _walk(model: keras.Model, prefix: str) -> Iterator[tuple[keras.Layer, str]]:
    seen: set[int] = set()
    for layer in model.layers:
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        if isinstance(layer, keras.Model):
            yield from _walk(layer, f"{prefix}{layer.name}.")
        else:
            yield layer, f"{prefix}{layer.name}"
