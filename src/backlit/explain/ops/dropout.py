"""Dropout while training: some numbers become zero, the others grow, so that the mean stays.

Chance draws a mask of zeros and of 1 / (1 − rate); the value is input times mask, and so is what comes back.

    >>> value, back = Dropout(0.5).forward(np.array([[1.0, 3.0]]), mask=np.array([[2.0, 0.0]]))
    >>> value.tolist(), back(np.array([[1.0, 1.0]])).inputs[0].tolist()
    ([[2.0, 0.0]], [[2.0, 0.0]])

Source:
    srivastava-2014, section 4; Keras scales while training and not afterwards ("inverted dropout").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backlit.explain.ops.kind import Array, Backward, Gradients, Operation
from backlit.explain.ops.written import product
from backlit.language import Words


@dataclass(frozen=True)
class Dropout(Operation):
    """Input times mask.

    Attributes:
        rate: Share of the numbers that become zero.
    """

    rate: float
    words: ClassVar[Words] = Words(en="dropout", zh="随机失活")
    formula: ClassVar[str] = r"\OUT_j = \MASK_j \IN_j"
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN_j} = \MASK_j \frac{\partial C}{\partial \OUT_j}",
    }

    def draw_mask(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Draws a mask.

        Args:
            rng: Where from.
            shape: Of the mask; axes of length 1 share one draw.

        Returns:
            Zeros, and 1 / (1 − rate).
        """
        return (rng.random(shape) >= self.rate) / (1.0 - self.rate)

    def forward(self, a: Array, *, mask: Array) -> tuple[Array, Backward]:
        """Input times mask, and the same on the way back."""
        return a * mask, lambda slope: Gradients((slope * mask,))

    def arithmetic(self, place, value, a, *, mask) -> str:
        """The mask's number times the input's."""
        return product([np.broadcast_to(mask, a.shape)[place], a[place]])
