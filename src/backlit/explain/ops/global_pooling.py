r"""Global pooling: one number a channel, the mean or the largest of all its places.

    >>> x = np.array([[[1.0], [4.0], [4.0]]])
    >>> value, back = GlobalPooling("average", n_axes=1).forward(x)
    >>> value.tolist(), back(np.array([[6.0]])).inputs[0].ravel().tolist()  # 9 / 3, 6 / 3 each
    ([[3.0]], [2.0, 2.0, 2.0])
    >>> value, back = GlobalPooling("max", n_axes=1).forward(x)
    >>> value.tolist(), back(np.array([[6.0]])).inputs[0].ravel().tolist()  # those that are equally large share
    ([[4.0]], [0.0, 3.0, 3.0])

Where several places are equally large they share the gradient; so does JAX here, while of a pooling window the first
has it all (see `pooling.py`).

Source:
    lin-2014, section 3.2 (the mean of a feature map in the place of dense layers).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.pooling import largest_written, mean_written
from backlit.language import Words


@dataclass(frozen=True)
class GlobalPooling(Operation):
    """The mean or the largest of all places, for each channel.

    Attributes:
        kind: `average` or `max`.
        n_axes: Axes of places: 1 for a signal, 2 for an image.
        keeps_axes: Whether these axes stay, with length 1.
    """

    kind: str
    n_axes: int
    keeps_axes: bool = False

    @property
    def words(self) -> Words:  # pyright: ignore[reportIncompatibleVariableOverride]  of two kinds
        """Its name, and what n is where the formula has it."""
        if self.kind == "max":
            return Words(en="global max pooling", zh="全局最大池化")
        return Words(en="global average pooling over n places", zh="全局平均池化，共 n 个位置")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  of two kinds
        """One entry: channel k."""
        over = rf"\max_{{{self._place}}}" if self.kind == "max" else rf"\frac{{1}}{{n}} \sum_{{{self._place}}}"
        return rf"\OUT_{{{self._output}}} = {over} \IN_{{{self._place},k}}"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  of two kinds
        """To the largest, or to all in equal parts."""
        slope = rf"\frac{{\partial C}}{{\partial \OUT_{{{self._output}}}}}"
        left = rf"\frac{{\partial C}}{{\partial \IN_{{{self._place},k}}}}"
        if self.kind == "max":
            is_largest = rf"\IN_{{{self._place},k}} = \OUT_{{{self._output}}}"
            return {"input": rf"{left} = {slope} \text{{ if }} {is_largest} \text{{ else }} 0"}
        return {"input": rf"{left} = \frac{{1}}{{n}} {slope}"}

    def forward(
        self, x: Float[np.ndarray, "batch *places channels"]
    ) -> tuple[Float[np.ndarray, " batch *rest"], Backward]:
        """One number a channel, and the way back."""
        axes = tuple(range(1, x.ndim - 1))
        value = x.max(axes, keepdims=True) if self.kind == "max" else x.mean(axes, keepdims=True)
        takes_part = x == value if self.kind == "max" else np.ones(x.shape)
        shares = takes_part / takes_part.sum(axes, keepdims=True)

        def back(slope: np.ndarray) -> Gradients:
            return Gradients((shares * slope.reshape(value.shape),))

        return value if self.keeps_axes else value.reshape(len(x), -1), back

    def arithmetic(self, place, value, x) -> str:
        """The numbers of the channel; of many, the largest."""
        seen = x[place[0], ..., place[-1]]
        return largest_written(seen) if self.kind == "max" else mean_written(seen)

    def pieces(self, x: np.ndarray) -> np.ndarray | None:
        """Which places are the largest."""
        if self.kind != "max":
            return None
        return x == x.max(tuple(range(1, x.ndim - 1)), keepdims=True)

    @property
    def _place(self) -> str:
        return ",".join("rc"[: self.n_axes])

    @property
    def _output(self) -> str:
        return "1," * self.n_axes + "k" if self.keeps_axes else "k"
