"""An operation that changes nothing: dropout when nothing is dropped, an activation that is linear.

>>> Identity(Words(en="dropout, at prediction", zh="随机失活层，预测时")).forward(np.array([1.0]))[0].tolist()
[1.0]
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backlit.explain.ops.kind import Array, Backward, Gradients, Operation
from backlit.explain.ops.written import number
from backlit.language import Words


@dataclass(frozen=True)
class Identity(Operation):
    """Hands on what it gets.

    Attributes:
        words: Why there is an operation here that does nothing.
    """

    words: Words  # pyright: ignore[reportIncompatibleVariableOverride]  says why
    formula: ClassVar[str] = r"\OUT = \IN"
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN} = \frac{\partial C}{\partial \OUT}"
    }

    def forward(self, x: Array) -> tuple[Array, Backward]:
        """The same numbers, and the same gradient."""
        return np.asarray(x), lambda slope: Gradients((slope,))

    def arithmetic(self, place, value, x) -> str:
        """The number that came in."""
        return number(x[place])
