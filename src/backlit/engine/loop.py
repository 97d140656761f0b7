"""One group in training, chunk by chunk: between two chunks it can be looked at, changed, kept, and gone on from.

    training = Training(program, members, …)
    while not training.is_done:
        training.advance(chunk_s=WATCHED_S)
    result = training.result()

A chunk takes 80 ms where somebody watches, long enough that Python costs nothing, short enough to show progress and to
stop; half a second where nobody does. How the work is cut into chunks depends on time; the results do not, because the
order of the rows depends on the data seed and the epoch alone, and every step is the same step wherever a chunk ends.

A chunk ends where something is due: a measurement of the probes (see `schedule.py`) or a change of a setting.

Not for what a step does (see `program.py`) nor for who is in the group (see `plan.py`).
"""

import bisect
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from backlit.engine.compiling import compile_together
from backlit.engine.probing import GAP_STEPS, Probing
from backlit.engine.program import NEVER, Program
from backlit.engine.schedule import measured_steps, steps_per_epoch
from backlit.engine.slots import Slots, at_slots
from backlit.engine.template import LEARNING_RATE

WATCHED_S = 0.08  # time between two looks where somebody watches
UNWATCHED_S = 0.5  # where nobody does; each member's state is moved in and out of its block once a chunk
ORDER_ROWS = 65_536  # row numbers sent with one call, about; bounds the epochs of a call on small data
MAX_SEGMENTS = 64
FIRST_STEPS = 32  # of the first call, when nothing is known of their speed


@dataclass(frozen=True)
class Progress:
    """How far a group is, after a chunk.

    Attributes:
        step: Steps done.
        epoch: Epochs done, with the fraction of the present one.
        n_epochs: Epochs to do.
        n_living: Members still training.
        n_members: Members of the group.
        samples_per_s: Model-samples a second, over all members, in this chunk.
        latest: Name to mean over living members in the last whole epoch; empty before the first.
    """

    step: int
    epoch: float
    n_epochs: int
    n_living: int
    n_members: int
    samples_per_s: float
    latest: Mapping[str, float] = field(default_factory=dict)


@dataclass
class GroupResult:
    """What training a group produced, in the order of its members.

    Attributes:
        records: Name to (member, epoch) array; NaN after a member stopped.
        kept: Weights that each member hands over: `trainable`, `non_trainable`, lists of (member, …) arrays.
        optimizer: The optimiser's variables after a member's last step, lists of (member, …) arrays; NaN where it
            diverged.
        diverged_step: (member,) step whose loss or weights were not finite; -1 if none.
        stop_epoch: (member,) epoch at which it stopped early; -1 if it did not.
        best_epoch: (member,) best epoch under early stopping; -1 without.
        compile_s: Seconds spent tracing and compiling.
        run_s: Seconds spent training.
        n_samples: Model-samples trained, living members only.
        measured: What the probes measured: probe to label to (look, member, …) array; NaN once a member stopped.
        measured_steps: (look,) steps done before it.
    """

    records: dict[str, np.ndarray]
    kept: dict[str, list[np.ndarray]]
    optimizer: list[np.ndarray]
    diverged_step: np.ndarray
    stop_epoch: np.ndarray
    best_epoch: np.ndarray
    compile_s: float
    run_s: float
    n_samples: int
    measured: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    measured_steps: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int32))


@dataclass(frozen=True)
class Due:
    """A change of settings that is due at a step.

    Attributes:
        step: Steps done before it.
        settings: Name to (member,) values.
    """

    step: int
    settings: Mapping[str, np.ndarray]


