"""Largest magnitude in the gradient of a weight tensor.

Unit: loss per unit of weight, at least 0.

Source: micikevicius-2018, section 3 (which values leave the range of a number type).
"""

import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a weight to the largest magnitude of its gradient."""
    return {label: jnp.max(jnp.abs(gradient)) for label, gradient in seen.gradients.items()}


PROBE = Probe(
    name="largest_gradient", title=text("Largest entry of the gradient"), needs=("gradients",), measure=measure
)
