"""Losses and metrics as Keras writes them, and read again; what does not come back the same counts as not written.

Keras writes a plain function by its name alone, and reads a name that it does not know as that very word: no error,
and no loss. So whatever is written is read at once and compared.

    >>> import keras
    >>> read_loss(write_loss(keras.losses.CategoricalCrossentropy(label_smoothing=0.1))).label_smoothing
    0.1
    >>> write_loss(lambda targets, predictions: 0.0)
    Traceback (most recent call last):
    ...
    ValueError: Keras cannot read `<lambda>` again

Not for models (Keras reads those or says why not) nor for optimisers (see `clone.py`).
"""

import inspect
from typing import Any

import keras


def write_loss(loss: Any) -> Any:
    """A loss as Keras writes it.

    Args:
        loss: A Keras loss, its name, or a function that Keras knows.

    Returns:
        A name or a config; plain.

    Raises:
        ValueError: If Keras cannot write it, or would not read the same.
    """
    return _checked(loss, keras.losses)


def read_loss(written: Any) -> Any:
    """A loss from what `write_loss` gave.

    Args:
        written: A name or a config; None stays None.

    Returns:
        The loss.
    """
    return _read(written, keras.losses)


def write_metrics(metrics: Any) -> Any:
    """Metrics as Keras writes them.

    Args:
        metrics: As `model.compile` takes them.

    Returns:
        Names and configs; plain.

    Raises:
        ValueError: If Keras cannot write one, or would not read the same.
    """
    if isinstance(metrics, list | tuple):
        return [write_metrics(metric) for metric in metrics]
    return _checked(metrics, keras.metrics)


def read_metrics(written: Any) -> Any:
    """Metrics from what `write_metrics` gave.

    Args:
        written: Names and configs; None stays None.

    Returns:
        The metrics.
    """
    if isinstance(written, list | tuple):
        return [read_metrics(metric) for metric in written]
    return _read(written, keras.metrics)


def _checked(value: Any, module: Any) -> Any:
    """What Keras writes, after it has been read and found to be the same."""
    if value is None or isinstance(value, str):
        return value
    if getattr(value, "__name__", "") == "<lambda>":  # Keras would write its code, and warn of it
        raise ValueError("Keras cannot read `<lambda>` again")
    written = module.serialize(value)
    read = _read(written, module)
    is_function = inspect.isfunction(value)
    is_same = read is value if is_function else type(read) is type(value) and module.serialize(read) == written
    if not is_same:
        raise ValueError(f"Keras cannot read `{getattr(value, '__name__', type(value).__name__)}` again")
    return written


def _read(written: Any, module: Any) -> Any:
    if written is None or isinstance(written, str):
        return written
    if written.get("class_name") == "function":
        return _function(written["config"], module)
    return module.deserialize(written)


def _function(name: str, module: Any) -> Any:
    function = keras.saving.get_registered_object(name) or getattr(module, name, None)
    if function is None:
        raise ValueError(f"Keras knows no function `{name}`")
    return function
