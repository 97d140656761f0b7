"""From the user's model to a clone that trains: built for the data, compiled, and with its initialisers known.

The user's model is never changed. What was compiled is honoured (loss, optimiser, metrics, weights); what was not is
chosen from the task, and the choice is said aloud.

    loss       int classes → sparse categorical cross-entropy · one-hot → categorical · two classes with one output,
               several labels → binary cross-entropy · numbers → mean squared error
    metric     accuracy for classes, mean absolute error for numbers
    optimiser  Adam at Keras's default rate

Not for which members share a clone: see `plan.py`.
"""

import contextlib
import copy
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from backlit.data import Dataset
from backlit.engine._keras_private import build_compiled, compile_arguments, recorded_initializers, trusted_code
from backlit.engine.adapted import copy_adapted
from backlit.engine.held import copy_held
from backlit.engine.initialise import Initializers
from backlit.errors import ModelError, did_you_mean
from backlit.language import Text, text, verbatim


@dataclass(frozen=True)
class Recipe:
    """How a clone is compiled: live Keras objects.

    Attributes:
        loss: A Keras loss, its name, or any function of (targets, predictions).
        optimizer: The optimiser's Keras config.
        metrics: Metrics as `model.compile` takes them.
        weighted_metrics: Metrics that heed sample weights.
        loss_weights: What the loss is multiplied by, as `model.compile` takes it.
        notes: What was chosen for the user, to be said aloud.
    """

    loss: Any
    optimizer: dict[str, Any]
    metrics: Any
    weighted_metrics: Any = None
    loss_weights: Any = None
    notes: tuple[Text, ...] = field(default=())


def clone_network(
    model: keras.Model, data: Dataset, *, keeps_weights: bool = False
) -> tuple[keras.Model, Initializers]:
    """Makes a new network like `model`, with weights of its own, built for the data's inputs.

    Args:
        model: Sequential, Functional or subclassed; built or not.
        data: What it shall read.
        keeps_weights: Whether layers that learn keep what they hold; frozen ones always do.

    Returns:
        The clone and the initialiser of each of its variables, those that hold the model's weights left out.

    Raises:
        ModelError: If the model cannot be cloned or does not fit the inputs.
    """
    with recorded_initializers(draws=keeps_weights) as initializers:
        try:
            with trusted_code(), keras.saving.custom_object_scope(own_objects(model)), _uncompiled(model):
                clone = _copied(model)
        except (NotImplementedError, TypeError, ValueError) as error:
            raise ModelError(
                "model-not-copied",
                what=text("Making a copy of the model `{name}`", name=model.name),
                expected=text("a model that `get_config` and `from_config` can write and read"),
                received=text("`{kind}`: {reason}", kind=type(model).__name__, reason=_first_line(error)),
                fix=text("Give the class a `get_config` that returns the arguments of its `__init__`."),
            ) from error
        _build(clone, data)
    copy_adapted(model, clone)
    copy_held(model, clone, initializers, only_frozen=not keeps_weights)
    return clone, initializers


def output_shape(clone: keras.Model, data: Dataset) -> tuple[int | None, ...]:
    """The shape of what a network predicts, with None for the batch.

    Args:
        clone: From `clone_network`.
        data: What it reads.

    Returns:
        The shape; of models that cannot tell (written as a class), of what they make of two rows.
    """
    try:
        return tuple(clone.output_shape)
    except (AttributeError, TypeError):
        return (None, *tuple(clone(data.inputs[:2]).shape)[1:])


def own_objects(model: keras.Model) -> dict[str, Any]:
    """What Keras has to be told to read a model's config: the user's own classes and functions.

    Args:
        model: Any model.

    Returns:
        Name to class or function, for layers and for what layers hold (activations, initialisers, …).
    """
    found: dict[str, Any] = {}
    for layer in model._flatten_layers():
        for thing in (type(layer), *vars(layer).values()):
            kind = thing if inspect.isclass(thing) or inspect.isfunction(thing) else type(thing)
            is_ours = not (kind.__module__ or "").startswith(("keras.", "builtins", "jax"))
            if is_ours and (inspect.isfunction(kind) or hasattr(kind, "from_config")):
                found[kind.__name__] = kind
    return found


def compile_clone(clone: keras.Model, recipe: Recipe, data: Dataset) -> None:
    """Compiles a clone and makes the variables of its optimiser and metrics.

    Args:
        clone: From `clone_network`.
        recipe: Loss, optimiser, metrics.
        data: For the shapes of one batch.

    Raises:
        ModelError: If the loss or a metric does not fit the model's output and the targets.
    """
    optimizer = optimizer_from(recipe.optimizer)
    try:
        clone.compile(
            optimizer=optimizer,
            loss=recipe.loss,
            loss_weights=recipe.loss_weights,
            metrics=recipe.metrics,
            weighted_metrics=recipe.weighted_metrics,
        )
        build_compiled(clone, data.inputs[:2], data.targets[:2])
    except (ValueError, TypeError) as error:
        raise ModelError(
            "loss-fit",
            what=text("Computing the loss of the model `{name}`", name=clone.name),
            expected=text(
                "predictions {predictions} and targets {targets} that loss and metrics accept",
                predictions=_shown(output_shape(clone, data)),
                targets=_shown((None, *data.targets.shape[1:])),
            ),
            received=verbatim(_first_line(error)),
            fix=text("Change the last layer, the loss or the metrics so that they fit the targets."),
        ) from error


