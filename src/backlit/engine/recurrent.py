"""LSTM, GRU and SimpleRNN for a CPU: one matrix product a time step, and a backward loop with nothing left to derive.

Keras loops over the time steps and lets JAX differentiate the loop. What that costs is not the products: it is the
dozen intermediate arrays which each step stores for later, and the sums over time that gradients of weights and
biases need at every step. Here one array holds everything that enters a step,

    entered[t] = [h[t-1], x[t], 1]        z[t] = entered[t] @ [U; W; b]        h[t] = cell(z[t], …)

so that the gradients of U, W and b are one product after the loop, `entered.T @ dz`. The forward loop stores what `dz`
is a *multiple* of. For SimpleRNN, h = tanh(z), that is 1 - h²:

    dz[t] = dh[t] * (1 - h[t]²)        dh[t-1] = dz[t] @ U.T

and the backward loop writes each dz over the multiplier that it has used, so the working set stays near the cache.
The logistic function is computed as ½ tanh(z/2) + ½, so that all gates of an LSTM are one pass over one array; its
error is a rounding of 1, not of the gate.

`fast_loops` puts this in Keras's way while a program is traced. Keras's own loop is kept for what this does not cover:
other activations, dropout of the recurrent input, `reset_after=False`, `unroll=True`, half precision, cells of the
user's own, and `Bidirectional`'s and `StackedRNNCells`' inner workings (a Bidirectional's two layers are covered).

Not for an accelerator, and not for forward-mode differentiation (`jax.jvp`), which a function with a written backward
pass does not have.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax

from backlit.engine._keras_private import replaced_loops

States = tuple[jax.Array, ...]  # the hidden state first
COVERED_TYPES = ("float32", "float64")


class Cell(NamedTuple):
    """The elementwise part of a recurrent cell, with its derivative.

    Attributes:
        forward: (z, states before) → states after, and what `backward` needs; the first entry of that has z's shape.
        backward: (gradients of the states after, what was kept) → gradient of z, gradients of the states before as
            far as they do not go through z.
    """

    forward: Callable[[jax.Array, States], tuple[States, States]]
    backward: Callable[[States, States], tuple[jax.Array, States]]


@contextmanager
def fast_loops() -> Iterator[None]:
    """Lets Keras's recurrent layers compute with these loops inside the `with`.

    Yields:
        Nothing.
    """
    with replaced_loops(inner_loop):
        yield


def inner_loop(
    original: Callable[..., Any], layer: Any, sequences: Any, initial_state: Any, mask: Any, training: bool = False
) -> tuple[jax.Array, jax.Array, list[Any]]:
    """What `keras.layers.RNN.inner_loop` computes.

    Args:
        original: Keras's own, for what this does not cover.
        layer: The recurrent layer.
        sequences: (batch, step, feature).
        initial_state: One array (batch, unit) a state.
        mask: (batch, step), or None: steps that are False keep the states.
        training: Whether dropout acts.

    Returns:
        The last output, all outputs (batch, step, unit) or only the last, and the last states.
    """
    cell = layer.cell
    weights = _covered_weights(layer, sequences, training)
    if weights is None:
        return original(layer, sequences, initial_state, mask, training=training)
    kernel, recurrent_kernel, elementwise = weights
    states = tuple(initial_state) if isinstance(initial_state, list | tuple) else (initial_state,)
    mask = mask[0] if isinstance(mask, list | tuple) else mask
    if training and cell.dropout:
        sequences = sequences * cell.get_dropout_mask(sequences[:, 0, :])[:, None]
    inputs = jnp.swapaxes(sequences, 0, 1)
    by_step = None if mask is None else jnp.swapaxes(jnp.asarray(mask, bool), 0, 1)[..., None]
    if layer.go_backwards:
        inputs, by_step = inputs[::-1], None if by_step is None else by_step[::-1]
    if cell.use_bias:
        inputs = jnp.concatenate([inputs, jnp.ones((*inputs.shape[:-1], 1), inputs.dtype)], axis=-1)
    result: Any = _run(elementwise, layer.return_sequences, inputs, by_step, kernel, recurrent_kernel, states)
    states, hidden = result
    hidden = states[0][None] if hidden is None else hidden  # the last output only
    if by_step is not None and layer.zero_output_for_mask:
        hidden = jnp.where(by_step[-hidden.shape[0] :], hidden, 0)
    return hidden[-1], jnp.swapaxes(hidden, 0, 1), list(states)


def _covered_weights(layer: Any, sequences: Any, training: bool) -> tuple[jax.Array, jax.Array, Cell] | None:
    """Input kernel (with the bias as its last row) and recurrent kernel, (…, gate × unit); None if not covered."""
    make = _CELLS.get(type(layer.cell))
    cell = layer.cell
    if make is None or layer.unroll or getattr(sequences, "ndim", 0) != 3 or not sequences.shape[1]:
        return None
    drops = training and (cell.recurrent_dropout or (cell.dropout and getattr(cell, "implementation", 2) == 1))
    is_usual = cell.activation is keras.activations.tanh and (
        getattr(cell, "recurrent_activation", keras.activations.sigmoid) is keras.activations.sigmoid
    )
    types = {str(array.dtype) for array in (sequences, cell.kernel, cell.recurrent_kernel)}
    if (
        drops
        or not is_usual
        or len(types) > 1
        or not types <= set(COVERED_TYPES)
        or getattr(layer, "use_cudnn", None) is True
    ):
        return None
    return make(cell)


def _lstm(cell: Any) -> tuple[jax.Array, jax.Array, Cell]:
    kernel = jnp.asarray(cell.kernel)
    if cell.use_bias:
        kernel = jnp.concatenate([kernel, jnp.asarray(cell.bias)[None]])
    return kernel, jnp.asarray(cell.recurrent_kernel), LSTM


def _gru(cell: Any) -> tuple[jax.Array, jax.Array, Cell] | None:
    """Columns: update gate, reset gate, the candidate's part from the input, its part from the hidden state."""
    if not cell.reset_after:
        return None
    kernel, recurrent = jnp.asarray(cell.kernel), jnp.asarray(cell.recurrent_kernel)
    kernel = jnp.concatenate([kernel, jnp.zeros((kernel.shape[0], cell.units), kernel.dtype)], axis=1)
    gates, candidate = recurrent[:, : 2 * cell.units], recurrent[:, 2 * cell.units :]
    recurrent = jnp.concatenate([gates, jnp.zeros_like(candidate), candidate], axis=1)
    if cell.use_bias:
        of_input, of_hidden = jnp.asarray(cell.bias)
        gates = 2 * cell.units
        bias = jnp.concatenate([of_input[:gates] + of_hidden[:gates], of_input[gates:], of_hidden[gates:]])
        kernel = jnp.concatenate([kernel, bias[None]])
    return kernel, recurrent, GRU


