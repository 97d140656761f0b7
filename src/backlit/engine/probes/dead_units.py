"""Share of a layer's units that put out the same number for every example.

A unit is a neuron of a dense layer, a filter of a convolution. Under ReLU a dead unit puts out 0 for every example and
place, so no gradient reaches its weights. No unit, 0 to 1. Of few examples a healthy unit may be silent for all.

Source: lu-2020, section 1 (dying ReLU: a unit that is inactive for all inputs).
"""

import jax
import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a layer to the share of its units, the last axis, that never vary."""
    return {label: _dead_frac(output) for label, output in seen.outputs.items()}


def _dead_frac(output: jax.Array) -> jax.Array:
    by_unit = output.reshape(-1, output.shape[-1])
    return jnp.mean(jnp.max(by_unit, axis=0) == jnp.min(by_unit, axis=0), dtype=output.dtype)


PROBE = Probe(name="dead_units", title=text("Share of dead units"), needs=("outputs",), measure=measure)
