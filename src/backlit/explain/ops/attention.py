r"""Attention, in the operations that it is made of: every place looks at all others, and mixes what it finds there.

    q, k, v   each place's query, key and value                `Projection`, three times
    s         how well query t fits key u: q_t · k_u / √e      `Scores`
    α         the same as shares of one                        `Softmax` (softmax.py)
    h         Σ_u α_tu v_u                                     `Mixture`
    out       the heads side by side, through one more layer   `HeadsTogether`

Heads are independent: each has its own q, k and v. With one input for all three it is self-attention.

    >>> q, k = np.array([[[[1.0, 1.0]]]]), np.array([[[[2.0, 4.0]], [[0.0, 0.0]]]])
    >>> Scores(0.5).forward(q, k)[0].tolist()  # one query, two keys: (2 + 4) / 2, 0
    [[[[3.0, 0.0]]]]
    >>> Mixture().forward(np.array([[[[0.75, 0.25]]]]), k)[0].tolist()  # 0.75 × (2, 4) + 0.25 × (0, 0)
    [[[[1.5, 3.0]]]]

Arrays of heads are (batch, place, head, entry); those of scores are (batch, head, query's place, key's place).
Not for masks, nor for dropout of the shares.

Source:
    vaswani-2017, section 3.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.written import number, sum_of_products
from backlit.language import Words

Heads = Float[np.ndarray, "batch place head entry"]
Pairs = Float[np.ndarray, "batch head query key"]


@dataclass(frozen=True)
class Projection(Operation):
    """Weighted sums for each head.

    Attributes:
        words: Whether queries, keys or values.
    """

    words: Words  # pyright: ignore[reportIncompatibleVariableOverride]  says which
    formula: ClassVar[str] = r"\OUT_{the} = \sum_d \KERNEL_{dhe} \IN_{td} + \BIAS_{he}"
    rules: ClassVar[Mapping[str, str]] = {
        "input": (
            r"\frac{\partial C}{\partial \IN_{td}} = \sum_{he} \KERNEL_{dhe} \frac{\partial C}{\partial \OUT_{the}}"
        ),
        "kernel": r"\frac{\partial C}{\partial \KERNEL_{dhe}} = \sum_t \IN_{td} \frac{\partial C}{\partial \OUT_{the}}",
        "bias": r"\frac{\partial C}{\partial \BIAS_{he}} = \sum_t \frac{\partial C}{\partial \OUT_{the}}",
    }

    def forward(
        self,
        x: Float[np.ndarray, "batch place features"],
        *,
        kernel: Float[np.ndarray, "features head entry"],
        bias: Float[np.ndarray, "head entry"] | None = None,
    ) -> tuple[Heads, Backward]:
        """Sums for each place, head and entry; on the way back errors times weights, and inputs times errors."""
        value = np.einsum("ntd,dhe->nthe", x, kernel)

        def back(slope: np.ndarray) -> Gradients:
            weights = {"kernel": np.einsum("ntd,nthe->dhe", x, slope)}
            if bias is not None:
                weights["bias"] = slope.sum((0, 1))
            return Gradients((np.einsum("nthe,dhe->ntd", slope, kernel),), weights)

        return value if bias is None else value + bias, back

    def arithmetic(self, place, value, x, *, kernel, bias=None) -> str:
        """Each weight times its feature, and the bias."""
        n, t, h, e = place
        plus = () if bias is None else (bias[h, e],)
        return sum_of_products(zip(kernel[:, h, e], x[n, t], strict=True), plus=plus)


@dataclass(frozen=True)
class Scores(Operation):
    """How well each query fits each key.

    Attributes:
        scale: 1 / √(entries of a key), so that the scores of long keys are no larger than those of short ones.
    """

    scale: float
    words: ClassVar[Words] = Words(en="scores: each query times each key", zh="得分：每个查询与每个键的乘积")
    formula: ClassVar[str] = r"\OUT_{htu} = \frac{1}{\sqrt{d}} \sum_e \IN_{the} \INB_{uhe}"
    rules: ClassVar[Mapping[str, str]] = {
        "input": (
            r"\frac{\partial C}{\partial \IN_{the}} = \frac{1}{\sqrt{d}} \sum_u \INB_{uhe}"
            r" \frac{\partial C}{\partial \OUT_{htu}}"
        ),
        "input_2": (
            r"\frac{\partial C}{\partial \INB_{uhe}} = \frac{1}{\sqrt{d}} \sum_t \IN_{the}"
            r" \frac{\partial C}{\partial \OUT_{htu}}"
        ),
    }

    def forward(self, q: Heads, k: Float[np.ndarray, "batch key head entry"]) -> tuple[Pairs, Backward]:
        """Products of queries and keys; on the way back each gets the other, times the error."""

        def back(slope: np.ndarray) -> Gradients:
            d = slope * self.scale
            return Gradients((np.einsum("nhtu,nuhe->nthe", d, k), np.einsum("nhtu,nthe->nuhe", d, q)))

        return np.einsum("nthe,nuhe->nhtu", q, k) * self.scale, back

    def arithmetic(self, place, value, q, k) -> str:
        """The query's entries times the key's, over the root of their number."""
        n, h, t, u = place
        terms = sum_of_products(zip(q[n, t, h], k[n, u, h], strict=True))
        return rf"{number(self.scale)} \times ({terms})"


@dataclass(frozen=True)
class Mixture(Operation):
    """Values of all places, mixed by shares."""

    words: ClassVar[Words] = Words(en="values mixed by their shares", zh="按注意力权重混合的值")
    formula: ClassVar[str] = r"\OUT_{the} = \sum_u \IN_{htu} \INB_{uhe}"
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN_{htu}} = \sum_e \INB_{uhe} \frac{\partial C}{\partial \OUT_{the}}",
        "input_2": r"\frac{\partial C}{\partial \INB_{uhe}} = \sum_t \IN_{htu} \frac{\partial C}{\partial \OUT_{the}}",
    }

    def forward(self, shares: Pairs, v: Float[np.ndarray, "batch key head entry"]) -> tuple[Heads, Backward]:
        """Shares times values; on the way back each gets the other, times the error."""

        def back(slope: np.ndarray) -> Gradients:
            by_shares = np.einsum("nthe,nuhe->nhtu", slope, v)
            return Gradients((by_shares, np.einsum("nhtu,nthe->nuhe", shares, slope)))

        return np.einsum("nhtu,nuhe->nthe", shares, v), back

    def arithmetic(self, place, value, shares, v) -> str:
        """The shares of one query times an entry of all values."""
        n, t, h, e = place
        return sum_of_products(zip(shares[n, h, t], v[n, :, h, e], strict=True))


@dataclass(frozen=True)
class HeadsTogether(Operation):
    """Weighted sums over all heads of a place."""

    words: ClassVar[Words] = Words(en="all heads together", zh="合并所有注意力头")
    formula: ClassVar[str] = r"\OUT_{td} = \sum_{he} \KERNEL_{hed} \IN_{the} + \BIAS_d"
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN_{the}} = \sum_d \KERNEL_{hed} \frac{\partial C}{\partial \OUT_{td}}",
        "kernel": r"\frac{\partial C}{\partial \KERNEL_{hed}} = \sum_t \IN_{the} \frac{\partial C}{\partial \OUT_{td}}",
        "bias": r"\frac{\partial C}{\partial \BIAS_d} = \sum_t \frac{\partial C}{\partial \OUT_{td}}",
    }

    def forward(
        self,
        h: Heads,
        *,
        kernel: Float[np.ndarray, "head entry features"],
        bias: Float[np.ndarray, " features"] | None = None,
    ) -> tuple[Float[np.ndarray, "batch place features"], Backward]:
        """Sums for each place; on the way back errors times weights, and inputs times errors."""
        value = np.einsum("nthe,hed->ntd", h, kernel)

        def back(slope: np.ndarray) -> Gradients:
            weights = {"kernel": np.einsum("nthe,ntd->hed", h, slope)}
            if bias is not None:
                weights["bias"] = slope.sum((0, 1))
            return Gradients((np.einsum("ntd,hed->nthe", slope, kernel),), weights)

        return value if bias is None else value + bias, back

    def arithmetic(self, place, value, h, *, kernel, bias=None) -> str:
        """Each weight times its head's entry, and the bias."""
        n, t, d = place
        plus = () if bias is None else (bias[d],)
        return sum_of_products(zip(kernel[:, :, d].ravel(), h[n, t].ravel(), strict=True), plus=plus)
