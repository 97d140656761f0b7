"""Loss of the last training step: of its batch, before the step.

NaN before the first step. Unit: that of the loss (nats for cross-entropy), penalties included.

Source: bottou-2018, section 4.1 (the stochastic step and what it sees of the loss).
"""

from backlit.engine.probes.kind import NETWORK, Labelled, Probe, Seen
from backlit.language import text


def measure(seen: Seen) -> Labelled:
    """The loss of the last step's batch."""
    return {NETWORK: seen.step_loss}


PROBE = Probe(name="step_loss", title=text("Loss of the last step"), needs=("step_loss",), measure=measure)
