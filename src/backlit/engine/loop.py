"""Drives one group's program from the first epoch to the last, chunk by chunk.

A chunk takes 80 ms where somebody watches, long enough that Python costs nothing, short enough to show progress and to
stop; half a second where nobody does. How the work is cut into chunks depends on time; the results do not, because the
order of the rows depends on the data seed and the epoch alone, and every step is the same step wherever a chunk ends.

Not for what a step does (see `program.py`) nor for who is in the group (see `plan.py`).
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from backlit.engine.program import NEVER, Program

WATCHED_S = 0.08  # time between two looks where somebody watches
UNWATCHED_S = 0.5  # where nobody does; each member's state is moved in and out of its block once a chunk
ORDER_ROWS = 65_536  # row numbers sent with one call, about; bounds the epochs of a call on small data
MAX_SEGMENTS = 64
FIRST_STEPS = 32  # of the first call, when nothing is known of their speed


@dataclass(frozen=True)
class Progress:
    """How far a group is, after a chunk.

    Attributes:
        epoch: Epochs done, with the fraction of the present one.
        n_epochs: Epochs to do.
        n_living: Members still training.
        n_members: Members of the group.
        samples_per_s: Model-samples a second, over all members, in this chunk.
        latest: Name to mean over living members in the last whole epoch; empty before the first.
    """

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
        optimizer: The optimiser's variables after the last step, lists of (member, …) arrays.
        diverged_step: (member,) step whose loss or weights were not finite; -1 if none.
        stop_epoch: (member,) epoch at which it stopped early; -1 if it did not.
        best_epoch: (member,) best epoch under early stopping; -1 without.
        compile_s: Seconds spent tracing and compiling.
        run_s: Seconds spent training.
        n_samples: Model-samples trained, living members only.
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


def train_group(
    program: Program,
    members: dict[str, Any],
    train: dict[str, np.ndarray],
    validation: dict[str, np.ndarray],
    *,
    n_members: int,
    n_epochs: int,
    data_seeds: list[int],
    shuffle: bool,
    on_progress: Callable[[Progress], None] | None = None,
) -> GroupResult:
    """Trains a group to its end.

    Args:
        program: The group's program.
        members: Stacked first state of the members: `trainable`, `non_trainable`, `optimizer`, `metrics`, `settings`.
        train: Training rows by name.
        validation: Validation rows by name; empty where there are none.
        n_members: How many members.
        n_epochs: Passes over the training rows.
        data_seeds: One for each member; they differ only if the program has own orders.
        shuffle: Whether each epoch has an order of its own.
        on_progress: Called after each chunk.

    Returns:
        Records, weights, who stopped and when.
    """
    started = time.perf_counter()
    shape = program.shape
    slots = _Slots(n_members, shape.n_slots, shape.n_devices, shape.block)
    state = program.fresh_state(_at_slots(members, slots.member_of_slot), is_idle=slots.is_idle)
    rows = program.spread(train, by_member=False)
    held_out = program.spread(validation, by_member=False)

    def orders_from(epoch: int) -> list[jax.Array]:
        epochs = range(epoch, epoch + shape.n_segments)
        if not shape.has_own_order:
            order = [epoch_order(shape.n_rows, data_seed=data_seeds[0], epoch=e, shuffle=shuffle) for e in epochs]
            return program.spread(np.stack(order), by_member=False)
        own = [
            np.stack([epoch_order(shape.n_rows, data_seed=data_seeds[m], epoch=e, shuffle=shuffle) for e in epochs])
            for m in slots.member_of_slot
        ]
        return program.spread(np.stack(own), by_member=True)

    orders, orders_epoch = orders_from(0), 0
    program.compile_chunk(state, rows, held_out, orders)
    jax.block_until_ready((state, rows, held_out, orders))  # copying the rows is no part of training
    compiled = time.perf_counter()

    records: dict[str, np.ndarray] = {}
    living = np.ones(n_members, bool)
    epoch, step, step_s, n_samples = 0, 0, 0.0, 0
    latest: dict[str, float] = {}
    while epoch < n_epochs and living.any():
        chunk_steps = int((UNWATCHED_S if on_progress is None else WATCHED_S) / step_s) if step_s else FIRST_STEPS
        n_segments, last_step = _next_chunk(shape.n_full_steps, shape.n_segments, n_epochs - epoch, step, chunk_steps)
        ends_epoch = last_step == shape.n_full_steps
        if orders_epoch != epoch:
            orders, orders_epoch = orders_from(epoch), epoch
        chunk_started = time.perf_counter()
        state, chunk_records = program.run_chunk(
            state,
            rows,
            held_out,
            orders,
            first_step=step,
            last_step=last_step,
            n_segments=n_segments,
            ends_epoch=ends_epoch,
            n_blocks=slots.blocks_to_run(living),
        )
        ends = program.gather([{name: share[name] for name in ("bad_step", "stop_epoch")} for share in state])
        chunk_s = time.perf_counter() - chunk_started
        n_steps = n_segments * max(last_step - step, 1)
        step_s = chunk_s / n_steps
        trained = n_segments * ((last_step - step) * shape.batch_size + (shape.n_left_over if ends_epoch else 0))
        n_samples += trained * int(living.sum())
        if ends_epoch:
            place = slots.slot_of_member
            for name, values in program.gather(chunk_records).items():
                held = records.setdefault(name, np.full((n_members, n_epochs), np.nan, values.dtype))
                held[living, epoch : epoch + n_segments] = values[place][living, :n_segments]
            epoch, step = epoch + n_segments, 0
            latest = {name: float(np.mean(held[living, epoch - 1])) for name, held in records.items()}
        else:
            step = last_step
        n_living = int(living.sum())
        living = ((ends["bad_step"] == NEVER) & (ends["stop_epoch"] == NEVER))[slots.slot_of_member]
        if on_progress is not None:
            done = epoch + (step / max(shape.n_full_steps, 1))
            on_progress(Progress(done, n_epochs, int(living.sum()), n_members, trained * n_living / chunk_s, latest))
        move = slots.compact(living)
        if move is not None:
            state = program.spread(_at_slots(program.gather(state), move), by_member=True)
            orders_epoch = NEVER

    final = _at_slots(program.gather(state), slots.slot_of_member)
    for name, values in records.items():
        records[name] = _until_stopped(values, final["stop_epoch"], final["bad_step"], shape)
    return GroupResult(
        records=records,
        kept=final["kept"],
        optimizer=final["optimizer"],
        diverged_step=final["bad_step"],
        stop_epoch=final["stop_epoch"],
        best_epoch=final.get("best_epoch", np.full(n_members, NEVER, np.int32)),
        compile_s=compiled - started,
        run_s=time.perf_counter() - compiled,
        n_samples=n_samples,
    )


def _next_chunk(n_full_steps: int, max_segments: int, epochs_left: int, step: int, chunk_steps: int) -> tuple[int, int]:
    """How many segments the next call trains, and the step before which each ends: about `chunk_steps` in all."""
    steps, epoch_steps = max(1, chunk_steps), max(n_full_steps, 1)
    if step == 0 and steps >= epoch_steps:
        return int(np.clip(steps // epoch_steps, 1, min(max_segments, epochs_left))), n_full_steps
    return 1, min(n_full_steps, step + steps)


class _Slots:
    """Which member lies in which slot. Slots of one device are neighbours; blocks are neighbours within a device."""

    def __init__(self, n_members: int, n_slots: int, n_devices: int, block: int) -> None:
        self._n_local, self._n_devices, self._block = n_slots // n_devices, n_devices, block
        self._deal(np.arange(n_members), n_slots)

    def _deal(self, members_first: np.ndarray, n_slots: int) -> None:
        """Deals members out to the devices in turn, so that each device has as many; idle slots repeat the first."""
        member_of_slot = np.full(n_slots, NEVER)
        for rank, member in enumerate(members_first):
            member_of_slot[rank % self._n_devices * self._n_local + rank // self._n_devices] = member
        self.is_idle = member_of_slot == NEVER
        self.member_of_slot = np.where(self.is_idle, members_first[0], member_of_slot)
        self.slot_of_member = np.empty(len(members_first), int)
        self.slot_of_member[member_of_slot[~self.is_idle]] = np.flatnonzero(~self.is_idle)

    def blocks_to_run(self, living: np.ndarray) -> list[int]:
        """On each device, the number of leading blocks in which somebody lives."""
        alive = np.zeros(self._n_local * self._n_devices, bool)
        alive[self.slot_of_member[living]] = True
        return [
            -(-(int(np.flatnonzero(part)[-1]) + 1) // self._block) if part.any() else 0
            for part in alive.reshape(self._n_devices, self._n_local)
        ]

    def compact(self, living: np.ndarray) -> np.ndarray | None:
        """Moves the living to the front if that saves a block.

        Args:
            living: (member,) who still trains.

        Returns:
            For each new slot the old slot to fill it from, or None if nothing moves.
        """
        if living.all() or not living.any():
            return None
        before, n_slots = self.blocks_to_run(living), len(self.member_of_slot)
        needed = math.ceil(math.ceil(int(living.sum()) / self._n_devices) / self._block)
        if max(before) <= needed:
            return None
        old_slot = self.slot_of_member.copy()
        old_idle = list(np.flatnonzero(self.is_idle))
        self._deal(np.concatenate([np.flatnonzero(living), np.flatnonzero(~living)]), n_slots)
        fill_from = np.empty(n_slots, int)
        fill_from[self.slot_of_member] = old_slot
        fill_from[self.is_idle] = old_idle
        return fill_from


def _at_slots(tree: Any, places: np.ndarray) -> Any:
    return jax.tree.map(lambda leaf: np.asarray(leaf)[places], tree)


def _until_stopped(values: np.ndarray, stop_epoch: np.ndarray, bad_step: np.ndarray, shape: Any) -> np.ndarray:
    """Blanks what the program recorded after a member had stopped (a chunk may hold several epochs)."""
    steps_per_epoch = shape.n_full_steps + (shape.n_left_over > 0)
    last = np.full(len(values), values.shape[1] - 1)
    last = np.where(stop_epoch != NEVER, np.minimum(last, stop_epoch), last)
    last = np.where(bad_step != NEVER, np.minimum(last, bad_step // steps_per_epoch), last)
    epochs = np.arange(values.shape[1])
    return np.where(epochs[None, :] <= last[:, None], values, np.nan).astype(values.dtype)
