"""Networks that need no code: `mlp`, `cnn`, `lstm`, `embedding`, made to fit the data at both ends.

The first layer reads the data's inputs as they are; the last gives a probability for each class (softmax), one for each
label (sigmoid), or amounts. Each is a function, so that its arguments can vary: `--vary units=16,64`.

    mlp:64,64    Flatten · Dense 64 · Dense 64 · output
    cnn:16,32    Conv 16 · MaxPooling · Conv 32 · MaxPooling · Flatten · output; more of them for images above 32 pixels
    lstm:32      Embedding 16 (tokens only) · LSTM 32 · output
    embedding:16 Embedding 16 · GlobalAveragePooling · output

Not for good accuracy on large images: these are first networks, small enough to look into.
"""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from backlit.data import Dataset
from backlit.errors import ModelError
from backlit.language import text
from backlit.models.building import guarded

TOKEN_SIZE = 16  # length of a token's vector
FIRST_DROPOUT = 0.5  # any rate: `dropout` puts its own in this place


def _mlp(data: Dataset, sizes: tuple[int, ...], drop: Callable[[], list[Any]]) -> Callable[..., keras.Model]:
    """Dense layers, one after another.

    Args:
        data: For both ends.
        sizes: Neurons of each hidden layer.
        drop: Makes the Dropout layer that follows each, or none.

    Returns:
        The building function.
    """
    sizes = sizes or (64, 64)

    def mlp(
        units: int | None = None,
        depth: int | None = None,
        activation: str = "relu",
        initializer: str = "glorot_uniform",
    ) -> keras.Model:
        hidden = sizes if depth is None else (sizes * max(depth, 0))[:depth]
        body: list[Any] = [] if len(data.input_shape) == 1 and not _is_tokens(data) else [layers.Flatten()]
        for i, size in enumerate(hidden, 1):
            size = size if units is None else units
            body.append(layers.Dense(size, activation, kernel_initializer=initializer, name=f"dense_{i}"))
            body += drop()
        return _network("mlp", data, [*_token_vectors(data, mask=False), *body])

    return mlp


def _cnn(data: Dataset, sizes: tuple[int, ...], drop: Callable[[], list[Any]]) -> Callable[..., keras.Model]:
    """Convolutions, each followed by a pooling that halves height and width while they can be halved."""
    sizes = sizes or _widths(data)
    rank = len(data.input_shape) - 1
    if rank not in (1, 2) or _is_tokens(data):
        raise ModelError(
            "cnn-inputs",
            what=text("Building the model `cnn` for the data `{data}`", data=data.name),
            expected=text("images (height, width, channel) or sequences (time, feature)"),
            received=text("inputs of shape {shape}", shape=data.input_shape),
            fix=text("Use `mlp` for tables, `lstm` or `embedding` for tokens."),
        )
    convolution, pooling = (layers.Conv1D, layers.MaxPooling1D) if rank == 1 else (layers.Conv2D, layers.MaxPooling2D)

    def cnn(
        filters: int | None = None,
        depth: int | None = None,
        kernel_size: int = 3,
        activation: str = "relu",
        initializer: str = "glorot_uniform",
    ) -> keras.Model:
        widths = [filters * 2**i for i in range(len(sizes))] if filters is not None else list(sizes)
        if depth is not None:
            widths = (widths + [widths[-1]] * depth)[:depth]
        body: list[Any] = []
        side = min(data.input_shape[:-1])
        for i, width in enumerate(widths, 1):
            body.append(
                convolution(
                    width,
                    kernel_size,
                    padding="same",
                    activation=activation,
                    kernel_initializer=initializer,
                    name=f"conv_{i}",
                )
            )
            if side >= 2:
                body.append(pooling(name=f"pool_{i}"))
                side //= 2
        return _network("cnn", data, [*body, layers.Flatten(name="flatten"), *drop()])

    return cnn


