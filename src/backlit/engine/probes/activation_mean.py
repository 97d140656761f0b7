"""Mean of what a layer puts out.

Far from 0 with a small spread, a layer says the same for every example. Unit: that of the output.

Source: glorot-bengio-2010, section 3 (activations over training, layer by layer).
"""

import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """Label of a layer to the mean over rows, places and units."""
    return {label: jnp.mean(output) for label, output in seen.outputs.items()}


PROBE = Probe(name="activation_mean", title=text("Mean of the activations"), needs=("outputs",), measure=measure)
