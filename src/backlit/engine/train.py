"""Trains an Experiment: every group's network is cloned, its members' first weights are made, its program is run.

    Experiment + Ingredients  →  Trained

`Ingredients` are the live objects that an Experiment names but cannot hold: the data and the Keras models, and a loss
or metrics that Keras may not be able to write down. The same Experiment with the same Ingredients gives the same bits.

Not for reading arguments (see `fit.py`) nor for keeping runs (see `store.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import keras
import numpy as np

from backlit.data import Dataset
from backlit.engine import devices
from backlit.engine.clone import Recipe, clone_network, compile_clone, output_shape, recipe_for
from backlit.engine.devices import Placement
from backlit.engine.experiment import Experiment, cross
from backlit.engine.initialise import WeightSource, seed_generators
from backlit.engine.loop import GroupResult, Progress, n_segments_for, train_group
from backlit.engine.plan import Group, group_members
from backlit.engine.program import Program, Shape
from backlit.engine.reuse import Networks, Prepared, network_key
from backlit.engine.template import DROPOUT, LEARNING_RATE, Template
from backlit.errors import SettingError
from backlit.language import Text, text

State = dict[str, list[np.ndarray]]
NETWORKS = Networks()  # of this process; only what was compiled, never a result


@dataclass(frozen=True)
class Ingredients:
    """What an Experiment names but cannot hold.

    Attributes:
        data: Inputs, targets, splits.
        models: One live model for each of the Experiment's.
        loss: Live loss, or None to choose by the task.
        metrics: Live metrics, or None to choose by the task.
        initial: Weights that are kept from a given model: `trainable`, `non_trainable`, perhaps `optimizer`.
        placements: Where the groups of a stored run lay; None decides anew.
    """

    data: Dataset
    models: tuple[keras.Model, ...]
    loss: Any = None
    metrics: Any = None
    initial: Mapping[str, list[np.ndarray]] | None = None
    placements: tuple[Placement, ...] | None = None


@dataclass(frozen=True)
class TrainedGroup:
    """One group after training.

    Attributes:
        group: Which members, and what they share.
        placement: Where the members lay.
        result: Records and weights, in the order of `group.members`.
    """

    group: Group
    placement: Placement
    result: GroupResult


@dataclass(frozen=True)
class Trained:
    """A whole population after training.

    Attributes:
        groups: One for each program.
        notes: What was chosen for the user.
    """

    groups: tuple[TrainedGroup, ...]
    notes: tuple[Text, ...] = field(default=())


def train(
    experiment: Experiment,
    ingredients: Ingredients,
    *,
    on_progress: Callable[[Progress, int, int], None] | None = None,
) -> Trained:
    """Trains every member.

    Args:
        experiment: What to do.
        ingredients: The live objects.
        on_progress: Called after each chunk with the progress of the group, its number, and how many groups there are.

    Returns:
        Weights and records of all members.

    Raises:
        ModelError: If a model does not fit the data.
        SettingError: If a setting does not suit the model or its optimiser.
    """
    devices.keep_compiled_programs()
    groups = experiment_groups(experiment, ingredients)
    trained: list[TrainedGroup] = []
    notes: dict[Text, None] = {}
    for number, group in enumerate(groups):
        report = None
        if on_progress is not None:
            report = partial(_report, on_progress, number, len(groups))
        placement = ingredients.placements[number] if ingredients.placements else None
        one, group_notes = _train_one(experiment, ingredients, group, placement, report)
        trained.append(one)
        notes |= dict.fromkeys(group_notes)
    return Trained(tuple(trained), tuple(notes))


def experiment_groups(experiment: Experiment, ingredients: Ingredients) -> list[Group]:
    """The groups of an Experiment, without training anything.

    Args:
        experiment: What to do.
        ingredients: The live objects.

    Returns:
        The groups.

    Raises:
        SettingError: If a name is not something that can vary.
    """
    optimizer: Any = experiment.optimizer
    if optimizer is None:
        model = ingredients.models[0]
        optimizer = keras.optimizers.serialize(model.optimizer if model.compiled else keras.optimizers.get("adam"))
    return group_members(
        experiment.axes,
        optimizer=optimizer,
        batch_size=experiment.batch_size,
        epochs=experiment.epochs,
        settings=experiment.settings,
        builds=_builds(experiment),
    )


def prepare_group(
    experiment: Experiment, ingredients: Ingredients, group: Group
) -> tuple[Template, WeightSource, Recipe]:
    """Clones and compiles the network of a group.

    Args:
        experiment: What to do.
        ingredients: The live objects.
        group: From `experiment_groups`.

    Returns:
        The network's pure functions, the source of first weights, and how it was compiled.

    Raises:
        ModelError: If the model does not fit the data.
        SettingError: If a setting does not suit the model.
    """
    data, structure = ingredients.data, group.structure
    model = ingredients.models[_model_idx(experiment, group)]
    clone, initializers = clone_network(model, data, keeps_weights=experiment.weights == "kept")
    recipe = recipe_for(
        model,
        output_shape(clone, data),
        data,
        loss=structure.get("loss", ingredients.loss),
        optimizer=structure.get("optimizer", experiment.optimizer),
        metrics=ingredients.metrics,
    )
    config = dict(recipe.optimizer["config"])
    for name, value in structure.items():
        if name in config:
            config[name] = value
    recipe = replace(recipe, optimizer={**recipe.optimizer, "config": config})
    for name in group.traced:  # any value that is not zero: the traced one takes its place
        if name in config and name != LEARNING_RATE:
            config[name] = float(_first_value(experiment, group, name))
    compile_clone(clone, recipe, data)
    template = Template(clone)
    _require_settings_fit(template, group)
    template.set_dropout(structure.get(DROPOUT))
    return template, WeightSource(template, initializers), recipe


def prepared_group(experiment: Experiment, ingredients: Ingredients, group: Group) -> Prepared:
    """The network of a group: one that was prepared before, if only numbers differ, else a new one.

    Args:
        experiment: What to do.
        ingredients: The live objects.
        group: From `experiment_groups`.

    Returns:
        The network, not to be changed.
    """
    idx = _model_idx(experiment, group)
    key = network_key(experiment, ingredients.models[idx], idx, group, ingredients.data)
    prepared = NETWORKS.find(key)
    if prepared is None:
        prepared = Prepared(*prepare_group(experiment, ingredients, group))
        NETWORKS.keep(key, prepared)
    return prepared


def member_settings(experiment: Experiment, idx: int) -> dict[str, Any]:
    """All settings of one member: those that all share, and its own.

    Args:
        experiment: What to do.
        idx: Number of the member.

    Returns:
        Name to value.
    """
    return {**experiment.settings, **cross(experiment.axes)[idx]}


def training_rows(experiment: Experiment, data: Dataset) -> dict[str, np.ndarray]:
    """Training rows by name, in the number types that the program computes with.

    Args:
        experiment: For class weights.
        data: Inputs, targets, splits, sample weights.

    Returns:
        `inputs`, `targets`, and `sample_weight` where rows do not count equally.
    """
    inputs, targets = data.train
    rows = {"inputs": _as_numbers(inputs), "targets": _as_numbers(targets)}
    weight = None if data.sample_weight is None else data.sample_weight[data.splits.train]
    if experiment.class_weight is not None:
        ids = np.argmax(targets, axis=-1) if targets.ndim > 1 and targets.shape[-1] > 1 else targets.reshape(-1)
        weight = np.array([experiment.class_weight.get(int(i), 1.0) for i in np.round(ids)])
    if weight is not None:
        rows["sample_weight"] = np.asarray(weight, keras.config.floatx())
    return rows


def held_out_rows(inputs: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
    """Rows to score, in the number types that the program computes with; empty where there are none.

    Args:
        inputs: Any number of rows.
        targets: As many.

    Returns:
        `inputs` and `targets`, or nothing.
    """
    if len(inputs) == 0:
        return {}
    return {"inputs": _as_numbers(inputs), "targets": _as_numbers(targets)}


def _train_one(
    experiment: Experiment,
    ingredients: Ingredients,
    group: Group,
    placement: Placement | None,
    on_progress: Callable[[Progress], None] | None,
) -> tuple[TrainedGroup, tuple[Text, ...]]:
    network = prepared_group(experiment, ingredients, group)
    template, recipe = network.template, network.recipe
    settings = [member_settings(experiment, idx) for idx in group.members]
    rate = _plain_rate(experiment, group)
    states = [_first_state(experiment, ingredients, network, own, rate=rate) for own in settings]
    members: dict[str, Any] = {part: _stacked([state[part] for state in states]) for part in states[0]}
    floatx = keras.config.floatx()
    members["settings"] = {name: np.array([own[name] for own in settings], floatx) for name in group.traced}
    train_rows = training_rows(experiment, ingredients.data)
    n_rows = len(train_rows["inputs"])
    if placement is None:
        here = devices.devices()
        placement = devices.place_members(
            len(group.members),
            member_bytes=sum(
                leaf.nbytes for part in ("trainable", "non_trainable", "optimizer") for leaf in states[0][part]
            ),
            is_convolutional=devices.is_convolutional(template.model),
            has_own_order=group.has_own_order,
            n_devices=len(here),
            step_flops=devices.step_flops(template.model, min(int(group.structure["batch_size"]), n_rows)),
            is_cpu=here[0].platform == "cpu",
        )

    def train_at(placement: Placement) -> GroupResult:
        shape = Shape(
            n_rows=n_rows,
            batch_size=min(int(group.structure["batch_size"]), n_rows),
            n_segments=n_segments_for(n_rows),
            block=placement.block,
            n_devices=placement.n_devices,
            n_slots=placement.n_slots,
            has_own_order=group.has_own_order,
        )
        validation = held_out_rows(*ingredients.data.validation)
        key = (placement.is_wide, shape, experiment.early_stopping, _shapes(train_rows), _shapes(validation))
        if key not in network.programs:
            network.programs[key] = Program(
                template, shape, early_stopping=experiment.early_stopping, devices=devices.devices_of(placement)
            )
        return train_group(
            network.programs[key],
            members,
            train_rows,
            validation,
            n_members=len(group.members),
            n_epochs=int(group.structure["epochs"]),
            data_seeds=[int(own.get("data_seed", 0)) for own in settings],
            shuffle=experiment.shuffle,
            on_progress=on_progress,
        )

    try:
        result = train_at(placement)
    except NotImplementedError:
        # JAX cannot vmap everything, such as the gradient of a grouped convolution.
        if placement.block == 1:
            raise
        placement = devices.one_after_another(placement, n_members=len(group.members))
        result = train_at(placement)
    _finalise(template, result)
    return TrainedGroup(group, placement, result), recipe.notes


def _report(on_progress: Callable[[Progress, int, int], None], number: int, n_groups: int, progress: Progress) -> None:
    on_progress(progress, number, n_groups)


def _finalise(template: Template, result: GroupResult) -> None:
    """Lets an optimiser that averages weights (`use_ema`) hand over the averages, as Keras does after `fit`."""
    if not template.optimizer.use_ema or not result.optimizer:
        return
    for place in range(len(result.diverged_step)):
        averaged = template.averaged([leaf[place] for leaf in result.optimizer])
        for leaf, value in zip(result.kept["trainable"], averaged, strict=True):
            leaf[place] = value


def _first_state(
    experiment: Experiment,
    ingredients: Ingredients,
    network: Prepared,
    own: Mapping[str, Any],
    *,
    rate: float | None,
) -> State:
    """A member's state before its first step: drawn by its seed, or the given weights."""
    template, source = network.template, network.source
    seed = int(own.get("seed", 0))
    if experiment.weights == "drawn" or ingredients.initial is None:
        state = template.start_optimizer(_with_rate(template, source.draw(seed), rate))
    else:
        state = _with_rate(template, template.state(), rate)
        for part, arrays in ingredients.initial.items():
            if [a.shape for a in arrays] == [a.shape for a in state[part]]:
                state[part] = [np.asarray(new, old.dtype) for new, old in zip(arrays, state[part], strict=True)]
        if "optimizer" not in ingredients.initial:
            state = template.start_optimizer(state)
        if "seed" in {name for axis in experiment.axes for name in axis.names}:
            state = seed_generators(template, state, seed)
    return state


