r"""A dense layer's weighted sums: every input times its weight, and a bias.

    >>> value, back = Dense().forward(np.array([[1.0, 2.0]]), kernel=np.array([[3.0], [4.0]]), bias=np.array([0.5]))
    >>> value.tolist()  # 1 × 3 + 2 × 4 + 0.5
    [[11.5]]
    >>> {name: gradient.tolist() for name, gradient in back(np.array([[1.0]])).weights.items()}
    {'kernel': [[1.0], [2.0]], 'bias': [1.0]}

Source:
    rumelhart-1986, equations 1 (sums) and 6 to 8 (the way back).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.written import sum_of_products
from backlit.language import Words


@dataclass(frozen=True)
class Dense(Operation):
    """Weighted sums over the last axis."""

    words: ClassVar[Words] = Words(en="weighted sums", zh="加权和")
    formula: ClassVar[str] = r"\OUT_j = \sum_k \KERNEL_{kj} \IN_k + \BIAS_j"
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN_k} = \sum_j \KERNEL_{kj} \frac{\partial C}{\partial \OUT_j}",
        "kernel": r"\frac{\partial C}{\partial \KERNEL_{kj}} = \IN_k \frac{\partial C}{\partial \OUT_j}",
        "bias": r"\frac{\partial C}{\partial \BIAS_j} = \frac{\partial C}{\partial \OUT_j}",
    }

    def forward(
        self,
        a: Float[np.ndarray, "batch *places inputs"],
        *,
        kernel: Float[np.ndarray, "inputs units"],
        bias: Float[np.ndarray, " units"] | None = None,
    ) -> tuple[Float[np.ndarray, "batch *places units"], Backward]:
        """Weighted sums, and the way back: errors times weights to the inputs, inputs times errors to the weights."""
        z = a @ kernel if bias is None else a @ kernel + bias

        def back(dz: np.ndarray) -> Gradients:
            rows, errors = a.reshape(-1, kernel.shape[0]), dz.reshape(-1, kernel.shape[1])
            weights = {"kernel": rows.T @ errors}
            if bias is not None:
                weights["bias"] = errors.sum(0)
            return Gradients((dz @ kernel.T,), weights)

        return z, back

    def arithmetic(self, place, value, a, *, kernel, bias=None) -> str:
        """Each weight times its input, and the bias."""
        *row, j = place
        plus = () if bias is None else (bias[j],)
        return sum_of_products(zip(kernel[:, j], a[tuple(row)], strict=True), plus=plus)
