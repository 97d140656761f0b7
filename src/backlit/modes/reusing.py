"""A trained network made into another: its old head cut off, a new one put on, and layers frozen or let learn.

    base:  Conv · BatchNorm · Conv · Dense 6                  the last Dense told its old classes apart
    new:   Conv · BatchNorm · Conv · Dense 10 "head"          the body keeps what it learned

A frozen layer of batch normalisation is in inference mode, as Keras has it: it uses the averages that it brought along.
One that learns takes the mean and spread of each batch instead and moves its averages towards them. With few rows these
are poor estimates, and a body that otherwise stands still then sees other numbers than it learned from. So they stay
frozen here, also in layers that learn, unless asked otherwise.

Not for training in stages: see `fine_tuning.py`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from backlit.data import Dataset
from backlit.engine.clone import clone_network
from backlit.errors import ModelError, SettingError, did_you_mean
from backlit.language import text, verbatim

HEAD = "head"


def with_new_head(base: keras.Model, data: Dataset) -> keras.Model:
    """The body of a base with a new last layer that suits the data; the base is not changed.

    The base's last layer with weights is its old head if it is dense; it and what follows are left out. What comes
    before is averaged over height and width, or over time, if it is not one row of numbers yet.

    Args:
        base: Built, Sequential or Functional.
        data: What the new network shall read and tell.

    Returns:
        A network whose last layer is called `head`; the head's weights are not worth keeping.

    Raises:
        ModelError: If the base does not say how its layers are connected, or has nothing before its head.
    """
    if not base.built or not getattr(base, "inputs", None):
        raise ModelError(
            "base-not-connected",
            what=text("Putting a new head on `{name}`", name=base.name),
            expected=text("a trained Sequential or Functional model"),
            received=text(
                "`{kind}`, which is not built or does not say how its layers are connected", kind=type(base).__name__
            ),
            fix=text(
                "Call it once on data, or write it with `keras.Sequential` or as inputs and outputs of `keras.Model`."
            ),
        )
    layers = [layer for layer in base.layers if layer.weights]
    if not layers or (len(layers) == 1 and isinstance(layers[0], keras.layers.Dense)):
        raise ModelError(
            "base-without-body",
            what=text("Putting a new head on `{name}`", name=base.name),
            expected=text("layers with weights before the last one"),
            received=text("none"),
            fix=text("A network without hidden layers has nothing to hand on: train a new one."),
        )
    is_headed = isinstance(layers[-1], keras.layers.Dense)
    value: Any = layers[-1].input if is_headed else base.outputs[0]
    if len(value.shape) == 4:
        value = keras.layers.GlobalAveragePooling2D(name="mean_over_places")(value)
    elif len(value.shape) == 3:
        value = keras.layers.GlobalAveragePooling1D(name="mean_over_time")(value)
    activation = {"classification": "softmax", "multi-label": "sigmoid", "regression": None}[data.task]
    taken = {layer.name for layer in base.layers[:-1]}
    head = keras.layers.Dense(data.output_size, activation, name=HEAD if HEAD not in taken else f"new_{HEAD}")
    network = keras.Model(base.inputs, head(value), name="fine_tuned")
    copy, _ = clone_network(network, data, keeps_weights=True)
    return copy


def body_layers(network: keras.Model) -> list[keras.layers.Layer]:
    """The layers with weights before the head, from the input on; layers of inner models one by one.

    Args:
        network: From `with_new_head`.

    Returns:
        The layers, batch normalisation left out: it follows the layers only if asked to.
    """
    return [layer for layer in _weighted(network)[:-1] if not is_batch_norm(layer)]


def batch_norms(network: keras.Model) -> list[keras.layers.Layer]:
    """The layers of batch normalisation in a network's body.

    Args:
        network: From `with_new_head`.

    Returns:
        The layers.
    """
    return [layer for layer in _weighted(network)[:-1] if is_batch_norm(layer)]


def is_batch_norm(layer: Any) -> bool:
    """Whether a layer keeps moving averages of its batches."""
    return isinstance(layer, keras.layers.BatchNormalization)


def chosen_layers(network: keras.Model, which: int | str | Sequence[str]) -> list[str]:
    """The layers of the body that a stage lets learn.

    Args:
        network: From `with_new_head`.
        which: `none`, `half` (the later half, rounded up), `all`, how many counted from the head, or their names.

    Returns:
        Names, from the input on.

    Raises:
        SettingError: If there are no such layers.
    """
    names = [layer.name for layer in body_layers(network)]
    if which in ("none", "half", "all"):
        n = {"none": 0, "half": (len(names) + 1) // 2, "all": len(names)}[str(which)]
        return names[len(names) - n :]
    if isinstance(which, int | np.integer) and not isinstance(which, bool) and 0 <= which <= len(names):
        return names[len(names) - int(which) :]
    if isinstance(which, list | tuple) and all(isinstance(name, str) for name in which):
        unknown = [name for name in which if name not in names]
        if not unknown:
            return [name for name in names if name in which]
        raise SettingError(
            "stage-layer",
            what=text("Reading the layers of a stage"),
            expected=text("names of layers of the base that have weights"),
            received=text("`{name}`", name=unknown[0]),
            fix=did_you_mean(unknown[0], names),
        )
    raise SettingError(
        "stage-layers",
        what=text("Reading the layers of a stage"),
        expected=text(
            "`none`, `half`, `all`, a list of names, or how many of the {n} layers before the head", n=len(names)
        ),
        received=verbatim(repr(which)),
        fix=text("Write for example `Stage(layers=2)`."),
    )


def frozen_but(network: keras.Model, learning: Sequence[str], *, batch_norm_learns: bool, data: Dataset) -> keras.Model:
    """A copy of a network in which only some layers of the body learn, and the head.

    Args:
        network: From `with_new_head`; not changed.
        learning: Names of the layers that learn.
        batch_norm_learns: Whether the layers of batch normalisation do.
        data: What it reads.

    Returns:
        The copy, with the same weights.
    """
    copy, _ = clone_network(network, data, keeps_weights=True)
    copy.trainable = True
    for layer in _weighted(copy)[:-1]:
        layer.trainable = batch_norm_learns if is_batch_norm(layer) else layer.name in learning
    return copy


def n_params(network: keras.Model) -> tuple[int, int]:
    """How many numbers of a network learn, and how many stand still; seeds of dropout are neither.

    Args:
        network: Built.

    Returns:
        Both counts.
    """
    learning = sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)
    return learning, network.count_params() - learning


def _weighted(network: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in _leaves(network) if layer.weights]


def _leaves(network: keras.Model) -> Iterator[keras.layers.Layer]:
    """Layers that the user wrote down, those of inner models one by one, each once."""
    seen: set[int] = set()
    for layer in network.layers:
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer
