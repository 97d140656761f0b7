r"""The simplest recurrent layer: the state is an activation of the input's sums and the state's own.

    h_t = g(x_t W + b + h_{t−1} U)

    >>> import numpy as np
    >>> weights = {"kernel": np.array([[1.0]]), "recurrent_kernel": np.array([[0.5]])}
    >>> value, back = SimpleRNN(1, activation="linear").forward(np.array([[[4.0], [1.0]]]), **weights)
    >>> value.tolist()  # h₁ = 4, h₂ = 1 + 0.5 × 4
    [[3.0]]
    >>> found = back(np.array([[1.0]]))
    >>> found.inputs[0].tolist(), found.weights["recurrent_kernel"].tolist()  # 0.5 and 1; h₁
    ([[[0.5], [1.0]]], [[4.0]])

Source:
    elman-1990, figure 2; rumelhart-1986, section "Recurrent nets".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from backlit.explain.ops.activations import CURVES
from backlit.explain.ops.kind import Array
from backlit.explain.ops.recurrent import AbstractRecurrent, CellStep, State, applied
from backlit.language import Words

_DELTA = (
    r" \\ \delta_{tj} = g'(z_{tj}) ( \frac{\partial C}{\partial h_{tj}}"
    r" + \sum_i \RECURRENTKERNEL_{ji} \delta_{t+1,i} )"
)


@dataclass(frozen=True)
class SimpleRNN(AbstractRecurrent):
    """States of a simple recurrent layer.

    Attributes:
        activation: Of `CURVES`.
    """

    activation: str = "tanh"
    words: ClassVar[Words] = Words(en="states, step after step", zh="逐步计算的状态")
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN_{tk}} = \sum_j \KERNEL_{kj} \delta_{tj}" + _DELTA,
        "kernel": r"\frac{\partial C}{\partial \KERNEL_{kj}} = \sum_t \IN_{tk} \delta_{tj}" + _DELTA,
        "recurrent_kernel": r"\frac{\partial C}{\partial \RECURRENTKERNEL_{ij}} = \sum_t h_{t-1,i} \delta_{tj}"
        + _DELTA,
        "bias": r"\frac{\partial C}{\partial \BIAS_j} = \sum_t \delta_{tj}" + _DELTA,
    }

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  which states are put out
        """The sums and the state of a step, and what is put out."""
        out = r"\OUT_{tj} = h_{tj}" if self.returns_sequences else r"\OUT_j = h_{Tj}"
        return (
            out + r" \\ h_{tj} = g(z_{tj})"
            r" \\ z_{tj} = \sum_k \KERNEL_{kj} \IN_{tk} + \sum_i \RECURRENTKERNEL_{ij} h_{t-1,i} + \BIAS_j"
        )

    def cell(self, p: Array, q: Array, state: State) -> CellStep:
        """The activation of both sums."""
        curve, z = CURVES[self.activation], p + q

        def back(d_state: State) -> tuple[Array, Array, State]:
            dz = d_state[0] * curve.slope(z)
            return dz, dz, (0.0 * dz,)

        return CellStep((curve.function(z),), back, ((self.activation, z),))

    def cell_arithmetic(
        self,
        p: Sequence[float],
        q: Sequence[float],
        state: Sequence[float],
        sums: str,
    ) -> str:
        """The activation of the sum, product by product."""
        return applied(self.activation, sums)
