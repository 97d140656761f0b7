"""Euclidean length of the gradient at a layer's output, for one example.

For every example the gradient of its own loss (times its weight) by the layer's output; of its squared length the mean
over examples is taken, and of that the root. So it does not depend on how many examples a batch has. What
backpropagation carries from layer to layer: its ratio between two layers is the product of the factors between them.
Unit: loss per unit of the output, at least 0.

Source: glorot-bengio-2010, section 4.2.2 (back-propagated gradients, layer by layer).
"""

import jax
import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a layer to the root mean square, over examples, of the gradient's length."""
    n = seen.part_size  # the loss is a mean over so many examples
    return {label: n * _length(gradient) for label, gradient in seen.output_gradients.items()}


def _length(gradient: jax.Array) -> jax.Array:
    return jnp.sqrt(jnp.sum(jnp.square(gradient)) / gradient.shape[0])


PROBE = Probe(
    name="output_gradient_norm",
    title=text("Length of the gradient at the output"),
    needs=("output_gradients",),
    measure=measure,
)
