"""`stream`: train while somebody watches, and interferes.

    stream = bl.stream(model, data, epochs=50, learning_rate=0.1)
    for record in stream:                        # every 80 ms
        print(record.step, record.metrics)
        if record.epoch > 20:
            stream.change(learning_rate=0.01)    # from the next step on; nothing is compiled again
    stream.run                                   # the Run, as `fit` gives it

    other = stream.branch(stream.snapshots[4], learning_rate=0.3)    # what if, from step 16 on

All methods may be called from any thread: they wait for the chunk in hand. What was changed, and where it was stopped,
stands in `stream.run.experiment`, so a rerun repeats it to the same bits.

Not for training without a look (see `fitting.py`).
"""

import contextlib
import math
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backlit.backend import require_backend
from backlit.errors import RunError, SettingError
from backlit.fitting import requested, tell
from backlit.language import listed, say, text
from backlit.store import CHECKPOINT_S

if TYPE_CHECKING:  # importing these imports Keras
    from backlit.engine import Trainer
    from backlit.engine.checkpoint import Checkpoint
    from backlit.run import Run
    from backlit.store.training import Checkpoints

SNAPSHOT_BYTES = 256 * 2**20  # of all automatic snapshots together; the oldest go first


@dataclass(frozen=True, eq=False)
class Record:
    """A training after a chunk.

    Attributes:
        group: Number of the group that was trained, from 0.
        n_groups: How many groups there are.
        step: Steps of the group done.
        epoch: Epochs of the group done, with the fraction of the present one.
        n_epochs: Epochs of the group.
        members: Numbers of its members.
        living: Numbers of those that still train.
        samples_per_s: Model-samples a second, over all members, in this chunk.
        loss: (member,) loss of the last step.
        metrics: Name to mean over living members in the last whole epoch; empty before the first.
        probes: Probe to layer or weight to (member, …) array, as measured last; empty without `probes=`.
        probes_step: Steps done before that measurement; -1 if there is none.
    """

    group: int
    n_groups: int
    step: int
    epoch: float
    n_epochs: int
    members: tuple[int, ...]
    living: tuple[int, ...]
    samples_per_s: float
    loss: np.ndarray
    metrics: Mapping[str, float]
    probes: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    probes_step: int = -1


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A training as it was after some step, in memory.

    Attributes:
        group: Number of the group that was in training.
        step: Steps of the group done.
        checkpoint: All that going on from there needs.
    """

    group: int
    step: int
    checkpoint: "Checkpoint"

    def __repr__(self) -> str:
        return f"<Snapshot: group {self.group}, step {self.step}>"

    def weights(self, member: int = 0) -> list[np.ndarray]:
        """The weights of a member at that moment.

        Args:
            member: Its number.

        Returns:
            Arrays, trainable first, then the others, as `Run.weights` gives them.

        Raises:
            SettingError: If the member's group had not begun.
        """
        weights = self.checkpoint.weights(member)
        if weights is None:
            begun = [str(idx) for group in self.checkpoint.groups for idx in group.members]
            raise SettingError(
                "snapshot-member",
                what=text("Reading weights from a snapshot"),
                expected=text("one of the members that had begun: {members}", members=listed(begun)),
                received=text("`{value}`", value=member),
                fix=text("Take a snapshot when its group trains."),
            )
        return weights


def stream(
    model: Any,
    data: Any,
    *,
    snapshots: bool = True,
    save: bool = True,
    checkpoint_s: float | Any = CHECKPOINT_S,
    **arguments: Any,
) -> "Stream":
    """Begins a training that is watched, and can be paused, stepped, changed, stopped and branched.

    Args:
        model: As for `fit`.
        data: As for `fit`.
        snapshots: Whether the state is put aside after 1, 2, 4, 8, … steps and at the end of each group.
        save: Whether the run is kept in the store when it has ended or was stopped.
        checkpoint_s: As for `fit`.
        **arguments: All others of `fit`, but `verbose` and `on_progress`.

    Returns:
        The Stream; training begins when it is asked for its first record.

    Raises:
        BacklitError: If the data, the model or an argument is not right; the message says what to do.

    Example:
        >>> import backlit as bl, keras
        >>> model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        >>> stream = bl.stream(model, "iris", epochs=2, seeds=2, save=False)
        >>> stream.step(5).step
        5
        >>> for record in stream:
        ...     pass
        >>> record.epoch, len(stream.run)
        (2.0, 2)
    """
    require_backend()
    from backlit.engine import Trainer
    from backlit.store import Store

    experiment, ingredients = requested(model, data, **arguments)
    checkpoints = Store().checkpoints(checkpoint_s) if save else None
    trainer = Trainer(experiment, ingredients)
    return Stream(trainer, checkpoints, keeps_snapshots=snapshots, checkpoint_s=checkpoint_s)


class Stream:
    """A training that is watched. `stream` and `branch` make it.

    Args:
        trainer: What trains.
        checkpoints: Where to; None keeps nothing.
        keeps_snapshots: Whether the state is put aside by itself.
        checkpoint_s: As for `fit`; for branches.
    """

    def __init__(
        self,
        trainer: "Trainer",
        checkpoints: "Checkpoints | None",
        *,
        keeps_snapshots: bool = True,
        checkpoint_s: float | Any = CHECKPOINT_S,
    ) -> None:
        self._trainer, self._checkpoints = trainer, checkpoints
        self._keeps_snapshots, self._checkpoint_s = keeps_snapshots, checkpoint_s
        self._snapshots: list[Snapshot] = []
        self._is_paused = False
        self._run: Run | None = None
        # Whoever wants a turn waits in the queue first, so that the thread that iterates cannot overtake the others.
        self._queue, self._free = threading.Lock(), threading.Condition(threading.Lock())

    def __iter__(self) -> "Stream":
        return self

    def __next__(self) -> Record:
        with self._turn():
            while self._is_paused and self._run is None:
                self._free.wait()
            if self._run is None and self._trainer.is_done:  # nothing to train, as with `epochs=0`
                self._end()
            if self._run is not None:
                raise StopIteration
            return self._advance(None)

    @property
    def is_paused(self) -> bool:
        """Whether iteration waits."""
        return self._is_paused

    @property
    def has_ended(self) -> bool:
        """Whether it was trained to its end, or stopped."""
        return self._run is not None

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Those that were taken by themselves, in order of steps. The oldest go when they take too much room."""
        return tuple(self._snapshots)

    @property
    def run(self) -> "Run":
        """The Run: what was trained so far, or all of it; kept in the store when it has ended or was stopped."""
        with self._turn():
            return self._so_far() if self._run is None else self._run

    def pause(self) -> None:
        """Lets iteration wait after the present chunk, until another thread calls `resume` or `stop`."""
        self._is_paused = True

    def resume(self) -> None:
        """Lets iteration go on."""
        with self._turn():
            self._is_paused = False
            self._free.notify_all()

    def step(self, n: Any = 1) -> Record:
        """Trains some steps, in a pause too.

        Args:
            n: How many; fewer are trained if the group ends before.

        Returns:
            How it is then.

        Raises:
            SettingError: If `n` is no whole number of at least 1.
            RunError: If it has ended.
        """
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise SettingError(
                "stream-steps",
                what=text("Training some steps"),
                expected=text("a whole number of at least {least}", least=1),
                received=text("`{value}`", value=repr(n)),
                fix=text("Write for example `stream.step(10)`."),
            )
        with self._turn():
            self._require_going_on(text("Training some steps"))
            return self._advance(n)

    def stop(self) -> "Run":
        """Ends it after the present chunk; groups whose turn has not come keep their first weights.

        Returns:
            The Run.
        """
        with self._turn():
            if self._run is None:
                self._trainer.stop()
                self._end()
            self._free.notify_all()
            assert self._run is not None, "bug in backlit: a stream that was stopped has no run"
            return self._run

    def change(self, **settings: Any) -> None:
        """Changes numbers of the group in training from its next step on; nothing is compiled again.

        The change stands in the Experiment of `stream.run`, so a rerun repeats it.

        Args:
            **settings: Name to one value for all members of the group, or to one for each of them. The learning rate,
                and whatever else was given as a number when the stream began.

        Raises:
            SettingError: If a number is constant in the program, or is none; the message says what to do.
            RunError: If it has ended.
        """
        with self._turn():
            self._require_going_on(text("Changing a setting"))
            training = self._trainer.training
            for name in settings:
                if name not in training.changeable:
                    raise self._constant(name, training.changeable)
            self._trainer.change({name: _numbers(name, value, training.n_members) for name, value in settings.items()})

    def snapshot(self) -> Snapshot:
        """Puts the present state aside.

        Returns:
            For `branch`, or to look at weights.
        """
        with self._turn():
            checkpoint = self._trainer.checkpoint()
            return Snapshot(checkpoint.number, checkpoint.step, checkpoint)

    def branch(self, snapshot: Snapshot, *, save: bool | None = None, **settings: Any) -> "Stream":
        """A new stream that goes on from a snapshot of this one; without settings it repeats what this one did.

        Args:
            snapshot: From `snapshots` or `snapshot()`.
            save: Whether its run is kept in the store; None does as this stream does.
            **settings: As for `change`, from the step of the snapshot on.

        Returns:
            The new Stream, to be iterated.

        Raises:
            SettingError: If a number is constant in the program, or is none.
            RunError: If settings are given and nothing is left to train.
        """
        from backlit.engine import Trainer
        from backlit.store import Store

        checkpoint = snapshot.checkpoint
        ingredients = replace(self._trainer.ingredients, placements=checkpoint.placements)
        trainer = Trainer(checkpoint.experiment, ingredients, networks=self._trainer.networks)
        trainer.go_on(checkpoint.results, checkpoint.training)
        saves = self._checkpoints is not None if save is None else save
        branch = Stream(
            trainer,
            Store().checkpoints(self._checkpoint_s) if saves else None,
            keeps_snapshots=self._keeps_snapshots,
            checkpoint_s=self._checkpoint_s,
        )
        if settings:
            branch.change(**settings)
        return branch

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        with self._queue:
            self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    def _advance(self, n_steps: int | None) -> Record:
        """Trains a chunk, or so many steps, and does what is due then."""
        from backlit.store.training import CtrlC

        with CtrlC() as ctrl_c:
            record = self._train(n_steps)
            if self._trainer.is_done:
                self._end()
            elif self._checkpoints is not None and not ctrl_c.pressed:
                self._checkpoints.write_if_due(self._trainer)
        if ctrl_c.pressed:
            self._interrupt()
        return record

    def _train(self, n_steps: int | None) -> Record:
        from backlit.engine.loop import WATCHED_S

        trainer = self._trainer
        number, step = len(trainer.finished), trainer.training.step
        goal = None if n_steps is None else step + n_steps
        while True:
            until = 1 << step.bit_length() if self._keeps_snapshots else None  # the next power of two
            left = None if goal is None else goal - step
            progress = trainer.advance(left, chunk_s=WATCHED_S, until=until)
            step, has_ended = progress.step, len(trainer.finished) > number
            if self._keeps_snapshots and (step == until or has_ended):
                self._put_aside(Snapshot(number, step, trainer.checkpoint()))
            if goal is None or step >= goal or has_ended:
                break
        members = trainer.groups[number].members
        measured = trainer.newest_measured()
        return Record(
            group=number,
            n_groups=trainer.n_groups,
            step=step,
            epoch=progress.epoch,
            n_epochs=progress.n_epochs,
            members=members,
            living=tuple(member for member, lives in zip(members, trainer.last.living, strict=True) if lives),
            samples_per_s=progress.samples_per_s,
            loss=trainer.last.step_loss,
            metrics=progress.latest,
            probes={} if measured is None else measured[1],
            probes_step=-1 if measured is None else measured[0],
        )

    def _put_aside(self, snapshot: Snapshot) -> None:
        self._snapshots.append(snapshot)
        while sum(one.checkpoint.n_bytes for one in self._snapshots) > SNAPSHOT_BYTES:
            del self._snapshots[0]

    def _so_far(self) -> "Run":
        """What was trained so far, with an Experiment that says where that was."""
        from backlit.engine.experiment import Stop
        from backlit.run import Run

        trainer, experiment = self._trainer, self._trainer.experiment
        if not trainer.is_done:
            stopped = Stop(group=len(trainer.finished), step=trainer.training.step)
            experiment = experiment.model_copy(update={"stopped": stopped})
        trained = trainer.trained()
        return Run(experiment, trainer.ingredients, trained, notes=trained.notes, snapshots=self.snapshots)

    def _end(self) -> None:
        from backlit.store.training import kept

        run = self._so_far()
        run = run if self._checkpoints is None else kept(run, self._checkpoints)
        self._run = replace(run, snapshots=self.snapshots)
        tell(self._run, verbose=False)

    def _interrupt(self) -> None:
        """After Ctrl-C: all is in order, and iteration can go on.

        Raises:
            KeyboardInterrupt: Always.
        """
        from backlit.store.training import Interrupted

        if self._run is not None and self._run.id:
            raise Interrupted(text("The run is kept as {id}.", id=self._run.id))
        if self._checkpoints is None or self._run is not None:
            raise KeyboardInterrupt
        interrupted = self._checkpoints.interrupted(self._trainer)
        print(say(interrupted.words), file=sys.stderr)
        raise interrupted

    def _require_going_on(self, what: Any) -> None:
        if self._run is not None or self._trainer.is_done:
            raise RunError(
                "stream-ended",
                what=what,
                expected=text("a stream that is being trained"),
                received=text("one that has ended"),
                fix=text("Go on from a snapshot (`stream.branch(stream.snapshots[0])`), or begin a new one."),
            )

    def _constant(self, name: str, changeable: tuple[str, ...]) -> SettingError:
        is_rate = name == "learning_rate"
        return SettingError(
            "change-constant",
            what=text("Changing `{name}`", name=name),
            expected=text("a number that the program takes: {names}", names=listed(f"`{one}`" for one in changeable))
            if changeable
            else text("a number that the program takes, of which there is none"),
            received=text("a learning rate that a schedule sets")
            if is_rate
            else text("`{name}`, which is constant in it", name=name),
            fix=text("Give the optimiser a number as its learning rate, not a schedule.")
            if is_rate
            else text("Begin the stream with a number for it that is not zero, for example `{name}=0.1`.", name=name),
        )


def _numbers(name: str, value: Any, n_members: int) -> float | tuple[float, ...]:
    """One value for all members, or one for each.

    Raises:
        SettingError: If it is neither.
    """
    from backlit.engine.request import checked_setting

    many = isinstance(value, list | tuple | np.ndarray) and np.ndim(value) == 1
    values = [checked_setting(name, one) for one in (value if many else [value])]
    are_numbers = all(isinstance(one, int | float) and math.isfinite(one) for one in values)
    if not are_numbers or (many and len(values) != n_members):
        raise SettingError(
            "change-value",
            what=text("Changing `{name}`", name=name),
            expected=text("one number, or {n} for the {n} members of the group", n=n_members),
            received=text("`{value}`", value=repr(value)),
            fix=text("Write for example `stream.change({name}=0.01)`.", name=name),
        )
    return tuple(float(one) for one in values) if many else float(values[0])