def recipe_for(
    model: keras.Model,
    predictions: tuple[int | None, ...],
    data: Dataset,
    *,
    loss: Any = None,
    optimizer: Any = None,
    metrics: Any = None,
) -> Recipe:
    """Decides loss, optimiser and metrics: what was asked for, else what was compiled, else by the task.

    Args:
        model: The user's model.
        predictions: From `output_shape`.
        data: Task, targets and classes.
        loss: Asked for, or None.
        optimizer: A Keras optimiser, its name or config; or None.
        metrics: Asked for, or None.

    Returns:
        Loss, optimiser and metrics, and notes about what was chosen.

    Raises:
        ModelError: If the output does not fit the classes.
    """
    compiled = compile_arguments(model) if model.compiled else {}
    notes: list[Text] = []
    loss = loss if loss is not None else compiled.get("loss")
    loss_weights = compiled.get("loss_weights") if loss is compiled.get("loss") else None
    if loss is None:
        loss, name = _loss_for(model, predictions, data)
        notes.append(text("Loss: `{name}`, chosen from the task.", name=name))
    optimizer = optimizer if optimizer is not None else compiled.get("optimizer")
    if optimizer is None:
        optimizer = "adam"
        notes.append(text("Optimiser: `{name}`, Keras's default rate unless `learning_rate` is given.", name="adam"))
    if isinstance(optimizer, str):
        optimizer = known_optimizer(optimizer)
    config: Any = optimizer if isinstance(optimizer, dict) else keras.optimizers.serialize(optimizer)
    weighted_metrics = None
    if metrics is None or metrics is compiled.get("metrics"):
        metrics, weighted_metrics = compiled.get("metrics"), compiled.get("weighted_metrics")
    if metrics is None and not model.compiled:
        metrics = ["mean_absolute_error"] if data.task == "regression" else ["accuracy"]
    return Recipe(loss, config, _fresh(metrics), _fresh(weighted_metrics), loss_weights, tuple(notes))


def optimizer_from(config: Mapping[str, Any]) -> keras.optimizers.Optimizer:
    """A new optimiser from its Keras config.

    Keras's own `keras.optimizers.deserialize` writes into the config it is given, and does not find Lamb.

    Args:
        config: From `keras.optimizers.serialize`.

    Returns:
        The optimiser, not built.
    """
    config = copy.deepcopy(dict(config))
    own = {name: getattr(keras.optimizers, name) for name in ("Lamb",)}
    return keras.optimizers.deserialize(config, custom_objects=own)


def known_optimizer(name: str) -> keras.optimizers.Optimizer:
    """The Keras optimiser of this name, with its default settings.

    Args:
        name: As `model.compile` takes it.

    Returns:
        A new optimiser.

    Raises:
        ModelError: If Keras has none of this name.
    """
    try:
        return keras.optimizers.Lamb() if name.lower() == "lamb" else keras.optimizers.get(name)
    except ValueError as error:
        wrappers = ("Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap")
        known = sorted(kind.lower() for kind in dir(keras.optimizers) if kind[0].isupper() and kind not in wrappers)
        raise ModelError(
            "optimizer-unknown",
            what=text("Looking up the optimiser"),
            expected=text("a name that Keras knows"),
            received=text("`{name}`", name=name),
            fix=did_you_mean(name, known),
        ) from error


def require_known_loss(name: str) -> None:
    """Refuses a name that is no loss of Keras.

    Args:
        name: As `model.compile` takes it.

    Raises:
        ModelError: If Keras has none of this name.
    """
    try:
        keras.losses.get(name)
    except ValueError as error:
        known = ["mse", "mae", *(kind for kind in dir(keras.losses) if kind[0].islower() and "_" in kind)]
        raise ModelError(
            "loss-unknown",
            what=text("Looking up the loss"),
            expected=text("a name that Keras knows"),
            received=text("`{name}`", name=name),
            fix=did_you_mean(name, known),
        ) from error


def _copied(model: keras.Model) -> keras.Model:
    if not (isinstance(model, keras.Sequential) or _is_functional(model)):
        return type(model).from_config(model.get_config())
    has_functions = any(_own_functions(layer) for layer in model._flatten_layers())
    # Layers in nested models are cloned one by one only where they have to be: Keras's usual way keeps more.
    clone = keras.models.clone_model(model, clone_function=_copied_layer, recursive=has_functions)
    clone.dtype_policy = model.dtype_policy  # else the present global one
    return clone


def _copied_layer(layer: Any) -> Any:
    """A layer with the same config, holding the very same Python functions (a lambda's globals cannot be written)."""
    config, functions = layer.get_config(), _own_functions(layer)
    if isinstance(layer, keras.layers.Lambda):  # reads its function from a written one only
        new = type(layer).from_config(config)
        for name, function in functions.items():
            setattr(new, name, function)
        return new
    return type(layer).from_config(config | {name: functions[name] for name in config.keys() & functions.keys()})


