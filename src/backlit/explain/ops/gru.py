r"""Gated recurrent unit: one gate blends the old state with a new one, another decides how much of the old it sees.

    z   how much of the old state stays
    r   how much of the old state the new one is made from
    h̃   the new one:   h̃_t = g(p_t + r q_t)
    h   the blend:      h_t = z h_{t−1} + (1 − z) h̃_t

The weights' columns are in three blocks, in Keras's order z, r, h̃. As Keras does by default (`reset_after=True`), r
multiplies the old state's sums after the matrix product, so that the sums have a bias of their own.

    >>> weights = {"kernel": np.array([[0.0, 0.0, 1.0]]), "recurrent_kernel": np.zeros((1, 3))}
    >>> layer = GRU(1, activation="linear", returns_sequences=True)
    >>> layer.forward(np.array([[[8.0], [0.0]]]), **weights)[0].tolist()  # z at 0.5: 8 / 2, then 4 / 2
    [[[4.0], [2.0]]]

Source:
    cho-2014, section 2.3; Keras's form, with r after the product, is the one that cuDNN computes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backlit.explain.ops.activations import CURVES
from backlit.explain.ops.kind import Array
from backlit.explain.ops.recurrent import AbstractRecurrent, CellStep, State, curve_at, written_at
from backlit.explain.ops.written import number
from backlit.language import Words

_DELTA = r" \\ \delta_{tj} = \frac{\partial C}{\partial p_{tj}}, \; \epsilon_{tj} = \frac{\partial C}{\partial q_{tj}}"


@dataclass(frozen=True)
class GRU(AbstractRecurrent):
    """States of a GRU layer.

    Attributes:
        activation: Of the new state; of `CURVES`.
        recurrent_activation: Of the gates.
    """

    activation: str = "tanh"
    recurrent_activation: str = "sigmoid"
    n_blocks: ClassVar[int] = 3
    words: ClassVar[Words] = Words(en="states of the GRU, step after step", zh="GRU 逐步计算的状态")
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN_{tk}} = \sum_j \KERNEL_{kj} \delta_{tj}" + _DELTA,
        "kernel": r"\frac{\partial C}{\partial \KERNEL_{kj}} = \sum_t \IN_{tk} \delta_{tj}" + _DELTA,
        "recurrent_kernel": (
            r"\frac{\partial C}{\partial \RECURRENTKERNEL_{ij}} = \sum_t h_{t-1,i} \epsilon_{tj}" + _DELTA
        ),
        "bias": (
            r"\frac{\partial C}{\partial \BIAS_{1j}} = \sum_t \delta_{tj}, \;"
            r" \frac{\partial C}{\partial \BIAS_{2j}} = \sum_t \epsilon_{tj}" + _DELTA
        ),
    }

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  which states are put out
        """The sums, the gates and the state of a step, and what is put out."""
        out = r"\OUT_{tj} = h_{tj}" if self.returns_sequences else r"\OUT_j = h_{Tj}"
        return (
            out + r" \\ p_{tj} = \sum_k \KERNEL_{kj} \IN_{tk} + \BIAS_{1j}"
            r" \\ q_{tj} = \sum_i \RECURRENTKERNEL_{ij} h_{t-1,i} + \BIAS_{2j}"
            r" \\ z_t = \sigma(p^z_t + q^z_t), \; r_t = \sigma(p^r_t + q^r_t)"
            r" \\ \tilde{h}_t = g(p^h_t + r_t q^h_t)"
            r" \\ h_t = z_t h_{t-1} + (1 - z_t) \tilde{h}_t"
        )

    def cell(self, p: Array, q: Array, state: State) -> CellStep:
        """Gates, the new state, and the blend."""
        gate, g = CURVES[self.recurrent_activation], CURVES[self.activation]
        (p_z, p_r, p_h), (q_z, q_r, q_h) = np.split(p, 3, axis=-1), np.split(q, 3, axis=-1)
        z, r = gate.function(p_z + q_z), gate.function(p_r + q_r)
        sums = p_h + r * q_h
        new, before = g.function(sums), state[0]

        def back(d_state: State) -> tuple[Array, Array, State]:
            (dh,) = d_state
            d_sums = dh * (1.0 - z) * g.slope(sums)
            d_z = dh * (before - new) * gate.slope(p_z + q_z)
            d_r = d_sums * q_h * gate.slope(p_r + q_r)
            dp = np.concatenate([d_z, d_r, d_sums], axis=-1)
            dq = np.concatenate([d_z, d_r, d_sums * r], axis=-1)
            return dp, dq, (dh * z,)

        gates = np.concatenate([p_z + q_z, p_r + q_r], axis=-1)
        kinks = ((self.recurrent_activation, gates), (self.activation, sums))
        return CellStep((z * before + (1.0 - z) * new,), back, kinks)

    def cell_arithmetic(
        self,
        p: Sequence[float],
        q: Sequence[float],
        state: Sequence[float],
        sums: str,
    ) -> str:
        """Z times the old state, and the rest times the new one."""
        (p_z, p_r, p_h), (q_z, q_r, q_h) = p, q
        z, r = (curve_at(self.recurrent_activation, sums) for sums in (p_z + q_z, p_r + q_r))
        old = rf"{number(z, in_product=True)} \times {number(state[0], in_product=True)}"
        new = written_at(self.activation, p_h + r * q_h)
        return rf"{old} + (1 - {number(z, in_product=True)}) \times {new}"
