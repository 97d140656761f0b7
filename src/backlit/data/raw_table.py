"""A table as it was found: named columns of cells that nobody has judged yet, and where each row stood.

The cells of a CSV are all text, so that one that is no number can be shown with its column, its line and its content;
those of Parquet files and frames have the types that they came with.

Not for what the cells mean: see `kinds.py` and `columns.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from jaxtyping import Bool, Int

from backlit.data.preparation import Rejected
from backlit.errors import DataError
from backlit.language import Listed, Text, listed, text

MOST_REJECTED_FRAC = 0.1
"""With a larger share of rows that cannot be read, the file is not what was meant. Source: ours, a convention."""

_MOST_SHOWN = 3


@dataclass(frozen=True, eq=False)
class RawTable:
    """Columns of cells.

    Attributes:
        name: What messages call it: a path, or "frame".
        cells: One named column each.
        places: Where each row stands: lines of a file as an editor counts from 1, or rows from 1.
        place_name: "line" or "row".
        has_header: Whether the source named the columns.
        separator: Between the cells of a CSV, else "".
        rejected: Rows that are no rows, such as lines with too many cells.
        n_lost: How many lines those take.
        notes: What was decided while reading.
    """

    name: str
    cells: pl.DataFrame
    places: Int[np.ndarray, " sample"]
    place_name: str = "line"
    has_header: bool = True
    separator: str = ""
    rejected: tuple[Rejected, ...] = ()
    n_lost: int = 0
    notes: tuple[Text, ...] = ()

    def __len__(self) -> int:
        """Number of rows that were found."""
        return len(self.cells)

    def rows(self, is_kept: Bool[np.ndarray, " sample"], rejected: Sequence[Rejected] = ()) -> "RawTable":
        """The table without some of its rows.

        Args:
            is_kept: Which rows stay.
            rejected: Why the others do not, for those of which it is to be counted.

        Returns:
            The table.
        """
        together = sorted([*self.rejected, *rejected], key=lambda one: int(one.place))
        return replace(
            self,
            cells=self.cells.filter(pl.Series(is_kept)),
            places=self.places[is_kept],
            rejected=tuple(together),
            n_lost=self.n_lost + len(rejected),
        )

    def require_mostly_readable(self) -> None:
        """Raise if more rows were rejected than a file that is what was meant has.

        Raises:
            DataError: If so.
        """
        n_all = len(self) + self.n_lost
        if not self.rejected or self.n_lost <= MOST_REJECTED_FRAC * n_all:
            return
        raise DataError(
            "table-rejected",
            what=text("Reading `{path}`", path=self.name),
            expected=text("rows of which at most {share:.0%} cannot be read", share=MOST_REJECTED_FRAC),
            received=text("{n} of {all}: {reasons}", n=self.n_lost, all=n_all, reasons=self.reasons(self.rejected)),
            fix=text(
                "Mend those rows, leave the column out with `drop=[…]`, or say what it is: `kinds={example}`.",
                example='"zip=category"',
            ),
        )

    def reasons(self, rejected: Sequence[Rejected]) -> Listed:
        """The first few rejections with their places.

        Args:
            rejected: Any number.

        Returns:
            What to show.
        """
        return reasons_shown(rejected, self.place_name)


def reasons_shown(rejected: Sequence[Rejected], place_name: str) -> Listed:
    """The first few rejections with their places, and how many more there are.

    Args:
        rejected: Any number.
        place_name: "line", "row" or "file".

    Returns:
        What to show.
    """
    shown = []
    for one in rejected[:_MOST_SHOWN]:
        if place_name == "line":
            shown.append(text("line {line}: {reason}", line=one.place, reason=one.reason))
        elif place_name == "row":
            shown.append(text("row {row}: {reason}", row=one.place, reason=one.reason))
        else:
            shown.append(text("`{path}`: {reason}", path=one.place, reason=one.reason))
    more = len(rejected) - _MOST_SHOWN
    return listed([*shown, *([text("and {n} more", n=more)] if more > 0 else [])])
