"""Cosine between two successive gradients: of one batch, and of the next after the step along the first.

Near 1 the steps go the same way and could be longer; near 0 they are mostly noise or turn; towards -1 they jump to and
fro across a valley, and the learning rate is likely too high. Weights of all layers together. No unit, -1 to 1.

Source: jastrzebski-2019, section 3 (alignment of successive steps with the sharpest directions); schraudolph-1999,
section 1 (a step size that follows the correlation of successive gradients).
"""

import jax.numpy as jnp

from backlit.engine.probes.kind import NETWORK, Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """The cosine for the whole network; NaN where a gradient is 0."""
    pairs = [(gradient, seen.next_gradients[label]) for label, gradient in seen.step_gradients.items()]
    along = sum(jnp.sum(one * other) for one, other in pairs)
    lengths = [jnp.sqrt(sum(jnp.sum(jnp.square(pair[i])) for pair in pairs)) for i in (0, 1)]
    return {NETWORK: along / (lengths[0] * lengths[1])} if pairs else {}


PROBE = Probe(
    name="gradient_cosine",
    title=text("Cosine of successive gradients"),
    needs=("step_gradients", "next_gradients"),
    measure=measure,
)
