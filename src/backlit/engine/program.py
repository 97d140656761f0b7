"""The compiled training function of a group of members: one program, whatever the number of epochs or members left.

    chunk(state, data, orders, first_step, last_step, n_segments, ends_epoch, n_blocks)  →  state, records

A *segment* is an epoch or a part of one. A call trains either several whole epochs or a part of one epoch; both are
the same program, because every count is an argument. So nothing is compiled again when the epochs change, when
Python wants to look in between (progress, Ctrl-C), or when members have stopped.

Members lie in *blocks*: inside a block they are vmapped, blocks run one after another, and the blocks are spread over
the devices. Members that have stopped are moved behind the others, and only blocks with a living member run.

What each member hands over at the end is `kept`: its weights at its last sound epoch, or at its best one.

Not for deciding sizes (see `plan.py`) nor for the order of chunks (see `loop.py`).
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax

from backlit.engine.compiling import Lowered
from backlit.engine.experiment import EarlyStopping
from backlit.engine.template import Template

EVALUATION_BATCH = 512  # rows scored at once; larger gains nothing on a CPU and costs memory
NEVER = -1
State = dict[str, Any]
Shares = list[Any]  # one entry a device
Rows = dict[str, jax.Array]  # inputs, targets and perhaps sample_weight


@dataclass(frozen=True)
class Shape:
    """The numbers that a program is compiled for.

    Attributes:
        n_rows: Training rows of one epoch.
        batch_size: Examples of one step.
        n_segments: Most epochs in one call.
        block: Members side by side in one vmapped block.
        n_devices: Devices over which blocks are spread.
        n_slots: Places for members; a multiple of `block * n_devices`.
        has_own_order: Whether each member sees the rows in an order of its own.
        n_shares: Cores that share each step.
        n_held_out: Validation rows of its own that each member has; 0 if all are validated on the same.
    """

    n_rows: int
    batch_size: int
    n_segments: int
    block: int
    n_devices: int
    n_slots: int
    has_own_order: bool
    n_shares: int = 1
    n_held_out: int = 0

    @property
    def n_full_steps(self) -> int:
        """Steps of an epoch that use a whole batch."""
        return self.n_rows // self.batch_size

    @property
    def n_left_over(self) -> int:
        """Rows of the last, short batch; 0 if there is none."""
        return self.n_rows % self.batch_size


class Program:
    """Training of one group, compiled once.

    Args:
        template: The pure functions of the group's network.
        shape: The numbers it is compiled for.
        early_stopping: When a member may stop, or None.
        devices: At least as many as the shape wants.

    Attributes:
        template: The pure functions of the group's network.
        shape: The numbers it is compiled for.
        devices: One for each share of the members; each runs the same program on its own. Where cores share steps, one
            sharding.
    """

    def __init__(
        self, template: Template, shape: Shape, *, early_stopping: EarlyStopping | None, devices: list[Any]
    ) -> None:
        self.template = template
        self.shape = shape
        self.devices = devices[: shape.n_devices]
        self._early_stopping = early_stopping
        self._chunks: list[Callable[..., Any]] = []

    @property
    def keeps_best(self) -> bool:
        """Whether members hand over the weights of their best epoch."""
        return self._early_stopping is not None and self._early_stopping.restore_best_weights

    def spread(self, tree: Any, *, by_member: bool) -> Shares:
        """Puts arrays on the devices: split along members, or the same on each.

        Args:
            tree: Arrays of NumPy.
            by_member: Whether the first axis counts slots.

        Returns:
            One share a device.
        """
        n_local = self.shape.n_slots // self.shape.n_devices
        owns = [slice(i * n_local, (i + 1) * n_local) if by_member else ... for i in range(self.shape.n_devices)]
        return [
            jax.device_put(jax.tree.map(operator.itemgetter(own), tree), device)
            for own, device in zip(owns, self.devices, strict=True)
        ]

    def gather(self, shares: Shares) -> Any:
        """Brings the shares of the devices together again.

        Args:
            shares: From `spread` or `run_chunk`, split along members.

        Returns:
            Arrays of NumPy, one entry a slot.
        """
        return jax.tree.map(lambda *leaves: np.concatenate([np.asarray(leaf) for leaf in leaves]), *shares)

    def lower_chunk(self, state: Shares, train: Shares, validation: Shares, orders: Shares) -> list[Lowered]:
        """Traces the training function for these arrays, for each device.

        Args:
            state: State of all slots.
            train: Training rows.
            validation: Validation rows; empty where there are none; all rows where members have their own.
            orders: (segment, row) or (slot, segment, row) row numbers.

        Returns:
            What is to be compiled; nothing if it was before.
        """
        if self._chunks:
            return []
        counts = self._counts(0, 0, 0, False, [0] * self.shape.n_devices)
        chunk = self._device_chunk
        if self.shape.n_shares > 1:  # every core has everything and keeps to itself, but for the sums in each step
            everywhere = self.devices[0].spec
            chunk = jax.shard_map(
                chunk, mesh=self.devices[0].mesh, in_specs=everywhere, out_specs=everywhere, check_vma=False
            )
        chunk = jax.jit(chunk, donate_argnums=0)
        return [
            Lowered(chunk.lower(*arguments), self._chunks)
            for arguments in zip(state, train, validation, orders, counts, strict=True)
        ]

    def run_chunk(
        self,
        state: Shares,
        train: Shares,
        validation: Shares,
        orders: Shares,
        *,
        first_step: int,
        last_step: int,
        n_segments: int,
        ends_epoch: bool,
        n_blocks: list[int],
    ) -> tuple[Shares, Shares]:
        """Trains every living member for some epochs, or for a part of one; the devices work at the same time.

        Args:
            state: State of all slots; used up.
            train: Training rows.
            validation: Validation rows.
            orders: Row numbers of each segment.
            first_step: Whole-batch step at which each segment starts.
            last_step: Whole-batch step before which each segment ends.
            n_segments: How many segments.
            ends_epoch: Whether each segment ends its epoch.
            n_blocks: Blocks to run on each device.

        Returns:
            The state afterwards, and the records: name to (slot, segment) array.
        """
        assert self._chunks, "bug in backlit: the program is not compiled"
        counts = self._counts(first_step, last_step, n_segments, ends_epoch, n_blocks)
        results = [
            chunk(*arguments)
            for chunk, *arguments in zip(self._chunks, state, train, validation, orders, counts, strict=True)
        ]
        return [state for state, _ in results], [records for _, records in results]

    def fresh_state(self, members: dict[str, Any], *, is_idle: np.ndarray) -> Shares:
        """The state before the first step, from stacked weights and optimiser variables.

        Args:
            members: `trainable`, `non_trainable`, `optimizer`, `metrics`: lists of (slot, …) arrays; `settings`, and
                `augment` where images are changed: name to (slot,) array; `held_out` where members have validation rows
                of their own: (slot, row) places among the training rows.
            is_idle: (slot,) whether nobody lies there; such a place never counts.

        Returns:
            The state as `run_chunk` wants it, on the devices.
        """
        n = self.shape.n_slots
        copy = lambda arrays: [np.array(array) for array in arrays]  # noqa: E731  donated: never the same buffer twice
        state = {
            **members,
            "kept": {
                "trainable": copy(members["trainable"]),
                "non_trainable": copy(members["non_trainable"]),
            },
            "loss": np.full(n, np.nan, keras.config.floatx()),
            "loss_sum": np.zeros(n, keras.config.floatx()),
            "bad_step": np.full(n, NEVER, np.int32),
            "stop_epoch": np.where(is_idle, 0, NEVER).astype(np.int32),
            "step": np.zeros(n, np.int32),
            "epoch": np.zeros(n, np.int32),
        }
        if self._early_stopping is not None:
            state |= {
                "best": np.full(n, np.inf, keras.config.floatx()),
                "best_epoch": np.full(n, NEVER, np.int32),
                "wait": np.zeros(n, np.int32),
                "last_optimizer": copy(members["optimizer"]),
            }
        return self.spread(state, by_member=True)

    def _counts(
        self, first_step: int, last_step: int, n_segments: int, ends_epoch: bool, n_blocks: list[int]
    ) -> Shares:
        """What one call shall do, for each device: its number of blocks comes last."""
        same = [first_step, last_step, n_segments, int(ends_epoch)]
        return [
            jax.device_put(np.array([*same, n], np.int32), device)
            for n, device in zip(n_blocks, self.devices, strict=True)
        ]

    def _device_chunk(
        self, state: State, train: Rows, validation: Rows, orders: jax.Array, counts: jax.Array
    ) -> tuple[State, dict[str, jax.Array]]:
        """One device's share: its blocks one after another."""
        block = self.shape.block
        first_step, last_step, n_segments, ends_epoch = counts[0], counts[1], counts[2], counts[3] > 0

        def one_member(member: State, order: jax.Array) -> tuple[State, dict[str, jax.Array]]:
            return self._member_chunk(member, train, validation, order, first_step, last_step, n_segments, ends_epoch)

        if block == 1:

            def one_block(member: State, order: jax.Array) -> tuple[State, dict[str, jax.Array]]:
                order = order[0] if self.shape.has_own_order else order
                result = one_member(jax.tree.map(lambda leaf: leaf[0], member), order)
                return jax.tree.map(lambda leaf: leaf[None], result)

        else:
            one_block = jax.vmap(one_member, in_axes=(0, 0 if self.shape.has_own_order else None))

        n_local = self.shape.n_slots // self.shape.n_devices
        if n_local == block:  # the usual case of few members: no copying in and out of blocks
            return one_block(state, orders)
        records = jax.tree.map(
            lambda leaf: jnp.full((n_local, *leaf.shape[1:]), jnp.nan, leaf.dtype),
            jax.eval_shape(one_block, part_of(state, 0, block), self._order_of(orders, 0))[1],
        )

        def body(i: jax.Array, carry: tuple[State, Any]) -> tuple[State, Any]:
            state, records = carry
            part, record = one_block(part_of(state, i * block, block), self._order_of(orders, i * block))
            return put_part(state, part, i * block), put_part(records, record, i * block)

        return lax.fori_loop(0, counts[4], body, (state, records))

    def _order_of(self, orders: jax.Array, start: Any) -> jax.Array:
        return part_of(orders, start, self.shape.block) if self.shape.has_own_order else orders

    def _member_chunk(
        self,
        member: State,
        train: Rows,
        validation: Rows,
        orders: jax.Array,
        first_step: jax.Array,
        last_step: jax.Array,
        n_segments: jax.Array,
        ends_epoch: jax.Array,
    ) -> tuple[State, dict[str, jax.Array]]:
        """Some segments of one member. The counts are the same for all members, so that `cond` stays a branch."""
        size = self.shape.batch_size

        def segment(i: jax.Array, carry: tuple[State, Any]) -> tuple[State, Any]:
            member, records = carry
            order = lax.dynamic_index_in_dim(orders, i, keepdims=False)

            def step(j: jax.Array, member: State) -> State:
                return self._step(member, train, lax.dynamic_slice(order, (j * size,), (size,)))

            def finish(member: State) -> tuple[State, dict[str, jax.Array]]:
                if self.shape.n_left_over:
                    member = self._step(member, train, order[self.shape.n_full_steps * size :])
                return self._finish_epoch(member, validation)

            def go_on(member: State) -> tuple[State, dict[str, jax.Array]]:
                return member, {name: jnp.full((), jnp.nan, leaf.dtype) for name, leaf in records.items()}

            member = lax.fori_loop(first_step, last_step, step, member)
            member, record = lax.cond(ends_epoch, finish, go_on, member)
            return member, {name: records[name].at[i].set(record[name]) for name in records}

        record = jax.eval_shape(lambda member: self._finish_epoch(member, validation)[1], member)
        blank = {name: jnp.full((self.shape.n_segments,), jnp.nan, leaf.dtype) for name, leaf in record.items()}
        return lax.fori_loop(0, n_segments, segment, (member, blank))

    def _step(self, member: State, train: Rows, row_idx: jax.Array) -> State:
        batch = rows_at(train, row_idx)
        inputs, drawn = self.template.drawn(batch, member)
        trainable, non_trainable, optimizer, metrics, loss = self.template.update(
            member["trainable"],
            member["non_trainable"],
            member["optimizer"],
            member["metrics"],
            inputs,
            batch["targets"],
            batch.get("sample_weight"),
            member["settings"],
            drawn=drawn,
            n_shares=self.shape.n_shares,
        )
        is_first_bad = _is_living(member) & ~jnp.isfinite(loss)
        return member | {
            "trainable": trainable,
            "non_trainable": non_trainable,
            "optimizer": optimizer,
            "metrics": metrics,
            "loss": loss.astype(member["loss"].dtype),
            "loss_sum": member["loss_sum"] + loss.astype(member["loss_sum"].dtype) * row_idx.shape[0],
            "bad_step": jnp.where(is_first_bad, member["step"], member["bad_step"]),
            "step": member["step"] + 1,
        }

    def _finish_epoch(self, member: State, validation: Rows) -> tuple[State, dict[str, jax.Array]]:
        """Records the epoch, scores the validation rows, decides what is kept and whether the member stops."""
        record = {"loss": member["loss_sum"] / self.shape.n_rows}
        record |= self.template.metric_results(member["metrics"])
        if validation:
            scores = score_rows(self.template, member, validation, places=member.get("held_out"))
            record |= {f"val_{name}": value for name, value in scores.items()}
        record = {name: value.astype(member["loss_sum"].dtype) for name, value in record.items()}
        is_sound = jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in member["trainable"]]))
        ended_badly = _is_living(member) & ~is_sound
        member = member | {"bad_step": jnp.where(ended_badly, member["step"] - 1, member["bad_step"])}
        is_living = _is_living(member)

        keeps = is_living
        if self._early_stopping is not None:
            # A member that has stopped goes on with its block, how far depends on the chunks: its state is put aside.
            last = [
                jnp.where(is_living, new, old)
                for new, old in zip(member["optimizer"], member["last_optimizer"], strict=True)
            ]
            member, improved = self._watch(member | {"last_optimizer": last}, record, is_living)
            if self.keeps_best:
                keeps = is_living & improved
        now = {"trainable": member["trainable"], "non_trainable": member["non_trainable"]}
        member = member | {
            "kept": jax.tree.map(lambda new, old: jnp.where(keeps, new, old), now, member["kept"]),
            "metrics": [jnp.zeros_like(leaf) for leaf in member["metrics"]],
            "loss_sum": jnp.zeros_like(member["loss_sum"]),
            "epoch": member["epoch"] + 1,
        }
        return member, record

    def _watch(self, member: State, record: dict[str, jax.Array], is_living: jax.Array) -> tuple[State, jax.Array]:
        """The rule of `keras.callbacks.EarlyStopping`, for one member."""
        rule = self._early_stopping
        assert rule is not None, "bug in backlit: nothing to watch"
        rises = rule.mode == "max" or (rule.mode == "auto" and not _falls(rule.monitor))
        value = -record[rule.monitor] if rises else record[rule.monitor]
        is_watching = is_living & (member["epoch"] >= rule.start_from_epoch)
        is_first = is_watching & (member["best_epoch"] == NEVER)
        improved = is_watching & (value + rule.min_delta < member["best"])
        wait = jnp.where(improved, 0, member["wait"] + is_watching.astype(jnp.int32))
        stops = is_watching & ~improved & (wait >= rule.patience) & (member["epoch"] > 0)
        return member | {
            "best": jnp.where(improved, value, member["best"]),
            "best_epoch": jnp.where(improved | is_first, member["epoch"], member["best_epoch"]),
            "wait": wait,
            "stop_epoch": jnp.where(stops, member["epoch"], member["stop_epoch"]),
        }, improved | is_first


