"""The positions of a sliding window, one after another, and how they are written down.

Not for computing them: see `sliding.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backlit.explain.columns import columns
from backlit.explain.ops.written import number
from backlit.formula import readable
from backlit.language import Language, language, text

SHOWN = 12  # positions that `say` writes down


@dataclass(frozen=True, eq=False)
class Position:
    """One position of the window.

    Attributes:
        row: Of the output, from 0; 0 for inputs with one axis.
        column: Of the output, from 0.
        channel: Of the output, from 0; pooling treats each channel by itself, a kernel gives one.
        top: First row of the input under the window; negative where it begins in the padding.
        left: First column of the same.
        patch: What the window covers, zeros of the padding included.
        is_padding: Where the patch is padding.
        products: Patch times kernel, number by number; for pooling the patch itself.
        value: What the output holds here.
        arithmetic: How it comes about, in LaTeX, without the result.
    """

    row: int
    column: int
    channel: int
    top: int
    left: int
    patch: np.ndarray
    is_padding: np.ndarray
    products: np.ndarray
    value: float
    arithmetic: str

    @property
    def latex(self) -> str:
        """The arithmetic and its result."""
        return f"{self.arithmetic} = {number(self.value)}"

    def __str__(self) -> str:
        return readable(self.latex)


@dataclass(frozen=True, eq=False)
class Sliding:
    """All positions of a window.

    Attributes:
        kind: `convolution`, `max` or `average`.
        image: The input, in float64.
        kernel: The weights of the window; None for pooling.
        bias: Added to each sum.
        padding: Zeros before and after the input, for each axis along which the window slides.
        positions: In the order of reading, channels of one place after another.
        output: The values.
    """

    kind: str
    image: np.ndarray
    kernel: np.ndarray | None
    bias: float
    padding: tuple[tuple[int, int], ...]
    positions: tuple[Position, ...]
    output: np.ndarray

    def __iter__(self) -> Iterator[Position]:
        return iter(self.positions)

    def __len__(self) -> int:
        return len(self.positions)

    def at(self, row: int, column: int, *, channel: int = 0) -> Position:
        """The position of one number of the output.

        Args:
            row: From 0; 0 for inputs with one axis.
            column: From 0.
            channel: From 0.

        Returns:
            The position.

        Raises:
            IndexError: If the output has no such place.
        """
        for position in self.positions:
            if (position.row, position.column, position.channel) == (row, column, channel):
                return position
        raise IndexError(f"no position ({row}, {column}, {channel}); the output has the shape {self.output.shape}")

    def say(self, spoken: Language, *, most: int = SHOWN) -> str:
        """The padded input, the kernel, each position's arithmetic, and the output.

        Args:
            spoken: Language.
            most: Most positions written down.

        Returns:
            Lines of plain text.
        """
        words = text("input (· is a zero of the padding)") if np.any(self.padding) else text("input")
        lines = [words.say(spoken), *_grid(self.image, self.padding)]
        if self.kernel is not None:
            lines += ["", text("kernel").say(spoken), *_grid(self.kernel)]
            if self.bias:
                lines += ["", text("bias {value}", value=readable(number(self.bias))).say(spoken)]
        lines.append("")
        for position in self.positions[:most]:
            place = f"({position.row + 1}, {position.column + 1})"
            if self.output.ndim == 3:
                place += " " + text("channel {n}", n=position.channel + 1).say(spoken)
            lines.append(f"{place}  {position}")
        if len(self) > most:
            lines.append(f"… {text('{n:,} more', n=len(self) - most).say(spoken)}")
        return "\n".join([*lines, "", text("output").say(spoken), *_grid(self.output)])

    def __str__(self) -> str:
        return self.say(language())


def _grid(values: np.ndarray, ends: tuple[tuple[int, int], ...] = ()) -> list[str]:
    """Numbers in rows and columns; a channel after another, a blank line between them."""
    planes = np.moveaxis(values, -1, 0) if values.ndim == 3 else [np.atleast_2d(values)]
    lines: list[str] = []
    for plane in planes:
        cells = [[readable(number(value)) for value in row] for row in plane]
        (above, below), (before, after) = ((0, 0), *ends)[-2:] if ends else ((0, 0), (0, 0))
        width = len(cells[0]) + before + after
        rows = [["·"] * width for _ in range(above)]
        rows += [["·"] * before + row + ["·"] * after for row in cells]
        rows += [["·"] * width for _ in range(below)]
        lines += [*([""] if lines else []), *("  " + line for line in columns(rows, right=range(width)))]
    return lines
