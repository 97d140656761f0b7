"""Euclidean length of a weight tensor.

Growing without end, the network becomes ever surer of itself; falling to 0, a penalty outweighs the data. Unit: that
of the weight, at least 0.

Source: krogh-hertz-1991, section 2 (what weight decay holds down).
"""

import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a weight to its length."""
    return {label: jnp.sqrt(jnp.sum(jnp.square(weight))) for label, weight in seen.weights.items()}


PROBE = Probe(name="weight_norm", title=text("Length of the weights"), needs=("weights",), measure=measure)
