"""What a probe is: one quantity, computed inside a compiled program from what one look at a network saw.

A look takes a few batches of the training rows, always the same ones, in the order `batch_0 … batch_K`, and does with
each what a training step does, at the weights `w` of this moment:

    gradients of batch_0 … batch_{K-1} at w            `part_gradients`; their mean is `gradients`
    step along the last of these                       `updates` = w' - w
    gradient of batch_K at w'                          `next_gradients`, the one after `last_gradients`

Nothing of this changes the training. A probe is a file in this folder with a `PROBE`:

    PROBE = Probe(name="weight_norm", title=text("Length of the weights"), needs=("weights",), measure=measure)

`measure` gets a `Seen` and returns a number, or a short row of numbers, for each label: a layer's, a weight's, or
`NETWORK`. `needs` says which fields of the Seen it reads, so that a program computes no others.

Not for when a look is taken (see `schedule.py`) nor for the names that people read (see `labels.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import jax

from backlit.language import Text

NETWORK = ""  # the label of what belongs to the network as a whole
OUTPUTS = "outputs"
OUTPUT_GRADIENTS = "output_gradients"
STEP = "updates"
Labelled = Mapping[str, jax.Array]


@dataclass(frozen=True)
class Seen:
    """What one look at one member saw. Each mapping goes by label.

    Attributes:
        step_loss: Loss of the last training step's batch before the step; NaN before the first.
        loss: Mean loss of the looked-at batches.
        outputs: By layer: (row, …) what it put out.
        output_gradients: By layer: (row, …) gradient of each batch's mean loss by the output.
        activations: By layer: name of the activation function that made its output, where one did.
        weights: By weight.
        gradients: By weight: mean over the looked-at batches.
        part_gradients: By weight: (batch, …) gradient of each.
        last_gradients: By weight: gradient of the batch along which the step goes.
        next_gradients: By weight: gradient of another batch after that step.
        updates: By weight: what the optimiser adds to it in that step.
        batch_size: Examples of one looked-at batch.
    """

    step_loss: jax.Array
    loss: jax.Array
    outputs: Labelled = field(default_factory=dict)
    output_gradients: Labelled = field(default_factory=dict)
    activations: Mapping[str, str] = field(default_factory=dict)
    weights: Labelled = field(default_factory=dict)
    gradients: Labelled = field(default_factory=dict)
    part_gradients: Labelled = field(default_factory=dict)
    last_gradients: Labelled = field(default_factory=dict)
    next_gradients: Labelled = field(default_factory=dict)
    updates: Labelled = field(default_factory=dict)
    batch_size: int = 1


@dataclass(frozen=True)
class Probe:
    """One quantity.

    Attributes:
        name: What the column `probe` calls it.
        title: What people read.
        needs: Fields of `Seen` that `measure` reads.
        measure: Label to a number, or to a short row of numbers (a histogram's bins).
    """

    name: str
    title: Text
    needs: tuple[str, ...]
    measure: Callable[[Seen], Labelled]
