"""Looks at the members of a group between two chunks of training, with all chosen probes in one compiled program.

    probing = Probing(template, chosen_probes(True), shape, devices=…)
    probing.run_look(state, rows, n_blocks=[1])        →  probe → label → (slot, …) values, one share a device

A look takes a few batches of the training rows, the same ones each time, and goes through them as training would (see
`probes/kind.py`), but hands back numbers only: the members' state is read and never changed, so a run has the same bits
with and without probes. Members lie in blocks as they do in `program.py`.

Not for what the probes compute (see `probes/`) nor for when they are run (see `schedule.py`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax

from backlit.engine.compiling import Lowered
from backlit.engine.labels import activation_name, layer_names, layers_to_look_at, weight_places
from backlit.engine.probes import Probe, Seen
from backlit.engine.program import Rows, Shape, Shares, State, part_of, put_part, rows_at
from backlit.engine.template import Template

MOST_EXAMPLES = 256  # of a step in a look; the gradient of more says little that these do not
FEWEST_EXAMPLES = 128  # of all parts together: fewer say little about dead units
FEWEST_PARTS = 4
SMALL_PART = 32  # examples; a batch is not cut into smaller parts
# Looks are rare, so that their program is worth compiling fast: a quarter less time for a CNN, and no slower to run.
_COMPILE_OPTIONS = {"xla_backend_optimization_level": 1}
GAP_STEPS = 250  # fewest steps between looks at ends of epochs: a look costs as much as 3 to 17 steps
_SCALARS = ("step_loss", "loss", "part_size")
Values = dict[str, dict[str, Any]]


class Probing:
    """All chosen probes of one group, compiled once.

    Args:
        template: The pure functions of the group's network.
        probes: What to measure; at least one.
        shape: The numbers that the group's program is compiled for.
        devices: Those of the group's program.

    Attributes:
        probes: What is measured.
        part_size: Examples of one part.
        n_parts: Parts that are seen at the present weights.
        n_step_parts: Parts that make up a training batch: the last ones before the step, and as many after it.
        row_idx: (part, example) which training rows are looked at.
    """

    def __init__(self, template: Template, probes: Sequence[Probe], shape: Shape, *, devices: list[Any]) -> None:
        self.probes = tuple(probes)
        batch_size = min(shape.batch_size, MOST_EXAMPLES)
        self.part_size = min(batch_size, max(SMALL_PART, batch_size // FEWEST_PARTS))
        self.n_step_parts = max(1, batch_size // self.part_size)
        wanted = max(FEWEST_PARTS, math.ceil(FEWEST_EXAMPLES / self.part_size))
        self.n_parts = max(self.n_step_parts, min(wanted, shape.n_rows // self.part_size))
        self._template, self._shape = template, shape
        self._devices = devices[: shape.n_devices] if shape.n_shares == 1 else [devices[0].mesh.devices.flat[0]]
        self._needs = {name for probe in probes for name in probe.needs}
        self._layers = layers_to_look_at(template.model) if self._needs & {"outputs", "output_gradients"} else []
        self._weight_labels = [f"{_label(idx)}/{name}" for idx, name in weight_places(template.model)]
        order = np.random.default_rng(0).permutation(shape.n_rows).astype(np.int32)
        n_seen = self.n_parts + self.n_step_parts
        self.row_idx = np.resize(order, n_seen * self.part_size).reshape(n_seen, self.part_size)
        self._looks: list[Any] = []
        self._layout: list[tuple[str, str, tuple[int, ...]]] = []  # of a row of numbers, known once it is traced

    def lower_look(self, state: Shares, rows: Shares) -> list[Lowered]:
        """Traces the look for these arrays, for each device.

        Args:
            state: State of all slots.
            rows: Training rows.

        Returns:
            What is to be compiled; nothing if it was before.
        """
        if self._looks:
            return []
        look = jax.jit(self._device_look)
        options = _COMPILE_OPTIONS if jax.devices()[0].platform == "cpu" else None
        counts = self._counts([0] * len(self._devices))
        return [
            Lowered(look.lower(_seen(share), own, n), self._looks, options)
            for share, own, n in zip(_on_one(state), _on_one(rows), counts, strict=True)
        ]

    def run_look(self, state: Shares, rows: Shares, *, n_blocks: list[int]) -> Values:
        """Measures every living member; the devices work at the same time.

        Args:
            state: State of all slots; not changed.
            rows: Training rows.
            n_blocks: Blocks to look at on each device.

        Returns:
            Probe to label to (slot, …) array; NaN in blocks that were not looked at.
        """
        assert self._looks, "bug in backlit: the look is not compiled"
        shares = [
            look(_seen(share), own, n)
            for look, share, own, n in zip(
                self._looks, _on_one(state), _on_one(rows), self._counts(n_blocks), strict=True
            )
        ]
        return self._unpacked(np.concatenate([np.asarray(share) for share in shares]))

    def named(self, values: Mapping[str, Mapping[str, Any]], model: keras.Model) -> Values:
        """Values under the names of the user's layers.

        Args:
            values: Probe to label to anything, from `run_look`.
            model: The user's model; the clone's names are taken if it does not show its layers yet.

        Returns:
            The same, with labels such as `dense` and `dense/kernel`.
        """
        names = layer_names(model)
        own = layer_names(self._template.model)
        names = names if len(names) == len(own) else own

        def name_of(label: str) -> str:
            idx, slash, weight = label.partition("/")
            number, call, repeat = idx.partition("#")
            layer = names[int(number)] if number and int(number) >= 0 else ""
            return f"{layer}{call}{repeat}{slash}{weight}"

        return {
            probe: {name_of(label): value for label, value in measured.items()} for probe, measured in values.items()
        }

    def _counts(self, n_blocks: list[int]) -> Shares:
        return [jax.device_put(np.int32(n), device) for n, device in zip(n_blocks, self._devices, strict=True)]

    def _unpacked(self, rows: np.ndarray) -> Values:
        values: Values = {}
        start = 0
        for probe, label, shape in self._layout:
            n = math.prod(shape)
            values.setdefault(probe, {})[label] = rows[:, start : start + n].reshape(-1, *shape).copy()
            start += n
        return values

    def _device_look(self, state: State, rows: Rows, n_blocks: jax.Array) -> jax.Array:
        """One device's share: for each slot all numbers in one row, so that one copy brings them to the host."""
        block = self._shape.block
        n_local = self._shape.n_slots // self._shape.n_devices

        def one_member(member: State) -> jax.Array:
            return self._packed(self._member_look(member, rows))

        def one_block(i: Any) -> jax.Array:
            part = part_of(state, i * block, block)
            if block > 1:
                return jax.vmap(one_member)(part)
            return one_member(jax.tree.map(lambda leaf: leaf[0], part))[None]

        if n_local == block:
            return one_block(0)
        blank = jnp.full((n_local, jax.eval_shape(one_block, 0).shape[1]), jnp.nan, keras.config.floatx())
        return lax.fori_loop(0, n_blocks, lambda i, values: put_part(values, one_block(i), i * block), blank)

    def _packed(self, values: Values) -> jax.Array:
        self._layout = [
            (probe, label, value.shape) for probe, measured in values.items() for label, value in measured.items()
        ]
        flat = [value.reshape(-1) for measured in values.values() for value in measured.values()]
        return jnp.concatenate([jnp.zeros(0, keras.config.floatx()), *flat])

    def _member_look(self, member: State, rows: Rows) -> Values:
        seen = self._see(member, rows)
        floatx = keras.config.floatx()
        values: Values = {}
        for probe in self.probes:
            hidden = [each.name for each in fields(Seen) if each.name not in (*_SCALARS, *probe.needs)]
            measured = probe.measure(replace(seen, **{name: {} for name in hidden}))
            values[probe.name] = {label: jnp.asarray(value, floatx) for label, value in measured.items()}
        return values

    def _see(self, member: State, rows: Rows) -> Seen:
        """Goes through the parts; one traced pass serves all of them."""
        template, n, n_step = self._template, self.n_parts, self.n_step_parts

        def visit(carry: Any, place: tuple[jax.Array, jax.Array]) -> tuple[Any, Any]:
            weights, sums = carry
            idx, number = place
            batch = rows_at(rows, idx)
            loss, gradients, outputs, at_outputs = template.look(
                weights,
                member["non_trainable"],
                member["optimizer"],
                member["metrics"],
                batch["inputs"],
                batch["targets"],
                batch.get("sample_weight"),
                member["settings"],
                layers=self._layers,
            )
            stages = (number < n - n_step, (number >= n - n_step) & (number < n), number >= n)
            sums = [
                [sum_ + jnp.where(is_now, gradient, 0) for sum_, gradient in zip(part, gradients, strict=True)]
                for is_now, part in zip(stages, sums, strict=True)
            ]
            mean = [sum_ / n_step for sum_ in sums[1]]
            weights = lax.cond(
                number == n - 1,
                lambda: template.apply(weights, member["optimizer"], mean, member["settings"]),
                lambda: weights,
            )
            squares = [jnp.sum(jnp.square(_wide(gradient))) for gradient in gradients]
            return (weights, sums), (loss, squares, outputs, at_outputs)

        start = member["trainable"]
        zeros = [[jnp.zeros_like(weight) for weight in start] for _ in range(3)]  # before, along and after the step
        places = (member.get("looked_at", jnp.asarray(self.row_idx)), jnp.arange(n + n_step))
        (after, sums), (losses, squares, outputs, at_outputs) = lax.scan(visit, (start, zeros), places)
        calls = {call: _label(*call) for call in outputs}
        names = {i: activation_name(layer) for i, layer in enumerate(self._layers)}

        def of_weights(arrays: Sequence[jax.Array]) -> dict[str, jax.Array]:
            return {label: _wide(array) for label, array in zip(self._weight_labels, arrays, strict=True)}

        def of_layers(arrays: Mapping[Any, jax.Array]) -> dict[str, jax.Array]:
            return {calls[call]: _wide(array[:n].reshape(-1, *array.shape[2:])) for call, array in arrays.items()}

        return Seen(
            step_loss=member["loss"],
            loss=jnp.mean(losses[:n]),
            part_size=self.part_size,
            outputs=of_layers(outputs),
            output_gradients=of_layers(at_outputs),
            activations={label: name for call, label in calls.items() if (name := names[call[0]]) is not None},
            weights=of_weights(start),
            gradients=of_weights([(first + step) / n for first, step, _ in zip(*sums, strict=True)]),
            part_squares=of_weights([square[:n] for square in squares]),
            step_gradients=of_weights([step / n_step for step in sums[1]]),
            next_gradients=of_weights([later / n_step for later in sums[2]]),
            updates=of_weights([new - old for new, old in zip(after, start, strict=True)]),
        )


def _label(idx: int, repeat: int = 0) -> str:
    """A layer's number, with as many digits for all, because JAX sorts the keys of a tree."""
    return f"{idx:05d}#{repeat + 1}" if repeat else f"{idx:05d}"


def _seen(state: State) -> State:
    """What of a member's state a look reads."""
    parts = ("trainable", "non_trainable", "optimizer", "metrics", "settings", "loss", "looked_at")
    return {part: state[part] for part in parts if part in state}


def _on_one(shares: Shares) -> Shares:
    """Of arrays that several cores have, the first core's."""
    return jax.tree.map(lambda leaf: leaf.addressable_data(0), shares)


def _wide(array: jax.Array) -> jax.Array:
    """Half precision is too coarse for means and squares."""
    return array.astype(jnp.float32) if array.dtype.itemsize < 4 else array