def _with_rate(template: Template, state: State, rate: float | None) -> State:
    """The state with the optimiser's own rate, which a network that is used again may not have."""
    if rate is not None and template.rate_idx is not None:
        old = state["optimizer"][template.rate_idx]
        state["optimizer"][template.rate_idx] = np.asarray(rate, old.dtype)
    return state


def _require_settings_fit(template: Template, group: Group) -> None:
    """Refuses a rate beside a schedule, and a dropout rate without a Dropout layer.

    Raises:
        SettingError: If a setting would have no effect.
    """
    if LEARNING_RATE in group.traced and template.rate_idx is None:
        raise SettingError(
            "rate-and-schedule",
            what=text("Setting the learning rate"),
            expected=text("either `learning_rate` or a schedule"),
            received=text("both"),
            fix=text("Leave `learning_rate` out, or give the optimiser a number."),
        )
    names = {*group.traced, *group.structure}
    if DROPOUT in names and not template.has_dropout:
        raise SettingError(
            "dropout-without-layer",
            what=text("Setting `dropout`"),
            expected=text("a model with a Dropout layer"),
            received=text("`{name}`, which has none", name=template.model.name),
            fix=text("Add `keras.layers.Dropout(0.5)` where neurons shall be dropped; its rate is then replaced."),
        )


