"""How table columns become numbers of one size: (value − mean) / spread, column by column.

Mean and spread are those of the *training rows alone*. Taking them over all rows lets the
test rows whisper to the training ones, and the score comes out too good. They are kept with
the data, so that a prediction on new, raw rows does the same arithmetic.

    >>> import numpy as np
    >>> raw = np.array([[1.0, 5.0], [3.0, 5.0], [100.0, 5.0]])
    >>> preparation = Preparation.of_rows(raw[:2])           # mean 2, spread 1; the third row is unseen
    >>> preparation.apply(raw).tolist()
    [[-1.0, 0.0], [1.0, 0.0], [98.0, 0.0]]

Not for images or token ids, which are trained as they are.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Shaped

from backlit.errors import DataError
from backlit.language import text, verbatim


@dataclass(frozen=True, eq=False)
class Preparation:
    """Mean and spread of each column of the training rows.

    Attributes:
        means: Taken away from each column, in the column's own unit.
        scales: What the rest is divided by (standard deviation, n in the denominator);
            1 for a column that never changes, so that it becomes 0 and not NaN.

    Source:
        cs231n-nn2, section "Data preprocessing".
    """

    means: Float[np.ndarray, " feature"]
    scales: Float[np.ndarray, " feature"]

    @classmethod
    def of_rows(cls, rows: Shaped[np.ndarray, "sample feature"]) -> "Preparation":
        """Means and spreads of these rows: give the training rows, and no others.

        Args:
            rows: Raw values, at least one row.

        Returns:
            The preparation, in float64.
        """
        columns = rows.astype(np.float64)
        scales = columns.std(0)
        # A constant column of 0.1 has a spread of 1e-17 by rounding; it is still constant.
        is_constant = (columns == columns[:1]).all(0)
        return cls(columns.mean(0), np.where(is_constant | (scales == 0), 1.0, scales))

    def apply(self, raw: Shaped[np.ndarray, "..."]) -> Float[np.ndarray, "sample feature"]:
        """Raw rows, standardised as the training rows were.

        Args:
            raw: Values in the columns' own units.

        Returns:
            Rows in units of the training rows' spread, float32.

        Raises:
            DataError: If the number of columns differs.
        """
        raw = np.asarray(raw)
        if raw.ndim != 2 or raw.shape[1] != len(self.means):
            raise DataError(
                "columns-differ",
                what=text("Standardising rows as the training rows were"),
                expected=text("(rows, {n})", n=len(self.means)),
                received=verbatim(raw.shape),
                fix=text("Give the same columns in the same order, without the target."),
            )
        return ((raw - self.means) / self.scales).astype(np.float32)

    def undo(self, prepared: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "sample feature"]:
        """Standardised rows, back in the columns' own units.

        Args:
            prepared: What `apply` gave.

        Returns:
            Raw values, float64.
        """
        return prepared.astype(np.float64) * self.scales + self.means
