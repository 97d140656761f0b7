"""A stored run, back as a Run, or trained again.

What is cheap (history, who stopped when) is read at once; weights, data and models are made when somebody asks, so
that a run whose CSV has moved can still be looked at, and a list of curves needs no network.

Not for writing (see `keeping.py`).
"""

from functools import cached_property
from typing import Any

import keras

from backlit.data import Dataset
from backlit.engine import Trainer
from backlit.engine.devices import Placement, devices
from backlit.engine.experiment import Experiment
from backlit.engine.plan import Group
from backlit.engine.prepare import Ingredients
from backlit.engine.start import TrainedGroup
from backlit.engine.train import Trained
from backlit.errors import DataError, SettingError
from backlit.language import Text, text, verbatim
from backlit.run import Run
from backlit.run import versions_here as versions
from backlit.store.files import DATA, INITIAL, STATE, RunFolder, results_again
from backlit.store.networks import Given, loss_again, metrics_again, models_again, require_writable
from backlit.store.plain import from_plain
from backlit.store.rows import data_again, example_rows


def open_kept(id: str, kept: dict[str, Any], folder: RunFolder, given: Given) -> Run:
    """A stored run.

    Args:
        id: Its full name.
        kept: Its description.
        folder: Its files.
        given: What the user passed.

    Returns:
        The Run.
    """
    experiment = _experiment(kept)
    groups = [Group(**from_plain(group)) for group in kept["groups"]]
    results = results_again(folder, kept["results"])
    trained = Trained(
        tuple(TrainedGroup(*parts) for parts in zip(groups, _placements(kept), results, strict=True)),
        from_plain(kept["trained_notes"]),
    )
    source = StoredIngredients(id, kept, folder, given)
    if given.data is not None:
        vars(source)["data"] = source.required_data()  # passed on purpose: say at once if they are others
    chosen, notes = from_plain(kept["chosen"]), from_plain(kept["notes"])
    return Run(experiment, source, trained, id, chosen, notes, versions=kept["versions"])


def trainer_anew(id: str, kept: dict[str, Any], folder: RunFolder, given: Given) -> tuple[Trainer, tuple[Text, ...]]:
    """A stored run, ready to be trained from its first step.

    Args:
        id: Its full name.
        kept: Its description.
        folder: Its files.
        given: What the user passed.

    Returns:
        What trains it, and what may make the last digits differ.

    Raises:
        ModelError: If something has to be passed.
        DataError: If the data are gone or have changed.
    """
    experiment = _experiment(kept)
    _require_number_type(id, kept["floatx"])
    require_writable(experiment, id, given)
    source = StoredIngredients(id, kept, folder, given)
    placed, notes = _placements_here(kept)
    ingredients = Ingredients(
        data=source.required_data(),
        models=source.models,
        loss=source.loss,
        metrics=source.metrics,
        initial=source.initial,
        placements=placed,
    )
    return Trainer(experiment, ingredients), notes


def trainer_resumed(id: str, kept: dict[str, Any], folder: RunFolder, given: Given) -> tuple[Trainer, tuple[Text, ...]]:
    """An unfinished run, ready to be trained from its checkpoint on.

    Args:
        id: Its full name.
        kept: Words of the checkpoint.
        folder: Its files.
        given: What the user passed.

    Returns:
        What trains it, and what may make the last digits differ.

    Raises:
        ModelError: If something has to be passed.
        DataError: If the data are gone or have changed.
    """
    trainer, notes = trainer_anew(id, kept, folder, given)
    trainer.go_on(results_again(folder, kept["results"]), folder.tree(STATE)["training"])
    return trainer, notes


class StoredIngredients(Ingredients):
    """The Ingredients of a stored run, each made when it is asked for.

    Args:
        id: Full name of the run.
        kept: Its description.
        folder: Its files.
        given: What the user passed.

    Attributes:
        placements: Where the groups lay.
    """

    _id: str
    _kept: dict[str, Any]
    _folder: RunFolder
    _given: Given
    _experiment: Experiment

    def __init__(self, id: str, kept: dict[str, Any], folder: RunFolder, given: Given) -> None:
        parts = {"id": id, "kept": kept, "folder": folder, "given": given, "experiment": _experiment(kept)}
        vars(self).update({f"_{name}": part for name, part in parts.items()}, placements=_placements(kept))

    @cached_property
    def data(self) -> Dataset:  # pyright: ignore[reportIncompatibleVariableOverride]  a field, made late
        """The data; the first rows alone, which say why, where they cannot be had."""
        try:
            return self.required_data()
        except DataError as error:
            return example_rows(from_plain(self._kept["data"]), self._folder.tree(DATA), error)

    @cached_property
    def loss(self) -> Any:
        """Live loss, or None where the task chose it."""
        return loss_again(self._experiment, self._id, self._given)

    @cached_property
    def metrics(self) -> Any:
        """Live metrics, or None where the task chose them."""
        return metrics_again(self._experiment, self._id, self._given)

    @cached_property
    def models(self) -> tuple[keras.Model, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]  a field, made late
        """The models that were given to `fit`, untrained."""
        return models_again(
            self._experiment,
            self._id,
            self._given,
            words=from_plain(self._kept["models"]),
            fixed=self._folder.tree(INITIAL)["fixed"],
            loss=self.loss,
            metrics=self.metrics,
        )

    @cached_property
    def initial(self) -> dict[str, list[Any]] | None:  # pyright: ignore[reportIncompatibleVariableOverride]  a field, made late
        """Weights that were kept from a given model, or that members began with; or None."""
        return self._folder.tree(INITIAL)["given"]

    def required_data(self) -> Dataset:
        """The data, whole.

        Returns:
            Data with the digest that the run was trained on.

        Raises:
            DataError: If they are gone, have changed, or were too large to keep.
        """
        words = from_plain(self._kept["data"])
        given = self._given
        arrays = self._folder.tree(DATA)
        return data_again(self._id, self._experiment.data, words, arrays, given.data, method=given.method)


def _experiment(kept: dict[str, Any]) -> Experiment:
    return Experiment.model_validate(from_plain(kept["experiment"]))


def _placements(kept: dict[str, Any]) -> tuple[Placement, ...]:
    return tuple(Placement(**placement) for placement in kept["placements"])


def _placements_here(kept: dict[str, Any]) -> tuple[tuple[Placement, ...] | None, tuple[Text, ...]]:
    """The placements, if this machine has the devices; and what may make the last digits differ."""
    notes = []
    placements: tuple[Placement, ...] | None = _placements(kept)
    then, here = max((max(one.n_devices, one.n_shares) for one in placements), default=1), len(devices())
    if then > here:
        placements = None
        notes.append(
            text("Trained on {then} devices then, {here} here: the last digits may differ.", then=then, here=here)
        )
    now = versions()
    changed = [f"{name} {old} → {now[name]}" for name, old in kept["versions"].items() if now.get(name) != old]
    if changed:
        notes.append(
            text("Other versions than then ({changes}): the last digits may differ.", changes=", ".join(changed))
        )
    return placements, tuple(notes)


def _require_number_type(id: str, floatx: str) -> None:
    if keras.config.floatx() != floatx:
        raise SettingError(
            "floatx-differs",
            what=text("Training the run `{id}` again", id=id),
            expected=text("Keras to compute in {floatx}, as then", floatx=floatx),
            received=verbatim(keras.config.floatx()),
            fix=text('Call `keras.config.set_floatx("{floatx}")` first.', floatx=floatx),
        )
