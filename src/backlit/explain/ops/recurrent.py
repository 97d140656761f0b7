r"""What recurrent layers share: one cell, applied step after step, and the way back through time.

    p_t = x_t W + b          sums of the input
    q_t = h_{t−1} U          sums of the state before
    state_t = cell(p_t, q_t, state_{t−1})

A cell is arithmetic on single numbers; all weights sit in the two sums. So a cell says how a gradient at its state
comes back to p, q and the state before, and everything else is here: the gradient walks from the last step to the
first, and each weight adds up what every step sends back. That walk is backpropagation through time.

A cell is one file: `simple_rnn.py`, `lstm.py`, `gru.py`. Not for masks, nor for dropout inside a cell.

Source:
    rumelhart-1986, section "Recurrent nets" (a step is a layer, and all layers share one set of weights).
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.activations import CURVES
from backlit.explain.ops.kind import Array, Backward, Gradients, Operation
from backlit.explain.ops.written import number, sum_of_products

State = tuple[Array, ...]


@dataclass(frozen=True)
class CellStep:
    """One step of a cell.

    Attributes:
        state: After the step; its first array is what the layer puts out.
        back: From ∂C/∂state to ∂C/∂p, ∂C/∂q, and ∂C/∂(state before) beside the road through q.
        sums: What goes into the activation functions: their name, and the numbers.
    """

    state: State
    back: Callable[[State], tuple[Array, Array, State]]
    sums: tuple[tuple[str, Array], ...]


@dataclass(frozen=True)
class AbstractRecurrent(Operation):
    """A recurrent layer over whole sequences.

    Attributes:
        units: Numbers in a state.
        returns_sequences: Whether the state of every step is put out, and not the last alone.
        is_backwards: Whether the sequence is read from its end.
    """

    units: int
    returns_sequences: bool = False
    is_backwards: bool = False
    n_blocks: ClassVar[int] = 1
    n_states: ClassVar[int] = 1
    is_linear_in_weights: ClassVar[bool] = False

    @abstractmethod
    def cell(self, p: Array, q: Array, state: State) -> CellStep:
        """One step.

        Args:
            p: Sums of the input: (batch, blocks × units).
            q: Sums of the state before, in the same shape.
            state: Before the step.

        Returns:
            The state afterwards, and the way back.
        """

    @abstractmethod
    def cell_arithmetic(self, p: Sequence[float], q: Sequence[float], state: Sequence[float], sums: str) -> str:
        """A unit's new number, with its numbers in.

        Args:
            p: Sums of the input, one for each block.
            q: Sums of the state before, one for each block.
            state: Of the unit before the step.
            sums: The first block's sum, product by product.

        Returns:
            LaTeX.
        """

    def forward(
        self,
        x: Float[np.ndarray, "batch time features"],
        *,
        kernel: Float[np.ndarray, "features columns"],
        recurrent_kernel: Float[np.ndarray, "units columns"],
        bias: Float[np.ndarray, "*rows columns"] | None = None,
    ) -> tuple[Float[np.ndarray, "batch *time units"], Backward]:
        """The states of all steps, or the last; and the way back through time."""
        steps, _, _ = self._run(x, kernel, recurrent_kernel, bias)
        states = np.stack([step.state[0] for step in steps], axis=1)

        def back(slope: np.ndarray) -> Gradients:
            dp, dq = self._sum_slopes(steps, slope, recurrent_kernel)
            ordered, before = self._ordered(x), self._before(states)
            dx = self._ordered(dp @ kernel.T)
            weights = {
                "kernel": np.einsum("ntk,ntj->kj", ordered, dp),
                "recurrent_kernel": np.einsum("nti,ntj->ij", before, dq),
            }
            if bias is not None:
                rows = [dp.sum((0, 1)), dq.sum((0, 1))][: len(np.atleast_2d(bias))]
                weights["bias"] = np.stack(rows).reshape(bias.shape)
            return Gradients((dx,), weights)

        return (states if self.returns_sequences else states[:, -1]), back

    def arithmetic(self, place, value, x, *, kernel, recurrent_kernel, bias=None) -> str:
        """The cell's formula for one unit at one step."""
        steps, p, q = self._run(x, kernel, recurrent_kernel, bias)
        n, *time, j = place
        t = time[0] if time else len(steps) - 1
        before = steps[t - 1].state if t else tuple(np.zeros_like(one) for one in steps[0].state)
        terms = [*zip(kernel[:, j], self._ordered(x)[n, t], strict=True)]
        terms += [*zip(recurrent_kernel[:, j], before[0][n], strict=True)] if t else []
        plus = () if bias is None else (float(np.atleast_2d(bias)[:, j].sum()),)
        blocks = range(j, self.n_blocks * self.units, self.units)
        return self.cell_arithmetic(
            [p[n, t, block] for block in blocks],
            [q[n, t, block] for block in blocks],
            [float(one[n, j]) for one in before],
            sum_of_products(terms, plus=plus),
        )

    def gradient_arithmetic(self, by, place, slope, x, *, kernel, recurrent_kernel, bias=None) -> str:
        """Over all steps: what multiplied the weight, times the gradient at the sum; over all sums, for an input."""
        steps, _, _ = self._run(x, kernel, recurrent_kernel, bias)
        dp, dq = self._sum_slopes(steps, slope, recurrent_kernel)
        if by == 0:
            n, t, k = place
            return sum_of_products(zip(kernel[k], self._ordered(dp)[n, t], strict=True))
        if by == "bias":
            *row, j = place
            return sum_of_products((one,) for one in (dq if row == [1] else dp)[..., j].ravel())
        k, j = place
        if by == "kernel":
            return sum_of_products(zip(self._ordered(x)[..., k].ravel(), dp[..., j].ravel(), strict=True))
        before = self._before(np.stack([step.state[0] for step in steps], axis=1))
        return sum_of_products(zip(before[..., k].ravel(), dq[..., j].ravel(), strict=True))

    def pieces(self, x, *, kernel, recurrent_kernel, bias=None) -> Array | None:
        """Between which kinks the sums of every step lie."""
        steps, _, _ = self._run(x, kernel, recurrent_kernel, bias)
        bent = [
            np.searchsorted(CURVES[name].kinks, sums).ravel()
            for step in steps
            for name, sums in step.sums
            if CURVES[name].kinks
        ]
        return np.concatenate(bent) if bent else None

    def _run(
        self, x: Array, kernel: Array, recurrent_kernel: Array, bias: Array | None
    ) -> tuple[list[CellStep], Array, Array]:
        """All steps in the order of reading, and the two sums of each."""
        rows = np.zeros((2, kernel.shape[1]))
        if bias is not None:
            rows[: len(np.atleast_2d(bias))] = bias
        p = self._ordered(x) @ kernel + rows[0]
        state: State = (np.zeros((len(x), self.units)),) * self.n_states
        steps: list[CellStep] = []
        q = np.empty_like(p)
        for t in range(x.shape[1]):
            q[:, t] = state[0] @ recurrent_kernel + rows[1]
            steps.append(self.cell(p[:, t], q[:, t], state))
            state = steps[-1].state
        return steps, p, q

    def _sum_slopes(self, steps: list[CellStep], slope: Array, recurrent_kernel: Array) -> tuple[Array, Array]:
        """∂C/∂p and ∂C/∂q of every step, found from the last to the first."""
        d_state: State = tuple(np.zeros_like(one) for one in steps[-1].state)
        by_p, by_q = [], []
        for t in range(len(steps) - 1, -1, -1):
            if self.returns_sequences:
                d_state = (d_state[0] + slope[:, t], *d_state[1:])
            elif t == len(steps) - 1:
                d_state = (d_state[0] + slope, *d_state[1:])
            dp, dq, (d_first, *d_others) = steps[t].back(d_state)
            d_state = (d_first + dq @ recurrent_kernel.T, *d_others)
            by_p.append(dp)
            by_q.append(dq)
        return np.stack(by_p[::-1], axis=1), np.stack(by_q[::-1], axis=1)

    def _ordered(self, x: Array) -> Array:
        """The steps in the order in which they are read; twice gives back the first order."""
        return x[:, ::-1] if self.is_backwards else x

    def _before(self, states: Array) -> Array:
        """The state before each step: zeros before the first."""
        return np.concatenate([np.zeros_like(states[:, :1]), states[:, :-1]], axis=1)


def applied(name: str, shown: str) -> str:
    r"""An activation function of something, in LaTeX.

    Args:
        name: Of `CURVES`.
        shown: What it is applied to.

    Returns:
        LaTeX; `shown` itself for the linear function.

    Example:
        >>> applied("tanh", "2"), applied("sigmoid", "2"), applied("relu", "2")
        ('\\tanh(2)', '\\sigma(2)', '\\max(0, 2)')
    """
    known = {"linear": shown, "tanh": rf"\tanh({shown})", "sigmoid": rf"\sigma({shown})", "relu": rf"\max(0, {shown})"}
    return known.get(name, rf"\operatorname{{{name.replace('_', ' ')}}}({shown})")


def curve_at(name: str, x: float) -> float:
    """The value of an activation function at a number."""
    return float(CURVES[name].function(np.array([x]))[0])


def written_at(name: str, x: float) -> str:
    """The same, written down as a factor."""
    return number(curve_at(name, x), in_product=True)