def _own_functions(layer: Any) -> dict[str, Any]:
    """Functions that the user gave to a layer, by attribute: of a Lambda, or an activation."""
    return {
        name: value
        for name, value in vars(layer).items()
        if inspect.isfunction(value) and not hasattr(type(layer), name) and not value.__module__.startswith("keras.")
    }


@contextlib.contextmanager
def _uncompiled(model: keras.Model) -> Iterator[None]:
    """Hides from `clone_model` that models are compiled: it would rebuild losses that Keras may not be able to read."""
    compiled = [part for part in model._flatten_layers() if getattr(part, "compiled", False)]
    for part in compiled:
        part.compiled = False
    try:
        yield
    finally:
        for part in compiled:
            part.compiled = True


def _build(clone: keras.Model, data: Dataset) -> None:
    shape = (None, *data.input_shape)
    try:
        if clone.built and getattr(clone, "inputs", None):
            expected = tuple(clone.inputs[0].shape)
            _require_one_input(clone)
            _require_fit(expected, shape)
        elif isinstance(clone, keras.Sequential):
            clone.build(shape)
        else:
            clone(data.inputs[:2])
    except (ValueError, TypeError) as error:
        raise ModelError(
            "model-data-shape",
            what=text("Building the model `{name}` for the data `{data}`", name=clone.name, data=data.name),
            expected=text("a model that reads inputs of shape {shape}", shape=_shown(shape)),
            received=verbatim(_first_line(error)),
            fix=text(
                "Change the first layers (for example `keras.layers.Flatten()` before `Dense`), or reshape the inputs."
            ),
        ) from error


def _loss_for(model: keras.Model, predictions: tuple[int | None, ...], data: Dataset) -> tuple[Any, str]:
    """A loss that suits the task, and its name; whether the outputs are logits is read off the last activation."""
    losses = keras.losses
    width = predictions[-1]
    activation = _last_activation(model)
    if data.task == "regression":
        return losses.MeanSquaredError(), "mean_squared_error"
    if data.task == "multi-label" or (width == 1 and data.n_classes == 2):
        return losses.BinaryCrossentropy(from_logits=activation != "sigmoid"), "binary_crossentropy"
    if width is not None and width < data.n_classes:
        raise ModelError(
            "output-classes",
            what=text("Choosing a loss for the model `{name}`", name=model.name),
            expected=text("{n} outputs, one for each class", n=data.n_classes),
            received=text("{n} outputs", n=width),
            fix=text('End the model with `keras.layers.Dense({n}, "softmax")`.', n=data.n_classes),
        )
    from_logits = activation != "softmax"
    if data.is_one_hot:
        return losses.CategoricalCrossentropy(from_logits=from_logits), "categorical_crossentropy"
    return losses.SparseCategoricalCrossentropy(from_logits=from_logits), "sparse_categorical_crossentropy"


def _last_activation(model: keras.Model) -> str:
    """Name of the function that makes the model's outputs; empty where no layer tells."""
    for layer in reversed(list(model._flatten_layers(include_self=False, recursive=True))):
        if isinstance(layer, keras.layers.Softmax):
            return "softmax"
        activation = getattr(layer, "activation", None)
        if activation is not None:
            return getattr(activation, "__name__", "")
        if not isinstance(layer, keras.layers.Flatten | keras.layers.Reshape | keras.layers.InputLayer):
            return ""
    return ""


def _require_one_input(clone: keras.Model) -> None:
    if len(clone.inputs) != 1 or len(clone.outputs) != 1:
        raise ValueError(f"{len(clone.inputs)} inputs and {len(clone.outputs)} outputs; backlit trains one of each")


def _require_fit(expected: tuple[int | None, ...], shape: tuple[int | None, ...]) -> None:
    fits = len(expected) == len(shape) and all(
        want is None or have is None or want == have for want, have in zip(expected, shape, strict=True)
    )
    if not fits:
        raise ValueError(f"its first layer reads {_shown(expected)}")


def _fresh(metrics: Any) -> Any:
    """Metric objects anew from their configs: a metric's variables may belong to one model only."""
    if isinstance(metrics, keras.metrics.Metric):
        return type(metrics).from_config(metrics.get_config())
    if isinstance(metrics, list | tuple):
        return [_fresh(metric) for metric in metrics]
    return metrics


def _is_functional(model: keras.Model) -> bool:
    return type(model) is keras.Model or type(model).__name__ == "Functional"


def _shown(shape: Any) -> str:
    return "(batch, " + ", ".join(str(size) for size in tuple(shape)[1:]) + ")" if len(tuple(shape)) > 1 else "(batch,)"


def _first_line(error: Exception) -> str:
    """What went wrong, in one line: Keras puts a headline above it, and marks it by control characters."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Exception encountered when calling"):
        lines = lines[1:]
    return lines[0] if lines else type(error).__name__
