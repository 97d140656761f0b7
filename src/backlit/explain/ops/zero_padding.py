r"""Zeros around an image or a signal, and the opposite, a border cut off. Each is the other's way back.

    >>> x = np.array([[[1.0], [2.0]]])
    >>> value, back = ZeroPadding(((1, 2),)).forward(x)
    >>> value.ravel().tolist(), back(value).inputs[0].ravel().tolist()
    ([0.0, 1.0, 2.0, 0.0, 0.0], [1.0, 2.0])

Source:
    dumoulin-visin-2016, section 2.2 (zero padding).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.written import number
from backlit.language import Words

Edges = tuple[tuple[int, int], ...]
Batch = Float[np.ndarray, "batch *places channels"]
Moved = Float[np.ndarray, "batch *others channels"]
_OUTPUT, _INPUT, _LENGTH = "pq", "rc", "nm"


@dataclass(frozen=True)
class ZeroPadding(Operation):
    """Zeros before and after, along each axis.

    Attributes:
        edges: How many before and after, a pair for each axis.
    """

    edges: Edges
    words: ClassVar[Words] = Words(en="zero padding", zh="零填充")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  has the edges in it
        """One entry: the input's, moved by the edge in front; 0 beyond its n × m places."""
        source = [_moved(_OUTPUT[axis], -before) for axis, (before, _) in enumerate(self.edges)]
        inside = ", ".join(rf"1 \le {written} \le {_LENGTH[axis]}" for axis, written in enumerate(source))
        value = rf"\IN_{{{','.join(source)},k}} \text{{ if }} {inside} \text{{ else }} 0"
        return rf"\OUT_{{{','.join(_OUTPUT[: len(source)])},k}} = {value}"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  have them, too
        """The gradient of the place that it was moved to."""
        return {"input": _handed_back(self.edges, sign=1)}

    def forward(self, x: Batch) -> tuple[Moved, Backward]:
        """Zeros around, and the way back: without the border."""
        return _padded(x, self.edges), lambda slope: Gradients((_cut(slope, self.edges),))

    def arithmetic(self, place, value, x) -> str:
        """The number itself."""
        return number(value[place])


@dataclass(frozen=True)
class Cropping(Operation):
    """A border cut off.

    Attributes:
        edges: How many places before and after, a pair for each axis.
    """

    edges: Edges
    words: ClassVar[Words] = Words(en="cropping", zh="裁剪")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  has the edges in it
        """One entry: the input's, moved by the edge in front."""
        source = ",".join(_moved(_OUTPUT[axis], before) for axis, (before, _) in enumerate(self.edges))
        return rf"\OUT_{{{','.join(_OUTPUT[: len(self.edges)])},k}} = \IN_{{{source},k}}"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  have them, too
        """The gradient of the place that it was moved to; 0 where it was cut off."""
        return {"input": _handed_back(self.edges, sign=-1) + r" \text{ or } 0"}

    def forward(self, x: Batch) -> tuple[Moved, Backward]:
        """The inner places, and the way back: zeros for the border."""
        return _cut(x, self.edges), lambda slope: Gradients((_padded(slope, self.edges),))

    def arithmetic(self, place, value, x) -> str:
        """The number itself."""
        return number(value[place])


def _padded(x: np.ndarray, edges: Edges) -> np.ndarray:
    return np.pad(x, ((0, 0), *edges, (0, 0)))


def _cut(x: np.ndarray, edges: Edges) -> np.ndarray:
    kept = [slice(before, n - after) for (before, after), n in zip(edges, x.shape[1:-1], strict=True)]
    return x[(slice(None), *kept)]


def _handed_back(edges: Edges, *, sign: int) -> str:
    letters = ",".join(_INPUT[: len(edges)])
    target = ",".join(_moved(_INPUT[axis], sign * before) for axis, (before, _) in enumerate(edges))
    return rf"\frac{{\partial C}}{{\partial \IN_{{{letters},k}}}} = \frac{{\partial C}}{{\partial \OUT_{{{target},k}}}}"


def _moved(letter: str, by: int) -> str:
    return f"{letter}{by:+d}" if by else letter
