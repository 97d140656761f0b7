r"""Where a window stands as it slides over a signal or an image: what convolution and pooling have in common.

A window is walked through by its own positions, not by the places of the image: for each of the k positions, one slice
of the padded array holds what all windows see there.

    >>> windows = Windows((2,), strides=(2,))
    >>> x = np.array([10.0, 20.0, 30.0, 40.0]).reshape(1, 4, 1)
    >>> [windows.seen(x, offset, (2,)).ravel().tolist() for offset in windows.offsets()]  # windows 10 20, and 30 40
    [[10.0, 30.0], [20.0, 40.0]]

Arrays have the batch first and the channels last. Not for what is done with the numbers in a window, nor for how
many windows there are (see `output_size.py`), nor for formulas (see `window_places.py`).

Source:
    dumoulin-visin-2016, chapters 2 (convolution), 3 (pooling) and 5 (dilation).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from backlit.explain.ops.kind import Array
from backlit.explain.output_size import output_size, padding_of, reach

Places = tuple[int, ...]


@dataclass(frozen=True)
class Windows:
    """All places of a sliding window, along one axis or two.

    Attributes:
        size: How many positions the window has along each axis.
        strides: How far it moves at a time; () for one.
        dilation: How far its positions lie apart; () for one, which leaves no gaps.
        padding: `valid`, `same` or `causal`.
    """

    size: Places
    strides: Places = ()
    dilation: Places = ()
    padding: str = "valid"

    def __post_init__(self) -> None:
        for name in ("strides", "dilation"):
            if not getattr(self, name):
                object.__setattr__(self, name, (1,) * len(self.size))

    @property
    def spans(self) -> Places:
        """How many places of the input a window reaches over, gaps included."""
        return tuple(reach(k, d) for k, d in zip(self.size, self.dilation, strict=True))

    def n_outputs(self, n_inputs: Places) -> Places:
        """How many windows there are along each axis.

        Args:
            n_inputs: Length of each axis of the input.

        Returns:
            As many numbers, at least 1 each.

        Raises:
            SettingError: If no window fits in.

        Example:
            >>> Windows((3, 3), strides=(2, 2)).n_outputs((28, 28)), Windows((3,), padding="same").n_outputs((5,))
            ((13, 13), (5,))
        """
        return tuple(output_size(n, **axis) for n, axis in zip(n_inputs, self._axes, strict=True))

    def edges(self, n_inputs: Places) -> tuple[tuple[int, int], ...]:
        """How many places padding adds before and after, along each axis.

        Args:
            n_inputs: Length of each axis of the input.

        Returns:
            A pair for each axis.

        Raises:
            SettingError: If no window fits in.

        Example:
            >>> Windows((3,), padding="same").edges((5,)), Windows((2,), padding="same").edges((5,))
            (((1, 1),), ((0, 1),))
        """
        return tuple(padding_of(n, **axis) for n, axis in zip(n_inputs, self._axes, strict=True))

    def surrounded(self, x: Array, *, filled: float = 0.0) -> Array:
        """The input with its padding around it.

        Args:
            x: The batch first, the channels last.
            filled: What the padding holds.

        Returns:
            A new array.
        """
        return np.pad(x, ((0, 0), *self.edges(x.shape[1:-1]), (0, 0)), constant_values=filled)

    def inner(self, surrounded: Array, n_inputs: Places) -> Array:
        """The places of the input, without the padding around them.

        Args:
            surrounded: In the shape that `surrounded` gives.
            n_inputs: Length of each axis of the input.

        Returns:
            A view.
        """
        cut = [slice(before, before + n) for (before, _), n in zip(self.edges(n_inputs), n_inputs, strict=True)]
        return surrounded[(slice(None), *cut)]

    def offsets(self) -> Iterator[Places]:
        """The positions inside a window, row by row."""
        return iter(np.ndindex(*self.size))

    def seen(self, surrounded: Array, offset: Places, n_outputs: Places) -> Array:
        """What every window sees at one of its positions.

        Args:
            surrounded: The input with its padding.
            offset: The position inside the window.
            n_outputs: How many windows there are along each axis.

        Returns:
            A view: (batch, windows…, channels). What is added to it is added to `surrounded`.
        """
        cut = [
            slice(d * u, d * u + s * (m - 1) + 1, s)
            for u, d, s, m in zip(offset, self.dilation, self.strides, n_outputs, strict=True)
        ]
        return surrounded[(slice(None), *cut)]

    def patch(self, surrounded: Array, window: Places) -> Array:
        """What one window sees.

        Args:
            surrounded: One sample of the input with its padding: (places…, channels).
            window: Number of the window along each axis, from 0.

        Returns:
            A view: (*size, channels).
        """
        cut = [
            slice(s * p, s * p + span, d)
            for p, s, span, d in zip(window, self.strides, self.spans, self.dilation, strict=True)
        ]
        return surrounded[tuple(cut)]

    def holding(self, place: Places, n_inputs: Places) -> Iterator[tuple[Places, Places]]:
        """The windows that see a place of the input, and at which of their positions.

        Args:
            place: Index in the input, without its padding.
            n_inputs: Length of each axis of the input.

        Yields:
            Position inside the window, and number of the window.

        Example:
            >>> list(Windows((2,)).holding((1,), (3,)))  # of 0 1 2, windows 0 1 and 1 2
            [((0,), (1,)), ((1,), (0,))]
        """
        edges, counts = self.edges(n_inputs), self.n_outputs(n_inputs)
        for offset in self.offsets():
            starts = [
                at + before - d * u for at, (before, _), d, u in zip(place, edges, self.dilation, offset, strict=True)
            ]
            window = tuple(start // s for start, s in zip(starts, self.strides, strict=True))
            is_start = all(start % s == 0 for start, s in zip(starts, self.strides, strict=True))
            if is_start and all(0 <= p < m for p, m in zip(window, counts, strict=True)):
                yield offset, window

    @property
    def _axes(self) -> list[dict[str, Any]]:
        """The settings of each axis."""
        return [
            {"kernel": k, "stride": s, "dilation": d, "padding": self.padding}
            for k, s, d in zip(self.size, self.strides, self.dilation, strict=True)
        ]
