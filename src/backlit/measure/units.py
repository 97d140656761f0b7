"""Units that do nothing, layer by layer over training: dead ones, and outputs where an activation function is flat.

Not for which units these are.

Source:
    lu-2020, section 1 (dying ReLU); glorot-bengio-2010, section 3.1 (saturation of sigmoids).
"""

from dataclasses import dataclass

import numpy as np

from backlit.measure.by_layer import LayerLines, layer_lines
from backlit.measure.subject import AbstractSubject


@dataclass(frozen=True, eq=False)
class IdleUnits:
    """Shares of idle units.

    Attributes:
        dead: Share of each layer's units that put out the same number for every example, from 0 to 1.
        saturated: Share of each layer's outputs near a bound of its activation function; None where no layer has one
            that is bounded, or none of its outputs ever came near.
    """

    dead: LayerLines
    saturated: LayerLines | None

    @property
    def worst(self) -> tuple[str, float]:
        """The layer with the largest share of dead units at its last look, and that share."""
        ends = {line.layer: float(line.values[np.isfinite(line.values)][-1:].sum()) for line in self.dead.lines}
        worst = max(ends, key=lambda layer: ends[layer])
        return worst, ends[worst]


def idle_units(subject: AbstractSubject) -> IdleUnits | None:
    """Reads the probes of dead and of saturated units.

    Args:
        subject: A run.

    Returns:
        The shares; None where dead units were not measured.
    """
    dead, saturated = layer_lines(subject, "dead_units"), layer_lines(subject, "saturated_units")
    if dead is None:
        return None
    return IdleUnits(dead, saturated if saturated is not None and bool((saturated.values > 0).any()) else None)
