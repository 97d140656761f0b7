"""Largest magnitude among a layer's outputs.

The number that overflows first where a network diverges. Unit: that of the output, at least 0.

Source: micikevicius-2018, section 3 (which values leave the range of a number type).
"""

import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a layer to the largest magnitude of its output."""
    return {label: jnp.max(jnp.abs(output)) for label, output in seen.outputs.items()}


PROBE = Probe(name="largest_activation", title=text("Largest activation"), needs=("outputs",), measure=measure)
