r"""Depthwise convolution, one kernel a channel, and pointwise convolution, which mixes the channels of each place.

Together they are a separable convolution: k × k × channels + channels × filters weights in the place of
k × k × channels × filters.

    >>> x, kernel = np.array([[[1.0, 5.0], [2.0, 6.0]]]), np.array([[[10.0], [0.0]], [[1.0], [1.0]]])
    >>> Depthwise(Windows((2,))).forward(x, depthwise_kernel=kernel)[0].tolist()  # each channel alone
    [[[12.0, 6.0]]]

Not for kernels that see all channels: see `convolution.py`.

Source:
    chollet-2017, section 1.2 (depthwise, then pointwise).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.explain.ops import window_places as places
from backlit.explain.ops.kind import Backward, Gradients, Operation
from backlit.explain.ops.windows import Windows
from backlit.explain.ops.written import sum_of_products
from backlit.language import Words


@dataclass(frozen=True)
class Depthwise(Operation):
    """Weighted sums over a sliding window, for each channel alone.

    Attributes:
        windows: Where they stand.
        multiplier: Kernels for each channel; channel k makes the outputs `multiplier` (k − 1) + 1 and following.
    """

    windows: Windows
    multiplier: int = 1

    @property
    def words(self) -> Words:  # pyright: ignore[reportIncompatibleVariableOverride]  P and Q need a word
        """Its name, and what P and Q are where the formula has them."""
        more = places.padding_words(self.windows)
        return Words(en=f"depthwise convolution{more.en}", zh=f"逐通道卷积{more.zh}")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  has strides and padding in it
        """One entry: window p, q and channel k; u, v inside the window, i the kernel of the channel."""
        p, u, seen = places.outputs(self.windows), places.offsets(self.windows), places.seen(self.windows)
        return rf"\OUT_{{{p},{self._output}}} = \sum_{{{u}}} {self._weight} \IN_{{{seen},k}} + \BIAS_{{{self._output}}}"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  have them, too
        """How a gradient comes back."""
        p, u, r = places.outputs(self.windows), places.offsets(self.windows), places.inputs(self.windows)
        slope = rf"\frac{{\partial C}}{{\partial \OUT_{{{p},{self._output}}}}}"
        over = u if self.multiplier == 1 else f"{u},i"
        return {
            "input": rf"\frac{{\partial C}}{{\partial \IN_{{{r},k}}}} = \sum_{{{over}}} {self._weight} {slope}"
            + places.where(self.windows),
            "depthwise_kernel": rf"\frac{{\partial C}}{{\partial {self._weight}}}"
            rf" = \sum_{{{p}}} \IN_{{{places.seen(self.windows)},k}} {slope}",
            "bias": rf"\frac{{\partial C}}{{\partial \BIAS_{{{self._output}}}}} = \sum_{{{p}}} {slope}",
        }

    def forward(
        self,
        x: Float[np.ndarray, "batch *places channels"],
        *,
        depthwise_kernel: Float[np.ndarray, "*size channels multiplier"],
        bias: Float[np.ndarray, " outputs"] | None = None,
    ) -> tuple[Float[np.ndarray, "batch *windows outputs"], Backward]:
        """Weighted sums of each channel, and the way back."""
        windows, n_inputs, kernel = self.windows, x.shape[1:-1], depthwise_kernel
        n_outputs = windows.n_outputs(n_inputs)
        around = windows.surrounded(x)
        z = np.zeros((len(x), *n_outputs, *kernel.shape[-2:]))  # a channel's outputs on an axis of their own
        for offset in windows.offsets():
            z += windows.seen(around, offset, n_outputs)[..., None] * kernel[offset]
        flat = z.reshape(*z.shape[:-2], -1)

        def back(dflat: np.ndarray) -> Gradients:
            dz = dflat.reshape(z.shape)
            all_windows = tuple(range(dz.ndim - 2))
            by_around, by_kernel = np.zeros_like(around), np.zeros_like(kernel)
            for offset in windows.offsets():
                windows.seen(by_around, offset, n_outputs)[...] += (dz * kernel[offset]).sum(-1)
                by_kernel[offset] = (windows.seen(around, offset, n_outputs)[..., None] * dz).sum(all_windows)
            weights = {"depthwise_kernel": by_kernel}
            if bias is not None:
                weights["bias"] = dflat.sum(all_windows)
            return Gradients((windows.inner(by_around, n_inputs),), weights)

        return flat if bias is None else flat + bias, back

    def arithmetic(self, place, value, x, *, depthwise_kernel, bias=None) -> str:
        """Each weight of the channel's kernel times what the window sees of the channel, and the bias."""
        sample, *window, output = place
        k, i = divmod(output, self.multiplier)
        patch = self.windows.patch(self.windows.surrounded(x)[sample], tuple(window))
        plus = () if bias is None else (bias[output],)
        return sum_of_products(zip(depthwise_kernel[..., k, i].ravel(), patch[..., k].ravel(), strict=True), plus=plus)

    @property
    def _output(self) -> str:
        return "k" if self.multiplier == 1 else f"{self.multiplier}(k-1)+i"

    @property
    def _weight(self) -> str:
        last = "k" if self.multiplier == 1 else "k,i"
        return rf"\DEPTHWISEKERNEL_{{{places.offsets(self.windows)},{last}}}"


