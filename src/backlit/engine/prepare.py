"""What a group needs before it can train: which members it has, and its network, cloned and compiled.

`Ingredients` are the live objects that an Experiment names but cannot hold: the data and the Keras models, and a loss
or metrics that Keras may not be able to write down.

Not for training (see `train.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras

from backlit.data import Dataset
from backlit.engine._keras_private import compile_arguments
from backlit.engine.augmentation import augmentation_of
from backlit.engine.clone import Recipe, clone_network, compile_clone, output_shape, recipe_for
from backlit.engine.devices import Placement
from backlit.engine.experiment import Experiment, cross
from backlit.engine.initialise import WeightSource
from backlit.engine.own_rows import deal_numbers, member_splits
from backlit.engine.plan import Group, OwnRows, group_members
from backlit.engine.reuse import Networks, Prepared, network_key
from backlit.engine.template import DROPOUT, LEARNING_RATE, Template
from backlit.errors import SettingError
from backlit.language import text

NETWORKS = Networks()  # of this process; only what was compiled, never a result


@dataclass(frozen=True)
class Ingredients:
    """What an Experiment names but cannot hold.

    Attributes:
        data: Inputs, targets, splits.
        models: One live model for each of the Experiment's.
        loss: Live loss, or None to choose by the task.
        metrics: Live metrics, or None to choose by the task.
        initial: Weights that are kept from a given model: `trainable`, `non_trainable`, perhaps `optimizer`; or those
            that members begin with: `members`, for each of them its weights as `continuing.py` orders them.
        placements: Where the groups of a stored run lay; None decides anew.
    """

    data: Dataset
    models: tuple[keras.Model, ...]
    loss: Any = None
    metrics: Any = None
    initial: Mapping[str, list[Any]] | None = None
    placements: tuple[Placement, ...] | None = None


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
        dealt=experiment.dealt,
        rows=_own_rows(experiment, ingredients.data),
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
    model = ingredients.models[model_idx(experiment, group)]
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
    template = Template(clone, augmentation_of(group.traced, structure))
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
    idx = model_idx(experiment, group)
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


def _require_settings_fit(template: Template, group: Group) -> None:
    """Refuses a rate beside a schedule, a dropout rate without a Dropout layer, and mix-up with a loss that it breaks.

    Raises:
        SettingError: If a setting would have no effect, or a wrong one.
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
    if template.augmentation is not None and template.augmentation.mixes and not _weighs_examples(template.model):
        raise SettingError(
            "mix-up-loss",
            what=text("Mixing images by `augment.mix_up`"),
            expected=text("a loss that is a sum over the examples, each by its weight"),
            received=text("the loss of `{name}`, which is another kind", name=template.model.name),
            fix=text("Leave `mix_up` out, or take a loss of Keras with its own reduction."),
        )


def _weighs_examples(model: keras.Model) -> bool:
    """Whether the loss of an example with weight a + b is the sum of its losses with weights a and b."""
    losses = keras.tree.flatten(compile_arguments(model)["loss"])
    reductions = [loss.reduction for loss in losses if isinstance(loss, keras.losses.Loss)]
    is_keras_own = type(model).compute_loss is keras.Model.compute_loss
    return is_keras_own and all(each in ("sum_over_batch_size", "sum") for each in reductions)


def model_idx(experiment: Experiment, group: Group) -> int:
    """Number of the model that the group's building arguments made.

    Args:
        experiment: What to do.
        group: From `experiment_groups`.

    Returns:
        Its place among the Experiment's models.
    """
    builds = {name: group.structure[name] for name in _builds(experiment) if name in group.structure}
    return next(
        i for i, spec in enumerate(experiment.models) if all(spec.arguments.get(k) == v for k, v in builds.items())
    )


def _first_value(experiment: Experiment, group: Group, name: str) -> Any:
    return member_settings(experiment, group.members[0])[name]


def _own_rows(experiment: Experiment, data: Dataset) -> list[OwnRows]:
    """The deal of each member, and how many rows it has; nothing where all have the same."""
    if experiment.deals is None:
        return []
    splits = member_splits(experiment, data)
    numbers = deal_numbers(experiment)
    return [OwnRows(number, *one.sizes[:2]) for number, one in zip(numbers, splits, strict=True)]


def _builds(experiment: Experiment) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for spec in experiment.models for name in spec.arguments))
