r"""The same numbers in another shape, or with their axes in another order. The way back undoes it.

>>> x = np.array([[[1.0, 2.0], [3.0, 4.0]]])
>>> Reshape((-1,)).forward(x)[0].tolist(), Permute((2, 1)).forward(x)[0].tolist()
([[1.0, 2.0, 3.0, 4.0]], [[[1.0, 3.0], [2.0, 4.0]]])

Not for padding or repeating: see `zero_padding.py` and `upsampling.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.written import number
from backlit.language import Words

_LETTERS = "pqrstuv"


@dataclass(frozen=True)
class Reshape(Operation):
    """The numbers of a sample, taken row by row, in another shape.

    Attributes:
        shape: Of a sample; one axis may be -1 for what is left. Flattening is (-1,).
    """

    shape: tuple[int, ...]
    words: ClassVar[Words] = Words(en="the same numbers, row by row, in a new shape", zh="数值不变，按行依次排成新形状")
    formula: ClassVar[str] = r"\OUT_i = \IN_i"
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN_i} = \frac{\partial C}{\partial \OUT_i}",
    }

    def forward(self, x: Float[np.ndarray, " batch *shape"]) -> tuple[Float[np.ndarray, " batch *other"], Backward]:
        """The new shape, and the way back: the old one."""
        return x.reshape(len(x), *self.shape), lambda slope: Gradients((slope.reshape(x.shape),))

    def arithmetic(self, place, value, x) -> str:
        """The number itself."""
        return number(value[place])

    def gradient_arithmetic(self, by, place, slope, x) -> str:
        """The gradient itself."""
        return number(slope.reshape(x.shape)[place])


@dataclass(frozen=True)
class Permute(Operation):
    """Axes in another order.

    Attributes:
        axes: Which axis of the input comes first, second, …; counted from 1, as Keras does, the batch left out.
    """

    axes: tuple[int, ...]
    words: ClassVar[Words] = Words(en="axes in another order", zh="调整各轴的顺序")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  has the order in it
        """One entry, with its indices in the other order."""
        return rf"\OUT_{{{self._output}}} = \IN_{{{self._input}}}"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  have it, too
        """The gradient of the place that it was moved to."""
        slope = rf"\frac{{\partial C}}{{\partial \OUT_{{{self._output}}}}}"
        return {"input": rf"\frac{{\partial C}}{{\partial \IN_{{{self._input}}}}} = {slope}"}

    def forward(self, x: Float[np.ndarray, " batch *shape"]) -> tuple[Float[np.ndarray, " batch *other"], Backward]:
        """The other order, and the way back: the old one."""
        order = (0, *self.axes)
        return x.transpose(order), lambda slope: Gradients((slope.transpose(np.argsort(order)),))

    def arithmetic(self, place, value, x) -> str:
        """The number itself."""
        return number(value[place])

    def gradient_arithmetic(self, by, place, slope, x) -> str:
        """The gradient itself."""
        return number(slope.transpose(np.argsort((0, *self.axes)))[place])

    @property
    def _output(self) -> str:
        return ",".join(_LETTERS[: len(self.axes)])

    @property
    def _input(self) -> str:
        letter_of = {axis: _LETTERS[i] for i, axis in enumerate(self.axes)}
        return ",".join(letter_of[axis + 1] for axis in range(len(self.axes)))
