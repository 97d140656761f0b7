"""What `load` is told about rows that hang together, so that no split lets a network be judged by what it knows.

    groups="patient"           rows with the same value are dealt out together
    order="date"               later rows judge earlier ones
    duplicates="together"      rows with the same inputs are dealt out together

A column that is named here is left out of the inputs: it says how rows belong together, and is nothing to learn from.

Not for dealing them out: see `splits.py` and `deals.py`, which read `Splits.groups` and `Splits.order`.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from backlit.data.columns import read_amounts, read_days
from backlit.data.dataset import Dataset
from backlit.data.deals import group_ids
from backlit.data.duplicates import copy_ids, joined_groups
from backlit.data.kinds import infer_kind
from backlit.data.options import require_choice
from backlit.data.tables import Table
from backlit.errors import DataError
from backlit.language import text, verbatim

DUPLICATES = ("keep", "together")


@dataclass(frozen=True)
class Ties:
    """What was said about rows that hang together.

    Attributes:
        groups: The name of a column, or one value a row; None if rows may be parted.
        order: The name of a column, one value a row, or True for rows that stand in order; None if there is none.
        duplicates: One of `DUPLICATES`.
    """

    groups: Any = None
    order: Any = None
    duplicates: str = "keep"

    @property
    def columns(self) -> list[str]:
        """Names of the columns of a table that are meant."""
        return list(dict.fromkeys(name for name in (self.groups, self.order) if isinstance(name, str)))

    @property
    def given(self) -> dict[str, Any]:
        """What was said, as a recipe keeps it."""
        said = {"groups": self.groups, "order": None if self.order is False else self.order}
        plain = {name: _plain(value) for name, value in said.items() if value is not None}
        return plain | ({} if self.duplicates == "keep" else {"duplicates": self.duplicates})

    def on(self, raw: Dataset, table: Table | None = None) -> Dataset:
        """A data set that knows how its rows hang together, before they are split.

        Args:
            raw: All rows.
            table: The table that they are from, or None.

        Returns:
            The same rows.
        """
        require_choice("duplicates", self.duplicates, DUPLICATES)
        groups = None if self.groups is None else group_ids(self._values("groups", self.groups, raw, table))
        order = None
        if self.order is not None and self.order is not False:
            values = np.arange(len(raw)) if self.order is True else self._values("order", self.order, raw, table)
            order = _places(values)
        if self.duplicates == "together":
            copies = copy_ids(raw.inputs) if table is None else _copies(table)
            groups = copies if groups is None else joined_groups(groups, copies)
        if groups is None and order is None:
            return raw
        return replace(raw, splits=replace(raw.splits, groups=groups, order=order))

    def _values(self, name: str, said: Any, raw: Dataset, table: Table | None) -> Any:
        if isinstance(said, str):
            if table is None:
                raise DataError(
                    "ties-column",
                    what=text("Reading `{name}`", name=name),
                    expected=text("one value for each row, because these data have no named columns"),
                    received=text("`{value}`", value=said),
                    fix=text("Give a list or an array of {n} values.", n=len(raw)),
                )
            return table.values(said)
        if np.ndim(said) != 1 or len(said) != len(raw):
            raise DataError(
                "ties-count",
                what=text("Reading `{name}`", name=name),
                expected=text("{n} values, one for each row of the data", n=len(raw)),
                received=text("an array of shape {shape}", shape=np.shape(said)),
                fix=text("Rows that validate and test count too."),
            )
        return said


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool) else np.asarray(value).tolist()


def _places(values: Any) -> np.ndarray:
    """Places in time: equal for equal times.

    Raises:
        DataError: If these are no times.
    """
    cells = values if isinstance(values, pl.Series) else pl.Series(np.asarray(values))
    guess = infer_kind(cells.name, cells)
    if guess.kind == "date":
        amounts = read_days(cells, guess.style)[0]
    elif cells.dtype.is_numeric() or guess.kind in ("numeric", "identifier"):
        amounts = read_amounts(cells, guess.style)[0]
    else:
        amounts = np.full(len(cells), np.nan)
    if not np.isfinite(amounts).all():
        row = int(np.flatnonzero(~np.isfinite(amounts))[0])
        raise DataError(
            "order-values",
            what=text("Reading `{name}`", name="order"),
            expected=text("a date or a number in every row"),
            received=verbatim(f"{cells[row]!r} [{row}]"),
            fix=text("Fill what is missing, or write dates as 2024-05-31."),
        )
    return np.unique(amounts, return_inverse=True)[1].astype(np.int64)


def _copies(table: Table) -> np.ndarray:
    """Rows with the same cells in all input columns."""
    cells = table.raw.cells.select([name for name, _, _ in table.inputs]).cast(pl.String)
    return group_ids(cells.hash_rows().to_numpy())
