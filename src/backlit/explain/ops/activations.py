r"""Activation functions, number by number: value, slope, formula.

The way back is the same for all: the gradient times the slope at the number that came in.

    >>> value, back = Activation("relu").forward(np.array([-1.0, 2.0]))
    >>> value.tolist(), back(np.array([5.0, 5.0])).inputs[0].tolist()
    ([0.0, 2.0], [0.0, 5.0])

A new function is one more entry of `CURVES`. Not for softmax, where every output depends on all inputs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float
from scipy.special import erf

from backlit.explain.ops.kind import Array, Backward, Gradients, Operation
from backlit.explain.ops.written import number
from backlit.language import Words


@dataclass(frozen=True)
class Curve:
    """One activation function.

    Attributes:
        name: As Keras calls it.
        function: Values to values.
        slope: Values to the function's derivative there.
        formula: In LaTeX, of `x`.
        slope_formula: The same of the derivative.
        kinks: Where the derivative jumps.
        source: Key of `sources.py` of the paper, or "" for textbook functions.
    """

    name: str
    function: Callable[..., Array]
    slope: Callable[..., Array]
    formula: str
    slope_formula: str
    kinks: tuple[float, ...] = ()
    source: str = ""


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^−x), without overflow for any x."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def softplus(x: Array) -> Array:
    """ln(1 + e^x), without overflow for any x."""
    return np.logaddexp(0.0, x)


def _normal(x: Array) -> Array:
    """Share of a standard normal distribution below x."""
    return 0.5 * (1.0 + erf(x / np.sqrt(2.0)))


def _bell(x: Array) -> Array:
    """Density of the standard normal distribution."""
    return np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi)


def _where(condition: Array, yes: Array | float, no: Array | float) -> Array:
    return np.where(condition, yes, no)


SELU_SCALE, SELU_ALPHA = 1.05070098735548049342, 1.67326324235437728482  # klambauer-2017, section 2

CURVES: dict[str, Curve] = {
    curve.name: curve
    for curve in (
        Curve("linear", lambda x: x * 1.0, np.ones_like, r"x", r"1"),
        Curve(
            "relu",
            lambda x: np.maximum(x, 0.0),
            lambda x: (x > 0) * 1.0,
            r"\max(0, x)",
            r"1 \text{ if } x > 0 \text{ else } 0",
            kinks=(0.0,),
            source="nair-hinton-2010",
        ),
        Curve(
            "relu6",
            lambda x: np.clip(x, 0.0, 6.0),
            lambda x: ((x > 0) & (x < 6)) * 1.0,
            r"\min(6, \max(0, x))",
            r"1 \text{ if } 0 < x < 6 \text{ else } 0",
            kinks=(0.0, 6.0),
        ),
        Curve(
            "leaky_relu",
            lambda x, negative_slope=0.2: _where(x > 0, x, negative_slope * x),
            lambda x, negative_slope=0.2: _where(x > 0, 1.0, negative_slope),
            r"x \text{ if } x > 0 \text{ else } s x",
            r"1 \text{ if } x > 0 \text{ else } s",
            kinks=(0.0,),
        ),
        Curve(
            "elu",
            lambda x, alpha=1.0: _where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0))),
            lambda x, alpha=1.0: _where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0))),
            r"x \text{ if } x > 0 \text{ else } \alpha (e^x - 1)",
            r"1 \text{ if } x > 0 \text{ else } \alpha e^x",
            kinks=(0.0,),
        ),
        Curve(
            "selu",
            lambda x: SELU_SCALE * _where(x > 0, x, SELU_ALPHA * np.expm1(np.minimum(x, 0.0))),
            lambda x: SELU_SCALE * _where(x > 0, 1.0, SELU_ALPHA * np.exp(np.minimum(x, 0.0))),
            r"\lambda x \text{ if } x > 0 \text{ else } \lambda \alpha (e^x - 1)",
            r"\lambda \text{ if } x > 0 \text{ else } \lambda \alpha e^x",
            kinks=(0.0,),
        ),
        Curve("sigmoid", sigmoid, lambda x: sigmoid(x) * sigmoid(-x), r"\frac{1}{1 + e^{-x}}", r"f(x) (1 - f(x))"),
        Curve(
            "hard_sigmoid",
            lambda x: np.clip(x / 6.0 + 0.5, 0.0, 1.0),
            lambda x: (np.abs(x) < 3.0) / 6.0,
            r"\min(1, \max(0, \frac{x}{6} + \frac{1}{2}))",
            r"\frac{1}{6} \text{ if } -3 < x < 3 \text{ else } 0",
            kinks=(-3.0, 3.0),
        ),
        Curve(
            "tanh",
            np.tanh,
            lambda x: 1.0 / np.cosh(np.minimum(np.abs(x), 350.0)) ** 2,
            r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
            r"1 - f(x)^2",
        ),
        Curve("softplus", softplus, sigmoid, r"\ln(1 + e^x)", r"\frac{1}{1 + e^{-x}}"),
        Curve(
            "softsign",
            lambda x: x / (1.0 + np.abs(x)),
            lambda x: 1.0 / (1.0 + np.abs(x)) ** 2,
            r"\frac{x}{1 + \lvert x \rvert}",
            r"\frac{1}{(1 + \lvert x \rvert)^2}",
        ),
        Curve("exponential", np.exp, np.exp, r"e^x", r"e^x"),
        Curve(
            "gelu",
            lambda x: x * _normal(x),
            lambda x: _normal(x) + x * _bell(x),
            r"x \Phi(x)",
            r"\Phi(x) + x \phi(x)",
        ),
        Curve(
            "silu",
            lambda x: x * sigmoid(x),
            lambda x: sigmoid(x) * (1.0 + x * sigmoid(-x)),
            r"x \sigma(x)",
            r"\sigma(x) (1 + x (1 - \sigma(x)))",
        ),
        Curve(
            "mish",
            lambda x: x * np.tanh(softplus(x)),
            lambda x: np.tanh(softplus(x)) + x * sigmoid(x) / np.cosh(np.minimum(softplus(x), 350.0)) ** 2,
            r"x \tanh(\ln(1 + e^x))",
            r"\tanh(s) + x \sigma(x) (1 - \tanh(s)^2), \; s = \ln(1 + e^x)",
        ),
    )
}


@dataclass(frozen=True)
class Activation(Operation):
    """An activation function, applied to every number alone.

    Attributes:
        name: Of `CURVES`.
        setting: The function's parameter (`negative_slope` of leaky_relu, `alpha` of elu), or None for its default.
    """

    name: str
    setting: float | None = None
    formula: ClassVar[str] = r"\OUT = g(\IN)"
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN} = g'(\IN) \frac{\partial C}{\partial \OUT}",
    }

    @property
    def words(self) -> Words:  # pyright: ignore[reportIncompatibleVariableOverride]  each function has its own name
        """The function's name."""
        return Words(en=f"activation {self.name}", zh=f"激活函数 {self.name}")

    @property
    def curve(self) -> Curve:
        """The function."""
        return CURVES[self.name]

    def forward(self, x: Float[np.ndarray, "*shape"]) -> tuple[Float[np.ndarray, "*shape"], Backward]:
        """The function of every number, and the way back: times the slope there."""
        own = () if self.setting is None else (self.setting,)

        def back(slope: np.ndarray) -> Gradients:
            return Gradients((slope * self.curve.slope(x, *own),))

        return self.curve.function(x, *own), back

    def arithmetic(self, place, value, x) -> str:
        """The function's formula with the number in it."""
        written = self.curve.formula
        if self.setting is not None:
            written = written.replace(r"\alpha", number(self.setting)).replace(
                "s x", rf"{number(self.setting)} \times x"
            )
        return _with_x(written, number(x[place], in_product=True))

    def pieces(self, x: Float[np.ndarray, "*shape"]) -> np.ndarray | None:
        """Between which kinks each number lies."""
        return np.searchsorted(self.curve.kinks, x) if self.curve.kinks else None


def _with_x(formula: str, written: str) -> str:
    """The formula with a number for every x that stands alone, not inside the name of a command."""
    import re

    return re.sub(r"(?<![A-Za-z\\])x(?![A-Za-z])", lambda _: written, formula)
