"""What the user asked for, read into an Experiment and its Ingredients.

    fit(model, data, learning_rate=[0.1, 0.01], seeds=3)  →  axes: learning_rate (2 points) × seed (3 points)

A list where a number goes is an axis. Lists cross in the order in which they are written; `zipped` pairs them; seeds
come last. Everything is checked here, before anything is built.

Not for training (see `train.py`).
"""

import copy
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
from pydantic import ValidationError

from backlit.data import Dataset, Deals
from backlit.data.augment import SETTINGS as AUGMENT
from backlit.data.augment import checked_augment, read_augment, require_images
from backlit.engine._keras_private import compile_arguments
from backlit.engine.clone import known_optimizer, require_known_loss
from backlit.engine.continuing import require_count, require_fitting
from backlit.engine.experiment import Axis, DataSpec, EarlyStopping, Experiment, ModelSpec
from backlit.engine.held import holds_weights
from backlit.engine.initialise import is_untouched
from backlit.engine.own_rows import member_splits
from backlit.engine.prepare import Ingredients, experiment_groups, prepare_group, prepared_group
from backlit.engine.probes import chosen_probes
from backlit.engine.written import write_loss, write_metrics
from backlit.errors import ModelError, SettingError
from backlit.language import text, verbatim

Model = keras.Model | Callable[..., keras.Model]
_WHOLE = {"batch_size": 1, "epochs": 0, "seed": 0, "data_seed": 0}  # smallest value allowed
_NOT_NEGATIVE = ("learning_rate", "l1", "l2", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm")


@dataclass(frozen=True)
class Zipped:
    """Lists that are walked through side by side: one axis that sets several names."""

    lists: Mapping[str, tuple[Any, ...]]


def zipped(**lists: Sequence[Any]) -> Zipped:
    """Pairs settings, so that they vary together: the first with the first, the second with the second.

    Args:
        **lists: Name to values, all of the same length.

    Returns:
        What `fit(vary=…)` takes.

    Raises:
        SettingError: If the lists differ in length, or are not lists.

    Example:
        >>> zipped(learning_rate=[0.1, 0.01], momentum=[0.0, 0.9]).lists["momentum"]
        (0.0, 0.9)
    """
    lengths = {name: len(values) if _is_list(values) else 0 for name, values in lists.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise SettingError(
            "zipped-lengths",
            what=text("Pairing settings with `zipped`"),
            expected=text("lists of the same length"),
            received=verbatim(", ".join(f"{name}: {length}" for name, length in lengths.items()) or "nothing"),
            fix=text("Give each name as many values; to cross lists, pass them to `fit` one by one."),
        )
    return Zipped({name: tuple(values) for name, values in lists.items()})


def read_request(
    model: Model,
    data: Dataset,
    *,
    epochs: Any,
    batch_size: Any,
    loss: Any = None,
    optimizer: Any = None,
    metrics: Any = None,
    seeds: int | Sequence[int] = 1,
    seed: int = 0,
    vary: Mapping[str, Sequence[Any]] | Zipped | Sequence[Any] | None = None,
    rows: Deals | Any = None,
    start_from: Sequence[list[np.ndarray]] | None = None,
    shuffle: bool = True,
    class_weight: Mapping[int, float] | None = None,
    early_stopping: int | EarlyStopping | None = None,
    reinitialise: bool = False,
    probes: bool | Sequence[str] = False,
    augment: Any = None,
    settings: Mapping[str, Any] | None = None,
) -> tuple[Experiment, Ingredients]:
    """Reads what `fit` was given.

    Args:
        model: A Keras model, or a function that builds one.
        data: What to train on.
        epochs: Passes over the training rows, or a list.
        batch_size: Examples of one step, or a list.
        loss: Keras's loss, its name, a function; or a list of names.
        optimizer: Keras's optimiser or its name; or a list of names.
        metrics: As `model.compile` takes them.
        seeds: How many seeds, or which.
        seed: The first seed.
        vary: Lists by name, `zipped(…)`, or several of these.
        rows: How rows are dealt out to the members, or None.
        start_from: For each member the weights that it begins with, as `continuing.py` orders them; None draws them.
        shuffle: Whether each epoch has an order of its own.
        class_weight: Weight of each class.
        early_stopping: Patience in epochs, or the whole rule.
        reinitialise: Whether weights that were loaded or trained may be drawn anew.
        probes: True for all probes, False for none, or which.
        augment: How training images are changed: strengths by name, each perhaps a list.
        settings: Numbers by name (`learning_rate`, `l2`, `momentum`, …), each perhaps a list.

    Returns:
        The Experiment, and the live objects that it names.

    Raises:
        SettingError: If an argument is wrong.
        ModelError: If the model is not one, or its weights would be lost.
    """
    given = {name: value for name, value in (settings or {}).items() if value is not None} | read_augment(augment)
    axes, shared = _read_axes({**given, "epochs": epochs, "batch_size": batch_size}, vary, loss, optimizer)
    _require_free(axes, "seed")
    require_images([*shared, *(name for axis in axes for name in axis.names)], data)
    seeds_axis = _seeds_axis(seeds, seed)
    rows_axis = _rows_axis(rows, [name for axis in (*axes, seeds_axis) if axis is not None for name in axis.names])
    models, specs, unwritable = _read_models(model, axes)
    axes = (*axes, *(axis for axis in (rows_axis, seeds_axis) if axis is not None))
    has_seeds = any("seed" in axis.names for axis in axes)
    is_redrawn = has_seeds or reinitialise or start_from is not None
    keeps = len(models) == 1 and isinstance(model, keras.Model) and holds_weights(model) and not is_redrawn
    if has_seeds and not reinitialise and start_from is None:
        _require_untouched(models[0], model)
    live_loss, live_optimizer, live_metrics = _compiled_or(models[0], loss, optimizer, metrics)
    experiment = Experiment(
        data=DataSpec(name=data.name, recipe=data.recipe, digest=data.digest(), sizes=data.splits.sizes),
        models=specs,
        loss=_written(live_loss, write_loss, "loss", unwritable),
        optimizer=_written(live_optimizer, keras.optimizers.serialize, "optimizer", unwritable),
        metrics=_written(live_metrics, write_metrics, "metrics", unwritable),
        epochs=shared.pop("epochs", 1),
        batch_size=shared.pop("batch_size", 1),
        shuffle=bool(shuffle),
        settings=shared if has_seeds or not seed else {**shared, "seed": seed},
        axes=axes,
        early_stopping=_read_early_stopping(early_stopping),
        class_weight=_read_class_weight(class_weight, data),
        weights="continued" if start_from is not None else "kept" if keeps else "drawn",
        unwritable=tuple(unwritable),
        probes=tuple(probe.name for probe in chosen_probes(probes)),
        deals=None if rows is None else dict(rows.spec),
        dealt=() if rows is None else rows.names,
    )
    _require_watched_rows(experiment, data)
    ingredients = Ingredients(data=data, models=models, loss=live_loss, metrics=live_metrics)
    groups = experiment_groups(experiment, ingredients)  # finds unknown names now, before anything is built
    if start_from is not None:
        require_count(start_from, experiment)
        for group in groups:
            require_fitting(start_from, group, prepared_group(experiment, ingredients, group).template)
        return experiment, replace(ingredients, initial={"members": [list(weights) for weights in start_from]})
    if not keeps:
        return experiment, ingredients
    if models[0].built:
        initial = _initial(models[0], goes_on=optimizer is None)
    else:  # some layers hold weights, such as a pretrained base; the seed draws the others
        _, source, _ = prepare_group(experiment, ingredients, groups[0])
        drawn = source.draw(seed)
        initial = {part: drawn[part] for part in ("trainable", "non_trainable")}
    return experiment, replace(ingredients, initial=initial)


def _read_axes(
    settings: Mapping[str, Any], vary: Any, loss: Any, optimizer: Any
) -> tuple[tuple[Axis, ...], dict[str, Any]]:
    """Lists become axes; single values are shared by all members."""
    axes: list[Axis] = []
    shared: dict[str, Any] = {}
    for name, value in settings.items():
        if _is_list(value):
            axes.append(_axis({name: value}))
        else:
            shared[name] = checked_setting(name, value)
    for name, value, check in (("loss", loss, require_known_loss), ("optimizer", optimizer, known_optimizer)):
        if _is_list(value):
            for each in value:
                check(each)
            axes.append(_axis({name: value}))
    for part in vary if isinstance(vary, list | tuple) else [vary]:
        if isinstance(part, Zipped):
            axes.append(_axis(part.lists))
        elif isinstance(part, Mapping):
            axes += [_axis({name: values}) for name, values in part.items()]
        elif part is not None:
            raise SettingError(
                "vary-kind",
                what=text("Reading `vary`"),
                expected=text("a dictionary of lists, or `zipped(…)`"),
                received=text("`{value}`", value=part),
                fix=text('Write for example `vary={{"units": [16, 64]}}`.'),
            )
    names = [name for axis in axes for name in axis.names]
    for name in names:
        if names.count(name) > 1 or (name in shared and name not in ("epochs", "batch_size")):
            raise SettingError(
                "axis-twice",
                what=text("Planning the population"),
                expected=text("each name once"),
                received=text("`{name}` twice", name=name),
                fix=text("Leave one of them out."),
            )
    return tuple(axes), {name: value for name, value in shared.items() if name not in names}


def _axis(lists: Mapping[str, Any]) -> Axis:
    for name, values in lists.items():
        if not _is_list(values) or len(values) == 0:
            raise SettingError(
                "axis-empty",
                what=text("Reading the axis `{name}`", name=name),
                expected=text("a list with at least one value"),
                received=text("`{value}`", value=values),
                fix=text("Write for example `{name}=[…, …]`.", name=name),
            )
    points = zip(*([checked_setting(name, value) for value in values] for name, values in lists.items()), strict=True)
    return Axis(names=tuple(lists), points=tuple(points))


def _seeds_axis(seeds: int | Sequence[int], first: int) -> Axis | None:
    checked_setting("seed", first)
    if _is_list(seeds):
        return _axis({"seed": seeds})
    if isinstance(seeds, bool) or not isinstance(seeds, int | np.integer) or seeds < 1:
        raise SettingError(
            "seeds-count",
            what=text("Reading `seeds`"),
            expected=text("a whole number of at least 1, or a list of seeds"),
            received=text("`{value}`", value=seeds),
            fix=text("Write `seeds=5` for five networks, or `seeds=[0, 7]` for two with these seeds."),
        )
    return None if seeds == 1 else _axis({"seed": range(first, first + int(seeds))})


def checked_setting(name: str, value: Any) -> Any:
    """One value of a setting, as a plain Python number where it is one.

    Args:
        name: Name of the setting.
        value: What the user gave.

    Returns:
        The value; a schedule as Keras writes it.

    Raises:
        SettingError: If it is not a number where one is needed, or out of range.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if name in AUGMENT:
        return checked_augment(name, value)
    if name in _WHOLE:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or value < _WHOLE[name]:
            raise SettingError(
                "setting-whole",
                what=text("Reading `{name}`", name=name),
                expected=text("a whole number of at least {least}", least=_WHOLE[name]),
                received=text("`{value}`", value=repr(value)),
                fix=text("Write for example `{name}={example}`.", name=name, example={"batch_size": 32}.get(name, 10)),
            )
        return value
    if name in (*_NOT_NEGATIVE, "dropout", "momentum"):
        is_schedule = isinstance(value, keras.optimizers.schedules.LearningRateSchedule)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if name == "learning_rate" and is_schedule:
            return keras.optimizers.schedules.serialize(value)
        highest = 1.0 if name in ("dropout", "momentum") else math.inf
        if not is_number or not 0 <= value <= highest or math.isnan(value):
            raise SettingError(
                "setting-number",
                what=text("Reading `{name}`", name=name),
                expected=text("a number from 0 to {highest}, or a list of such numbers", highest=highest)
                if highest < math.inf
                else text("a number of at least 0, or a list of such numbers"),
                received=text("`{value}`", value=repr(value)),
                fix=text("Write for example `{name}=0.1` or `{name}=[0.1, 0.01]`.", name=name),
            )
        return float(value)
    return value


def _read_models(
    model: Model, axes: tuple[Axis, ...]
) -> tuple[tuple[keras.Model, ...], tuple[ModelSpec, ...], list[str]]:
    """The live models and what Keras writes of them; a building function is called once for each combination."""
    unwritable: list[str] = []
    if isinstance(model, keras.Model):
        return (model,), (_spec(model, {}, unwritable),), unwritable
    if not callable(model):
        raise ModelError(
            "model-kind",
            what=text("Reading the model"),
            expected=text("a Keras model, or a function that builds one"),
            received=text("`{kind}`", kind=type(model).__name__),
            fix=text("Write for example `keras.Sequential([…])`."),
        )
    values = _build_values(model, axes)
    models, specs = [], []
    for combination in itertools.product(*values.values()):
        arguments = dict(zip(values, combination, strict=True))
        built = model(**arguments)
        if not isinstance(built, keras.Model):
            raise ModelError(
                "model-kind",
                what=text("Calling the building function with {arguments}", arguments=arguments),
                expected=text("a Keras model"),
                received=text("`{kind}`", kind=type(built).__name__),
                fix=text("Return the model at the end of the function."),
            )
        models.append(built)
        specs.append(_spec(built, arguments, unwritable))
    return tuple(models), tuple(specs), unwritable


def _build_values(build: Callable[..., Any], axes: tuple[Axis, ...]) -> dict[str, list[Any]]:
    """For each argument of the building function that varies, its values in order."""
    import inspect

    parameters = inspect.signature(build).parameters
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    reserved = {"seed", "learning_rate", "batch_size", "epochs", *AUGMENT}
    values: dict[str, list[Any]] = {}
    for axis in axes:
        for place, name in enumerate(axis.names):
            if name in parameters or (takes_any and name not in reserved):
                values[name] = list(dict.fromkeys(point[place] for point in axis.points))
    return values


def _spec(model: keras.Model, arguments: dict[str, Any], unwritable: list[str]) -> ModelSpec:
    try:
        config: Any = keras.saving.serialize_keras_object(model)
        config.pop("compile_config", None)
        keras.saving.deserialize_keras_object(copy.deepcopy(config))  # Keras empties what it reads
    except Exception as error:  # a custom layer may fail in any way; the run is then not repeatable, and says so
        words = f"model `{model.name}` ({type(error).__name__})"
        if words not in unwritable:
            unwritable.append(words)
        config = None
    return ModelSpec(config=config, arguments=arguments)


def _require_untouched(built: keras.Model, given: Model) -> None:
    if isinstance(given, keras.Model) and not is_untouched(built):
        raise ModelError(
            "weights-loaded",
            what=text("Drawing new weights for `{name}`, one set for each seed", name=built.name),
            expected=text("a model whose weights are as its initialisers drew them"),
            received=text("weights that were loaded, trained or set"),
            fix=text("Pass `reinitialise=True` to lose them, or train one network with `seeds=1`."),
        )


def _require_free(axes: tuple[Axis, ...], name: str) -> None:
    if any(name in axis.names for axis in axes):
        raise SettingError(
            "axis-seed",
            what=text("Planning the population"),
            expected=text("seeds in `seeds`"),
            received=text("an axis `{name}`", name=name),
            fix=text("Write `seeds=[…]`."),
        )


def _compiled_or(model: keras.Model, loss: Any, optimizer: Any, metrics: Any) -> tuple[Any, Any, Any]:
    """What was asked for, else what the model was compiled with; None leaves it to the task."""
    compiled = compile_arguments(model) if model.compiled else {}
    loss = None if _is_list(loss) else loss
    optimizer = None if _is_list(optimizer) else optimizer
    return (
        loss if loss is not None else compiled.get("loss"),
        optimizer if optimizer is not None else compiled.get("optimizer"),
        metrics if metrics is not None else compiled.get("metrics"),
    )


def _written(value: Any, serialize: Callable[[Any], Any], name: str, unwritable: list[str]) -> Any:
    """What Keras writes of a loss, an optimiser or metrics; names stay names."""
    if value is None:
        return None
    if isinstance(value, str):
        if name == "loss":
            require_known_loss(value)
        if name != "optimizer":
            return value
        value = known_optimizer(value)
    try:
        return serialize(value)
    except (ValueError, TypeError, AttributeError):
        values = value if isinstance(value, list | tuple) else [value]
        names = ", ".join(getattr(one, "__name__", type(one).__name__) for one in values if not isinstance(one, str))
        unwritable.append(f"{name} `{names}`")
        return None


def _rows_axis(rows: Any, names: Sequence[str]) -> Axis | None:
    """The axis along which rows are dealt out.

    Raises:
        SettingError: If it is something else, or has a name that is taken.
    """
    if rows is None:
        return None
    if not isinstance(rows, Deals):
        raise SettingError(
            "rows-kind",
            what=text("Reading `rows`"),
            expected=text("`folds(…)`, `bags(…)`, `subsets(…)` or `given_rows(…)`"),
            received=text("`{kind}`", kind=type(rows).__name__),
            fix=text("Write for example `rows=bl.folds(5)`."),
        )
    for name in rows.names:
        if name in names:
            raise SettingError(
                "axis-twice",
                what=text("Planning the population"),
                expected=text("each name once"),
                received=text("`{name}` twice", name=name),
                fix=text("Leave one of them out."),
            )
    return Axis(names=rows.names, points=rows.points)


def _read_early_stopping(rule: int | EarlyStopping | None) -> EarlyStopping | None:
    if rule is None:
        return None
    if not isinstance(rule, EarlyStopping):
        try:
            rule = EarlyStopping(patience=rule)
        except ValidationError as error:
            raise SettingError(
                "early-stopping",
                what=text("Reading `early_stopping`"),
                expected=text("the patience in epochs, a whole number of at least 0"),
                received=text("`{value}`", value=repr(rule)),
                fix=text("Write for example `early_stopping=5`."),
            ) from error
    return rule


def _require_watched_rows(experiment: Experiment, data: Dataset) -> None:
    """Refuses early stopping where a member has no rows that validate."""
    rule = experiment.early_stopping
    if rule is None or not rule.monitor.startswith("val_"):
        return
    if not all(len(splits.validation) for splits in member_splits(experiment, data)):
        raise SettingError(
            "early-stopping-validation",
            what=text("Reading `early_stopping`"),
            expected=text("validation rows, because it watches `{monitor}`", monitor=rule.monitor),
            received=text("none"),
            fix=text("Give `validation_split=0.2` or `validation_data=(X, y)`."),
        )


def _read_class_weight(weights: Mapping[int, float] | None, data: Dataset) -> dict[int, float] | None:
    if weights is None:
        return None
    if data.task != "classification":
        raise SettingError(
            "class-weight-task",
            what=text("Reading `class_weight`"),
            expected=text("a classification task"),
            received=verbatim(data.task),
            fix=text("Use `sample_weight` instead."),
        )
    if data.sample_weight is not None:
        raise SettingError(
            "class-and-sample-weight",
            what=text("Weighting the rows"),
            expected=text("either `class_weight` or `sample_weight`, as in Keras"),
            received=text("both"),
            fix=text("Multiply them into one `sample_weight`."),
        )
    unknown = [key for key in weights if not 0 <= int(key) < data.n_classes]
    if unknown:
        raise SettingError(
            "class-weight-class",
            what=text("Reading `class_weight`"),
            expected=text("classes 0..{last}", last=data.n_classes - 1),
            received=verbatim(", ".join(f"`{key}`" for key in unknown)),
            fix=text("Use the class numbers as keys."),
        )
    return {int(key): float(value) for key, value in weights.items()}


def _initial(model: keras.Model, *, goes_on: bool) -> dict[str, list[np.ndarray]]:
    """Weights of a given model, and its optimiser's state if it has one and goes on with it."""
    parts = {"trainable": model.trainable_variables, "non_trainable": model.non_trainable_variables}
    optimizer = getattr(model, "optimizer", None)
    if goes_on and optimizer is not None and optimizer.built:
        parts["optimizer"] = optimizer.variables
    return {part: [np.asarray(variable.value) for variable in variables] for part, variables in parts.items()}


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | range) or (isinstance(value, np.ndarray) and value.ndim == 1)
