"""Trains an Experiment: every group's members get their first weights, then its program is run.

    Experiment + Ingredients  →  Trained

The same Experiment with the same Ingredients gives the same bits, in one go, step by step, or resumed.

Not for reading arguments (see `request.py`) nor for keeping runs (see `store`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backlit.engine import devices
from backlit.engine.checkpoint import Checkpoint
from backlit.engine.devices import Placement
from backlit.engine.experiment import Change, Experiment, Stop
from backlit.engine.loop import UNWATCHED_S, WATCHED_S, Training
from backlit.engine.plan import Group
from backlit.engine.prepare import Ingredients, experiment_groups, prepared_group
from backlit.engine.result import GroupResult, Progress
from backlit.engine.reuse import Prepared
from backlit.engine.start import Started, TrainedGroup, start_group
from backlit.language import Text, text


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
    return Trainer(experiment, ingredients).train(on_progress=on_progress)


class Trainer:
    """An Experiment in training, one group after another; between two chunks it can be left and gone on with.

    Args:
        experiment: What to do.
        ingredients: The live objects.
        networks: Networks of an equal Experiment by number of the group, to be used again; None prepares them.

    Attributes:
        experiment: What is done; `change` and `stop` add to it, so that a rerun repeats them.
        ingredients: The live objects.
        groups: Which members each program trains.
        networks: The networks that were prepared, by number of the group.
        number: Number of the group that trained last.
        finished: The groups that are done.

    Raises:
        ModelError: If a model does not fit the data.
        SettingError: If a setting does not suit the model or its optimiser.
    """

    def __init__(
        self, experiment: Experiment, ingredients: Ingredients, *, networks: Mapping[int, Prepared] | None = None
    ) -> None:
        devices.keep_compiled_programs()
        self.experiment, self.ingredients = experiment, ingredients
        self.groups = experiment_groups(experiment, ingredients)
        self.networks = dict(networks or {})
        self.number = 0
        self.finished: list[TrainedGroup] = []
        self._notes: dict[Text, None] = {}
        self._started: Started | None = None
        self._last: Started | None = None
        self._finish_if_done()

    @property
    def n_groups(self) -> int:
        """How many groups there are."""
        return len(self.groups)

    @property
    def is_done(self) -> bool:
        """Whether every group is trained to its end."""
        return len(self.finished) == len(self.groups)

    @property
    def training(self) -> Training:
        """The group in training; the one that would be next, made ready, between two groups."""
        return self._current().training

    @property
    def last(self) -> Training:
        """The group that trained the last chunk, which may be done; before the first chunk, the one in training."""
        return (self._last or self._current()).training

    @property
    def placements(self) -> tuple[Placement, ...]:
        """Where the members of the groups lie that have been started."""
        current = () if self._started is None else (self._started.placement,)
        return (*(one.placement for one in self.finished), *current)

    @property
    def notes(self) -> tuple[Text, ...]:
        """What was chosen for the user, and where it was ended by hand."""
        stopped = self.experiment.stopped
        if stopped is None:
            return tuple(self._notes)
        words = text(
            "Ended by hand after {step} steps of program {number}.", step=stopped.step, number=stopped.group + 1
        )
        return (*self._notes, words)

    def advance(
        self, n_steps: int | None = None, *, chunk_s: float = UNWATCHED_S, until: int | None = None
    ) -> Progress:
        """Trains one chunk of the present group.

        Args:
            n_steps: At most so many steps; None takes what fits `chunk_s`.
            chunk_s: Seconds that a chunk shall take, about.
            until: A step of the group that the chunk shall not pass, or None.

        Returns:
            How far the group is; `number` says which.

        Raises:
            NotImplementedError: If JAX has no rule for something in the model, even for one member after another.
        """
        self.number = len(self.finished)
        try:
            progress = self._current().training.advance(n_steps, chunk_s=chunk_s, until=until)
        except NotImplementedError:
            # JAX cannot vmap everything, such as the gradient of a grouped convolution.
            started = self._current()
            if started.placement.block == 1 or started.training.step:
                raise
            alone = devices.one_after_another(started.placement, n_members=len(started.group.members))
            self._started = self._start(started.group, alone)
            progress = self._started.training.advance(n_steps, chunk_s=chunk_s, until=until)
        self._last = self._started
        self._finish_if_done()
        return progress

    def train(
        self,
        *,
        on_progress: Callable[[Progress, int, int], None] | None = None,
        after_chunk: Callable[["Trainer"], None] | None = None,
        chunk_s: float | None = None,
    ) -> Trained:
        """Trains to the end.

        Args:
            on_progress: As for `train`.
            after_chunk: Called after each chunk, between two of them.
            chunk_s: Seconds that a chunk shall take; None takes longer ones where nobody watches.

        Returns:
            Weights and records of all members.
        """
        chunk_s = chunk_s or (UNWATCHED_S if on_progress is None else WATCHED_S)
        while not self.is_done:
            progress = self.advance(chunk_s=chunk_s)
            if on_progress is not None:
                on_progress(progress, self.number, self.n_groups)
            if after_chunk is not None:
                after_chunk(self)
        return self.trained()

    def change(self, settings: Mapping[str, float | tuple[float, ...]]) -> None:
        """Changes numbers of the group in training, from its next step on; nothing is compiled again.

        Args:
            settings: Name to one value for all members of the group, or to one for each; each name is one of
                `training.changeable`.
        """
        number, step, n_members = len(self.finished), self.training.step, self.training.n_members
        self.training.change({name: np.resize(values, n_members) for name, values in settings.items()})
        changes = list(self.experiment.changes)
        if changes and (changes[-1].group, changes[-1].step) == (number, step):
            settings = {**changes.pop().settings, **settings}
        changes.append(Change(group=number, step=step, settings=dict(settings)))
        self.experiment = self.experiment.model_copy(update={"changes": tuple(changes)})

    def stop(self) -> None:
        """Ends the training here; members whose turn has not come keep their first weights."""
        if self.is_done:
            return
        stopped = Stop(group=len(self.finished), step=self.training.step)
        trained = self.trained().groups
        self.experiment = self.experiment.model_copy(update={"stopped": stopped})
        self.finished[:] = trained
        self._started = None

    def newest_measured(self) -> tuple[int, dict[str, dict[str, np.ndarray]]] | None:
        """What the probes measured last in the group that trained last, under the names of the user's layers.

        Returns:
            Steps done before it and probe to layer to (member, …) array, or None.
        """
        last = self._last
        newest = None if last is None else last.training.newest_measured
        if last is None or newest is None or last.probing is None:
            return None
        return newest[0], last.probing.named(newest[1], last.model)

    def checkpoint(self) -> Checkpoint:
        """All that going on from here needs.

        Returns:
            Arrays of NumPy, and which groups they are of.
        """
        groups = self.groups[: len(self.finished) + (self._started is not None)]
        return Checkpoint(
            experiment=self.experiment,
            groups=tuple(groups),
            placements=self.placements,
            results=tuple(one.result for one in self.finished),
            training=None if self._started is None else self._started.training.snapshot(),
            step=0 if self._started is None else self._started.training.step,
            epoch=0.0 if self._started is None else self._started.training.progress.epoch,
            n_epochs=int(self.groups[min(len(self.finished), self.n_groups - 1)].structure["epochs"]),
            n_groups=self.n_groups,
            notes=self.notes,
        )

    def trained(self) -> Trained:
        """What has been trained so far; all of it once `is_done`.

        Returns:
            Weights and records of all members; members whose turn has not come have their first weights.
        """
        groups = list(self.finished)
        if not self.is_done:
            groups.append(self._current().trained())
        groups += [self._start(group).trained() for group in self.groups[len(groups) :]]
        return Trained(tuple(groups), self.notes)

    def go_on(self, results: Sequence[GroupResult], snapshot: Mapping[str, Any] | None) -> None:
        """Goes on from where an equal Trainer was left.

        Args:
            results: Of the groups that were finished then.
            snapshot: `training.snapshot()` of the group that was in training; None if it had not begun.
        """
        self.finished.clear()
        for number, (group, result) in enumerate(zip(self.groups, results, strict=False)):
            placed = (self.ingredients.placements or ())[number : number + 1]
            placement = placed[0] if placed else self._start(group).placement
            self.finished.append(TrainedGroup(group, placement, result))
        self.number = min(len(self.finished), len(self.groups) - 1)
        self._started = None
        if snapshot is not None:
            self._current().training.restore(snapshot)
        self._finish_if_done()

    def _current(self) -> Started:
        if self._started is None:
            self._started = self._start(self.groups[len(self.finished)])
        return self._started

    def _finish_if_done(self) -> None:
        """Moves on to the next group; groups with nothing to train are done at once."""
        while not self.is_done and self._current().training.is_done:
            self.finished.append(self._current().trained())
            self._started = None

    def _start(self, group: Group, placement: Placement | None = None) -> Started:
        number = self.groups.index(group)
        kept = self.ingredients.placements or ()
        if placement is None and number < len(kept):
            placement = kept[number]
        if number not in self.networks:
            self.networks[number] = prepared_group(self.experiment, self.ingredients, group)
        started = start_group(self.experiment, self.ingredients, group, number, self.networks[number], placement)
        self._notes |= dict.fromkeys(started.network.recipe.notes)
        return started
