"""Reads the loss that a model is trained with, and brings targets into the form that it takes.

Not for penalties on weights or activations: a model with them is refused, because its loss is more than this.
"""

from dataclasses import replace
from typing import Any

import keras
import numpy as np

from backlit.errors import DataError, ModelError
from backlit.explain._keras_private import loss_settings
from backlit.explain.graph import Given, Graph, Node
from backlit.explain.ops.losses import PENALTIES, Loss
from backlit.language import listed, text

SPARSE = "sparse_categorical_crossentropy"
_WITH_LOGITS = ("binary_crossentropy", "categorical_crossentropy")
_FUNCTION_OF = {
    "MeanSquaredError": "mean_squared_error",
    "MeanAbsoluteError": "mean_absolute_error",
    "MeanSquaredLogarithmicError": "mean_squared_logarithmic_error",
    "Huber": "huber",
    "LogCosh": "log_cosh",
    "Poisson": "poisson",
    "KLDivergence": "kl_divergence",
    "Hinge": "hinge",
    "SquaredHinge": "squared_hinge",
    "CosineSimilarity": "cosine_similarity",
    "BinaryCrossentropy": "binary_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "SparseCategoricalCrossentropy": SPARSE,
}
_PENALISED = ("kernel", "bias", "recurrent", "depthwise", "pointwise", "embeddings", "beta", "gamma", "activity")
_NEUTRAL = {
    "label_smoothing": (0, 0.0, None),
    "axis": (-1,),
    "delta": (1.0,),
    "reduction": ("sum_over_batch_size",),
    "ignore_class": (None,),
}


def with_loss(graph: Graph, model: keras.Model, loss: Any = None) -> Graph:
    """Adds the loss to a network.

    Args:
        graph: The network.
        model: Whose loss is taken unless one is given.
        loss: As `model.compile` takes it, or None.

    Returns:
        A graph whose last node is the loss; its targets are the last given array.

    Raises:
        ModelError: If there is no loss, it is not known, or the model adds penalties of its own.
    """
    name = loss_name(model, loss)
    _require_no_penalties(model)
    targets = Given("targets", "targets", "y")
    node = Node("loss", 0, Loss(name.replace("sparse_", "")), (graph.output,), {"targets": len(graph.given)}, "C")
    return replace(graph, nodes=(*graph.nodes, node), given=(*graph.given, targets))


def loss_name(model: keras.Model, loss: Any = None) -> str:
    """The loss of a model by the name of Keras's function, `_from_logits` added where it takes logits.

    Args:
        model: Whose loss is taken unless one is given.
        loss: As `model.compile` takes it, or None.

    Returns:
        A name of `PENALTIES`, or the sparse form of one.

    Raises:
        ModelError: If there is no loss, or it is not known.
    """
    given = loss if loss is not None else getattr(model, "loss", None)
    if given is None:
        raise ModelError(
            "explain-no-loss",
            what=text("Explaining how `{name}` learns", name=model.name),
            expected=text("a loss"),
            received=text("a model that is not compiled"),
            fix=text('Pass for example `loss="sparse_categorical_crossentropy"`.'),
        )
    known = keras.losses.get(given)
    settings = loss_settings(known) if isinstance(known, keras.losses.Loss) else {}
    name = _FUNCTION_OF.get(type(known).__name__, getattr(known, "__name__", str(given)))
    changed = {key: settings[key] for key, usual in _NEUTRAL.items() if settings.get(key, usual[0]) not in usual}
    plain = name.replace("sparse_", "")
    if plain not in PENALTIES or changed:
        raise ModelError(
            "explain-loss",
            what=text("Explaining how `{name}` learns", name=model.name),
            expected=text("one of the losses {names} with its usual settings", names=listed(sorted(PENALTIES))),
            received=text("`{name}` with {settings}", name=name, settings=str(changed or "")),
            fix=text("Pass one of these as `loss=`."),
        )
    return f"{name}_from_logits" if plain in _WITH_LOGITS and settings.get("from_logits") else name


def targets_for(name: str, targets: Any, outputs: np.ndarray) -> np.ndarray:
    """Targets in the form that the loss's arithmetic takes: numbers beside the outputs, classes as one-hot rows.

    Args:
        name: From `loss_name`.
        targets: Of the batch.
        outputs: What the network put out, for its shape.

    Returns:
        float64, in the shape of the outputs.

    Raises:
        DataError: If the targets do not fit the outputs.

    Example:
        >>> targets_for("sparse_categorical_crossentropy", [1], np.zeros((1, 3))).tolist()
        [[0.0, 1.0, 0.0]]
    """
    given = np.asarray(targets)
    fits = True
    wanted = given.astype(np.float64) if given.dtype.kind in "biuf" else np.zeros(0)
    if name.startswith("sparse_"):
        classes = given.reshape(outputs.shape[:-1]) if given.size == outputs[..., 0].size else np.array(-1)
        fits = bool((classes >= 0).all() and (classes < outputs.shape[-1]).all())
        wanted = np.eye(outputs.shape[-1])[classes.astype(int)] if fits else wanted
    elif wanted.size == outputs.size:
        wanted = wanted.reshape(outputs.shape)
    if not fits or wanted.shape != outputs.shape:
        raise DataError(
            "explain-targets",
            what=text("Reading the targets for the loss `{name}`", name=name),
            expected=text("classes 0..{last}", last=outputs.shape[-1] - 1)
            if name.startswith("sparse_")
            else text("as many numbers as the network puts out, {shape}", shape=outputs.shape),
            received=text("{shape}: {values}", shape=given.shape, values=given.ravel()[:4].tolist()),
            fix=text("Pass the targets as `fit` takes them."),
        )
    return wanted


def _require_no_penalties(model: keras.Model) -> None:
    for layer in model._flatten_layers(include_self=False):
        for name in (
            "kernel",
            "bias",
            "recurrent",
            "depthwise",
            "pointwise",
            "embeddings",
            "beta",
            "gamma",
            "activity",
        ):
            if getattr(layer, f"{name}_regularizer", None) is not None:
                raise ModelError(
                    "explain-penalty",
                    what=text("Explaining how `{name}` learns", name=model.name),
                    expected=text("a loss that is a function of predictions and targets alone"),
                    received=text("a `{name}_regularizer` in the layer `{layer}`", name=name, layer=layer.name),
                    fix=text("Build the model without penalties; their gradient is `2 × l2 × w` and `l1 × sign(w)`."),
                )
