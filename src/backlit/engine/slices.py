"""A step's gradient as the mean over equal slices of its batch, where that is the same gradient and faster.

    gradient of a batch of 128  =  mean of the gradients of 8 slices of 16          if the loss is a mean over examples

A convolution's columns for a whole batch outgrow the caches, and every operation on them then waits for memory. So a
slice is the largest part of the batch whose columns are few enough. Measured on one core (`docs/tried.md`): a CNN on
28 × 28 with batch 128 went from 4.0 k to 5.2 k samples/s.

`is_sliceable` says no wherever slices would be another computation, or where nobody can know: a layer that is not
listed here (batch statistics, random draws, an axis that may be the batch, anybody's own code), a layer that adds a
loss of its own, a loss that is no plain mean over examples. With weights of examples Keras's mean still divides by the
size of the batch, so slices stay right. All answers depend on the network and the size of the batch alone: a rerun is
the same run.

Slices are also what the cores of a *shared* step take parts of (see `devices.py`): each core goes through its own
slices, and one sum over all cores brings gradients, loss and predictions together, so that all cores go on alike.

Not for deciding who shares.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax

from backlit.engine._keras_private import ARITHMETIC, compile_arguments, graph_operations

SHARES = "shares"  # name of the axis of cores that share a step
CACHE_BYTES = 3_700_000  # of columns; smaller slices sum the gradients of all weights too often
LEAST_EXAMPLES = 4  # in one slice: with fewer, the weights of dense layers are read too often
_LAYERS = keras.layers
_CONVOLUTIONS = (_LAYERS.Conv1D, _LAYERS.Conv2D)
# Layers that treat each example alone, draw nothing and keep no statistics. Exact types: a subclass may do anything.
_BY_EXAMPLE = frozenset(
    getattr(_LAYERS, name)
    for name in (
        *("Conv1D", "Conv2D", "SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D", "DepthwiseConv2D"),
        *("Conv1DTranspose", "Conv2DTranspose", "MaxPooling1D", "MaxPooling2D", "AveragePooling1D"),
        *("AveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalAveragePooling1D"),
        *("GlobalAveragePooling2D", "ZeroPadding1D", "ZeroPadding2D", "Cropping1D", "Cropping2D", "UpSampling1D"),
        *("UpSampling2D", "InputLayer", "Dense", "Flatten", "Reshape", "Permute", "Identity", "Rescaling"),
        *("Normalization", "Activation", "ReLU", "LeakyReLU", "ELU", "Add", "Subtract", "Multiply", "Average"),
        *("Maximum", "Minimum", "Softmax", "Embedding", "LayerNormalization", "RMSNormalization", "EinsumDense"),
        *("LSTM", "GRU", "SimpleRNN", "MultiHeadAttention", "GroupQueryAttention", "Concatenate"),
    )
)
_DRAWS = ("dropout", "recurrent_dropout", "_dropout")  # rates of layers that may draw
_ACTIVATIONS = (None, *(thing for thing in vars(keras.activations).values() if callable(thing)))
_MEANS_OVER_EXAMPLES = (
    *("binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy"),
    *("sparse_categorical_crossentropy", "kl_divergence", "poisson", "mean_squared_error", "mean_absolute_error"),
    *("mean_absolute_percentage_error", "mean_squared_logarithmic_error", "huber", "log_cosh", "hinge"),
    *("squared_hinge", "categorical_hinge"),
)
_LOSS_FUNCTIONS = frozenset(getattr(keras.losses, name) for name in _MEANS_OVER_EXAMPLES)
_LOSS_CLASSES = frozenset(
    {keras.losses.KLDivergence, keras.losses.LogCosh}
    | {
        kind
        for name, kind in vars(keras.losses).items()
        if name.lower() in {name.replace("_", "") for name in _MEANS_OVER_EXAMPLES} and isinstance(kind, type)
    }
)


def n_slices(model: keras.Model, batch_size: int) -> int:
    """Into how many equal slices a batch should be cut, if the network is sliceable.

    A slice is the largest part of the batch whose columns fit `CACHE_BYTES`, but so large that summing the gradients of
    all weights once a slice costs less than the slice.

    Args:
        model: Built.
        batch_size: Examples of one step.

    Returns:
        A divisor of `batch_size`; 1 for the whole batch at once.
    """
    columns = [_columns_bytes(layer) for layer in model._flatten_layers() if isinstance(layer, _CONVOLUTIONS)]
    example_bytes = max(columns, default=0)
    if batch_size * example_bytes <= 1.5 * CACHE_BYTES:
        return 1
    weight_bytes = sum(math.prod(weight.shape) * 4 for weight in model.trainable_variables)
    sizes = [
        size
        for size in range(LEAST_EXAMPLES, batch_size + 1)
        if batch_size % size == 0 and 2 * size * example_bytes >= weight_bytes
    ]
    fitting = [size for size in sizes if size * example_bytes <= CACHE_BYTES]
    return batch_size // max(fitting, default=min(sizes, default=batch_size))


def n_shared_slices(model: keras.Model, batch_size: int, *, n_shares: int) -> int:
    """The same for a step that cores share: as many slices for each.

    Args:
        model: Built and sliceable.
        batch_size: Examples of one step.
        n_shares: Cores.

    Returns:
        A divisor of `batch_size` and a multiple of `n_shares`; 1 if there is none, and each core does the whole step.
    """
    least = n_slices(model, batch_size)
    fitting = [n for n in range(n_shares, batch_size + 1, n_shares) if batch_size % n == 0 and n >= least]
    return min(fitting, default=1)


def is_sliceable(model: keras.Model) -> bool:
    """Whether the mean of the gradients of equal slices is known to be the gradient of the batch.

    Args:
        model: Built and compiled.

    Returns:
        False where it is not, and where it cannot be known.
    """
    return _is_by_example(model) and _is_mean_over_examples(compile_arguments(model)["loss"])


def mean_over_slices(
    gradient_of: Callable[..., tuple[tuple[Any, tuple[jax.Array, Any, Any]], Any]],
    weights: Any,
    rows: Any,
    *,
    n: int,
    n_shares: int = 1,
) -> tuple[jax.Array, Any, Any]:
    """Loss, predictions and gradient of a batch, one slice after another.

    Args:
        gradient_of: From weights and rows: ((anything, (loss, predictions, what no slice changes)), gradients).
        weights: Arrays.
        rows: Arrays with one entry an example.
        n: Number of slices; divides the number of examples.
        n_shares: Cores that go through them together; divides `n`.

    Returns:
        The mean loss, the predictions of all examples, and the mean gradient.
    """
    slices = jax.tree.map(lambda leaf: leaf.reshape(n, leaf.shape[0] // n, *leaf.shape[1:]), rows)

    def add(total: Any, part: Any) -> tuple[Any, tuple[jax.Array, Any]]:
        (_, (loss, predictions, _)), gradients = gradient_of(weights, part)
        return jax.tree.map(jnp.add, total, gradients), (loss, predictions)

    own = n // n_shares
    if n_shares > 1:
        slices = jax.tree.map(lambda leaf: lax.dynamic_slice_in_dim(leaf, lax.axis_index(SHARES) * own, own), slices)
    if own > 1:
        total, (losses, predictions) = lax.scan(add, jax.tree.map(jnp.zeros_like, weights), slices)
    else:
        (_, (loss, predicted, _)), total = gradient_of(weights, jax.tree.map(lambda leaf: leaf[0], slices))
        losses, predictions = loss[None], jax.tree.map(lambda leaf: leaf[None], predicted)
    if n_shares > 1:
        total, losses, predictions = _sum_of_shares((total, *_in_place((losses, predictions), n=n)))
    joined = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), predictions)
    return jnp.mean(losses), joined, jax.tree.map(lambda leaf: leaf / n, total)


def _in_place(tree: Any, *, n: int) -> Any:
    """A core's part among zeros, so that the sum over all cores is the whole."""

    def put(leaf: jax.Array) -> jax.Array:
        whole = jnp.zeros((n, *leaf.shape[1:]), leaf.dtype)
        return lax.dynamic_update_slice_in_dim(whole, leaf, lax.axis_index(SHARES) * leaf.shape[0], 0)

    return jax.tree.map(put, tree)


def _sum_of_shares(tree: Any) -> Any:
    """The sum over all cores, by one exchange for each type of number: waiting for each other is what costs."""
    leaves, structure = jax.tree.flatten(tree)
    places: dict[Any, list[int]] = {}
    for i, leaf in enumerate(leaves):
        places.setdefault(leaf.dtype, []).append(i)
    for idxs in places.values():
        total = lax.psum(jnp.concatenate([leaves[i].reshape(-1) for i in idxs]), SHARES)
        ends = np.cumsum([leaves[i].size for i in idxs])[:-1].tolist()
        for i, part in zip(idxs, jnp.split(total, ends), strict=True):
            leaves[i] = part.reshape(leaves[i].shape)
    return jax.tree.unflatten(structure, leaves)


def _columns_bytes(layer: Any) -> int:
    """Size of what all windows of a convolution see of one example."""
    places = math.prod(size or 1 for size in layer.output.shape[1:-1])
    return places * math.prod(layer.kernel.shape[:-1]) * 4


def _is_by_example(model: keras.Model) -> bool:
    operations = graph_operations(model)
    return operations is not None and all(
        _is_by_example(operation) if isinstance(operation, keras.Model) else _is_plain(operation)
        for operation in operations
    )


def _is_plain(operation: Any) -> bool:
    """Whether it is one of the listed layers, with an activation of Keras's and no loss of its own; or arithmetic."""
    if isinstance(operation, ARITHMETIC):
        return True
    if isinstance(operation, _LAYERS.Bidirectional):
        return _is_plain(operation.forward_layer) and _is_plain(operation.backward_layer)
    return (
        type(operation) in _BY_EXAMPLE
        and operation.activity_regularizer is None
        and type(operation.dtype_policy) is keras.dtype_policies.DTypePolicy  # no quantisation, which keeps statistics
        and all(getattr(operation, name, None) in _ACTIVATIONS for name in ("activation", "recurrent_activation"))
        and not any(getattr(operation, name, 0) for name in _DRAWS)
        and not getattr(operation, "mask_zero", False)  # a loss with a mask is a mean over what the mask leaves
        and not getattr(operation, "stateful", False)
        and 0 not in np.atleast_1d(getattr(operation, "axis", -1))
    )


def _is_mean_over_examples(loss: Any) -> bool:
    if isinstance(loss, str):
        return loss in ("crossentropy", "ce") or keras.losses.get(loss) in _LOSS_FUNCTIONS
    if isinstance(loss, keras.losses.Loss):
        return type(loss) in _LOSS_CLASSES and loss.reduction == "sum_over_batch_size"
    return callable(loss) and loss in _LOSS_FUNCTIONS
