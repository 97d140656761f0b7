r"""A fixed straight line: numbers times a factor, plus an offset. Nothing in it learns.

    >>> value, back = Rescaling(0.5, 1.0).forward(np.array([4.0, 6.0]))
    >>> value.tolist(), back(np.array([1.0, 1.0])).inputs[0].tolist()
    ([3.0, 4.0], [0.5, 0.5])

Keras's `Rescaling` is one, its `Normalization` another (factor 1 / σ, offset −μ / σ), and so is `2 * x + 1`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backlit.explain.ops.kind import Array, Backward, Gradients, Operation
from backlit.explain.ops.written import number
from backlit.language import Words


@dataclass(frozen=True, eq=False)
class Rescaling(Operation):
    """Numbers times a factor, plus an offset.

    Attributes:
        factor: One number, or as many as fit beside the input.
        offset: The same.
    """

    factor: Array | float
    offset: Array | float
    words: ClassVar[Words] = Words(en="rescaled by fixed numbers", zh="按固定的数缩放")
    formula: ClassVar[str] = r"\OUT = s \IN + t"
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN} = s \frac{\partial C}{\partial \OUT}",
    }

    def forward(self, x: Array) -> tuple[Array, Backward]:
        """Factor times numbers, plus the offset; the gradient times the factor."""
        return x * self.factor + self.offset, lambda slope: Gradients((slope * self.factor,))

    def arithmetic(self, place, value, x) -> str:
        """Factor times number, plus the offset where there is one."""
        factor, offset = (float(np.broadcast_to(one, x.shape)[place]) for one in (self.factor, self.offset))
        shown = rf"{number(factor, in_product=True)} \times {number(x[place], in_product=True)}"
        return f"{shown} + {number(offset, in_product=True)}" if offset else shown
