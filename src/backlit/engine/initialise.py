"""First weights of a member, drawn by its seed from the initialisers that the layers were given.

Variable number `i` of the member with seed `s` is drawn from the key `(s, i)`. So a member has the same first weights
alone and in any population, whatever Keras's global seed is.

One compiled function draws all variables of one member and is called once a member: vmapping it over members was
measured equal in time for 32 members and is not bit-identical where an initialiser factorises a matrix (orthogonal).

Not for weights that are kept: those are copied from the model that was given.
"""

import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from backlit.engine.template import Template

Initializers = dict[int, Callable[..., Any]]


class WeightSource:
    """Draws the first weights of members.

    Args:
        template: The network's pure functions.
        initializers: What made each variable of the template's clone.

    Attributes:
        is_reproducible: False where an initialiser draws from Keras's global state, so that it cannot be seeded.
    """

    def __init__(self, template: Template, initializers: Initializers) -> None:
        self._template = template
        model = template.model
        self._drawn: list[tuple[str, int, Any, Callable[..., Any]]] = []
        for part, variables in (
            ("trainable", model.trainable_variables),
            ("non_trainable", model.non_trainable_variables),
        ):
            for i, variable in enumerate(variables):
                initializer = initializers.get(id(variable))
                is_seed = part == "non_trainable" and i in template.seed_idxs
                if initializer is None or is_seed or _is_adapted(model, variable):
                    continue
                self._drawn.append((part, i, variable, initializer))
        # XLA takes seconds to optimise random bits fully; without, they are the same and drawn as fast.
        self._draw = jax.jit(self._draw_values, compiler_options={"xla_backend_optimization_level": 1})

    def draw(self, seed: int) -> dict[str, list[np.ndarray]]:
        """The whole state of one member before its first step.

        Args:
            seed: The member's seed, at least 0.

        Returns:
            `trainable`, `non_trainable`, `optimizer`, `metrics`, as `Template.state`.
        """
        state = self._template.state()
        for (part, i, _, _), value in zip(self._drawn, self._draw(np.uint32(seed)), strict=True):
            state[part][i] = np.asarray(value)
        return seed_generators(self._template, state, seed)

    def _draw_values(self, seed: jax.Array) -> list[jax.Array]:
        values = []
        for place, (_, _, variable, initializer) in enumerate(self._drawn):
            key = jnp.stack([seed, jnp.uint32(place)])
            values.append(_call_seeded(initializer, key, tuple(variable.shape), variable.dtype))
        return values


def seed_generators(template: Template, state: dict[str, list[np.ndarray]], seed: int) -> dict[str, list[np.ndarray]]:
    """Gives every random generator of a member (dropout, noise) a state of its own, made from the member's seed.

    Args:
        template: Where the generators' states are.
        state: The member's state; changed and returned.
        seed: The member's seed.

    Returns:
        The same state.
    """
    for place, i in enumerate(template.seed_idxs):
        old = state["non_trainable"][i]
        words = np.random.SeedSequence([seed, place]).generate_state(1)
        state["non_trainable"][i] = np.array([words[0], 0]).astype(old.dtype)
    return state


def is_untouched(model: keras.Model) -> bool:
    """Whether the layers that learn still hold what their initialisers drew, so that drawing anew loses nothing.

    Keras's initialisers repeat themselves: called again, they return what they returned first. A weight that differs
    from it was loaded, trained or set.

    Args:
        model: Any model; layers that are not built or are frozen lose nothing.

    Returns:
        False if any weight differs from its initialiser's value.
    """
    for layer in model._flatten_layers():
        for variable in layer._trainable_variables if layer.trainable else ():
            initializer = getattr(layer, f"{variable.name}_initializer", None)
            if not isinstance(initializer, keras.initializers.Initializer):
                continue
            first = np.asarray(initializer(tuple(variable.shape), dtype=variable.dtype))
            now = np.asarray(variable.value)
            if np.array_equal(first, now) or _has_unit_forget_bias(layer, variable):
                continue
            if not (isinstance(layer, keras.layers.EinsumDense) and _is_multiple(now, first)):
                return False
    return True


def _call_seeded(initializer: Any, key: jax.Array, shape: tuple[int, ...], dtype: str) -> jax.Array:
    """Calls an initialiser with a traced key where it keeps its seed."""
    if not hasattr(initializer, "seed"):
        names = inspect.signature(initializer).parameters
        return jnp.asarray(initializer(shape, dtype=dtype) if "dtype" in names else initializer(shape), dtype)
    before = initializer.seed
    initializer.seed = key
    try:
        return jnp.asarray(initializer(shape, dtype=dtype), dtype)
    finally:
        initializer.seed = before


def _is_adapted(model: keras.Model, variable: Any) -> bool:
    """Whether the variable belongs to a layer that learns from `adapt`, such as Normalization: kept as it is."""
    return any(
        hasattr(layer, "adapt") and any(variable is own for own in layer.variables) for layer in model._flatten_layers()
    )


def _is_multiple(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two tensors differ by a factor alone.

    EinsumDense (so attention) draws from a changed copy of its initialiser, which scales the same draws by other fans.
    """
    lengths = [float(np.linalg.norm(tensor.ravel())) for tensor in (one, other)]
    return one.size > 1 and np.allclose(one * lengths[1], other * lengths[0], rtol=1e-4, atol=1e-6 * np.prod(lengths))


def _has_unit_forget_bias(layer: Any, variable: Any) -> bool:
    """An LSTM's bias starts at one for the forget gate: its `bias_initializer` does not tell its first value."""
    return getattr(layer, "unit_forget_bias", False) and variable.name == "bias"