def score_rows(
    template: Template, member: State, rows: Rows, *, places: jax.Array | None = None
) -> dict[str, jax.Array]:
    """Mean loss and metrics of one member over some rows, layers in inference mode.

    Args:
        template: The network's pure functions.
        member: `trainable`, `non_trainable`, `metrics` (for their shapes) and `settings`.
        rows: Inputs and targets.
        places: Which of the rows; None scores all.

    Returns:
        Name to value.
    """
    n_rows = len(rows["inputs"] if places is None else places)
    size = min(EVALUATION_BATCH, n_rows)

    def score_batch(batch: Rows, carry: tuple[Any, jax.Array]) -> tuple[Any, jax.Array]:
        metrics, total = carry
        metrics, loss = template.score(
            member["trainable"],
            member["non_trainable"],
            metrics,
            batch["inputs"],
            batch["targets"],
            batch.get("sample_weight"),
            member["settings"],
        )
        return metrics, total + loss.astype(total.dtype) * batch["inputs"].shape[0]

    def body(i: jax.Array, carry: tuple[Any, jax.Array]) -> tuple[Any, jax.Array]:
        return score_batch(
            part_of(rows, i * size, size) if places is None else rows_at(rows, part_of(places, i * size, size)), carry
        )

    carry = ([jnp.zeros_like(leaf) for leaf in member["metrics"]], jnp.zeros((), keras.config.floatx()))
    carry = lax.fori_loop(0, n_rows // size, body, carry)
    if n_rows % size:
        start = n_rows - n_rows % size
        last = {name: leaf[start:] for name, leaf in rows.items()} if places is None else rows_at(rows, places[start:])
        carry = score_batch(last, carry)
    metrics, total = carry
    return {"loss": total / n_rows, **template.metric_results(metrics)}


def rows_at(rows: Rows, places: jax.Array) -> Rows:
    """Some rows of all.

    Args:
        rows: Arrays with one entry a row.
        places: Which; all of them are there.

    Returns:
        The same names.
    """
    return {name: values.at[places].get(mode="promise_in_bounds") for name, values in rows.items()}


def _is_living(member: State) -> jax.Array:
    return (member["bad_step"] == NEVER) & (member["stop_epoch"] == NEVER)


def part_of(tree: Any, start: Any, size: int) -> Any:
    """Neighbouring entries of every array.

    Args:
        tree: Arrays with a common first axis.
        start: First entry.
        size: How many.

    Returns:
        The same tree.
    """
    return jax.tree.map(lambda leaf: lax.dynamic_slice_in_dim(leaf, start, size), tree)


def put_part(tree: Any, part: Any, start: Any) -> Any:
    """Arrays in which neighbouring entries are replaced.

    Args:
        tree: Arrays with a common first axis.
        part: The new entries.
        start: First of them.

    Returns:
        The same tree.
    """
    return jax.tree.map(lambda leaf, new: lax.dynamic_update_slice_in_dim(leaf, new, start, 0), tree, part)


def _falls(monitor: str) -> bool:
    """Whether a smaller value is better, as Keras's `auto` mode guesses it: accuracy and its kin rise."""
    rising = ("acc", "auc", "precision", "recall", "f1", "r2", "iou", "cosine")
    return not any(word in monitor.lower() for word in rising)