def _lstm_forward(z: jax.Array, states: States) -> tuple[States, States]:
    _, before = states
    is_tanh = _per_gate(z, (0.0, 0.0, 1.0, 0.0))
    half = _per_gate(z, (0.5, 0.5, 1.0, 0.5))
    gates = jnp.tanh(z * half) * half + (1 - half)
    i, f, g, o = jnp.split(gates, 4, axis=-1)
    carry = f * before + i * g
    squashed = jnp.tanh(carry)
    partners = jnp.concatenate([g, before, i, squashed], axis=-1)
    kept = partners * (1 - gates) * (gates + is_tanh), o * (1 - squashed * squashed), f
    return (o * squashed, carry), kept


def _lstm_backward(gradients: States, kept: States) -> tuple[jax.Array, States]:
    hidden, carry = gradients
    multiplier, through_output, f = kept
    carry = carry + hidden * through_output
    dz = multiplier * jnp.concatenate([carry, carry, carry, hidden], axis=-1)
    return dz, (jnp.zeros_like(hidden), carry * f)


def _gru_forward(z: jax.Array, states: States) -> tuple[States, States]:
    (before,) = states
    units = before.shape[-1]
    update, reset = jnp.split(0.5 * jnp.tanh(0.5 * z[:, : 2 * units]) + 0.5, 2, axis=-1)
    of_hidden = z[:, 3 * units :]
    candidate = jnp.tanh(z[:, 2 * units : 3 * units] + reset * of_hidden)
    through = (1 - update) * (1 - candidate * candidate)
    by_reset = through * reset
    multiplier = [(before - candidate) * update * (1 - update), by_reset * of_hidden * (1 - reset), through, by_reset]
    return (update * before + (1 - update) * candidate,), (jnp.concatenate(multiplier, axis=-1), update)


def _gru_backward(gradients: States, kept: States) -> tuple[jax.Array, States]:
    (hidden,) = gradients
    multiplier, update = kept
    return multiplier * jnp.concatenate([hidden] * 4, axis=-1), (hidden * update,)


def _simple_forward(z: jax.Array, states: States) -> tuple[States, States]:  # noqa: ARG001  the same for all cells
    hidden = jnp.tanh(z)
    return (hidden,), (1 - hidden * hidden,)


def _simple_backward(gradients: States, kept: States) -> tuple[jax.Array, States]:
    return gradients[0] * kept[0], (jnp.zeros_like(gradients[0]),)


LSTM = Cell(_lstm_forward, _lstm_backward)
GRU = Cell(_gru_forward, _gru_backward)
SIMPLE = Cell(_simple_forward, _simple_backward)


def _simple(cell: Any) -> tuple[jax.Array, jax.Array, Cell]:
    return _lstm(cell)[0], jnp.asarray(cell.recurrent_kernel), SIMPLE


