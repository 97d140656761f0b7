r"""Layer normalisation: each sample's features get mean β and spread γ, whatever the other samples are.

The same arithmetic as batch normalisation, over other axes: the features of one sample instead of the samples of one
channel. So training and prediction compute alike, and a batch of one is enough.

    >>> x = np.array([[1.0, 3.0]])
    >>> value, back = LayerNormalisation(epsilon=0.0).forward(x, gamma=np.array([1.0, 2.0]), beta=np.array([0.0, 5.0]))
    >>> value.tolist()  # mean 2, spread 1: 1 × (−1) + 0, 2 × 1 + 5
    [[-1.0, 7.0]]

`RootMeanSquare` leaves the mean where it is, and divides by the root of the mean square.

Source:
    ba-2016, section 3; zhang-sennrich-2019, equation 4 (root mean square).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.kind import Array, Backward, Gradients, Operation
from backlit.explain.ops.standardised import fraction, roads, scaled, standardise
from backlit.explain.ops.written import number, sum_of_products
from backlit.language import Words


@dataclass(frozen=True)
class LayerNormalisation(Operation):
    """Layer normalisation.

    Attributes:
        axes: Over which mean and variance of a sample are taken.
        epsilon: Added to the variance.
    """

    axes: tuple[int, ...] = (-1,)
    epsilon: float = 1e-3
    is_linear_in_weights: ClassVar[bool] = False  # without γ, x̂ is there all the same
    words: ClassVar[Words] = Words(en="layer normalisation", zh="层归一化")
    formula: ClassVar[str] = (
        r"\OUT_j = \GAMMA_j \frac{\IN_j - \mu}{\sqrt{\sigma^2 + \epsilon}} + \BETA_j"
        r" \\ \mu = \frac{1}{m} \sum_k \IN_k"
        r" \\ \sigma^2 = \frac{1}{m} \sum_k (\IN_k - \mu)^2"
    )
    rules: ClassVar[Mapping[str, str]] = {
        "input": (
            r"\frac{\partial C}{\partial \IN_j} = \frac{1}{\sqrt{\sigma^2 + \epsilon}} ( d_j"
            r" - \frac{1}{m} \sum_k d_k - \hat{x}_j \frac{1}{m} \sum_k d_k \hat{x}_k )"
            r" \\ d_j = \GAMMA_j \frac{\partial C}{\partial \OUT_j}"
            r" \\ \hat{x}_j = \frac{\IN_j - \mu}{\sqrt{\sigma^2 + \epsilon}}"
        ),
        "gamma": (
            r"\frac{\partial C}{\partial \GAMMA_j} = \sum_n \frac{\partial C}{\partial \OUT_{nj}}"
            r" \frac{\IN_{nj} - \mu_n}{\sqrt{\sigma_n^2 + \epsilon}}"
        ),
        "beta": r"\frac{\partial C}{\partial \BETA_j} = \sum_n \frac{\partial C}{\partial \OUT_{nj}}",
    }

    def forward(
        self, x: Float[np.ndarray, "*shape"], *, gamma: Array | None = None, beta: Array | None = None
    ) -> tuple[Float[np.ndarray, "*shape"], Backward]:
        """Standardised features times γ plus β, and the way back through mean and variance."""
        axes = _within(self.axes, x.ndim)
        found = standardise(x, axes, epsilon=self.epsilon)
        scale, offset = _beside(gamma, x, axes, 1.0), _beside(beta, x, axes, 0.0)
        others = tuple(i for i in range(x.ndim) if i not in axes)

        def back(dy: np.ndarray) -> Gradients:
            weights = {}
            if gamma is not None:
                weights["gamma"] = (dy * found.values).sum(others)
            if beta is not None:
                weights["beta"] = dy.sum(others)
            return Gradients((found.back(dy * scale),), weights)

        return found.values * scale + offset, back

    def arithmetic(self, place, value, x, *, gamma=None, beta=None) -> str:
        """γ times the standardised number, plus β."""
        axes = _within(self.axes, x.ndim)
        found, group = standardise(x, axes, epsilon=self.epsilon), _group(place, axes)
        at = tuple(place[i] for i in axes)
        shown = fraction(x[place], found.mean[group], found.variance[group], self.epsilon)
        return scaled(shown, None if gamma is None else float(gamma[at]), None if beta is None else float(beta[at]))

    def gradient_arithmetic(self, by, place, slope, x, *, gamma=None, beta=None) -> str:
        """The three roads to an input; the sum over the samples to a weight."""
        axes = _within(self.axes, x.ndim)
        found = standardise(x, axes, epsilon=self.epsilon)
        if by == 0:
            d = slope * _beside(gamma, x, axes, 1.0)
            mean, tilt = found.means(d)
            group = _group(place, axes)
            numbers = d[place], mean[group], found.values[place], tilt[group], found.spread[group]
            return roads(*(float(one) for one in numbers))
        slopes = _column(slope, place, axes)
        if by == "beta":
            return sum_of_products((one,) for one in slopes)
        return sum_of_products(zip(slopes, _column(found.values, place, axes), strict=True))


@dataclass(frozen=True)
class RootMeanSquare(Operation):
    r"""Each sample's features over the root of their mean square.

        >>> value, back = RootMeanSquare(epsilon=0.0).forward(np.array([[1.0, 7.0]]), scale=np.array([1.0, 2.0]))
        >>> value.tolist()  # √((1 + 49) / 2) = 5: 1 × 1 / 5, 2 × 7 / 5
        [[0.2, 2.8]]

    Attributes:
        axes: Over which the mean square of a sample is taken.
        epsilon: Added to the mean square.
    """

    axes: tuple[int, ...] = (-1,)
    epsilon: float = 1e-6
    words: ClassVar[Words] = Words(en="division by the root mean square", zh="除以均方根")
    formula: ClassVar[str] = r"\OUT_j = \SCALE_j \frac{\IN_j}{r} \\ r = \sqrt{\frac{1}{m} \sum_k \IN_k^2 + \epsilon}"
    rules: ClassVar[Mapping[str, str]] = {
        "input": (
            r"\frac{\partial C}{\partial \IN_j} = \frac{1}{r}"
            r" ( d_j - \frac{\IN_j}{r} \frac{1}{m} \sum_k d_k \frac{\IN_k}{r} )"
            r" \\ d_j = \SCALE_j \frac{\partial C}{\partial \OUT_j}"
        ),
        "scale": (
            r"\frac{\partial C}{\partial \SCALE_j} = \sum_n \frac{\partial C}{\partial \OUT_{nj}}"
            r" \frac{\IN_{nj}}{r_n}"
        ),
    }

    def forward(self, x: Float[np.ndarray, "*shape"], *, scale: Array) -> tuple[Float[np.ndarray, "*shape"], Backward]:
        """Features over their root mean square, times a scale, and the way back through the root."""
        axes = _within(self.axes, x.ndim)
        root = self._root(x)
        standard, factor = x / root, _beside(scale, x, axes, 1.0)
        others = tuple(i for i in range(x.ndim) if i not in axes)

        def back(dy: np.ndarray) -> Gradients:
            d = dy * factor
            dx = (d - standard * (d * standard).mean(axes, keepdims=True)) / root
            return Gradients((dx,), {"scale": (dy * standard).sum(others)})

        return standard * factor, back

    def arithmetic(self, place, value, x, *, scale) -> str:
        """The scale times the number over the root mean square."""
        axes = _within(self.axes, x.ndim)
        root = self._root(x)[_group(place, axes)]
        shown = rf"\frac{{{number(x[place])}}}{{{number(root)}}}"
        return scaled(shown, float(scale[tuple(place[i] for i in axes)]), None)

    def _root(self, x: Array) -> Array:
        return np.sqrt((x**2).mean(_within(self.axes, x.ndim), keepdims=True) + self.epsilon)


def _within(axes: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    return tuple(sorted(axis % ndim for axis in axes))


def _beside(weight: Array | None, x: Array, axes: tuple[int, ...], missing: float) -> Array:
    """A weight for each feature, in a shape that fits beside x."""
    shape = [x.shape[i] if i in axes else 1 for i in range(x.ndim)]
    return np.full([1] * x.ndim, missing) if weight is None else weight.reshape(shape)


def _group(place: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """Index of a number's group in an array of means."""
    return tuple(0 if i in axes else at for i, at in enumerate(place))


def _column(array: Array, place: tuple[int, ...], axes: tuple[int, ...]) -> Array:
    """The entries that belong to one entry of a weight."""
    return np.moveaxis(array, axes, range(-len(axes), 0))[(..., *place)].ravel()
