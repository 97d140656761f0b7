"""The convolution layers of a model, and their kernels as (window…, channel, filter), whatever kind of layer it is.

    Conv1D, Conv2D, Conv3D           the kernel itself
    Depthwise                        one channel each: (window…, 1, channel × multiplier)
    Separable                        the product of its two kernels, which is the kernel of the Conv that does the same
    Transpose                        its kernel with the last two axes changed over

Not for what a convolution computes: see `sliding.py` and `ops/convolution.py`.
"""

from typing import Any

import keras
import numpy as np
from jaxtyping import Float

from backlit.errors import ModelError, did_you_mean
from backlit.language import Text, listed, text, verbatim

_layers: Any = keras.layers
PLAIN = (_layers.Conv1D, _layers.Conv2D, _layers.Conv3D)
DEPTHWISE = (_layers.DepthwiseConv1D, _layers.DepthwiseConv2D)
SEPARABLE = (_layers.SeparableConv1D, _layers.SeparableConv2D)
TRANSPOSED = (_layers.Conv1DTranspose, _layers.Conv2DTranspose, _layers.Conv3DTranspose)
KINDS = (*PLAIN, *DEPTHWISE, *SEPARABLE, *TRANSPOSED)


def convolutions_of(model: keras.Model) -> list[str]:
    """Names of the convolution layers of a model, those of models inside it, too.

    Args:
        model: Any.

    Returns:
        Names, from the input to the output.

    Example:
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3, name="edges"), keras.layers.Flatten()]
        >>> convolutions_of(keras.Sequential(layers))
        ['edges']
    """
    return [layer.name for layer in _all_layers(model) if isinstance(layer, KINDS)]


def find_convolution(model: keras.Model, name: str | None) -> Any:
    """One convolution layer.

    Args:
        model: Built.
        name: Of the layer, as in `model.summary()`; None for the first convolution.

    Returns:
        The Keras layer.

    Raises:
        ModelError: If the model is not built or has no convolution, or the layer is none.
    """
    names = convolutions_of(model)
    what = text("Looking for the filters of `{name}`", name=model.name)
    if not names:
        kinds = dict.fromkeys(type(layer).__name__ for layer in _all_layers(model))
        raise ModelError(
            "filters-none",
            what=what,
            expected=text("a model with a convolution layer"),
            received=text("layers of these kinds: {names}", names=listed(kinds)),
            fix=text("Filters are what convolution layers learn; `explain.saliency` does without them."),
        )
    layer: Any = next((one for one in _all_layers(model) if one.name == (name or names[0])), None)
    if isinstance(layer, KINDS):
        if layer.built:
            return layer
        raise ModelError(
            "filters-not-built",
            what=what,
            expected=text("a built model"),
            received=text("a model that is not built yet"),
            fix=text("Begin the model with `keras.Input(shape)`, or take the trained `run.model`."),
        )
    received: Text = verbatim(f"`{name}`")
    if layer is not None:
        received = text("`{name}`, which is a {kind}", name=name, kind=type(layer).__name__)
    raise ModelError(
        "filters-layer",
        what=what,
        expected=text("the name of a convolution layer"),
        received=received,
        fix=did_you_mean(name or "", names),
    )


def kernels_of(layer: Any) -> Float[np.ndarray, "*window channel filter"]:
    """The kernels of a convolution layer.

    Args:
        layer: Built.

    Returns:
        One for each filter; float32 for the layer's own lower precision.
    """
    if isinstance(layer, SEPARABLE):
        by_depth, across = _array(layer.depthwise_kernel), _array(layer.pointwise_kernel)
        *window, n_channels, multiplier = by_depth.shape
        across = across.reshape(n_channels, multiplier, -1)
        return np.einsum("...cm,cmf->...cf", by_depth, across).reshape(*window, n_channels, -1)
    kernel = _array(layer.kernel)
    if isinstance(layer, DEPTHWISE):
        return kernel.reshape(*kernel.shape[:-2], 1, -1)
    return np.swapaxes(kernel, -1, -2) if isinstance(layer, TRANSPOSED) else kernel


def biases_of(layer: Any) -> Float[np.ndarray, " filter"]:
    """The biases of a convolution layer.

    Args:
        layer: Built.

    Returns:
        One for each filter; zeros where it has none.
    """
    n_filters = kernels_of(layer).shape[-1]
    return np.zeros(n_filters, np.float32) if getattr(layer, "bias", None) is None else _array(layer.bias)


def _array(variable: Any) -> np.ndarray:
    values = np.array(keras.ops.convert_to_numpy(variable))
    return values if values.dtype == np.float64 else values.astype(np.float32)


def _all_layers(model: keras.Model) -> list[Any]:
    """The layers, those of models inside it in their place."""
    found: list[Any] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += _all_layers(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            found.append(layer)
    return found
