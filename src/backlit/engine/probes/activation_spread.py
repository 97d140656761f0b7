"""Standard deviation of what a layer puts out, over rows, places and units.

Falling from layer to layer, the signal dies on its way; rising, it explodes. Unit: that of the output, at least 0.

Source: glorot-bengio-2010, section 4.2 (variance that is the same in every layer).
"""

import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a layer to the standard deviation of its output."""
    return {label: jnp.std(output) for label, output in seen.outputs.items()}


PROBE = Probe(name="activation_spread", title=text("Spread of the activations"), needs=("outputs",), measure=measure)
