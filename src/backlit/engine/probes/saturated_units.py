"""Share of a layer's outputs that lie where the activation is flat: within 1 % of its range from a bound.

There the derivative is next to 0 (sigmoid: at most 0.01 against 0.25 in the middle), so hardly any gradient passes.
Only for activations with two bounds (sigmoid, tanh, softsign and their hard forms). No unit, 0 to 1.

Source: glorot-bengio-2010, section 3.1 (saturation of sigmoids); the 1 % is ours: an output that close to a bound
passes at most 4 % of the gradient that the middle of a sigmoid or tanh passes.
"""

import jax
import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text

NEAR_FRAC = 0.01
BOUNDS = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
}


def measure(seen: Seen) -> Labelled:
    """Label of a layer with a bounded activation to the share of its outputs near a bound."""
    bounds = {label: BOUNDS[name] for label, name in seen.activations.items() if name in BOUNDS}
    return {label: _near_frac(seen.outputs[label], *bound) for label, bound in bounds.items()}


def _near_frac(output: jax.Array, low: float, high: float) -> jax.Array:
    margin = NEAR_FRAC * (high - low)
    return jnp.mean((output <= low + margin) | (output >= high - margin), dtype=output.dtype)


PROBE = Probe(
    name="saturated_units", title=text("Share of saturated units"), needs=("outputs", "activations"), measure=measure
)
