r"""Pooling: of what a window sees of a channel, the largest number or the mean.

The gradient goes back to where the number came from: to the largest alone, or to all in equal parts. Of several that
are equally large the first has it, row by row, as in Keras on JAX.

    >>> x = np.array([[[1.0], [4.0], [3.0], [3.0]]])
    >>> value, back = MaxPooling(Windows((2,), strides=(2,))).forward(x)
    >>> value.ravel().tolist(), back(np.array([[[10.0], [20.0]]])).inputs[0].ravel().tolist()
    ([4.0, 3.0], [0.0, 10.0, 20.0, 0.0])

Padding takes no part: it is never the largest, and a mean is over the numbers of the input alone.

Not for pooling over all places: see `global_pooling.py`.

Source:
    scherer-2010 (both kinds compared).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from backlit.explain.ops import window_places as places
from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.windows import Windows
from backlit.explain.ops.written import MOST_TERMS, number, sum_of_products
from backlit.language import Words

Batch = Float[np.ndarray, "batch *places channels"]


@dataclass(frozen=True)
class MaxPooling(Operation):
    """The largest number of each window, for each channel.

    Attributes:
        windows: Where they stand.
    """

    windows: Windows

    @property
    def words(self) -> Words:  # pyright: ignore[reportIncompatibleVariableOverride]  P and Q need a word
        """Its name, and what P and Q are where the formula has them."""
        more = places.padding_words(self.windows)
        return Words(en=f"max pooling{more.en}", zh=f"最大池化{more.zh}")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  has strides and padding in it
        """One entry: window p, q and channel k; u, v inside the window."""
        p, u, seen = places.outputs(self.windows), places.offsets(self.windows), places.seen(self.windows)
        return rf"\OUT_{{{p},k}} = \max_{{{u}}} \IN_{{{seen},k}}"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  have them, too
        """From the windows whose largest number it is."""
        p, r = places.outputs(self.windows), places.inputs(self.windows)
        return {
            "input": rf"\frac{{\partial C}}{{\partial \IN_{{{r},k}}}} = \sum_{{{p}}}"
            rf" \frac{{\partial C}}{{\partial \OUT_{{{p},k}}}}, \; \OUT_{{{p},k}} = \IN_{{{r},k}}"
            + places.where(self.windows)
        }

    def forward(self, x: Batch) -> tuple[Float[np.ndarray, "batch *windows channels"], Backward]:
        """The largest numbers, and the way back: to where each was."""
        windows, n_inputs = self.windows, x.shape[1:-1]
        n_outputs = windows.n_outputs(n_inputs)
        largest, winner = self._largest(x)

        def back(slope: np.ndarray) -> Gradients:
            by_around = windows.surrounded(np.zeros_like(x))
            for i, offset in enumerate(windows.offsets()):
                windows.seen(by_around, offset, n_outputs)[...] += slope * (winner == i)
            return Gradients((windows.inner(by_around, n_inputs),))

        return largest, back

    def arithmetic(self, place, value, x) -> str:
        """The numbers of the window; of many, the largest."""
        sample, *window, k = place
        seen = self.windows.patch(self.windows.surrounded(x, filled=-np.inf)[sample], tuple(window))[..., k]
        return largest_written(seen[seen > -np.inf])

    def gradient_arithmetic(self, by, place, slope, x) -> str:
        """The gradients of the windows whose largest number it is."""
        sample, *at, k = place
        _, winner = self._largest(x)
        numbers = {offset: i for i, offset in enumerate(self.windows.offsets())}
        won = [
            (slope[(sample, *window, k)],)
            for offset, window in self.windows.holding(tuple(at), x.shape[1:-1])
            if winner[(sample, *window, k)] == numbers[offset]
        ]
        return sum_of_products(won)

    def pieces(self, x: Batch) -> np.ndarray:
        """At which position each window's largest number is."""
        return self._largest(x)[1]

    def _largest(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The largest number of each window, and the number of its position."""
        n_outputs = self.windows.n_outputs(x.shape[1:-1])
        around = self.windows.surrounded(x, filled=-np.inf)
        largest = np.full((len(x), *n_outputs, x.shape[-1]), -np.inf)
        winner = np.zeros(largest.shape, int)
        for i, offset in enumerate(self.windows.offsets()):
            seen = self.windows.seen(around, offset, n_outputs)
            is_larger = seen > largest  # not ≥: of equals, the first stays
            largest, winner = np.where(is_larger, seen, largest), np.where(is_larger, i, winner)
        return largest, winner


@dataclass(frozen=True)
class AveragePooling(Operation):
    """The mean of each window, for each channel.

    Attributes:
        windows: Where they stand.
    """

    windows: Windows

    @property
    def words(self) -> Words:  # pyright: ignore[reportIncompatibleVariableOverride]  n, P and Q need a word
        """Its name, and what the letters of the formula are."""
        more = places.padding_words(self.windows)
        if self.windows.padding == "valid":
            return Words(en=f"average pooling{more.en}", zh=f"平均池化{more.zh}")
        return Words(
            en=f"average pooling, n numbers of the input in each window{more.en}",
            zh=f"平均池化，n 为窗口内输入数值的个数{more.zh}",
        )

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  has strides and padding in it
        """One entry: window p, q and channel k; u, v inside the window."""
        p, u, seen = places.outputs(self.windows), places.offsets(self.windows), places.seen(self.windows)
        return rf"\OUT_{{{p},k}} = \frac{{1}}{{{self._count}}} \sum_{{{u}}} \IN_{{{seen},k}}"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  have them, too
        """An equal part of the gradient of every window that sees it."""
        p, u, r = places.outputs(self.windows), places.offsets(self.windows), places.inputs(self.windows)
        return {
            "input": rf"\frac{{\partial C}}{{\partial \IN_{{{r},k}}}} = \sum_{{{u}}} \frac{{1}}{{{self._count}}}"
            rf" \frac{{\partial C}}{{\partial \OUT_{{{p},k}}}}" + places.where(self.windows)
        }

    def forward(self, x: Batch) -> tuple[Float[np.ndarray, "batch *windows channels"], Backward]:
        """The means, and the way back: an equal part to each number of the window."""
        windows, n_inputs = self.windows, x.shape[1:-1]
        n_outputs = windows.n_outputs(n_inputs)
        counts = self._sums(np.ones_like(x))  # of the numbers in a window: fewer at a padded border

        def back(slope: np.ndarray) -> Gradients:
            by_around = windows.surrounded(np.zeros_like(x))
            for offset in windows.offsets():
                windows.seen(by_around, offset, n_outputs)[...] += slope / counts
            return Gradients((windows.inner(by_around, n_inputs),))

        return self._sums(x) / counts, back

    def arithmetic(self, place, value, x) -> str:
        """The numbers of the window, over their count."""
        sample, *window, k = place
        seen = self.windows.patch(self.windows.surrounded(x, filled=np.nan)[sample], tuple(window))[..., k]
        return mean_written(seen[~np.isnan(seen)])

    @property
    def _count(self) -> str:
        if self.windows.padding == "valid":
            return str(int(np.prod(self.windows.size)))
        return f"n_{{{places.outputs(self.windows)}}}"

    def _sums(self, x: np.ndarray) -> np.ndarray:
        n_outputs = self.windows.n_outputs(x.shape[1:-1])
        around = self.windows.surrounded(x)
        return sum((self.windows.seen(around, offset, n_outputs) for offset in self.windows.offsets()), np.zeros(()))


def largest_written(values: np.ndarray) -> str:
    r"""The largest of some numbers; of many, the largest are shown.

    Args:
        values: Any shape.

    Returns:
        LaTeX.

    Example:
        >>> largest_written(np.array([1.0, -2.0]))
        '\\max(1, -2)'
    """
    flat = values.ravel()
    shown = np.sort(np.argsort(-flat, kind="stable")[:MOST_TERMS])
    more = r", \dots" if flat.size > len(shown) else ""
    return rf"\max({', '.join(number(float(flat[i])) for i in shown)}{more})"


def mean_written(values: np.ndarray) -> str:
    r"""The mean of some numbers.

    Args:
        values: Any shape.

    Returns:
        LaTeX.

    Example:
        >>> mean_written(np.array([1.0, 2.0]))
        '\\frac{1}{2} (1 + 2)'
    """
    return rf"\frac{{1}}{{{values.size}}} ({sum_of_products([(value,) for value in values.ravel()])})"