def _model_idx(experiment: Experiment, group: Group) -> int:
    """Number of the model that the group's building arguments made."""
    builds = {name: group.structure[name] for name in _builds(experiment) if name in group.structure}
    return next(
        i for i, spec in enumerate(experiment.models) if all(spec.arguments.get(k) == v for k, v in builds.items())
    )


def _plain_rate(experiment: Experiment, group: Group) -> float | None:
    """The optimiser's own learning rate, where it is a number and nothing traces it."""
    if LEARNING_RATE in group.traced or experiment.optimizer is None or "optimizer" in group.structure:
        return None
    rate = group.structure.get(LEARNING_RATE, experiment.optimizer["config"].get(LEARNING_RATE))
    return float(rate) if isinstance(rate, int | float) else None


def _shapes(rows: Mapping[str, np.ndarray]) -> tuple[tuple[str, tuple[int, ...], str], ...]:
    return tuple((name, array.shape, str(array.dtype)) for name, array in rows.items())


def _first_value(experiment: Experiment, group: Group, name: str) -> Any:
    return member_settings(experiment, group.members[0])[name]


def _builds(experiment: Experiment) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for spec in experiment.models for name in spec.arguments))


def _stacked(states: list[list[np.ndarray]]) -> list[np.ndarray]:
    return [np.stack(arrays) for arrays in zip(*states, strict=True)]


def _as_numbers(array: np.ndarray) -> np.ndarray:
    """Floats in Keras's float type; whole numbers as they are, but 32 bits wide as JAX wants them."""
    if np.issubdtype(array.dtype, np.floating):
        return np.asarray(array, keras.config.floatx())
    if array.dtype in (np.int64, np.uint64):
        return np.asarray(array, np.int32)
    return np.asarray(array)
