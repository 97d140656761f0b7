"""Euclidean length of the gradient of a weight tensor.

The gradient of the mean loss over all looked-at rows. Smaller from layer to layer towards the input, the gradient
vanishes; larger, it explodes. Unit: loss per unit of weight, at least 0.

Source: glorot-bengio-2010, section 4.2.2 (gradients of the weights, layer by layer).
"""

import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a weight to the length of its gradient."""
    return {label: jnp.sqrt(jnp.sum(jnp.square(gradient))) for label, gradient in seen.gradients.items()}


PROBE = Probe(
    name="gradient_norm", title=text("Length of the gradient by the weights"), needs=("gradients",), measure=measure
)
