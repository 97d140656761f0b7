"""One door for the models of the command line.

| `--model` | what comes out |
| --- | --- |
| `mlp`, `mlp:64,64` | dense layers of these sizes |
| `cnn`, `cnn:16,32` | convolutions and poolings |
| `lstm`, `lstm:32` | one LSTM layer over tokens or time steps |
| `embedding`, `embedding:16` | the mean of the tokens' vectors |
| `FILE.keras` | a saved Keras model with its weights |
| `FILE.py:NAME` | a Keras model, or a function that builds one |
| nothing | what suits the data |
"""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from backlit.data import Dataset
from backlit.errors import ModelError, did_you_mean
from backlit.language import text
from backlit.models.files import from_keras_file, from_python_file
from backlit.models.named import NAMES, named_model


def read_model(
    words: str | None, data: Dataset, *, has_dropout: bool = False
) -> keras.Model | Callable[..., keras.Model]:
    """Makes what `fit` takes as its model.

    Args:
        words: As in the table above; None chooses by the data.
        data: For the shapes of the first and the last layer.
        has_dropout: Whether a network by name gets Dropout layers, whose rate `dropout` then sets.

    Returns:
        A Keras model, or a function whose keyword arguments can vary.

    Raises:
        ModelError: If there is no such model, or it cannot be read.

    Example:
        >>> from backlit.data import load
        >>> read_model("mlp:8", load("iris"))(units=4).count_params()      # 4×4 + 4, 4×3 + 3
        35
    """
    words = words or default_name(data)
    path, colon, name = words.rpartition(":")
    if colon and path.lower().endswith(".py"):
        return from_python_file(Path(path).expanduser(), name)
    if words.lower().endswith(".py"):
        raise ModelError(
            "model-name-missing",
            what=text("Reading the model"),
            expected=text("`FILE.py:NAME`, where NAME is a Keras model or a function that builds one"),
            received=text("`{words}`", words=words),
            fix=text("Write for example `{words}:build`.", words=words),
        )
    if words.lower().endswith((".keras", ".h5")):
        return from_keras_file(Path(words).expanduser())
    name, _, sizes = words.partition(":")
    if name not in NAMES:
        raise ModelError(
            "model-unknown",
            what=text("Reading the model"),
            expected=text("a name with sizes such as `mlp:64,64`, `FILE.keras` or `FILE.py:NAME`"),
            received=text("`{words}`", words=words),
            fix=did_you_mean(name, NAMES),
        )
    return named_model(name, _sizes(name, sizes), data, has_dropout=has_dropout)


def default_name(data: Dataset) -> str:
    """The network that suits the data by its shape: images, token ids, sequences, or else a table.

    Args:
        data: Any.

    Returns:
        A key of `NAMES`.
    """
    if len(data.input_shape) == 3:
        return "cnn"
    if len(data.input_shape) == 1 and np.issubdtype(data.inputs.dtype, np.integer):
        return "lstm"
    return "lstm" if len(data.input_shape) == 2 else "mlp"


def _sizes(name: str, words: str) -> tuple[int, ...]:
    parts = [part.strip() for part in words.replace("，", ",").split(",")] if words else []
    if not all(part.isdigit() and int(part) > 0 for part in parts):
        raise ModelError(
            "model-sizes",
            what=text("Reading the model"),
            expected=text("whole numbers above 0 after `{name}:`, with commas between", name=name),
            received=text("`{words}`", words=words),
            fix=text("Write for example `{name}:64,64`.", name=name),
        )
    return tuple(int(part) for part in parts)
