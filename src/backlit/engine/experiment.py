"""What to do, as data: an Experiment is validated, can be written as JSON, and says everything but the arrays.

    data  ×  models  ×  settings  ×  axes   →   members

An *axis* is what members differ in. `learning_rate=[0.1, 0.01]` with `seeds=3` are two axes that cross to six members;
`zipped(learning_rate=[0.1, 0.01], momentum=[0.0, 0.9])` is one axis of two points that sets two names.

    >>> rates = Axis(names=("learning_rate",), points=((0.1,), (0.01,)))
    >>> seeds = Axis(names=("seed",), points=((0,), (1,), (2,)))
    >>> len(cross((rates, seeds)))
    6

Not for Python objects: a loss or a layer that Keras cannot write down as JSON rides beside the Experiment, and its
name stands in `unwritable`, so that a later rerun can say what it needs.
"""

import itertools
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Axis(BaseModel):
    """One way in which members differ: the names that it sets and its points, one value for each name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...]
    points: tuple[tuple[Any, ...], ...]


class EarlyStopping(BaseModel):
    """When a member may stop before its last epoch; the rule is that of `keras.callbacks.EarlyStopping`.

    Attributes:
        patience: Epochs without improvement after which the member stops.
        monitor: The column of the history to watch, such as `val_loss`.
        min_delta: Smallest change that counts as improvement, in the unit of `monitor`.
        mode: Whether `monitor` should fall (`min`) or rise (`max`); `auto` goes by its name.
        restore_best_weights: Hand over the weights of the best epoch, not of the last.
        start_from_epoch: Epochs to wait before watching.

    Source:
        prechelt1998, section 2 (patience is the criterion UP; the default is ours).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    patience: int = Field(default=5, ge=0)
    monitor: str = "val_loss"
    min_delta: float = Field(default=0.0, ge=0)
    mode: Literal["auto", "min", "max"] = "auto"
    restore_best_weights: bool = True
    start_from_epoch: int = Field(default=0, ge=0)


class ModelSpec(BaseModel):
    """A network as Keras writes it, and the arguments that built it.

    Attributes:
        config: `keras.saving.serialize_keras_object(model)`, or None where Keras cannot write the model.
        arguments: What the building function was called with, for a model that varies.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    config: dict[str, Any] | None
    arguments: dict[str, Any] = {}


class DataSpec(BaseModel):
    """Which data: how to load them again, and the digest that tells whether they are the same.

    Attributes:
        name: What to call them.
        recipe: What `load` can replay, or None for arrays in memory.
        digest: `Dataset.digest()`.
        sizes: Rows that train, validate and test, so that a stored run can be read without its data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    recipe: dict[str, Any] | None
    digest: str
    sizes: tuple[int, int, int]


class Change(BaseModel):
    """Numbers that are changed while a group trains, from some step on.

    Attributes:
        group: Number of the group.
        step: Steps of the group done before the change.
        settings: Name to one value for all members of the group, or to one for each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: int = Field(default=0, ge=0)
    step: int = Field(ge=0)
    settings: dict[str, float | tuple[float, ...]]


class Stop(BaseModel):
    """Where a training was ended by hand: later groups were not begun.

    Attributes:
        group: Number of the group that was in training.
        step: Steps of the group done then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: int = Field(ge=0)
    step: int = Field(ge=0)


class Experiment(BaseModel):
    """A training, written down: the same Experiment on the same data gives the same bits.

    Attributes:
        data: Which data.
        models: One network for each combination of building arguments.
        loss: Keras's config or name of the loss.
        optimizer: Keras's config of the optimiser.
        metrics: Keras's configs or names of the metrics.
        epochs: Passes over the training rows.
        batch_size: Examples of one step.
        shuffle: Whether each epoch has an order of its own.
        settings: Numbers that all members share, by name (`l2`, `momentum`, `dropout`, …).
        axes: How members differ.
        early_stopping: When a member may stop, or None.
        class_weight: Weight of each class in the loss, or None.
        weights: `drawn` by the seed, `kept` from the model that was given, or `continued` from the members of another
            run; the last two are stored with the run.
        unwritable: What Keras could not write down, in words for the user.
        probes: Names of what is measured inside the networks while they train.
        changes: What was changed while they trained, in the order of the steps.
        stopped: Where it was ended by hand before its last epoch, or None.
        deals: How rows are dealt out to the members (`Deals.spec`); None gives all of them those of the data.
        dealt: Names of the axis along which they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    data: DataSpec
    models: tuple[ModelSpec, ...]
    loss: Any
    optimizer: dict[str, Any] | None
    metrics: Any = ()
    epochs: int = Field(ge=0)
    batch_size: int = Field(ge=1)
    shuffle: bool = True
    settings: dict[str, Any] = {}
    axes: tuple[Axis, ...] = ()
    early_stopping: EarlyStopping | None = None
    class_weight: dict[int, float] | None = None
    weights: Literal["drawn", "kept", "continued"] = "drawn"
    unwritable: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    stopped: Stop | None = None
    deals: dict[str, Any] | None = None
    dealt: tuple[str, ...] = ()

    @property
    def n_members(self) -> int:
        """How many networks this trains."""
        return len(cross(self.axes))


def cross(axes: tuple[Axis, ...]) -> list[dict[str, Any]]:
    """Lists the settings of every member: the axes crossed, the last axis fastest.

    Args:
        axes: How members differ.

    Returns:
        One dict of name to value for each member; one empty dict where there is no axis.
    """
    members: list[dict[str, Any]] = []
    for combination in itertools.product(*(axis.points for axis in axes)):
        settings: dict[str, Any] = {}
        for axis, point in zip(axes, combination, strict=True):
            settings.update(zip(axis.names, point, strict=True))
        members.append(settings)
    return members
