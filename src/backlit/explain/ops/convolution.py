r"""Convolution, along one axis or two: a window slides over the input; at every place, inputs times weights, summed.

The weights of a window are the same wherever it stands. So each of them collects its gradient from all windows, and
each place of the input from all windows that see it.

    >>> x, kernel = np.array([[[1.0], [2.0], [3.0]]]), np.array([[[10.0]], [[1.0]]])  # (1, 3, 1) and (2, 1, 1)
    >>> value, back = Convolution(Windows((2,))).forward(x, kernel=kernel)
    >>> value.ravel().tolist()  # 1 × 10 + 2 × 1, 2 × 10 + 3 × 1
    [12.0, 23.0]
    >>> found = back(np.ones((1, 2, 1)))
    >>> found.weights["kernel"].ravel().tolist(), found.inputs[0].ravel().tolist()
    ([3.0, 5.0], [10.0, 11.0, 1.0])

Deep learning's convolution does not turn the kernel round; statistics calls it cross-correlation. The loops go over the
few positions of the kernel; NumPy goes over the many places of the image.

Not for one kernel a channel: see `separable.py`.

Source:
    lecun-1989, section 3.2 (shared weights); dumoulin-visin-2016 (arithmetic);
    oord-2016, section 2.1 (causal, dilated).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from backlit.explain.ops import window_places as places
from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.windows import Windows
from backlit.explain.ops.written import sum_of_products
from backlit.language import Words


@dataclass(frozen=True)
class Convolution(Operation):
    """Weighted sums over a sliding window, for each filter.

    Attributes:
        windows: Where they stand.
    """

    windows: Windows

    @property
    def words(self) -> Words:  # pyright: ignore[reportIncompatibleVariableOverride]  P and Q need a word
        """Its name, and what P and Q are where the formula has them."""
        more = places.padding_words(self.windows)
        return Words(en=f"convolution{more.en}", zh=f"卷积{more.zh}")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  has strides and padding in it
        """One entry: window p, q and filter j; u, v inside the window, k the input's channel."""
        p, u, seen = places.outputs(self.windows), places.offsets(self.windows), places.seen(self.windows)
        return rf"\OUT_{{{p},j}} = \sum_{{{u},k}} \KERNEL_{{{u},k,j}} \IN_{{{seen},k}} + \BIAS_j"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  have them, too
        """How a gradient comes back."""
        p, u, r = places.outputs(self.windows), places.offsets(self.windows), places.inputs(self.windows)
        slope = rf"\frac{{\partial C}}{{\partial \OUT_{{{p},j}}}}"
        return {
            "input": rf"\frac{{\partial C}}{{\partial \IN_{{{r},k}}}} = \sum_{{{u},j}} \KERNEL_{{{u},k,j}} {slope}"
            + places.where(self.windows),
            "kernel": rf"\frac{{\partial C}}{{\partial \KERNEL_{{{u},k,j}}}}"
            rf" = \sum_{{{p}}} \IN_{{{places.seen(self.windows)},k}} {slope}",
            "bias": rf"\frac{{\partial C}}{{\partial \BIAS_j}} = \sum_{{{p}}} {slope}",
        }

    def forward(
        self,
        x: Float[np.ndarray, "batch *places channels"],
        *,
        kernel: Float[np.ndarray, "*size channels filters"],
        bias: Float[np.ndarray, " filters"] | None = None,
    ) -> tuple[Float[np.ndarray, "batch *windows filters"], Backward]:
        """Weighted sums, and the way back: to every weight from all windows, to every place from those that see it."""
        windows, n_inputs = self.windows, x.shape[1:-1]
        n_outputs = windows.n_outputs(n_inputs)
        around = windows.surrounded(x)
        z = np.zeros((len(x), *n_outputs, kernel.shape[-1]))
        for offset in windows.offsets():
            z += windows.seen(around, offset, n_outputs) @ kernel[offset]
        if bias is not None:
            z += bias

        def back(dz: np.ndarray) -> Gradients:
            all_windows = tuple(range(dz.ndim - 1))
            by_around, by_kernel = np.zeros_like(around), np.zeros_like(kernel)
            for offset in windows.offsets():
                windows.seen(by_around, offset, n_outputs)[...] += dz @ kernel[offset].T
                seen = windows.seen(around, offset, n_outputs)
                by_kernel[offset] = np.tensordot(seen, dz, axes=(all_windows, all_windows))
            weights = {"kernel": by_kernel}
            if bias is not None:
                weights["bias"] = dz.sum(all_windows)
            return Gradients((windows.inner(by_around, n_inputs),), weights)

        return z, back

    def arithmetic(self, place, value, x, *, kernel, bias=None) -> str:
        """Each weight of the filter times what the window sees, and the bias."""
        sample, *window, j = place
        patch = self.windows.patch(self.windows.surrounded(x)[sample], tuple(window))
        plus = () if bias is None else (bias[j],)
        return sum_of_products(zip(kernel[..., j].ravel(), patch.ravel(), strict=True), plus=plus)

    def gradient_arithmetic(self, by, place, slope, x, *, kernel, bias=None) -> str | None:
        """Weights times gradients for a place of the input, inputs times gradients for a weight."""
        if by == "bias":
            return sum_of_products([(one,) for one in slope[..., place[0]].ravel()])
        if by == "kernel":
            *offset, k, j = place
            seen = self.windows.seen(self.windows.surrounded(x), tuple(offset), slope.shape[1:-1])
            return sum_of_products(zip(seen[..., k].ravel(), slope[..., j].ravel(), strict=True))
        sample, *at, k = place
        return sum_of_products(
            (weight, one)
            for offset, window in self.windows.holding(tuple(at), x.shape[1:-1])
            for weight, one in zip(kernel[offset][k], slope[(sample, *window)], strict=True)
        )
