r"""Optimisers, rule by rule: what each makes of a gradient, written as Keras computes it.

    GradientDescent   w ← w − η g
    Momentum          v ← μ v − η g           w ← w + v
      with nesterov   v ← μ v − η g           w ← w + μ v − η g
    Adam              m ← m + (1 − β₁)(g − m)   v ← v + (1 − β₂)(g² − v)
                      α = η √(1 − β₂ᵗ) / (1 − β₁ᵗ)     w ← w − α m / (√v + ε)

g is ∂C/∂w, t the number of the step from 1. Each rule looks at one number at a time, so it is the same for a weight and
for an array of them. What it keeps from step to step is its *state*; the first is zero.

    >>> rule = Momentum(learning_rate=0.1, momentum=0.5)
    >>> w, state = 1.0, {"velocity": 0.0}
    >>> for step in (1, 2):  # with the gradient 2: v = −0.2, then 0.5 × (−0.2) − 0.2 = −0.3
    ...     w, state = rule.update(w, 2.0, state, step=step)
    >>> round(w, 12)  # 1 − 0.2 − 0.3
    0.5

Not for reading Keras's optimisers (see `reading/optimisers.py`) nor for the loop around them (see `reference.py`).

Source:
    robbins-monro-1951 (steps against a noisy gradient); sutskever-2013, equations 1 and 2 (momentum, with the rate
    inside the velocity); bengio-2013, equation 7 (Nesterov's momentum, written so that the gradient is taken at the
    weights themselves); kingma-2015, the last two lines of section 2, where ε stands outside the bias correction: it
    is the paper's ε-hat, and not the ε of its algorithm 1.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from backlit.explain.ops.written import number
from backlit.language import Words

Numbers = np.ndarray | float
State = Mapping[str, Numbers]

G = r"\frac{\partial C}{\partial w}"
OLD, NEW = r"w_{\text{old}}", r"w_{\text{new}}"


@dataclass(frozen=True)
class Line:
    r"""One line of an update, for a single weight.

    Attributes:
        symbol: What is computed, in LaTeX, for example `v_{\text{new}}`.
        formula: How, in symbols.
        numbers: The same with the numbers in.
        value: The result.
    """

    symbol: str
    formula: str
    numbers: str
    value: float


@dataclass(frozen=True)
class Optimiser(ABC):
    """A rule that makes new weights of old ones and their gradient.

    Attributes:
        learning_rate: η, at least 0.
        words: Its name.
        state_names: What it keeps from step to step, in the order in which Keras keeps it.
    """

    learning_rate: float
    words: ClassVar[Words]
    state_names: ClassVar[tuple[str, ...]] = ()

    def start(self, weight: np.ndarray) -> dict[str, Numbers]:
        """The state before the first step: zeros.

        Args:
            weight: For its shape.

        Returns:
            One array for each name.
        """
        return {name: np.zeros_like(weight, dtype=np.float64) for name in self.state_names}

    @abstractmethod
    def update(
        self, weight: Numbers, gradient: Numbers, state: State, *, step: int
    ) -> tuple[Numbers, dict[str, Numbers]]:
        """One step.

        Args:
            weight: The weights before it.
            gradient: ∂C/∂w for each of them.
            state: What was kept.
            step: Its number, from 1.

        Returns:
            The weights after it, and what is kept for the next.
        """

    @abstractmethod
    def lines(self, weight: float, gradient: float, state: Mapping[str, float], *, step: int) -> tuple[Line, ...]:
        """One step of one weight, written out.

        Args:
            weight: Before the step.
            gradient: ∂C/∂w.
            state: What was kept.
            step: Its number, from 1.

        Returns:
            Line by line; the last is the new weight.
        """


@dataclass(frozen=True)
class GradientDescent(Optimiser):
    """Against the gradient, by the learning rate times its size.

    Example:
        >>> rule = GradientDescent(learning_rate=0.1)
        >>> rule.update(np.array([3.0]), np.array([5.0]), {}, step=1)[0].tolist()  # 3 − 0.1 × 5
        [2.5]
    """

    words: ClassVar[Words] = Words(en="stochastic gradient descent", zh="随机梯度下降")

    def update(
        self,
        weight: Numbers,
        gradient: Numbers,
        state: State,  # noqa: ARG002  all rules are called alike
        *,
        step: int,  # noqa: ARG002  all rules are called alike
    ) -> tuple[Numbers, dict[str, Numbers]]:
        """Old weight less rate times gradient."""
        return weight - gradient * self.learning_rate, {}

    def lines(self, weight: float, gradient: float, state: Mapping[str, float], *, step: int) -> tuple[Line, ...]:
        """A single line."""
        new, _ = self.update(weight, gradient, state, step=step)
        numbers = rf"{number(weight)} - {_in(self.learning_rate)} \times {_in(gradient)}"
        return (Line(NEW, rf"{OLD} - \eta {G}", numbers, float(new)),)


@dataclass(frozen=True)
class Momentum(Optimiser):
    """Gradient descent that keeps a part of its last step.

    Attributes:
        momentum: μ, the part that is kept, from 0 to 1.
        nesterov: Whether the step looks ahead along the velocity.
    """

    momentum: float = 0.9
    nesterov: bool = False
    words: ClassVar[Words] = Words(en="gradient descent with momentum", zh="带动量的梯度下降")
    state_names: ClassVar[tuple[str, ...]] = ("velocity",)

    def update(
        self,
        weight: Numbers,
        gradient: Numbers,
        state: State,
        *,
        step: int,  # noqa: ARG002  all rules are called alike
    ) -> tuple[Numbers, dict[str, Numbers]]:
        """A new velocity, and a step by it."""
        push = gradient * self.learning_rate
        velocity = state["velocity"] * self.momentum - push
        step_taken = velocity * self.momentum - push if self.nesterov else velocity
        return weight + step_taken, {"velocity": velocity}

    def lines(self, weight: float, gradient: float, state: Mapping[str, float], *, step: int) -> tuple[Line, ...]:
        """The velocity, then the weight."""
        new, kept = self.update(weight, gradient, state, step=step)
        velocity, push = float(kept["velocity"]), rf"{_in(self.learning_rate)} \times {_in(gradient)}"
        first = Line(
            r"v_{\text{new}}",
            rf"\mu v_{{\text{{old}}}} - \eta {G}",
            rf"{number(self.momentum)} \times {_in(state['velocity'])} - {push}",
            velocity,
        )
        if not self.nesterov:
            return first, Line(NEW, rf"{OLD} + v_{{\text{{new}}}}", rf"{number(weight)} + {_in(velocity)}", float(new))
        ahead = rf"{number(weight)} + {_in(self.momentum)} \times {_in(velocity)} - {push}"
        return first, Line(NEW, rf"{OLD} + \mu v_{{\text{{new}}}} - \eta {G}", ahead, float(new))


@dataclass(frozen=True)
class Adam(Optimiser):
    """Steps by the mean gradient, each weight's divided by the usual size of its gradient.

    Attributes:
        beta_1: β₁, the part of the mean gradient that is kept.
        beta_2: β₂, the part of the mean square that is kept.
        epsilon: ε, which keeps the division from one by zero.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    words: ClassVar[Words] = Words(en="Adam", zh="Adam")
    state_names: ClassVar[tuple[str, ...]] = ("momentum", "velocity")

    def rate(self, step: int) -> float:
        """The learning rate with both bias corrections in it: the means began at zero and are too small at first.

        Args:
            step: From 1.

        Returns:
            α.

        Example:
            >>> round(Adam(learning_rate=0.1, beta_1=0.5, beta_2=0.75).rate(1), 6)  # 0.1 × √(1 − 0.75) / (1 − 0.5)
            0.1
        """
        return self.learning_rate * math.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)

    def update(
        self, weight: Numbers, gradient: Numbers, state: State, *, step: int
    ) -> tuple[Numbers, dict[str, Numbers]]:
        """New means of the gradient and of its square, and a step by their ratio."""
        m = state["momentum"] + (gradient - state["momentum"]) * (1 - self.beta_1)
        v = state["velocity"] + (gradient**2 - state["velocity"]) * (1 - self.beta_2)
        return weight - m * self.rate(step) / (np.sqrt(v) + self.epsilon), {"momentum": m, "velocity": v}

    def lines(self, weight: float, gradient: float, state: Mapping[str, float], *, step: int) -> tuple[Line, ...]:
        """Both means, the corrected rate, then the weight."""
        new, kept = self.update(weight, gradient, state, step=step)
        m, v, alpha = float(kept["momentum"]), float(kept["velocity"]), self.rate(step)
        g, eta, one, two = _in(gradient), number(self.learning_rate), number(self.beta_1), number(self.beta_2)
        return (
            Line(
                r"m_{\text{new}}",
                rf"\beta_1 m_{{\text{{old}}}} + (1 - \beta_1) {G}",
                rf"{one} \times {_in(state['momentum'])} + (1 - {one}) \times {g}",
                m,
            ),
            Line(
                r"v_{\text{new}}",
                rf"\beta_2 v_{{\text{{old}}}} + (1 - \beta_2) ({G})^2",
                rf"{two} \times {_in(state['velocity'])} + (1 - {two}) \times ({number(gradient)})^2",
                v,
            ),
            Line(
                r"\alpha",
                r"\eta \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}",
                rf"{eta} \times \frac{{\sqrt{{1 - {two}^{{{step}}}}}}}{{1 - {one}^{{{step}}}}}",
                alpha,
            ),
            Line(
                NEW,
                rf"{OLD} - \frac{{\alpha m_{{\text{{new}}}}}}{{\sqrt{{v_{{\text{{new}}}}}} + \varepsilon}}",
                rf"{number(weight)} - \frac{{{number(alpha)} \times {_in(m)}}}"
                rf"{{\sqrt{{{number(v)}}} + {number(self.epsilon)}}}",
                float(new),
            ),
        )


def _in(value: float) -> str:
    """A number as it stands in a product."""
    return number(value, in_product=True)
