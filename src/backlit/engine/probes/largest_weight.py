"""Largest magnitude in a weight tensor.

Unit: that of the weight, at least 0.

Source: micikevicius-2018, section 3 (which values leave the range of a number type).
"""

import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a weight to its largest magnitude."""
    return {label: jnp.max(jnp.abs(weight)) for label, weight in seen.weights.items()}


PROBE = Probe(name="largest_weight", title=text("Largest weight"), needs=("weights",), measure=measure)
