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

from backlit.engine.labels import activation_name, layer_names, layers_to_look_at, weight_places
from backlit.engine.probes import Probe, Seen
from backlit.engine.program import Rows, Shape, Shares, State, part_of, put_part
from backlit.engine.template import Template

MOST_EXAMPLES = 256  # of one looked-at batch; the gradient of more says little that these do not
FEWEST_EXAMPLES = 64  # of all together: fewer say nothing about dead units
FEWEST_BATCHES = 4
GAP_LOOKS = 50  # fewest steps between looks at ends of epochs, as multiples of the batches of one look: 2 % of the time
_SCALARS = ("step_loss", "loss", "batch_size")
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
        batch_size: Examples of one looked-at batch.
        n_batches: Batches of one look; one more is seen after a step.
    """

    def __init__(self, template: Template, probes: Sequence[Probe], shape: Shape, *, devices: list[Any]) -> None:
        self.probes = tuple(probes)
        self.batch_size = min(shape.batch_size, MOST_EXAMPLES)
        wanted = max(FEWEST_BATCHES, math.ceil(FEWEST_EXAMPLES / self.batch_size))
        self.n_batches = max(1, min(wanted, shape.n_rows // self.batch_size))
        self._template, self._shape, self._devices = template, shape, devices[: shape.n_devices]
        self._needs = {name for probe in probes for name in probe.needs}
        self._layers = layers_to_look_at(template.model) if self._needs & {"outputs", "output_gradients"} else []
        self._weight_labels = [f"{idx}/{name}" for idx, name in weight_places(template.model)]
        n_seen = (self.n_batches + 1) * self.batch_size
        order = np.random.default_rng(0).permutation(shape.n_rows).astype(np.int32)
        self._row_idx = np.resize(order, n_seen).reshape(self.n_batches + 1, self.batch_size)
        self._looks: list[Any] = []

    @property
    def gap(self) -> int:
        """Fewest steps between two looks at ends of epochs."""
        return GAP_LOOKS * (self.n_batches + 1)

    def compile_look(self, state: Shares, rows: Shares) -> None:
        """Compiles the look for these arrays, for each device; once.

        Args:
            state: State of all slots.
            rows: Training rows.
        """
        if not self._looks:
            counts = self._counts([0] * len(self._devices))
            look = jax.jit(self._device_look)
            self._looks = [
                look.lower(_seen(share), own, n).compile() for share, own, n in zip(state, rows, counts, strict=True)
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
        self.compile_look(state, rows)
        shares = [
            look(_seen(share), own, n)
            for look, share, own, n in zip(self._looks, state, rows, self._counts(n_blocks), strict=True)
        ]
        return jax.tree.map(lambda *leaves: np.concatenate([np.asarray(leaf) for leaf in leaves]), *shares)

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

    def _device_look(self, state: State, rows: Rows, n_blocks: jax.Array) -> Values:
        block = self._shape.block
        n_local = self._shape.n_slots // self._shape.n_devices

        def one_member(member: State) -> Values:
            return self._member_look(member, rows)

        def one_block(i: Any) -> Values:
            part = part_of(state, i * block, block)
            if block > 1:
                return jax.vmap(one_member)(part)
            values = one_member(jax.tree.map(lambda leaf: leaf[0], part))
            return jax.tree.map(lambda leaf: leaf[None], values)

        if n_local == block:
            return one_block(0)
        shapes = jax.eval_shape(one_block, 0)
        blank = jax.tree.map(lambda leaf: jnp.full((n_local, *leaf.shape[1:]), jnp.nan, leaf.dtype), shapes)
        return lax.fori_loop(0, n_blocks, lambda i, values: put_part(values, one_block(i), i * block), blank)

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
        """Goes through the batches; one traced pass serves all of them."""
        template, n = self._template, self.n_batches
        rest = (member["optimizer"], member["metrics"])

        def visit(weights: list[jax.Array], place: tuple[jax.Array, jax.Array]) -> tuple[list[jax.Array], Any]:
            idx, is_step = place
            batch = {name: values.at[idx].get(mode="promise_in_bounds") for name, values in rows.items()}
            loss, gradients, outputs, at_outputs = template.look(
                weights,
                member["non_trainable"],
                *rest,
                batch["inputs"],
                batch["targets"],
                batch.get("sample_weight"),
                member["settings"],
                layers=self._layers,
            )
            after = template.apply(weights, member["optimizer"], gradients, member["settings"])
            weights = [jnp.where(is_step, new, old) for new, old in zip(after, weights, strict=True)]
            return weights, (loss, gradients, outputs, at_outputs)

        is_step = np.arange(n + 1) == n - 1
        start = member["trainable"]
        after, (losses, gradients, outputs, at_outputs) = lax.scan(visit, start, (jnp.asarray(self._row_idx), is_step))
        calls = {call: f"{call[0]}#{call[1] + 1}" if call[1] else f"{call[0]}" for call in outputs}

        def of_weights(arrays: Sequence[jax.Array]) -> dict[str, jax.Array]:
            return {label: _wide(array) for label, array in zip(self._weight_labels, arrays, strict=True)}

        def of_layers(arrays: Mapping[Any, jax.Array]) -> dict[str, jax.Array]:
            return {calls[call]: _wide(array[:n].reshape(-1, *array.shape[2:])) for call, array in arrays.items()}

        names = {i: activation_name(layer) for i, layer in enumerate(self._layers)}
        return Seen(
            step_loss=member["loss"],
            loss=jnp.mean(losses[:n]),
            outputs=of_layers(outputs),
            output_gradients=of_layers(at_outputs),
            activations={label: name for call, label in calls.items() if (name := names[call[0]]) is not None},
            weights=of_weights(start),
            gradients=of_weights([jnp.mean(gradient[:n], axis=0) for gradient in gradients]),
            part_gradients=of_weights([gradient[:n] for gradient in gradients]),
            last_gradients=of_weights([gradient[n - 1] for gradient in gradients]),
            next_gradients=of_weights([gradient[n] for gradient in gradients]),
            updates=of_weights([new - old for new, old in zip(after, start, strict=True)]),
            batch_size=self.batch_size,
        )


def _seen(state: State) -> State:
    """What of a member's state a look reads."""
    return {part: state[part] for part in ("trainable", "non_trainable", "optimizer", "metrics", "settings", "loss")}


def _wide(array: jax.Array) -> jax.Array:
    """Half precision is too coarse for means and squares."""
    return array.astype(jnp.promote_types(array.dtype, jnp.float32))
