"""One column of raw cells as coded numbers, in the way that was fixed when the training rows were read.

| kind | coded as |
| --- | --- |
| numeric | the amount itself, NaN where it is missing |
| category | 1, 2, … in the order of its categories; 0 for a missing cell and for what training rows never showed |
| boolean | 1 for no, 2 for yes, 0 for missing |
| date | days since an origin; where they vary, also the month 1 to 12 and the weekday 1 (Monday) to 7, 0 for missing |

    >>> import polars as pl
    >>> Column("colour", "category", categories=("blue", "red")).code(pl.Series(["red", "", "pink"])).rows.tolist()
    [[2.0], [0.0], [0.0]]

Float32 has seven digits. A column whose values lie further from 0 than a thousand times their spread, such as seconds
since 1970, is therefore counted from an origin, like dates.

Not for choosing the kind (see `kinds.py`) nor for what the network reads (see `table_preparation.py`).
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
from jaxtyping import Bool, Float, Int

from backlit.data.csv_file import MISSING

Kind = Literal["numeric", "category", "boolean", "date", "text", "identifier"]
KINDS: tuple[str, ...] = get_args(Kind)

LARGEST = 1e38
"""A number beyond it is none that float32 can compute with (its largest is 3.4e38). Source: ours, IEEE 754."""

BOOLEAN_WORDS = (
    ("false", "true"),
    ("no", "yes"),
    ("n", "y"),
    ("f", "t"),
    ("off", "on"),
    ("否", "是"),
    ("假", "真"),
)
"""Pairs of words for no and yes, letter case apart."""

_US_PER_DAY = 86_400_000_000


@dataclass(frozen=True, eq=False)
class ColumnCodes:
    """The cells of one column as numbers.

    Attributes:
        rows: One or several numbers a cell.
        is_unreadable: Cells that hold something, but nothing of the column's kind.
        is_unknown: Cells with a category that the training rows never showed.
    """

    rows: Float[np.ndarray, "sample code"]
    is_unreadable: Bool[np.ndarray, " sample"]
    is_unknown: Bool[np.ndarray, " sample"]


@dataclass(frozen=True)
class Column:
    """How one column is read.

    Attributes:
        name: Of the raw column.
        kind: One of "numeric", "category", "boolean" and "date".
        style: Of numbers: "comma" (1.234,5), "thousands" (1,234.5) or ""; of dates: their format, or "".
        origin: Taken from amounts and days before they become float32.
        categories: In the order of their codes, from 1.
        parts: Of dates: which of "month" and "weekday" vary.
        has_other: Whether code 0 occurs among the training rows, so that the network learns what it means.
    """

    name: str
    kind: str
    style: str = ""
    origin: float = 0.0
    categories: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    has_other: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """What each coded number is: "amount", "category", "boolean", "month" or "weekday"."""
        return ("amount", *self.parts) if self.kind in ("numeric", "date") else (self.kind,)

    @property
    def code_names(self) -> tuple[str, ...]:
        """What each coded number is called."""
        return tuple(self.name if i == 0 else f"{self.name} {code}" for i, code in enumerate(self.codes))

    def code(self, cells: pl.Series) -> ColumnCodes:
        """The cells as numbers.

        Args:
            cells: Text, or of the type that a frame gave them.

        Returns:
            One row a cell; unreadable ones are NaN or 0, as missing ones.
        """
        nothing = np.zeros(len(cells), bool)
        if self.kind == "category":
            rows, is_unknown = _category_codes(cells, self.categories)
            return ColumnCodes(rows, nothing, is_unknown)
        if self.kind == "boolean":
            rows, is_unknown = _boolean_codes(cells)
            return ColumnCodes(rows, nothing, is_unknown)
        read = read_days if self.kind == "date" else read_amounts
        amounts, is_unreadable = read(cells, self.style)
        numbers = [(amounts - self.origin).astype(np.float32)]
        for part in self.parts:
            known = np.isfinite(amounts)
            whole = np.floor(np.where(known, amounts, 0)).astype(np.int64)
            numbers.append(np.where(known, _month(whole) if part == "month" else _weekday(whole), 0).astype(np.float32))
        return ColumnCodes(np.stack(numbers, 1), is_unreadable, nothing)

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        plain = asdict(self)
        return {**plain, "categories": list(self.categories), "parts": list(self.parts)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Column":
        """What `to_json` wrote.

        Args:
            plain: What it gave.

        Returns:
            The column.
        """
        return cls(**{**plain, "categories": tuple(plain["categories"]), "parts": tuple(plain["parts"])})


def present(cells: pl.Series) -> pl.Series:
    """The cells with null where there is no value.

    Args:
        cells: Of any type.

    Returns:
        A series of the same type.
    """
    if cells.dtype == pl.String:
        return cells.set(cells.str.to_lowercase().is_in(MISSING).fill_null(value=True), None)
    return cells.fill_nan(None) if cells.dtype.is_float() else cells


def read_amounts(cells: pl.Series, style: str = "") -> tuple[Float[np.ndarray, " sample"], Bool[np.ndarray, " sample"]]:
    """The cells as numbers.

    Args:
        cells: Of any type.
        style: As `Column.style`.

    Returns:
        Float64, NaN where there is no number; and where something else than a number stands.
    """
    cells = present(cells)
    numbers = as_points(cells, style).cast(pl.Float64, strict=False) if cells.dtype == pl.String else _cast(cells)
    values = numbers.fill_null(np.nan).to_numpy()
    is_unreadable = ~(np.abs(values) <= LARGEST) & cells.is_not_null().to_numpy()
    return np.where(is_unreadable, np.nan, values), is_unreadable


def read_days(cells: pl.Series, style: str = "") -> tuple[Float[np.ndarray, " sample"], Bool[np.ndarray, " sample"]]:
    """The cells as days since 1970, with the time of day as a fraction.

    Args:
        cells: Text or dates.
        style: The format of text, as `Column.style`.

    Returns:
        Float64, NaN where there is no date; and where something else than a date stands.
    """
    cells = present(cells)
    if cells.dtype == pl.String:
        kind = pl.Datetime("us") if "%H" in style else pl.Date
        dates = cells.str.strptime(kind, style, strict=False) if style else cells.clear(len(cells)).cast(pl.Date)
    elif cells.dtype in (pl.Date, pl.Datetime):
        dates = cells
    else:
        dates = pl.Series([None] * len(cells), dtype=pl.Date)
    microseconds = dates.dt.epoch("us").cast(pl.Float64).fill_null(np.nan).to_numpy()
    days = microseconds / _US_PER_DAY
    return days, ~np.isfinite(days) & cells.is_not_null().to_numpy()


def read_words(cells: pl.Series) -> pl.Series:
    """The cells as text; numbers that are whole without a decimal point.

    Args:
        cells: Of any type.

    Returns:
        Strings, null where there is no value.
    """
    cells = present(cells)
    if cells.dtype == pl.String:
        return cells
    if cells.dtype.is_float():
        whole = cells.drop_nulls()
        if len(whole) and bool(((whole == whole.floor()) & (whole.abs() < 2**53)).all()):
            cells = cells.cast(pl.Int64)
    return cells.cast(pl.String)


def counted(words: pl.Series) -> list[tuple[str, int]]:
    """How often each word stands there, the most frequent first, of equally frequent ones the alphabet's first.

    Args:
        words: Text; null is not counted.

    Returns:
        Words and counts.
    """
    counts = words.drop_nulls().alias("word").value_counts(name="n")
    return sorted(zip(counts["word"].to_list(), counts["n"].to_list(), strict=True), key=lambda one: (-one[1], one[0]))


def as_points(cells: pl.Series, style: str) -> pl.Series:
    """Numbers as text with a decimal point and no sign between thousands.

    Args:
        cells: Text.
        style: As `Column.style`.

    Returns:
        Text that can be cast.
    """
    if style == "comma":
        plain = cells.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        return plain.zip_with(cells.str.contains(",", literal=True).fill_null(value=False), cells)
    return cells.str.replace_all(",", "", literal=True) if style == "thousands" else cells


def boolean_values(words: pl.Series) -> dict[str, bool] | None:
    """What the words for yes and no mean.

    Args:
        words: Lower-case text, nulls left out.

    Returns:
        Word to meaning; None if these are no such words.
    """
    distinct = set(words.unique().to_list())
    pair = next((pair for pair in BOOLEAN_WORDS if distinct and distinct <= set(pair)), None)
    return None if pair is None else {pair[0]: False, pair[1]: True}


def _cast(cells: pl.Series) -> pl.Series:
    if cells.dtype == pl.Duration:
        return cells.dt.total_microseconds().cast(pl.Float64) / 1e6
    return cells.cast(pl.Float64, strict=False)


def _category_codes(cells: pl.Series, categories: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    words = read_words(cells)
    if not categories:
        return np.zeros((len(cells), 1), np.float32), words.is_not_null().to_numpy()
    codes = words.replace_strict(
        list(categories), list(range(1, len(categories) + 1)), default=0, return_dtype=pl.Int64
    ).to_numpy()
    return codes[:, None].astype(np.float32), (codes == 0) & words.is_not_null().to_numpy()


def _boolean_codes(cells: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    cells = present(cells)
    if cells.dtype != pl.String:
        codes = (cells.cast(pl.Boolean, strict=False).cast(pl.Int64) + 1).fill_null(0).to_numpy()
    else:
        words = {no: 1 for no, _ in BOOLEAN_WORDS} | {yes: 2 for _, yes in BOOLEAN_WORDS} | {"0": 1, "1": 2}
        lower = cells.str.to_lowercase()
        codes = lower.replace_strict(list(words), list(words.values()), default=0, return_dtype=pl.Int64).to_numpy()
    return codes[:, None].astype(np.float32), (codes == 0) & cells.is_not_null().to_numpy()


def _month(days: Int[np.ndarray, " sample"]) -> Int[np.ndarray, " sample"]:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def _weekday(days: Int[np.ndarray, " sample"]) -> Int[np.ndarray, " sample"]:
    return (days + 3) % 7 + 1  # 1970-01-01 was a Thursday
