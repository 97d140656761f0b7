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
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from backlit.engine.compiling import compile_together
from backlit.engine.orders import epoch_order
from backlit.engine.probing import GAP_STEPS, Probing
from backlit.engine.program import NEVER, Program
from backlit.engine.result import GroupResult, Measured, Progress, collect, stacked
from backlit.engine.schedule import measured_steps, steps_per_epoch
from backlit.engine.slots import Slots, at_slots
from backlit.engine.template import LEARNING_RATE

WATCHED_S = 0.08  # time between two looks where somebody watches
UNWATCHED_S = 0.5  # where nobody does; each member's state is moved in and out of its block once a chunk
FIRST_STEPS = 32  # of the first call, when nothing is known of their speed


@dataclass(frozen=True)
class Due:
    """A change of settings that is due at a step.

    Attributes:
        step: Steps done before it.
        settings: Name to (member,) values.
    """

    step: int
    settings: Mapping[str, np.ndarray]


class Training:
    """One group in training.

    Args:
        program: The group's program.
        members: Stacked first state of the members: `trainable`, `non_trainable`, `optimizer`, `metrics`, `settings`;
            with rows of their own `held_out` and `looked_at`, the places of those that validate and that are looked at.
        train: Training rows by name.
        validation: Validation rows by name; empty where there are none.
        n_members: How many members.
        n_epochs: Passes over the training rows.
        data_seeds: One for each member; they differ only if the program has own orders.
        shuffle: Whether each epoch has an order of its own.
        places: For each member the places of its training rows in `train`; None where all train on all of them.
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
        places: Sequence[np.ndarray] | None = None,
        probing: Probing | None = None,
        changes: Sequence[Due] = (),
        stop_step: int | None = None,
    ) -> None:
        started = time.perf_counter()
        self.program, self.n_members, self.n_epochs = program, n_members, n_epochs
        self._data_seeds, self._shuffle, self._probing, self._places = data_seeds, shuffle, probing, places
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
        if "held_out" in members:
            self._held_out = [{name: own[name] for name in ("inputs", "targets")} for own in self._rows]
        self._orders, self._orders_epoch = self._orders_from(0), 0
        self._records: dict[str, np.ndarray] = {}
        self._measured: Measured = []
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
        """The training rows of a member's next step, counted among those that it trains on.

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
            "measured": stacked([values for _, values in self._measured]),
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
        return collect(
            at_slots(self.program.gather(self._state), self._slots.slot_of_member),
            self._records,
            self._measured,
            epoch=self._epoch,
            epoch_steps=self._epoch_steps,
            is_within_epoch=self._position > 0,
            keeps_best=self.program.keeps_best,
            compile_s=self._compile_s,
            run_s=self._run_s,
            n_samples=self._n_samples,
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

        orders = {
            seed: np.stack([epoch_order(shape.n_rows, data_seed=seed, epoch=e, shuffle=self._shuffle) for e in epochs])
            for seed in set(self._data_seeds)
        }

        def order_of(member: int) -> np.ndarray:
            order = orders[self._data_seeds[member]]
            return order if self._places is None else self._places[member][order]

        if not shape.has_own_order:
            return self.program.spread(order_of(0), by_member=False)
        members = self._slots.member_of_slot.tolist()
        return self.program.spread(np.stack([order_of(member) for member in members]), by_member=True)

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
