"""Length of one optimiser step relative to the weights it moves.

Often near 1e-3, for small networks up to 1e-2. Higher: the learning rate is likely too high. Lower: it may be too low.
Weights that are all 0 (a bias before the first step) have no such ratio: NaN. No unit, at least 0.

Source: cs231n-nn3, section "Ratio of weights:updates" (a rule of thumb, not a theorem).
"""

import jax
import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a weight to the length of its step over its own length."""
    return {label: _ratio(seen.updates[label], weight) for label, weight in seen.weights.items()}


def _ratio(update: jax.Array, weight: jax.Array) -> jax.Array:
    moved, length = jnp.sum(jnp.square(update)), jnp.sum(jnp.square(weight))
    return jnp.where(length > 0, jnp.sqrt(moved) / jnp.sqrt(length), jnp.nan)


PROBE = Probe(
    name="update_ratio", title=text("Step relative to the weights"), needs=("weights", "updates"), measure=measure
)
