r"""Upsampling: every place several times over. The way back adds up what its copies bring.

    >>> value, back = UpSampling((2,)).forward(np.array([[[1.0], [5.0]]]))
    >>> value.ravel().tolist(), back(value).inputs[0].ravel().tolist()
    ([1.0, 1.0, 5.0, 5.0], [2.0, 10.0])

Not for interpolation between places.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.written import number, sum_of_products
from backlit.language import Words

_OUTPUT, _INPUT = "pq", "rc"


@dataclass(frozen=True)
class UpSampling(Operation):
    """Every place repeated along each axis.

    Attributes:
        size: How many times, for each axis.
    """

    size: tuple[int, ...]
    words: ClassVar[Words] = Words(en="upsampling", zh="上采样")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  has the size in it
        """One entry: that of the place it is a copy of."""
        source = ",".join(rf"\lceil {_OUTPUT[axis]}/{times} \rceil" for axis, times in enumerate(self.size))
        return rf"\OUT_{{{self._output}}} = \IN_{{{source},k}}"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  have it, too
        """The sum over its copies."""
        places = ",".join(_INPUT[: len(self.size)])
        copies = "".join(
            rf", \; {_INPUT[axis]} = \lceil {_OUTPUT[axis]}/{times} \rceil" for axis, times in enumerate(self.size)
        )
        over = ",".join(_OUTPUT[: len(self.size)])
        slope = rf"\frac{{\partial C}}{{\partial \OUT_{{{self._output}}}}}"
        return {"input": rf"\frac{{\partial C}}{{\partial \IN_{{{places},k}}}} = \sum_{{{over}}} {slope}{copies}"}

    def forward(
        self, x: Float[np.ndarray, "batch *places channels"]
    ) -> tuple[Float[np.ndarray, "batch *more channels"], Backward]:
        """Copies, and the way back: their sum."""
        value = x
        for axis, times in enumerate(self.size, start=1):
            value = value.repeat(times, axis)

        def back(slope: np.ndarray) -> Gradients:
            for axis, times in enumerate(self.size, start=1):
                split = (*slope.shape[:axis], slope.shape[axis] // times, times, *slope.shape[axis + 1 :])
                slope = slope.reshape(split).sum(axis + 1)
            return Gradients((slope,))

        return value, back

    def arithmetic(self, place, value, x) -> str:
        """The number that it is a copy of."""
        return number(value[place])

    def gradient_arithmetic(self, by, place, slope, x) -> str:
        """The gradients of its copies."""
        sample, *at, k = place
        block = [slice(times * r, times * (r + 1)) for r, times in zip(at, self.size, strict=True)]
        return sum_of_products([(one,) for one in slope[(sample, *block, slice(k, k + 1))].ravel()])

    @property
    def _output(self) -> str:
        return ",".join(_OUTPUT[: len(self.size)]) + ",k"
