"""Mean loss of the looked-at rows, which are always the same ones.

Its first value, before any step, is the loss at initialisation: for a classifier that knows nothing the logarithm of
the number of classes. Later it tells how the same examples fare, without the noise of ever other batches. Unit: that
of the loss (nats for cross-entropy), penalties included.

Source: cs231n-nn3, section "Sanity checks" (look for the correct loss at chance performance).
"""

from backlit.engine.probes.kind import NETWORK, Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """The loss of the network."""
    return {NETWORK: seen.loss}


PROBE = Probe(name="loss", title=text("Loss of the looked-at rows"), needs=("loss",), measure=measure)