def n_segments_for(n_rows: int) -> int:
    """Most epochs in one call: small data train many epochs a call, so that calls cost nothing.

    Args:
        n_rows: Training rows.

    Returns:
        Between 1 and 64.
    """
    return int(np.clip(ORDER_ROWS // max(n_rows, 1), 1, MAX_SEGMENTS))


def epoch_order(n_rows: int, *, data_seed: int, epoch: int, shuffle: bool) -> np.ndarray:
    """The order of the rows in one epoch: a function of data seed and epoch alone.

    Args:
        n_rows: Training rows.
        data_seed: At least 0.
        epoch: From 0.
        shuffle: False leaves the rows as they are.

    Returns:
        Row numbers, int32.

    Example:
        >>> epoch_order(4, data_seed=0, epoch=0, shuffle=False).tolist()
        [0, 1, 2, 3]
    """
    if not shuffle:
        return np.arange(n_rows, dtype=np.int32)
    return np.random.default_rng([data_seed, epoch]).permutation(n_rows).astype(np.int32)


class Training:
    """One group in training.

    Args:
        program: The group's program.
        members: Stacked first state of the members: `trainable`, `non_trainable`, `optimizer`, `metrics`, `settings`.
        train: Training rows by name.
        validation: Validation rows by name; empty where there are none.
        n_members: How many members.
        n_epochs: Passes over the training rows.
        data_seeds: One for each member; they differ only if the program has own orders.
        shuffle: Whether each epoch has an order of its own.
        probing: What to measure, or None.
        changes: Changes of settings that are due later.
        stop_step: Steps after which it ends before its last epoch; None trains all epochs.

    Attributes:
        program: The group's program.
        n_members: How many members.
        n_epochs: Passes over the training rows.
    """

    def __init__(
        self,
        program: Program,
        members: dict[str, Any],
        train: dict[str, np.ndarray],
        validation: dict[str, np.ndarray],
        *,
        n_members: int,
        n_epochs: int,
        data_seeds: list[int],
        shuffle: bool,
        probing: Probing | None = None,
        changes: Sequence[Due] = (),
        stop_step: int | None = None,
    ) -> None:
        started = time.perf_counter()
        self.program, self.n_members, self.n_epochs = program, n_members, n_epochs
        self._data_seeds, self._shuffle, self._probing = data_seeds, shuffle, probing
        self._changes: dict[int, dict[str, np.ndarray]] = {}
        for due in changes:
            self._changes.setdefault(due.step, {}).update(due.settings)
        shape = program.shape
        self._epoch_steps = steps_per_epoch(shape.n_rows, shape.batch_size)
        self._n_steps = n_epochs * self._epoch_steps if stop_step is None else stop_step
        self._looks: set[int] = set()
        if probing is not None:
            self._looks = set(measured_steps(epoch_steps=self._epoch_steps, n_epochs=n_epochs, gap=GAP_STEPS))
        self._stops = sorted({*self._looks, *self._changes})
        self._slots = Slots(n_members, n_slots=shape.n_slots, n_devices=shape.n_devices, block=shape.block)
        self._state = program.fresh_state(at_slots(members, self._slots.member_of_slot), is_idle=self._slots.is_idle)
        self._rows = program.spread(train, by_member=False)
        self._held_out = program.spread(validation, by_member=False)
        self._orders, self._orders_epoch = self._orders_from(0), 0
        self._records: dict[str, np.ndarray] = {}
        self._measured: list[tuple[int, dict[str, dict[str, np.ndarray]]]] = []
        self._living = np.ones(n_members, bool)
        self._epoch = self._position = 0  # steps done in the present epoch, the short last one included
        self._is_compiled = False
        self._step_s, self._n_samples, self._samples_per_s = 0.0, 0, 0.0
        self._compile_s, self._run_s = time.perf_counter() - started, 0.0

    @property
    def step(self) -> int:
        """Steps done."""
        return self._epoch * self._epoch_steps + self._position

    @property
    def n_steps(self) -> int:
        """Steps to do, if not all members stop early."""
        return self._n_steps

    @property
    def living(self) -> np.ndarray:
        """(member,) who still trains."""
        return self._living.copy()

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to train."""
        return self.step >= self._n_steps or not self._living.any()

    @property
    def changeable(self) -> tuple[str, ...]:
        """Names of the numbers that `change` can change."""
        has_rate = self.program.template.rate_idx is not None
        return tuple(dict.fromkeys([*self._state[0]["settings"], *([LEARNING_RATE] if has_rate else [])]))

    @property
    def step_loss(self) -> np.ndarray:
        """(member,) loss of the last step; NaN before the first."""
        losses = self.program.gather([share["loss"] for share in self._state])
        return losses[self._slots.slot_of_member]

    @property
    def newest_measured(self) -> tuple[int, dict[str, dict[str, np.ndarray]]] | None:
        """Steps done before the newest measurement of the probes, and what it was; None without."""
        return self._measured[-1] if self._measured else None

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return Progress(
            step=self.step,
            epoch=self._epoch + self._position / self._epoch_steps,
            n_epochs=self.n_epochs,
            n_living=int(self._living.sum()),
            n_members=self.n_members,
            samples_per_s=self._samples_per_s,
            latest=self._latest(),
        )

    def advance(
        self, n_steps: int | None = None, *, chunk_s: float = UNWATCHED_S, until: int | None = None
    ) -> Progress:
        """Trains one chunk.

        Args:
            n_steps: At most so many steps; None takes what fits `chunk_s`. A chunk may be shorter where something is
                due, and longer than one epoch only if `n_steps` allows it.
            chunk_s: Seconds that a chunk shall take, about.
            until: A step that the chunk shall not pass, or None.

        Returns:
            How far it is then.
        """
        assert not self.is_done, "bug in backlit: nothing is left to train"
        self._compile()
        started = time.perf_counter()
        if self.step == 0 and not self._measured:
            self._look_if_due()
        if self.step in self._changes:
            self.change(self._changes[self.step])
        wanted = n_steps or (max(1, int(chunk_s / self._step_s)) if self._step_s else FIRST_STEPS)
        n_done = self._run_chunk(self._call_of(wanted if until is None else min(wanted, until - self.step)))
        self._look_if_due()
        chunk_s = time.perf_counter() - started
        self._run_s += chunk_s
        self._samples_per_s = n_done / chunk_s
        return self.progress

    def change(self, settings: Mapping[str, np.ndarray]) -> None:
        """Changes numbers of the members from the next step on; nothing is compiled again.

        Args:
            settings: Name to (member,) values; each name is traced, or the learning rate.
        """
        for name, values in settings.items():
            by_slot = np.asarray(values)[self._slots.member_of_slot]
            rate_idx = self.program.template.rate_idx
            is_traced = name in self._state[0]["settings"]
            assert name in self.changeable, f"bug in backlit: {name} is constant"
            for i, share in enumerate(self._state):
                if is_traced:
                    group, place = share["settings"], name
                else:
                    group, place = share["optimizer"], rate_idx
                n_local = group[place].shape[0]
                own = by_slot[i * n_local : (i + 1) * n_local].astype(group[place].dtype)
                group[place] = jax.device_put(own, group[place].device)

    def state_of(self, member: int) -> dict[str, Any]:
        """The present state of one member.

        Args:
            member: Its place in the group.

        Returns:
            As `Program.fresh_state`, without the axis that counts members.
        """
        slot = int(self._slots.slot_of_member[member])
        share, place = divmod(slot, self.program.shape.n_slots // self.program.shape.n_devices)
        return jax.tree.map(lambda leaf: np.asarray(leaf[place]), self._state[share])

    def next_rows(self, member: int) -> np.ndarray:
        """The training rows of a member's next step.

        Args:
            member: Its place in the group.

        Returns:
            Row numbers, as many as the step's batch has.
        """
        seed, size = self._data_seeds[member], self.program.shape.batch_size
        order = epoch_order(self.program.shape.n_rows, data_seed=seed, epoch=self._epoch, shuffle=self._shuffle)
        return order[self._position * size :][:size]

    def snapshot(self) -> dict[str, Any]:
        """Everything that going on needs, as arrays of NumPy.

        Returns:
            A tree for `restore` of an equal Training.
        """
        return {
            "state": self.program.gather(self._state),
            "member_of_slot": self._slots.member_of_slot.copy(),
            "is_idle": self._slots.is_idle.copy(),
            "living": self._living.copy(),
            "records": {name: values.copy() for name, values in self._records.items()},
            "measured_steps": np.array([step for step, _ in self._measured], np.int32),
            "measured": _stacked([values for _, values in self._measured]),
            "place": np.array([self._epoch, self._position, self._n_samples], np.int64),
            "times": np.array([self._compile_s, self._run_s]),
        }

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Goes on from where a snapshot was taken.

        Args:
            snapshot: From `snapshot` of an equal Training: the same program, members, rows and seeds. Where the
                members lie on other devices than then, they are dealt out anew.
        """
        member_of_slot, is_idle = np.array(snapshot["member_of_slot"]), np.array(snapshot["is_idle"])
        if len(member_of_slot) == len(self._slots.member_of_slot):
            self._slots.put_back(member_of_slot, is_idle)
            state = jax.tree.map(np.array, snapshot["state"])
        else:
            slot_of_member = np.empty(self.n_members, int)
            slot_of_member[member_of_slot[~is_idle]] = np.flatnonzero(~is_idle)
            state = at_slots(snapshot["state"], slot_of_member[self._slots.member_of_slot])
            state["stop_epoch"][self._slots.is_idle] = 0
        self._state = self.program.spread(state, by_member=True)
        self._living = np.array(snapshot["living"])
        self._records = {name: np.array(values) for name, values in snapshot["records"].items()}
        self._measured = [
            (int(step), jax.tree.map(lambda values, i=i: np.array(values[i]), snapshot["measured"]))
            for i, step in enumerate(np.asarray(snapshot["measured_steps"]))
        ]
        self._epoch, self._position, self._n_samples = (int(number) for number in snapshot["place"])
        compile_s, self._run_s = (float(seconds) for seconds in snapshot["times"])
        self._compile_s += compile_s
        self._orders_epoch = NEVER

    def result(self) -> GroupResult:
        """What has been trained so far; all of it once `is_done`.

        Returns:
            Records, weights, who stopped and when. Whoever is in the middle of an epoch hands over present weights.
        """
        final = at_slots(self.program.gather(self._state), self._slots.slot_of_member)
        records = {
            name: _until_stopped(values, final["stop_epoch"], final["bad_step"], self._epoch_steps)
            for name, values in self._records.items()
        }
        if self._living.any() and self._epoch < self.n_epochs:
            records = {name: values[:, : self._epoch] for name, values in records.items()}
        if self._position and not (self.program.keeps_best and self._epoch):
            _hand_over_present(final, self._living)
        return GroupResult(
            records=records,
            kept=final["kept"],
            optimizer=_last_optimizer(final),
            diverged_step=final["bad_step"],
            stop_epoch=final["stop_epoch"],
            best_epoch=final.get("best_epoch", np.full(self.n_members, NEVER, np.int32)),
            compile_s=self._compile_s,
            run_s=self._run_s,
            n_samples=self._n_samples,
            measured=_stacked([values for _, values in self._measured]),
            measured_steps=np.array([step for step, _ in self._measured], np.int32),
        )

    def _compile(self) -> None:
        if self._is_compiled:
            return
        started = time.perf_counter()
        looks = [] if self._probing is None else self._probing.lower_look(self._state, self._rows)
        chunks = self.program.lower_chunk(self._state, self._rows, self._held_out, self._orders)
        compile_together([*chunks, *looks])
        jax.block_until_ready((self._state, self._rows, self._held_out, self._orders))  # copying rows is no training
        self._is_compiled = True
        self._compile_s += time.perf_counter() - started

    def _call_of(self, wanted: int) -> "_Call":
        """The next call: about as many steps as are wanted, but never past a step at which something is due."""
        shape = self.program.shape
        place = bisect.bisect_right(self._stops, self.step)
        until = min([self.n_steps, *self._stops[place : place + 1]])
        n_steps = min(wanted, until - self.step)
        if self._position == 0 and n_steps >= self._epoch_steps:
            return _Call(0, shape.n_full_steps, min(n_steps // self._epoch_steps, shape.n_segments), True)
        end = min(self._position + n_steps, self._epoch_steps)
        first, last = (min(position, shape.n_full_steps) for position in (self._position, end))
        return _Call(first, last, 1, end == self._epoch_steps)

    def _run_chunk(self, call: "_Call") -> int:
        """Runs one call and notes what came of it; gives the model-samples that were trained."""
        shape = self.program.shape
        if self._orders_epoch != self._epoch:
            self._orders, self._orders_epoch = self._orders_from(self._epoch), self._epoch
        started = time.perf_counter()
        self._state, chunk_records = self.program.run_chunk(
            self._state,
            self._rows,
            self._held_out,
            self._orders,
            first_step=call.first_step,
            last_step=call.last_step,
            n_segments=call.n_segments,
            ends_epoch=call.ends_epoch,
            n_blocks=self._slots.blocks_to_run(self._living),
        )
        ends = self.program.gather(
            [{name: share[name] for name in ("bad_step", "stop_epoch")} for share in self._state]
        )
        n_full = call.last_step - call.first_step
        self._step_s = (time.perf_counter() - started) / (call.n_segments * max(n_full, 1))
        n_rows = call.n_segments * (n_full * shape.batch_size + (shape.n_left_over if call.ends_epoch else 0))
        n_samples = n_rows * int(self._living.sum())
        self._n_samples += n_samples
        if call.ends_epoch:
            self._note(self.program.gather(chunk_records), call.n_segments)
            self._epoch, self._position = self._epoch + call.n_segments, 0
        else:
            self._position += n_full
        self._living = ((ends["bad_step"] == NEVER) & (ends["stop_epoch"] == NEVER))[self._slots.slot_of_member]
        move = self._slots.compact(self._living)
        if move is not None:
            self._state = self.program.spread(at_slots(self.program.gather(self._state), move), by_member=True)
            self._orders_epoch = NEVER
        return n_samples

    def _note(self, chunk_records: dict[str, np.ndarray], n_segments: int) -> None:
        until = self._epoch + n_segments
        for name, values in chunk_records.items():
            held = self._records.setdefault(name, np.full((self.n_members, self.n_epochs), np.nan, values.dtype))
            held[self._living, self._epoch : until] = values[self._slots.slot_of_member][self._living, :n_segments]

    def _look_if_due(self) -> None:
        if self._probing is None or self.step not in self._looks or not self._living.any():
            return
        n_blocks = self._slots.blocks_to_run(self._living)
        values = self._probing.run_look(self._state, self._rows, n_blocks=n_blocks)
        values = at_slots(values, self._slots.slot_of_member)
        for array in jax.tree.leaves(values):
            array[~self._living] = np.nan
        self._measured.append((self.step, values))

    def _orders_from(self, epoch: int) -> list[jax.Array]:
        shape = self.program.shape
        epochs = range(epoch, epoch + shape.n_segments)

        def order_of(data_seed: int) -> np.ndarray:
            return np.stack(
                [epoch_order(shape.n_rows, data_seed=data_seed, epoch=e, shuffle=self._shuffle) for e in epochs]
            )

        if not shape.has_own_order:
            return self.program.spread(order_of(self._data_seeds[0]), by_member=False)
        orders = np.stack([order_of(self._data_seeds[member]) for member in self._slots.member_of_slot])
        return self.program.spread(orders, by_member=True)

    def _latest(self) -> dict[str, float]:
        """Mean over living members in the last whole epoch, by name."""
        if self._epoch == 0:
            return {}
        values = {name: held[:, self._epoch - 1] for name, held in self._records.items()}
        return {name: float(np.nanmean(held)) for name, held in values.items() if np.isfinite(held).any()}


@dataclass(frozen=True)
class _Call:
    """What one call of the program shall do; see `Program.run_chunk`."""

    first_step: int
    last_step: int
    n_segments: int
    ends_epoch: bool


def _stacked(measured: list[dict[str, dict[str, np.ndarray]]]) -> dict[str, dict[str, np.ndarray]]:
    """Measurements one after another, as one array with a leading axis for each quantity."""
    return jax.tree.map(lambda *leaves: np.stack(leaves), *measured) if measured else {}


def _hand_over_present(final: dict[str, Any], living: np.ndarray) -> None:
    """Lets members that were stopped within an epoch hand over the weights they have, if they are sound."""
    sound = [np.isfinite(leaf).reshape(len(living), -1).all(axis=1) for leaf in final["trainable"]]
    takes = np.logical_and.reduce([living, *sound])
    for part in ("trainable", "non_trainable"):
        for kept, now in zip(final["kept"][part], final[part], strict=True):
            kept[takes] = now[takes]


def _last_optimizer(final: dict[str, Any]) -> list[np.ndarray]:
    """The optimiser's state when each member stopped; none for those that diverged."""
    optimizer, stopped, diverged = final["optimizer"], final["stop_epoch"] != NEVER, final["bad_step"] != NEVER
    for i, leaf in enumerate(optimizer):
        if stopped.any():
            leaf[stopped] = final["last_optimizer"][i][stopped]
        leaf[diverged] = np.nan if leaf.dtype.kind not in "iub" else 0
    return optimizer


def _until_stopped(values: np.ndarray, stop_epoch: np.ndarray, bad_step: np.ndarray, epoch_steps: int) -> np.ndarray:
    """Blanks what the program recorded after a member had stopped (a chunk may hold several epochs)."""
    last = np.full(len(values), values.shape[1] - 1)
    last = np.where(stop_epoch != NEVER, np.minimum(last, stop_epoch), last)
    last = np.where(bad_step != NEVER, np.minimum(last, bad_step // epoch_steps), last)
    epochs = np.arange(values.shape[1])
    return np.where(epochs[None, :] <= last[:, None], values, np.nan).astype(values.dtype)
