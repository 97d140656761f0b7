r"""An embedding: each whole number picks its row of a table.

    >>> table = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> value, back = Embedding().forward(np.array([[1.0, 0.0, 1.0]]), embeddings=table)
    >>> value.tolist()
    [[[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]]
    >>> back(np.ones((1, 3, 2))).weights["embeddings"].tolist()  # row 1 was picked twice
    [[1.0, 1.0], [2.0, 2.0]]

It is a dense layer on one-hot rows, without the multiplications by 0. Whole numbers cannot be moved a little, so
nothing comes back to them.

Source:
    bengio-2003, section 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from backlit.errors import DataError
from backlit.explain.ops.kind import Array, Backward, Gradients, Operation
from backlit.explain.ops.written import number, sum_of_products
from backlit.language import Words, text


@dataclass(frozen=True)
class Embedding(Operation):
    """Rows of a table."""

    words: ClassVar[Words] = Words(en="rows picked from the table", zh="从嵌入表中取出的行")
    formula: ClassVar[str] = r"\OUT_{tj} = \EMBEDDINGS_{\IN_t, j}"
    rules: ClassVar[Mapping[str, str]] = {
        "embeddings": (
            r"\frac{\partial C}{\partial \EMBEDDINGS_{ij}} = \sum_t \frac{\partial C}{\partial \OUT_{tj}}"
            r" \text{ if } \IN_t = i"
        ),
    }

    def forward(
        self, x: Float[np.ndarray, "*places"], *, embeddings: Float[np.ndarray, "rows features"]
    ) -> tuple[Float[np.ndarray, "*places features"], Backward]:
        """The picked rows, and the way back: each row gathers the gradients of all places that picked it.

        Args:
            x: Row numbers, from 0.
            embeddings: The table.

        Returns:
            One row for each place.

        Raises:
            DataError: If there is no row of a number.
        """
        rows = _as_rows(x, len(embeddings))

        def back(slope: np.ndarray) -> Gradients:
            gathered = np.zeros_like(embeddings)
            np.add.at(gathered, rows, slope)
            return Gradients((None,), {"embeddings": gathered})

        return embeddings[rows], back

    def arithmetic(self, place, value, x, *, embeddings) -> str:
        """The number itself: nothing is computed."""
        return number(value[place])

    def gradient_arithmetic(self, by, place, slope, x, *, embeddings) -> str:
        """The gradients of all places that picked the row."""
        row, feature = place
        return sum_of_products((one,) for one in slope[x == row][:, feature])


def _as_rows(x: Array, n_rows: int) -> Array:
    rows = x.astype(int)
    wrong = np.flatnonzero((rows != x) | (rows < 0) | (rows >= n_rows))
    if len(wrong):
        raise DataError(
            "explain-row-numbers",
            what=text("Picking rows of an embedding"),
            expected=text("whole numbers 0..{last}", last=n_rows - 1),
            received=text("{value} at place {place}", value=float(x.ravel()[wrong[0]]), place=int(wrong[0])),
            fix=text("Make the table longer (`input_dim`), or encode the inputs as numbers from 0."),
        )
    return rows