def _widths(data: Dataset) -> tuple[int, ...]:
    """Two convolutions; for larger images more, until poolings leave no side longer than 8, or there are five."""
    longest = max(data.input_shape[:-1], default=1) if len(data.input_shape) == 3 else 1
    n_halvings = min(max(2, math.ceil(math.log2(longest / 8))), 5)
    return (16, 32, 64, 64, 64)[:n_halvings]


def _lstm(data: Dataset, sizes: tuple[int, ...], drop: Callable[[], list[Any]]) -> Callable[..., keras.Model]:
    """An LSTM that reads tokens or time steps and gives its last state."""
    size = sizes[0] if sizes else 32
    if not _is_tokens(data) and len(data.input_shape) != 2:
        raise ModelError(
            "lstm-inputs",
            what=text("Building the model `lstm` for the data `{data}`", data=data.name),
            expected=text("token ids, or sequences (time, feature)"),
            received=text("inputs of shape {shape}", shape=data.input_shape),
            fix=text("Use `mlp` for tables, `cnn` for images."),
        )

    def lstm(units: int = size, activation: str = "tanh") -> keras.Model:
        return _network(
            "lstm", data, [*_token_vectors(data), layers.LSTM(units, activation=activation, name="lstm"), *drop()]
        )

    return lstm


def _embedding(data: Dataset, sizes: tuple[int, ...], drop: Callable[[], list[Any]]) -> Callable[..., keras.Model]:
    """The mean of the tokens' vectors: which words there are, and not in which order."""
    size = sizes[0] if sizes else TOKEN_SIZE
    if not _is_tokens(data):
        raise ModelError(
            "embedding-inputs",
            what=text("Building the model `embedding` for the data `{data}`", data=data.name),
            expected=text("token ids (whole numbers, one row a sentence)"),
            received=text("{dtype} inputs of shape {shape}", dtype=data.inputs.dtype.name, shape=data.input_shape),
            fix=text("Use `mlp` for tables, `cnn` for images."),
        )

    def embedding(units: int = size) -> keras.Model:
        body = [*_token_vectors(data, units), layers.GlobalAveragePooling1D(name="mean"), *drop()]
        return _network("embedding", data, body)

    return embedding


NAMES = {"mlp": _mlp, "cnn": _cnn, "lstm": _lstm, "embedding": _embedding}
"""Name to what makes its building function."""


def named_model(
    name: str, sizes: tuple[int, ...], data: Dataset, *, has_dropout: bool = False
) -> Callable[..., keras.Model]:
    """The building function of a network by name.

    Args:
        name: A key of `NAMES`.
        sizes: Of the layers; empty takes the network's own.
        data: For the first and the last layer.
        has_dropout: Whether Dropout layers stand after the hidden ones.

    Returns:
        A function whose keyword arguments can vary.
    """

    def drop() -> list[Any]:
        return [layers.Dropout(FIRST_DROPOUT)] if has_dropout else []

    return guarded(NAMES[name](data, sizes, drop))


def _network(name: str, data: Dataset, body: list[Any]) -> keras.Model:
    dtype = "int32" if _is_tokens(data) else None
    return keras.Sequential([keras.Input(data.input_shape, dtype=dtype), *body, _output(data)], name=name)


def _output(data: Dataset) -> Any:
    activation = {"classification": "softmax", "multi-label": "sigmoid", "regression": None}[data.task]
    return layers.Dense(data.output_size, activation, name="output")


def _token_vectors(data: Dataset, size: int = TOKEN_SIZE, *, mask: bool = True) -> list[Any]:
    """A vector for each token; token 0 is padding, which later layers then skip."""
    if not _is_tokens(data):
        return []
    n_tokens = len(data.vocabulary) or int(data.inputs.max()) + 1
    return [layers.Embedding(n_tokens, size, mask_zero=mask, name="tokens")]


def _is_tokens(data: Dataset) -> bool:
    return len(data.input_shape) == 1 and bool(np.issubdtype(data.inputs.dtype, np.integer))
