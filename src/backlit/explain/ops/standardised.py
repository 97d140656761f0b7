r"""Numbers less their mean, over their spread: the heart of batch and of layer normalisation.

    x̂ = (x − μ) / s,   s = √(σ² + ε)

Mean and spread are made of all numbers of a group, so every x̂ depends on every x, and a gradient comes back by three
roads: straight, through the mean, and through the spread.

    ∂C/∂x = (d − mean(d) − x̂ · mean(d · x̂)) / s,   d = ∂C/∂x̂

    >>> found = standardise(np.array([[1.0], [3.0]]), (0,), epsilon=0.0)
    >>> found.values.tolist()  # mean 2, spread 1
    [[-1.0], [1.0]]
    >>> found.back(np.array([[1.0], [0.0]])).tolist()  # 1 − 0.5 − (−1)(−0.5), 0 − 0.5 − (1)(−0.5)
    [[0.0], [0.0]]

Not for means and variances that were found elsewhere: those are constants, and nothing flows through them.

Source:
    ioffe-szegedy-2015, section 3 (the three roads, written as one sum).
"""

from dataclasses import dataclass

import numpy as np

from backlit.explain.ops.kind import Array
from backlit.explain.ops.written import number


@dataclass(frozen=True)
class Standardised:
    """Standardised numbers, and what they were made with.

    Attributes:
        values: x̂, in the shape of x.
        mean: Of each group, with axes of length 1 where it was taken.
        variance: The same.
        spread: √(variance + ε).
        axes: Over which the mean was taken.
    """

    values: Array
    mean: Array
    variance: Array
    spread: Array
    axes: tuple[int, ...]

    def means(self, d: Array) -> tuple[Array, Array]:
        """Means of a gradient, and of the gradient times x̂, over each group."""
        return d.mean(self.axes, keepdims=True), (d * self.values).mean(self.axes, keepdims=True)

    def back(self, d: Array) -> Array:
        """From ∂C/∂x̂ to ∂C/∂x."""
        mean, tilt = self.means(d)
        return (d - mean - self.values * tilt) / self.spread


def standardise(x: Array, axes: tuple[int, ...], *, epsilon: float) -> Standardised:
    """Takes mean and spread off.

    Args:
        x: Numbers.
        axes: Over which mean and variance are taken.
        epsilon: Added to the variance, in the square of the numbers' unit, so that equal numbers give no 0 / 0.

    Returns:
        x̂, and the way back.
    """
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    spread = np.sqrt(variance + epsilon)
    return Standardised((x - mean) / spread, mean, variance, spread, axes)


def fraction(x: float, mean: float, variance: float, epsilon: float) -> str:
    r"""x̂ with its numbers in.

    Args:
        x: The number.
        mean: Of its group.
        variance: Of its group.
        epsilon: Added to the variance.

    Returns:
        LaTeX.

    Example:
        >>> fraction(3.0, 2.0, 1.0, 0.001)
        '\\frac{3 - 2}{\\sqrt{1 + 0.001}}'
    """
    return rf"\frac{{{number(x)} - {number(mean, in_product=True)}}}{{\sqrt{{{number(variance)} + {number(epsilon)}}}}}"


def scaled(shown: str, gamma: float | None, beta: float | None) -> str:
    r"""γ × x̂ + β with numbers, where a layer has them.

    Args:
        shown: x̂ in LaTeX.
        gamma: Of its place, or None.
        beta: Of its place, or None.

    Returns:
        LaTeX.

    Example:
        >>> scaled("2", 3.0, -1.0)
        '3 \\times 2 + (-1)'
    """
    product = shown if gamma is None else rf"{number(gamma, in_product=True)} \times {shown}"
    return product if beta is None else f"{product} + {number(beta, in_product=True)}"


def roads(d: float, mean: float, standard: float, tilt: float, spread: float) -> str:
    r"""∂C/∂x with its numbers in.

    Args:
        d: ∂C/∂x̂ of this number.
        mean: Of all ∂C/∂x̂ of its group.
        standard: x̂.
        tilt: Mean of ∂C/∂x̂ times x̂.
        spread: √(σ² + ε).

    Returns:
        LaTeX.

    Example:
        >>> roads(1.0, 0.5, -1.0, -0.5, 2.0)
        '\\frac{1}{2} (1 - 0.5 - (-1) \\times (-0.5))'
    """
    inner = rf"{number(d)} - {number(mean, in_product=True)} - {number(standard, in_product=True)}"
    return rf"\frac{{1}}{{{number(spread)}}} ({inner} \times {number(tilt, in_product=True)})"
