r"""Where branches of a network meet: sums, products, the largest, and arrays side by side.

    >>> a, b = np.array([[1.0, 5.0]]), np.array([[2.0, 3.0]])
    >>> [operation.forward(a, b)[0].tolist() for operation in (Sum((1.0, -1.0)), Product(), Largest())]
    [[[-1.0, 2.0]], [[2.0, 15.0]], [[2.0, 5.0]]]
    >>> Concatenated().forward(a, b)[0].tolist()
    [[1.0, 5.0, 2.0, 3.0]]

A branch with an axis of length 1 is repeated along it, as NumPy does; its gradient is then the sum over that axis.

Where a sum joins a layer's input to its output, the gradient has a road around the layer.

Source:
    he-2016, section 3.2 (why a sum).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np

from backlit.explain.ops.kind import Array, Backward, Gradients, Operation, input_macro
from backlit.explain.ops.written import number, product, sum_of_products
from backlit.language import Words


@dataclass(frozen=True)
class Sum(Operation):
    """A sum of inputs, each times a fixed factor.

    Attributes:
        factors: One for each input: ones for a sum, 1 and −1 for a difference, 1 / n for an average.
    """

    factors: tuple[float, ...]

    @property
    def words(self) -> Words:  # pyright: ignore[reportIncompatibleVariableOverride]  by its factors
        """Sum, difference or average."""
        if -1.0 in self.factors:
            return Words(en="difference", zh="相减")
        return Words(en="sum", zh="相加") if self.factors[0] == 1.0 else Words(en="average", zh="取平均")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  as many terms as inputs
        """All inputs with their factors."""
        names = [input_macro(i) for i in range(len(self.factors))]
        if -1.0 in self.factors:
            return rf"\OUT = {names[0]} - {names[1]}"
        total = " + ".join(names)
        return rf"\OUT = {total}" if self.factors[0] == 1.0 else rf"\OUT = \frac{{1}}{{{len(names)}}} ({total})"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  one for each input
        """The gradient times the factor."""
        share = rf"\frac{{1}}{{{len(self.factors)}}} "
        shown = {1.0: "", -1.0: "-"}
        return {
            _key(i): (
                rf"\frac{{\partial C}}{{\partial {input_macro(i)}}} ="
                rf" {shown.get(factor, share)}\frac{{\partial C}}{{\partial \OUT}}"
            )
            for i, factor in enumerate(self.factors)
        }

    def forward(self, *inputs: Array) -> tuple[Array, Backward]:
        """The sum, and the gradient times each factor."""
        value = reduce(np.add, (factor * x for factor, x in zip(self.factors, inputs, strict=True)))

        def back(slope: np.ndarray) -> Gradients:
            parts = (_folded(factor * slope, x) for factor, x in zip(self.factors, inputs, strict=True))
            return Gradients(tuple(parts))

        return value, back

    def arithmetic(self, place, value, *inputs) -> str:
        """The numbers, with their factors."""
        shown = [_number_at(x, place, value) for x in inputs]
        if -1.0 in self.factors:
            return f"{number(shown[0])} - {number(shown[1], in_product=True)}"
        total = " + ".join(number(x, in_product=i > 0) for i, x in enumerate(shown))
        return total if self.factors[0] == 1.0 else rf"\frac{{1}}{{{len(shown)}}} ({total})"


@dataclass(frozen=True)
class Product(Operation):
    """A product of inputs.

    Attributes:
        n_inputs: How many.
    """

    n_inputs: int = 2
    words: ClassVar[Words] = Words(en="product", zh="相乘")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  as many factors as inputs
        """All inputs."""
        return r"\OUT = " + r" \times ".join(input_macro(i) for i in range(self.n_inputs))

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  one for each input
        """The other inputs, times the gradient."""
        found = {}
        for i in range(self.n_inputs):
            others = r" \times ".join(input_macro(k) for k in range(self.n_inputs) if k != i)
            times = rf"{others} \times " if others else ""
            found[_key(i)] = (
                rf"\frac{{\partial C}}{{\partial {input_macro(i)}}} = {times}\frac{{\partial C}}{{\partial \OUT}}"
            )
        return found

    def forward(self, *inputs: Array) -> tuple[Array, Backward]:
        """The product; each input gets the gradient times all others."""

        def back(slope: np.ndarray) -> Gradients:
            parts = []
            for i, x in enumerate(inputs):
                others = reduce(np.multiply, (other for k, other in enumerate(inputs) if k != i), np.ones(1))
                parts.append(_folded(slope * others, x))
            return Gradients(tuple(parts))

        return reduce(np.multiply, inputs), back

    def arithmetic(self, place, value, *inputs) -> str:
        """The numbers, with × between them."""
        return product([_number_at(x, place, value) for x in inputs])


@dataclass(frozen=True)
class Largest(Operation):
    """The largest of the inputs, or the smallest, place by place.

    Where two are equal each gets half of the gradient, as in JAX; the true derivative does not exist there.

    Attributes:
        n_inputs: How many.
        is_smallest: Whether the smallest.
    """

    n_inputs: int = 2
    is_smallest: bool = False

    @property
    def words(self) -> Words:  # pyright: ignore[reportIncompatibleVariableOverride]  by its setting
        """Which."""
        return Words(en="the smallest", zh="取最小值") if self.is_smallest else Words(en="the largest", zh="取最大值")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  as many as inputs
        """All inputs."""
        return rf"\OUT = {self._sign}({', '.join(input_macro(i) for i in range(self.n_inputs))})"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  one for each input
        """The gradient, for the one that was put out."""
        return {
            _key(i): rf"\frac{{\partial C}}{{\partial {input_macro(i)}}} = \frac{{\partial C}}{{\partial \OUT}}"
            rf" \text{{ if }} \OUT = {input_macro(i)} \text{{ else }} 0"
            for i in range(self.n_inputs)
        }

    def forward(self, *inputs: Array) -> tuple[Array, Backward]:
        """One after another is compared; the gradient goes to the winner."""
        choose = np.minimum if self.is_smallest else np.maximum
        so_far = [inputs[0]]
        for x in inputs[1:]:
            so_far.append(choose(so_far[-1], x))

        def back(slope: np.ndarray) -> Gradients:
            parts = []
            for i in range(len(inputs) - 1, 0, -1):
                share = _share(inputs[i], so_far[i], other=so_far[i - 1])
                parts.append(_folded(slope * share, inputs[i]))
                slope = _folded(slope * (1.0 - share), so_far[i - 1])
            return Gradients((_folded(slope, inputs[0]), *parts[::-1]))

        return so_far[-1], back

    def arithmetic(self, place, value, *inputs) -> str:
        """The numbers that were compared."""
        shown = ", ".join(number(_number_at(x, place, value)) for x in inputs)
        return f"{self._sign}({shown})"

    def pieces(self, *inputs: Array) -> Array:
        """Which inputs are put out."""
        value, _ = self.forward(*inputs)
        return np.stack([np.broadcast_to(x, value.shape) == value for x in inputs])

    @property
    def _sign(self) -> str:
        return r"\min" if self.is_smallest else r"\max"


@dataclass(frozen=True)
class Concatenated(Operation):
    """Inputs side by side.

    Attributes:
        axis: Along which.
        n_inputs: How many.
    """

    axis: int = -1
    n_inputs: int = 2
    words: ClassVar[Words] = Words(en="side by side", zh="拼接")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  as many as inputs
        """All inputs in a row."""
        return rf"\OUT = [{', '.join(input_macro(i) for i in range(self.n_inputs))}]"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  one for each input
        """Each input's own part of the gradient."""
        return {
            _key(i): rf"\frac{{\partial C}}{{\partial {input_macro(i)}}} = \text{{its part of }}"
            r" \frac{\partial C}{\partial \OUT}"
            for i in range(self.n_inputs)
        }

    def forward(self, *inputs: Array) -> tuple[Array, Backward]:
        """All in a row, and each gets its part of the gradient."""
        ends = np.cumsum([x.shape[self.axis] for x in inputs])[:-1]
        return np.concatenate(inputs, self.axis), lambda slope: Gradients(tuple(np.split(slope, ends, self.axis)))

    def arithmetic(self, place, value, *inputs) -> str:
        """The number itself: nothing is computed."""
        return number(value[place])


