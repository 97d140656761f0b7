"""What a probe is: one quantity, computed inside a compiled program from what one look at a network saw.

A look takes some training rows, always the same ones, in equal parts, and goes through them as training would:

    gradient of every part at the weights w of this moment     `part_squares`; their mean is `gradients`
    mean of the last ones, as many as make a training batch    `step_gradients`
    the optimiser's step along it                              `updates` = w' - w
    gradient of as many further parts at w'                    `next_gradients`

Nothing of this changes the training. A probe is a file in this folder with a `PROBE`:

    PROBE = Probe(name="weight_norm", title=text("Length of the weights"), needs=("weights",), measure=measure)

`measure` gets a `Seen` and returns a number, or a short row of numbers, for each label: a layer's, a weight's, or
`NETWORK`. `needs` says which fields of the Seen it reads; the others are empty for it, so that a program computes no
more than its probes need.

Not for when a look is taken (see `schedule.py`) nor for the names that people read (see `labels.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import jax

from backlit.language import Text

NETWORK = ""  # the label of what belongs to the network as a whole
Labelled = Mapping[str, jax.Array]


@dataclass(frozen=True)
class Seen:
    """What one look at one member saw. Each mapping goes by label.

    Attributes:
        step_loss: Loss of the last training step's batch before the step; NaN before the first.
        loss: Mean loss of the parts.
        part_size: Examples of one part.
        outputs: By layer: (example, …) what it put out, layers in training mode.
        output_gradients: By layer: (example, …) gradient of its part's mean loss by the output.
        activations: By layer: name of the activation function that made its output, where one did.
        weights: By weight.
        gradients: By weight: mean over all parts.
        part_squares: By weight: (part,) squared length of each part's gradient.
        step_gradients: By weight: mean over the parts along which the step goes.
        next_gradients: By weight: mean over other parts after that step.
        updates: By weight: what the optimiser adds to it in that step.
    """

    step_loss: jax.Array
    loss: jax.Array
    part_size: int
    outputs: Labelled = field(default_factory=dict)
    output_gradients: Labelled = field(default_factory=dict)
    activations: Mapping[str, str] = field(default_factory=dict)
    weights: Labelled = field(default_factory=dict)
    gradients: Labelled = field(default_factory=dict)
    part_squares: Labelled = field(default_factory=dict)
    step_gradients: Labelled = field(default_factory=dict)
    next_gradients: Labelled = field(default_factory=dict)
    updates: Labelled = field(default_factory=dict)


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
