r"""Softmax: scores become positive shares of one.

Every share depends on every score of its row, so the way back sums over all of them:
∂p_i/∂z_j = p_i (δ_ij − p_j), and therefore ∂C/∂z_j = p_j (∂C/∂p_j − Σ_i p_i ∂C/∂p_i).

    >>> value, back = Softmax().forward(np.array([[0.0, np.log(3.0)]]))
    >>> value.round(2).tolist()  # 1 and 3, of 4
    [[0.25, 0.75]]
    >>> back(np.array([[1.0, 0.0]])).inputs[0].round(4).tolist()  # 0.25 × 0.75 and −0.25 × 0.75
    [[0.1875, -0.1875]]

Source:
    bridle-1990 (the function).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.written import number, sum_of_products
from backlit.language import Words


@dataclass(frozen=True)
class Softmax(Operation):
    """Shares of one along an axis.

    Attributes:
        axis: Along which the shares sum to one.
    """

    axis: int = -1
    words: ClassVar[Words] = Words(en="softmax", zh="softmax")
    formula: ClassVar[str] = r"\OUT_j = \frac{e^{\IN_j}}{\sum_k e^{\IN_k}}"
    rules: ClassVar[Mapping[str, str]] = {
        "input": (
            r"\frac{\partial C}{\partial \IN_j} = \OUT_j \left( \frac{\partial C}{\partial \OUT_j}"
            r" - \sum_k \OUT_k \frac{\partial C}{\partial \OUT_k} \right)"
        ),
    }

    def forward(self, z: Float[np.ndarray, "*shape"]) -> tuple[Float[np.ndarray, "*shape"], Backward]:
        """Shares, and the way back."""
        powers = np.exp(z - z.max(self.axis, keepdims=True))  # the largest score is taken off, so that none overflows
        p = powers / powers.sum(self.axis, keepdims=True)

        def back(dp: np.ndarray) -> Gradients:
            return Gradients((p * (dp - (p * dp).sum(self.axis, keepdims=True)),))

        return p, back

    def arithmetic(self, place, value, z) -> str:
        """The power of this score, over the sum of all."""
        row = list(place)
        row[self.axis] = slice(None)
        below = " + ".join(f"e^{{{number(score)}}}" for score in z[tuple(row)])
        return rf"\frac{{e^{{{number(z[place])}}}}}{{{below}}}"

    def gradient_arithmetic(self, by, place, slope, z) -> str:
        """The share times: its gradient, less the mean of all gradients weighed by the shares."""
        p, _ = self.forward(z)
        row = list(place)
        row[self.axis] = slice(None)
        mean = sum_of_products(zip(p[tuple(row)], slope[tuple(row)], strict=True))
        return rf"{number(p[place])} \times ({number(slope[place])} - ({mean}))"
