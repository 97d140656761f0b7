"""Gradient noise scale: the batch size at which noise and gradient weigh the same.

The trace of the covariance of one example's gradient over the squared length of the true gradient, both estimated
without bias from the gradients of single parts of the looked-at rows and of all of them together. Batches much smaller
are ruled by noise, much larger ones waste examples. Unit: examples. One estimate is rough (it may even be negative):
look at several. NaN with fewer than two parts.

Source: mccandlish-2018, section 2.2 and appendix A.1 (the "simple" noise scale).
"""

import jax.numpy as jnp

from backlit.engine.probes.kind import NETWORK, Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """The noise scale of the whole network."""
    parts = list(seen.part_squares.values())
    if not parts:
        return {}
    n_parts, small = parts[0].shape[0], seen.part_size
    if n_parts < 2:
        return {NETWORK: jnp.full((), jnp.nan, parts[0].dtype)}
    large = small * n_parts
    of_small = jnp.sum(jnp.stack([jnp.mean(part) for part in parts]))
    of_large = jnp.sum(jnp.stack([jnp.sum(jnp.square(gradient)) for gradient in seen.gradients.values()]))
    true_square = (large * of_large - small * of_small) / (large - small)
    noise = (of_small - of_large) / (1 / small - 1 / large)
    return {NETWORK: noise / true_square}


PROBE = Probe(
    name="gradient_noise_scale",
    title=text("Gradient noise scale"),
    needs=("gradients", "part_squares"),
    measure=measure,
)
