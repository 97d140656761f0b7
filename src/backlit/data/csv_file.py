"""A CSV file as columns of text, with its header found, before anybody asks what the cells mean.

Reading every cell as text first has a price (a second pass) and a gain: a cell that is no
number can be shown with its column, its line and its content.

    >>> has_header([["length", "width"], ["5.1", "3.5"]]), has_header([["5.1", "3.5"], ["4.9", "3.0"]])
    (True, False)

Not for Parquet, spreadsheets or compressed files.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Float, Int

from backlit.errors import DataError
from backlit.language import text, verbatim

MISSING = ("", "na", "n/a", "nan", "null", "none", "?", "-")
"""What stands for a missing cell, letter case apart."""

_SEPARATORS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class CsvFile:
    """Columns of text.

    Attributes:
        path: Where it was read.
        cells: One column of stripped text each, named; empty lines are left out.
        lines: Where each row stands in the file, as an editor counts from 1 (a cell with line
            breaks in it shifts those below).
        has_header: Whether the first line named the columns.
    """

    path: Path
    cells: pl.DataFrame
    lines: Int[np.ndarray, " sample"]
    has_header: bool

    def numbers(self, column: str) -> Float[np.ndarray, " sample"]:
        """The column as floats; NaN where a cell is missing or no number."""
        return self.cells[column].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()

    def missing_rows(self, column: str) -> Int[np.ndarray, " missing"]:
        """Rows whose cell says that there is no value."""
        return np.flatnonzero(self.cells[column].str.to_lowercase().is_in(MISSING).to_numpy())

    def text_rows(self, column: str) -> Int[np.ndarray, " text"]:
        """Rows whose cell is neither a finite number nor missing."""
        is_text = ~np.isfinite(self.numbers(column))
        is_text[self.missing_rows(column)] = False
        return np.flatnonzero(is_text)


def read_csv(path: Path, *, header: bool | None = None, separator: str | None = None) -> CsvFile:
    """The file's columns as text.

    Args:
        path: A file in UTF-8.
        header: Whether the first line names the columns; None to find out.
        separator: Between cells; None to find out among comma, semicolon, tab and bar.

    Returns:
        The columns.

    Raises:
        DataError: If the file is empty, another encoding, or its lines differ in length.
    """
    what = text("Reading `{path}`", path=path)
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise DataError(
            "csv-encoding",
            what=what,
            expected=text("text in UTF-8"),
            received=text(
                "byte {byte:#04x} at position {position}", byte=fault.object[fault.start], position=fault.start
            ),
            fix=text("Save it as UTF-8; in a spreadsheet program choose `CSV UTF-8`."),
        ) from None
    first = next((line for line in content.splitlines() if line.strip()), "")
    separator = separator or max(_SEPARATORS, key=first.count)
    try:
        cells = pl.read_csv(io.StringIO(content), has_header=False, separator=separator, infer_schema=False)
    except pl.exceptions.NoDataError:
        cells = pl.DataFrame()
    except pl.exceptions.ComputeError as fault:
        raise DataError(
            "csv-ragged",
            what=what,
            expected=text("as many cells in each line as in the first: {n}", n=first.count(separator) + 1),
            received=verbatim(_first_sentence(fault)),
            fix=text("Look for an unquoted `{separator}` inside a cell.", separator=separator),
        ) from fault
    cells = cells.select(pl.all().fill_null("").str.strip_chars())
    lines = np.arange(1, len(cells) + 1)
    if cells.width:
        is_written = cells.select(pl.any_horizontal(pl.all() != "")).to_series()
        cells, lines = cells.filter(is_written), lines[is_written.to_numpy()]
    head = [list(row) for row in cells.head(50).iter_rows()]
    if header is None:
        header = has_header(head)
    if len(cells) <= header:
        raise DataError(
            "csv-empty",
            what=what,
            expected=text("at least 1 row"),
            received=text("{n} lines", n=len(cells)),
            fix=text("Check that the file was written to its end."),
        )
    cells.columns = _column_names(head[0] if header else [""] * cells.width)
    return CsvFile(path, cells[1:] if header else cells, lines[1:] if header else lines, has_header=header)


def has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns: it holds no number, or a text above numbers.

    Args:
        rows: The first rows, as text.

    Returns:
        True if the first row is a header.
    """
    if not rows:
        return False
    first, below = rows[0], rows[1:]
    if not any(_is_number(cell) for cell in first):
        return True
    return bool(below) and any(
        cell.lower() not in MISSING and not _is_number(cell) and all(_is_number(row[i]) for row in below)
        for i, cell in enumerate(first)
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _column_names(names: list[str]) -> list[str]:
    """The names, empty ones numbered from 1 and repeated ones marked."""
    seen: dict[str, int] = {}
    unique = []
    for i, name in enumerate(names):
        name = name or f"column_{i + 1}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


def _first_sentence(fault: Exception) -> str:
    return str(fault).splitlines()[0].strip().rstrip(".")
