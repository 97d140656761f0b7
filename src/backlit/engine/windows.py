"""Windows that slide over a picture: where they lie, and all inputs that they have in one place, as one slice.

    shifted(inputs, window=(2,), …)  →  [inputs[:, 0:n], inputs[:, 1:n+1]]      place 0 of all windows, then place 1

Positions, strides, dilation and borders are those of Keras's `valid` and `same`.

Not for computing: see `kernels.py` for convolution, `pooling.py` for pooling.
"""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

MOST_PLACES = 49  # a 7 × 7 window; beyond it the slices outgrow what they gain
MOST_AXES = 2
Sizes = tuple[int, ...]


def shifted(inputs: Any, *, window: Sizes, steps: Sizes, dilation: Sizes, padding: str, fill: float) -> list[Any]:
    """For each place of the window, in row-major order, the inputs that all windows have there.

    Args:
        inputs: (batch, space…, channel).
        window: Places along each axis.
        steps: Between windows.
        dilation: Between places of a window.
        padding: `valid` or `same`.
        fill: What lies beyond the border.

    Returns:
        One (batch, windows…, channel) array a place.
    """
    borders = all_borders(inputs.shape[1:-1], window=window, steps=steps, dilation=dilation, padding=padding)
    if any(before or after for before, after, _ in borders):
        widths = [(0, 0), *((before, after) for before, after, _ in borders), (0, 0)]
        inputs = jnp.pad(inputs, widths, constant_values=fill)
    slices = []
    for place in itertools.product(*(range(width) for width in window)):
        spans = [
            slice(u * gap, u * gap + (n - 1) * step + 1, step)
            for u, gap, step, (_, _, n) in zip(place, dilation, steps, borders, strict=True)
        ]
        slices.append(inputs[(slice(None), *spans)])
    return slices


def all_borders(
    sizes: Sizes, *, window: Sizes, steps: Sizes, dilation: Sizes, padding: str
) -> list[tuple[int, int, int]]:
    """Padding before and after each axis, and the number of windows along it.

    Args:
        sizes: Of the picture.
        window: Places along each axis.
        steps: Between windows.
        dilation: Between places of a window.
        padding: `valid` or `same`.

    Returns:
        Before, after, number of windows; for each axis.

    Example:
        >>> all_borders((5,), window=(2,), steps=(2,), dilation=(1,), padding="same")
        [(0, 1, 3)]
    """
    return [
        _border(size, (width - 1) * gap + 1, step, padding)
        for size, width, step, gap in zip(sizes, window, steps, dilation, strict=True)
    ]


def is_covered(inputs: jax.Array, window: Sizes, data_format: str | None) -> bool:
    """Whether slices suit these windows: channels last, one or two axes, few places, at least one whole window.

    Args:
        inputs: (batch, space…, channel), if channels are last.
        window: Places along each axis.
        data_format: As Keras names it; None means its default.

    Returns:
        False where Keras's own function should be used.
    """
    from keras import config

    layout = data_format or config.image_data_format()
    return (
        layout == "channels_last"
        and len(window) == inputs.ndim - 2 <= MOST_AXES
        and int(np.prod(window)) <= MOST_PLACES
        and all(width <= size for width, size in zip(window, inputs.shape[1:-1], strict=True))
    )


def each(value: Any, window: Any) -> Sizes:
    """One whole number an axis, from one for all or one for each.

    Args:
        value: A number, or one for each axis.
        window: Anything with one entry an axis.

    Returns:
        As many numbers as axes.

    Example:
        >>> each(2, (3, 3))
        (2, 2)
    """
    return (int(value),) * len(window) if isinstance(value, int | np.integer) else tuple(int(v) for v in value)


def _border(size: int, reach: int, step: int, padding: str) -> tuple[int, int, int]:
    if padding.lower() == "valid":
        return 0, 0, (size - reach) // step + 1
    n_windows = -(-size // step)
    total = max((n_windows - 1) * step + reach - size, 0)
    return total // 2, total - total // 2, n_windows