@dataclass(frozen=True)
class Pointwise(Operation):
    """Weighted sums of the channels of each place.

    Attributes:
        n_axes: Axes of places: 1 for a signal, 2 for an image.
    """

    n_axes: int
    words: ClassVar[Words] = Words(en="pointwise convolution", zh="逐点卷积")

    @property
    def formula(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  with one axis or two
        """One entry: place p, q and filter j; k the input's channel."""
        return rf"\OUT_{{{self._place},j}} = \sum_k \POINTWISEKERNEL_{{kj}} \IN_{{{self._place},k}} + \BIAS_j"

    @property
    def rules(self) -> dict[str, str]:  # pyright: ignore[reportIncompatibleVariableOverride]  with one axis or two
        """How a gradient comes back."""
        p = self._place
        slope = rf"\frac{{\partial C}}{{\partial \OUT_{{{p},j}}}}"
        return {
            "input": rf"\frac{{\partial C}}{{\partial \IN_{{{p},k}}}} = \sum_j \POINTWISEKERNEL_{{kj}} {slope}",
            "pointwise_kernel": rf"\frac{{\partial C}}{{\partial \POINTWISEKERNEL_{{kj}}}}"
            rf" = \sum_{{{p}}} \IN_{{{p},k}} {slope}",
            "bias": rf"\frac{{\partial C}}{{\partial \BIAS_j}} = \sum_{{{p}}} {slope}",
        }

    def forward(
        self,
        x: Float[np.ndarray, "batch *places channels"],
        *,
        pointwise_kernel: Float[np.ndarray, "*ones channels filters"],
        bias: Float[np.ndarray, " filters"] | None = None,
    ) -> tuple[Float[np.ndarray, "batch *places filters"], Backward]:
        """A dense layer at every place, and the way back."""
        kernel = pointwise_kernel.reshape(pointwise_kernel.shape[-2:])
        z = x @ kernel if bias is None else x @ kernel + bias

        def back(dz: np.ndarray) -> Gradients:
            all_places = tuple(range(dz.ndim - 1))
            by_kernel = np.tensordot(x, dz, axes=(all_places, all_places))
            weights = {"pointwise_kernel": by_kernel.reshape(pointwise_kernel.shape)}
            if bias is not None:
                weights["bias"] = dz.sum(all_places)
            return Gradients((dz @ kernel.T,), weights)

        return z, back

    def arithmetic(self, place, value, x, *, pointwise_kernel, bias=None) -> str:
        """Each weight times its channel, and the bias."""
        *at, j = place
        plus = () if bias is None else (bias[j],)
        return sum_of_products(zip(pointwise_kernel[..., j].ravel(), x[tuple(at)], strict=True), plus=plus)

    @property
    def _place(self) -> str:
        return ",".join("pq"[: self.n_axes])
