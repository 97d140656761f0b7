r"""Long short-term memory: a cell that keeps a number, and three gates that open and close the way in, on and out.

    i, f, o   gates, from 0 (shut) to 1 (open): what comes in, what stays, what goes out
    c̃         what would come in
    c         what the cell keeps:  c_t = f c_{t−1} + i c̃
    h         what it puts out:     h_t = o g(c_t)

The weights' columns are in four blocks, in Keras's order i, f, c̃, o. The road from c_t to c_{t−1} is a product with f
and nothing else; where f stays near 1 a gradient passes many steps, which is what the cell is for.

    >>> weights = {"kernel": np.array([[0.0, 0.0, 1.0, 0.0]]), "recurrent_kernel": np.zeros((1, 4))}
    >>> layer = LSTM(1, activation="linear", returns_sequences=True)
    >>> layer.forward(np.array([[[8.0], [0.0]]]), **weights)[0].tolist()  # gates at 0.5: c = 4, 2; h = c / 2
    [[[2.0], [1.0]]]

Source:
    hochreiter-schmidhuber-1997, section 4; gers-2000, section 3 (the gate f).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backlit.explain.ops.activations import CURVES
from backlit.explain.ops.kind import Array
from backlit.explain.ops.recurrent import AbstractRecurrent, CellStep, State, applied, written_at
from backlit.explain.ops.written import number
from backlit.language import Words

_DELTA = (
    r" \\ \delta_{tj} = \frac{\partial C}{\partial z_{tj}}"
    r" \\ \frac{\partial C}{\partial h_{t-1,i}} = \sum_j \RECURRENTKERNEL_{ij} \delta_{tj}"
    r" \\ \frac{\partial C}{\partial c_{t-1,j}} = f_{tj} \frac{\partial C}{\partial c_{tj}}"
)


@dataclass(frozen=True)
class LSTM(AbstractRecurrent):
    """States of an LSTM layer.

    Attributes:
        activation: Of the candidate c̃ and of the way out; of `CURVES`.
        recurrent_activation: Of the gates.
    """

    activation: str = "tanh"
    recurrent_activation: str = "sigmoid"
    n_blocks: ClassVar[int] = 4
    n_states: ClassVar[int] = 2
    words: ClassVar[Words] = Words(en="states of the LSTM, step after step", zh="LSTM 逐步计算的状态")
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN_{tk}} = \sum_j \KERNEL_{kj} \delta_{tj}" + _DELTA,
        "kernel": r"\frac{\partial C}{\partial \KERNEL_{kj}} = \sum_t \IN_{tk} \delta_{tj}" + _DELTA,
        "recurrent_kernel": r"\frac{\partial C}{\partial \RECURRENTKERNEL_{ij}} = \sum_t h_{t-1,i} \delta_{tj}"
        + _DELTA,
        "bias": r"\frac{\partial C}{\partial \BIAS_j} = \sum_t \delta_{tj}" + _DELTA,
    }

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  which states are put out
        """The sums, the gates and the states of a step, and what is put out."""
        out = r"\OUT_{tj} = h_{tj}" if self.returns_sequences else r"\OUT_j = h_{Tj}"
        return (
            out + r" \\ z_{tj} = \sum_k \KERNEL_{kj} \IN_{tk} + \sum_i \RECURRENTKERNEL_{ij} h_{t-1,i} + \BIAS_j"
            r" \\ i_t = \sigma(z^i_t), \; f_t = \sigma(z^f_t), \; \tilde{c}_t = g(z^c_t), \; o_t = \sigma(z^o_t)"
            r" \\ c_t = f_t c_{t-1} + i_t \tilde{c}_t"
            r" \\ h_t = o_t g(c_t)"
        )

    def cell(self, p: Array, q: Array, state: State) -> CellStep:
        """Gates, what the cell keeps, what it puts out."""
        gate, g = CURVES[self.recurrent_activation], CURVES[self.activation]
        z_i, z_f, z_c, z_o = np.split(p + q, 4, axis=-1)
        i, f, new, o = gate.function(z_i), gate.function(z_f), g.function(z_c), gate.function(z_o)
        c_before = state[1]
        c = f * c_before + i * new
        h = o * g.function(c)

        def back(d_state: State) -> tuple[Array, Array, State]:
            dh, dc = d_state
            dc = dc + dh * o * g.slope(c)  # what comes from the next step, and from h
            dz = np.concatenate(
                [
                    dc * new * gate.slope(z_i),
                    dc * c_before * gate.slope(z_f),
                    dc * i * g.slope(z_c),
                    dh * g.function(c) * gate.slope(z_o),
                ],
                axis=-1,
            )
            return dz, dz, (0.0 * dh, dc * f)

        gates = np.concatenate([z_i, z_f, z_o], axis=-1)
        kinks = ((self.recurrent_activation, gates), (self.activation, z_c), (self.activation, c))
        return CellStep((h, c), back, kinks)

    def cell_arithmetic(
        self,
        p: Sequence[float],
        q: Sequence[float],
        state: Sequence[float],
        sums: str,
    ) -> str:
        """O times the activation of f c + i c̃."""
        z_i, z_f, z_c, z_o = (a + b for a, b in zip(p, q, strict=True))
        gate, g = self.recurrent_activation, self.activation
        kept = rf"{written_at(gate, z_f)} \times {number(state[1], in_product=True)}"
        inner = rf"{kept} + {written_at(gate, z_i)} \times {written_at(g, z_c)}"
        out = applied(g, inner) if g != "linear" else f"({inner})"
        return rf"{written_at(gate, z_o)} \times {out}"
