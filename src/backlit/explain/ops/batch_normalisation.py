r"""Batch normalisation: each channel gets mean β and spread γ over the batch, whatever came in.

While training, mean and variance are those of the batch itself, so that the samples of a batch depend on each other and
a gradient also flows through both (see `standardised.py`). For predictions, averages that training kept stand in their
place; then it is a straight line for each channel.

    >>> x = np.array([[1.0], [3.0]])
    >>> value, back = BatchNormalisation(epsilon=0.0).forward(x, gamma=np.array([2.0]), beta=np.array([5.0]))
    >>> value.tolist()  # mean 2, spread 1: 2 × (−1) + 5, 2 × 1 + 5
    [[3.0], [7.0]]
    >>> {name: gradient.tolist() for name, gradient in back(np.array([[1.0], [0.0]])).weights.items()}
    {'gamma': [-1.0], 'beta': [1.0]}

Source:
    ioffe-szegedy-2015, algorithm 1 (training) and algorithm 2 (prediction).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops.kind import Array, Backward, Gradients, Operation
from backlit.explain.ops.standardised import Standardised, fraction, roads, scaled, standardise
from backlit.explain.ops.written import sum_of_products
from backlit.language import Words

Channels = Float[np.ndarray, " channels"]


@dataclass(frozen=True)
class BatchNormalisation(Operation):
    """Batch normalisation while training.

    Attributes:
        axis: Of the channels.
        epsilon: Added to the variance.
        momentum: Share of a moving average that stays at each batch, from 0 to 1.
        moving: Places, in `Graph.given`, of the moving mean and variance that training moves; None where nobody asks.
    """

    axis: int = -1
    epsilon: float = 1e-3
    momentum: float = 0.99
    moving: tuple[int, int] | None = None
    is_linear_in_weights: ClassVar[bool] = False  # without γ, x̂ is there all the same
    words: ClassVar[Words] = Words(
        en="batch normalisation with the batch's own mean", zh="批量归一化（用本批次的均值）"
    )
    formula: ClassVar[str] = (
        r"\OUT_{nc} = \GAMMA_c \frac{\IN_{nc} - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}} + \BETA_c"
        r" \\ \mu_c = \frac{1}{m} \sum_n \IN_{nc}"
        r" \\ \sigma_c^2 = \frac{1}{m} \sum_n (\IN_{nc} - \mu_c)^2"
    )
    rules: ClassVar[Mapping[str, str]] = {
        "input": (
            r"\frac{\partial C}{\partial \IN_{nc}} = \frac{1}{\sqrt{\sigma_c^2 + \epsilon}} ( d_{nc}"
            r" - \frac{1}{m} \sum_i d_{ic} - \hat{x}_{nc} \frac{1}{m} \sum_i d_{ic} \hat{x}_{ic} )"
            r" \\ d_{nc} = \GAMMA_c \frac{\partial C}{\partial \OUT_{nc}}"
            r" \\ \hat{x}_{nc} = \frac{\IN_{nc} - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}}"
        ),
        "gamma": (
            r"\frac{\partial C}{\partial \GAMMA_c} = \sum_n \frac{\partial C}{\partial \OUT_{nc}}"
            r" \frac{\IN_{nc} - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}}"
        ),
        "beta": r"\frac{\partial C}{\partial \BETA_c} = \sum_n \frac{\partial C}{\partial \OUT_{nc}}",
    }

    def forward(
        self, x: Float[np.ndarray, "*shape"], *, gamma: Channels | None = None, beta: Channels | None = None
    ) -> tuple[Float[np.ndarray, "*shape"], Backward]:
        """Standardised channels times γ plus β, and the way back through mean and variance."""
        found = self._standardised(x)
        scale, offset = _along(gamma, x, self.axis, 1.0), _along(beta, x, self.axis, 0.0)

        def back(dy: np.ndarray) -> Gradients:
            weights = {}
            if gamma is not None:
                weights["gamma"] = (dy * found.values).sum(found.axes)
            if beta is not None:
                weights["beta"] = dy.sum(found.axes)
            return Gradients((found.back(dy * scale),), weights)

        return found.values * scale + offset, back

    def moved(self, x: Array, *, mean: Channels, variance: Channels) -> tuple[Channels, Channels]:
        """Moving averages after a batch, as Keras keeps them for predictions.

        The new average is momentum × old + (1 − momentum) × the batch's. The batch's variance divides by m, where the
        paper divides by m − 1.

        Args:
            x: What goes into the layer.
            mean: The moving mean before.
            variance: The moving variance before.

        Returns:
            Both afterwards.

        Example:
            >>> operation = BatchNormalisation(momentum=0.75)
            >>> new = operation.moved(np.array([[1.0], [3.0]]), mean=np.array([0.0]), variance=np.array([1.0]))
            >>> [one.tolist() for one in new]  # 0.75 × 0 + 0.25 × 2, 0.75 × 1 + 0.25 × 1
            [[0.5], [1.0]]
        """
        found = self._standardised(x)
        stays = self.momentum
        return (
            stays * mean + (1.0 - stays) * found.mean.reshape(-1),
            stays * variance + (1.0 - stays) * found.variance.reshape(-1),
        )

    def arithmetic(self, place, value, x, *, gamma=None, beta=None) -> str:
        """γ times the standardised number, plus β."""
        found, c = self._standardised(x), place[self.axis]
        mean, variance = float(found.mean.ravel()[c]), float(found.variance.ravel()[c])
        return scaled(fraction(x[place], mean, variance, self.epsilon), _at(gamma, c), _at(beta, c))

    def gradient_arithmetic(self, by, place, slope, x, *, gamma=None, beta=None) -> str:
        """The three roads to an input; the sum over the batch to a weight."""
        found = self._standardised(x)
        if by == 0:
            d = slope * _along(gamma, x, self.axis, 1.0)
            mean, tilt = found.means(d)
            c = place[self.axis]
            of_channel = [float(array.ravel()[c]) for array in (mean, tilt, found.spread)]
            return roads(float(d[place]), of_channel[0], float(found.values[place]), *of_channel[1:])
        return _over_batch(by, place[0], slope, found.values, self.axis)

    def _standardised(self, x: Array) -> Standardised:
        channel = self.axis % x.ndim
        return standardise(x, tuple(i for i in range(x.ndim) if i != channel), epsilon=self.epsilon)


@dataclass(frozen=True)
class MovingNormalisation(Operation):
    """Batch normalisation for predictions: with the averages that training kept.

    Attributes:
        axis: Of the channels.
        epsilon: Added to the variance.
    """

    axis: int = -1
    epsilon: float = 1e-3
    is_linear_in_weights: ClassVar[bool] = False
    words: ClassVar[Words] = Words(en="batch normalisation with the moving mean", zh="批量归一化（用移动平均）")
    formula: ClassVar[str] = (
        r"\OUT_{nc} = \GAMMA_c \frac{\IN_{nc} - \MOVINGMEAN_c}{\sqrt{\MOVINGVARIANCE_c + \epsilon}} + \BETA_c"
    )
    rules: ClassVar[Mapping[str, str]] = {
        "input": (
            r"\frac{\partial C}{\partial \IN_{nc}} = \GAMMA_c \frac{1}{\sqrt{\MOVINGVARIANCE_c + \epsilon}}"
            r" \frac{\partial C}{\partial \OUT_{nc}}"
        ),
        "gamma": (
            r"\frac{\partial C}{\partial \GAMMA_c} = \sum_n \frac{\partial C}{\partial \OUT_{nc}}"
            r" \frac{\IN_{nc} - \MOVINGMEAN_c}{\sqrt{\MOVINGVARIANCE_c + \epsilon}}"
        ),
        "beta": r"\frac{\partial C}{\partial \BETA_c} = \sum_n \frac{\partial C}{\partial \OUT_{nc}}",
    }

    def forward(
        self,
        x: Float[np.ndarray, "*shape"],
        *,
        moving_mean: Channels,
        moving_variance: Channels,
        gamma: Channels | None = None,
        beta: Channels | None = None,
    ) -> tuple[Float[np.ndarray, "*shape"], Backward]:
        """A straight line for each channel, and its slope on the way back."""
        scale, offset = _along(gamma, x, self.axis, 1.0), _along(beta, x, self.axis, 0.0)
        standard, spread = self._standardised(x, moving_mean, moving_variance)
        axes = tuple(i for i in range(x.ndim) if i != self.axis % x.ndim)

        def back(dy: np.ndarray) -> Gradients:
            weights = {}
            if gamma is not None:
                weights["gamma"] = (dy * standard).sum(axes)
            if beta is not None:
                weights["beta"] = dy.sum(axes)
            return Gradients((dy * scale / spread,), weights)

        return standard * scale + offset, back

    def arithmetic(self, place, value, x, *, moving_mean, moving_variance, gamma=None, beta=None) -> str:
        """γ times the standardised number, plus β."""
        c = place[self.axis]
        shown = fraction(x[place], moving_mean[c], moving_variance[c], self.epsilon)
        return scaled(shown, _at(gamma, c), _at(beta, c))

    def gradient_arithmetic(
        self, by, place, slope, x, *, moving_mean, moving_variance, gamma=None, beta=None
    ) -> str | None:
        """The sum over the batch to a weight; to an input there is one factor alone."""
        if by == 0:
            return None
        return _over_batch(by, place[0], slope, self._standardised(x, moving_mean, moving_variance)[0], self.axis)

    def _standardised(self, x: Array, mean: Array, variance: Array) -> tuple[Array, Array]:
        spread = np.sqrt(_along(variance, x, self.axis, 1.0) + self.epsilon)
        return (x - _along(mean, x, self.axis, 0.0)) / spread, spread


def _over_batch(by: int | str, c: int, slope: Array, standard: Array, axis: int) -> str:
    """∂C/∂β or ∂C/∂γ of a channel: gradients alone, or times x̂, added up."""
    slopes, others = (np.moveaxis(array, axis, -1)[..., c].ravel() for array in (slope, standard))
    return sum_of_products(((one,) for one in slopes) if by == "beta" else zip(slopes, others, strict=True))


def _along(weight: Array | None, x: Array, axis: int, missing: float) -> Array:
    """A weight for each channel, in a shape that fits beside x."""
    shape = [1] * x.ndim
    if weight is None:
        return np.full(shape, missing)
    shape[axis] = len(weight)
    return weight.reshape(shape)


def _at(weight: Array | None, c: int) -> float | None:
    return None if weight is None else float(weight[c])