_CELLS: dict[type, Callable[[Any], tuple[jax.Array, jax.Array, Cell] | None]] = {
    keras.layers.LSTMCell: _lstm,
    keras.layers.GRUCell: _gru,
    keras.layers.SimpleRNNCell: _simple,
}


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def _run(
    cell: Cell,
    returns_all: bool,
    inputs: jax.Array,
    mask: jax.Array | None,
    kernel: jax.Array,
    recurrent_kernel: jax.Array,
    states: States,
) -> tuple[States, jax.Array | None]:
    """The last states, and the hidden state after each step if it is wanted; time is the first axis."""
    states, entered, _ = _forward(cell, inputs, mask, kernel, recurrent_kernel, states, keeps=False)
    return states, entered[1:, :, : states[0].shape[-1]] if returns_all else None


def _run_forward(
    cell: Cell,
    returns_all: bool,
    inputs: jax.Array,
    mask: jax.Array | None,
    kernel: jax.Array,
    recurrent_kernel: jax.Array,
    states: States,
) -> tuple[tuple[States, jax.Array | None], Any]:
    last, entered, kept = _forward(cell, inputs, mask, kernel, recurrent_kernel, states, keeps=True)
    hidden = entered[1:, :, : last[0].shape[-1]] if returns_all else None
    return (last, hidden), (entered, kept, mask, kernel, recurrent_kernel)


def _run_backward(cell: Cell, returns_all: bool, saved: Any, gradient: tuple[States, Any]) -> tuple[Any, ...]:
    entered, kept, mask, kernel, recurrent_kernel = saved
    last, of_hidden = gradient
    n_steps, n_rows, width = kept[0].shape
    units = recurrent_kernel.shape[0]
    transposed = recurrent_kernel.T

    def step(j: jax.Array, carry: tuple[States, States]) -> tuple[States, States]:
        after, kept = carry
        t = n_steps - 1 - j
        if returns_all:
            after = (after[0] + _at(of_hidden, t), *after[1:])
        dz, before = cell.backward(after, tuple(_at(stack, t) for stack in kept))
        if mask is not None:
            dz = jnp.where(_at(mask, t), dz, 0)
            before = _where(_at(mask, t), before, after)
        before = (before[0] + dz @ transposed, *before[1:])
        return before, (lax.dynamic_update_index_in_dim(kept[0], dz, t, 0), *kept[1:])

    first, (dz, *_) = lax.fori_loop(0, n_steps, step, (last, kept))
    dz = dz.reshape(-1, width)
    of_weights = entered[:-1].reshape(dz.shape[0], -1).T @ dz
    of_inputs = (dz @ kernel.T).reshape(n_steps, n_rows, -1)
    return of_inputs, None, of_weights[units:], of_weights[:units], first


_run.defvjp(_run_forward, _run_backward)


def _forward(
    cell: Cell,
    inputs: jax.Array,
    mask: jax.Array | None,
    kernel: jax.Array,
    recurrent_kernel: jax.Array,
    states: States,
    *,
    keeps: bool,
) -> tuple[States, jax.Array, States]:
    """Last states; all that entered the steps, (step + 1, batch, unit + feature); what backward needs of each step."""
    n_steps, n_rows = inputs.shape[:2]
    weights = jnp.concatenate([recurrent_kernel, kernel])
    later = jnp.zeros((n_steps, *states[0].shape), inputs.dtype)
    entered = jnp.concatenate(
        [jnp.concatenate([states[0][None], later]), jnp.pad(inputs, ((0, 1), (0, 0), (0, 0)))], axis=-1
    )

    def step(t: jax.Array, carry: tuple[States, jax.Array, States]) -> tuple[States, jax.Array, States]:
        before, entered, kept = carry
        after, of_step = cell.forward(_at(entered, t) @ weights, before)
        if mask is not None:
            after = _where(_at(mask, t), after, before)
        if keeps:
            kept = tuple(
                lax.dynamic_update_index_in_dim(stack, value, t, 0) for stack, value in zip(kept, of_step, strict=True)
            )
        return after, lax.dynamic_update_slice(entered, after[0][None], (t + 1, 0, 0)), kept

    kept: States = ()
    if keeps:
        z = jax.ShapeDtypeStruct((n_rows, weights.shape[1]), inputs.dtype)
        of_step = jax.eval_shape(cell.forward, z, states)[1]
        kept = tuple(jnp.zeros((n_steps, *value.shape), value.dtype) for value in of_step)
    return lax.fori_loop(0, n_steps, step, (states, entered, kept))


def _at(stack: jax.Array, t: Any) -> jax.Array:
    return lax.dynamic_index_in_dim(stack, t, axis=0, keepdims=False)


def _where(mask: jax.Array, chosen: States, otherwise: States) -> States:
    return tuple(jnp.where(mask, one, other) for one, other in zip(chosen, otherwise, strict=True))


def _per_gate(z: jax.Array, values: tuple[float, ...]) -> jax.Array:
    return jnp.asarray(np.repeat(values, z.shape[-1] // len(values)), z.dtype)
