"""How a layer's outputs are distributed: the share in each of 16 equal bins from mean - 4 spreads to mean + 4 spreads.

The bins follow the layer, so a histogram says the form, and `activation_mean` and `activation_spread` say where it
lies; values beyond the ends count in the outermost bins. Of more than 8,192 values every k-th is counted. No unit; the
bins sum to 1.

Source: glorot-bengio-2010, figures 2 to 4 (histograms of activations by layer); the bins are ours.
"""

import jax
import jax.numpy as jnp

from backlit.engine.probes.kind import Labelled, Probe, Seen
from backlit.language import text

N_BINS = 16
MOST_VALUES = 8_192
REACH = 4.0  # standard deviations on either side


def measure(seen: Seen) -> Labelled:
    """Label of a layer to the shares of its bins, lowest first."""
    return {label: _shares(output) for label, output in seen.outputs.items()}


def _shares(output: jax.Array) -> jax.Array:
    values = output.reshape(-1)
    values = values[:: -(-values.size // MOST_VALUES)]
    spread = jnp.std(values)
    places = (values - jnp.mean(values)) / jnp.where(spread > 0, spread, 1.0)
    edges = jnp.linspace(-REACH, REACH, N_BINS + 1, dtype=values.dtype)[1:-1]
    # Counting what lies at or above each edge is one reduction; a scatter of every value is far slower on a CPU.
    above = jnp.mean(places[:, None] >= edges, axis=0, dtype=values.dtype)
    one, none = jnp.ones(1, values.dtype), jnp.zeros(1, values.dtype)
    return jnp.concatenate([one, above]) - jnp.concatenate([above, none])


PROBE = Probe(
    name="activation_histogram", title=text("Distribution of the activations"), needs=("outputs",), measure=measure
)