@dataclass(frozen=True)
class Mean(Operation):
    """The mean over some axes, those of the batch left out.

    Attributes:
        axes: Over which.
        keeps_axes: Whether they stay, with length 1.
    """

    axes: tuple[int, ...]
    keeps_axes: bool = False
    words: ClassVar[Words] = Words(en="mean over axes", zh="沿轴取平均")
    formula: ClassVar[str] = r"\OUT = \frac{1}{m} \sum_i \IN_i"
    rules: ClassVar[Mapping[str, str]] = {
        "input": r"\frac{\partial C}{\partial \IN_i} = \frac{1}{m} \frac{\partial C}{\partial \OUT}",
    }

    def forward(self, x: Array) -> tuple[Array, Backward]:
        """The mean; each number gets its share of the gradient."""
        axes = tuple(axis % x.ndim for axis in self.axes)
        value = x.mean(axes, keepdims=self.keeps_axes)

        def back(slope: np.ndarray) -> Gradients:
            spread = slope if self.keeps_axes else np.expand_dims(slope, axes)
            return Gradients((np.broadcast_to(spread, x.shape) * (value.size / x.size),))

        return value, back

    def arithmetic(self, place, value, x) -> str:
        """The numbers' sum over their count."""
        axes = sorted(axis % x.ndim for axis in self.axes)
        at = list(place)
        for axis in axes:
            if self.keeps_axes:
                at[axis] = slice(None)
            else:
                at.insert(axis, slice(None))
        numbers = x[tuple(at)].ravel()
        return rf"\frac{{1}}{{{numbers.size}}} ({sum_of_products((one,) for one in numbers)})"


def _key(which: int) -> str:
    return "input" if which == 0 else f"input_{which + 1}"


def _number_at(x: Array, place: tuple[int, ...], value: Array) -> float:
    """What an input, repeated where it has to be, contributes to one place of the value."""
    return float(np.broadcast_to(x, value.shape)[place])


def _folded(slope: Array, x: Array) -> Array:
    """A gradient in the shape of an input, summed where the input was repeated."""
    repeated = tuple(i for i in range(slope.ndim) if x.shape[i] == 1 and slope.shape[i] != 1)
    return slope.sum(repeated, keepdims=True) if repeated else np.broadcast_to(slope, x.shape)


def _share(x: Array, chosen: Array, *, other: Array) -> Array:
    """1 where x was chosen, 0 where the other was, a half where they are equal."""
    return np.where(x == other, 0.5, (x == chosen) * 1.0)
