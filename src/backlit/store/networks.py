"""Models, loss and metrics of a stored run: written by Keras, read by Keras, or passed again by the user.

What Keras cannot write (a loss that is a plain function, a layer without `get_config`) and what it cannot find again
(a registered class whose module is not imported) has to be passed: the error says which name to pass.

Not for weights of trained members (see `files.py`).
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from backlit.engine._keras_private import compile_arguments
from backlit.engine.clone import optimizer_from
from backlit.engine.experiment import Experiment, ModelSpec
from backlit.engine.prepare import Ingredients
from backlit.engine.written import read_loss, read_metrics, write_metrics
from backlit.errors import ModelError
from backlit.language import Text, listed, text, verbatim


@dataclass(frozen=True)
class Given:
    """What the user passes because the store could not keep it; None where the store shall do.

    Attributes:
        data: The same rows, as `load` takes them.
        model: The same model, or the function that builds it.
        loss: The same loss.
        metrics: The same metrics.
        method: Name of the Store's method that it is passed to, for messages.
    """

    data: Any = None
    model: Any = None
    loss: Any = None
    metrics: Any = None
    method: str = "rerun"


def compile_words(ingredients: Ingredients) -> list[dict[str, Any]]:
    """What a config does not say about live models: whether they were compiled, and with which weights.

    Args:
        ingredients: What was trained with.

    Returns:
        One dict a model.
    """
    words = []
    for model in ingredients.models:
        compiled = compile_arguments(model) if model.compiled else {}
        # As in `recipe_for`: what goes with the compiled loss or metrics does not go with others.
        has_loss = ingredients.loss is compiled.get("loss")
        has_metrics = ingredients.metrics is None or ingredients.metrics is compiled.get("metrics")
        words.append(
            {
                "is_compiled": bool(model.compiled),
                "loss_weights": compiled.get("loss_weights") if has_loss else None,
                "weighted_metrics": _written(compiled.get("weighted_metrics")) if has_metrics else None,
            }
        )
    return words


def fixed_weights(models: tuple[keras.Model, ...]) -> list[list[np.ndarray] | None]:
    """Weights of given models that no seed draws anew: frozen layers, and layers that learn from `adapt`.

    Args:
        models: The models that were given.

    Returns:
        For each model all its weights, or None where a seed draws them all.
    """
    kept: list[list[np.ndarray] | None] = []
    for model in models:
        layers = model._flatten_layers()
        is_fixed = model.built and any(layer.variables and _is_fixed(layer) for layer in layers)
        kept.append([np.asarray(variable.value) for variable in model.variables] if is_fixed else None)
    return kept


def require_writable(experiment: Experiment, id: str, given: Given) -> None:
    """Refuses early what cannot be made again, naming all that is missing at once.

    Args:
        experiment: The stored Experiment.
        id: Name of the run.
        given: What the user passed.

    Raises:
        ModelError: If something is missing.
    """
    missing = [words for words in experiment.unwritable if getattr(given, _argument(words), None) is None]
    if missing:
        raise _not_written(id, missing, given.method)


def models_again(
    experiment: Experiment,
    id: str,
    given: Given,
    *,
    words: list[dict[str, Any]],
    fixed: list[list[np.ndarray] | None],
    loss: Any,
    metrics: Any,
) -> tuple[keras.Model, ...]:
    """The models of a stored run, untrained, as they were given to `fit`.

    Args:
        experiment: The stored Experiment.
        id: Name of the run.
        given: What the user passed.
        words: From `compile_words`.
        fixed: From `fixed_weights`.
        loss: Live loss or None.
        metrics: Live metrics or None.

    Returns:
        One model for each of the Experiment's.

    Raises:
        ModelError: If Keras cannot read one of them.
    """
    models = []
    for spec, about, weights in zip(experiment.models, words, fixed, strict=True):
        model = _model(experiment, id, spec, given)
        if about["is_compiled"] and not model.compiled:
            model.compile(
                optimizer=optimizer_again(experiment, id) or "adam",
                loss=loss,
                metrics=metrics,
                weighted_metrics=_found(
                    id, "metrics", lambda about=about: read_metrics(about["weighted_metrics"]), given.method
                ),
                loss_weights=about["loss_weights"],
            )
        if weights is not None and model.built:
            for variable, value in zip(model.variables, weights, strict=True):
                variable.assign(value)
        models.append(model)
    return tuple(models)


def loss_again(experiment: Experiment, id: str, given: Given) -> Any:
    """The live loss of a stored run; None where the task chose it.

    Args:
        experiment: The stored Experiment.
        id: Name of the run.
        given: What the user passed.

    Returns:
        A Keras loss, its name, or None.

    Raises:
        ModelError: If it has to be passed.
    """
    if given.loss is not None:
        return given.loss
    _require_written(experiment, id, "loss", given.method)
    return _found(id, "loss", lambda: read_loss(experiment.loss), given.method)


def metrics_again(experiment: Experiment, id: str, given: Given) -> Any:
    """The live metrics of a stored run; None where the task chose them.

    Args:
        experiment: The stored Experiment.
        id: Name of the run.
        given: What the user passed.

    Returns:
        Keras metrics and names, or None.

    Raises:
        ModelError: If they have to be passed.
    """
    if given.metrics is not None:
        return given.metrics
    _require_written(experiment, id, "metrics", given.method)
    return _found(id, "metrics", lambda: read_metrics(experiment.metrics), given.method)


def optimizer_again(experiment: Experiment, id: str) -> keras.optimizers.Optimizer | None:
    """The optimiser of a stored run, new; None where an axis names it or it is Keras's default.

    Args:
        experiment: The stored Experiment.
        id: Name of the run.

    Returns:
        The optimiser.

    Raises:
        ModelError: If Keras cannot read it.
    """
    _require_written(experiment, id, "optimizer")
    config = experiment.optimizer
    return None if config is None else _found(id, "optimizer", lambda: optimizer_from(config))


def model_words(models: tuple[keras.Model, ...]) -> str:
    """A network in a few words, the same in every language, for a list of runs.

    Args:
        models: The models that were given.

    Returns:
        Such as `Flatten, Dense 64, Dense 10`; of several models the first, and how many others there are.
    """
    layers = [layer for layer in models[0].layers if not isinstance(layer, keras.layers.InputLayer)]
    names = [_layer_words(layer) for layer in layers] or [type(models[0]).__name__]
    if len(names) > 6:
        names = [*names[:3], "…", *names[-2:]]
    others = f" (+{len(models) - 1})" if len(models) > 1 else ""
    return ", ".join(names) + others


def _model(experiment: Experiment, id: str, spec: ModelSpec, given: Given) -> keras.Model:
    if isinstance(given.model, keras.Model):
        return given.model
    if given.model is not None:
        return given.model(**spec.arguments)
    if spec.config is None:
        raise _not_written(id, [words for words in experiment.unwritable if _argument(words) == "model"], given.method)
    return _found(id, "model", lambda: keras.saving.deserialize_keras_object(copy.deepcopy(spec.config)), given.method)


def _found(id: str, name: str, read: Callable[[], Any], method: str = "rerun") -> Any:
    try:
        return read()
    except Exception as error:  # a config may name any class, and its `from_config` may fail in any way
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(
            "not-found-again",
            what=text("Making the `{name}` of run `{id}` again", name=name, id=id),
            expected=text("classes and functions that Keras finds in this process"),
            received=verbatim(lines[0].strip().rstrip(".")[:200]),
            fix=text("Import the module that defines them first.")
            if name == "optimizer"
            else text(
                "Import the module that defines them first, or pass it: `{call}`.", call=_call(id, [name], method)
            ),
        ) from error


def _require_written(experiment: Experiment, id: str, name: str, method: str = "rerun") -> None:
    missing = [words for words in experiment.unwritable if _argument(words) == name]
    if missing:
        raise _not_written(id, missing, method)


def _not_written(id: str, missing: list[str], method: str) -> ModelError:
    names = list(dict.fromkeys(_argument(words) for words in missing))
    may_pass = [name for name in names if name in ("model", "loss", "metrics")]
    fix: Text = text("Pass what is missing: `{call}`.", call=_call(id, may_pass, method))
    if may_pass != names:
        fix = text("Train it anew with `bl.fit`: no argument of `rerun` takes its place.")
    return ModelError(
        "not-written",
        what=text("Making the network of run `{id}` again", id=id),
        expected=text("everything as Keras wrote it down"),
        received=text("no description of {names}, which Keras could not write", names=listed(missing)),
        fix=fix,
    )


def _argument(words: str) -> str:
    """The name to pass for an entry of `Experiment.unwritable`, whose first word it is."""
    return words.split(" ", 1)[0]


def _call(id: str, names: list[str], method: str) -> str:
    return f'Store().{method}("{id}", ' + ", ".join(f"{name}=…" for name in names) + ")"


def _written(weighted_metrics: Any) -> Any:
    """What Keras writes of them; None, so that they are missing from a rerun's history, where it cannot."""
    try:
        return write_metrics(weighted_metrics)
    except (ValueError, TypeError, AttributeError):
        return None


def _is_fixed(layer: Any) -> bool:
    return not layer.trainable or hasattr(layer, "adapt")


def _layer_words(layer: keras.layers.Layer) -> str:
    sizes = (getattr(layer, name, None) for name in ("units", "filters", "output_dim", "rate"))
    size = next((size for size in sizes if isinstance(size, int | float)), None)
    return type(layer).__name__ + (f" {size}" if size is not None else "")
