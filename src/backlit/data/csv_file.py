"""A CSV file as columns of text, with its separator and header found, before anybody asks what the cells mean.

A line with more or fewer cells than the others is no row: it is set aside and counted, with its number, and the rest is
read. Files without quotes are read by polars; quotes, which may hide separators and line ends, are read by Python's own
`csv`, record after record.

    >>> has_header([["length", "width"], ["5.1", "3.5"]]), has_header([["5.1", "3.5"], ["4.9", "3.0"]])
    (True, False)

Not for spreadsheets or compressed files.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from backlit.data.characters import decoded
from backlit.data.preparation import Rejected
from backlit.data.raw_table import RawTable
from backlit.errors import DataError
from backlit.language import Text, text

MISSING = ("", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-")
"""What stands for a missing cell, letter case apart."""

SEPARATORS = (",", ";", "\t", "|")

_HEAD = 50  # lines that separator, width and header are found from
_LONGEST = 100_000  # characters of a line that are looked at for its width; `csv` has a limit to a cell, too
_BLOCK = 20_000  # records that are Python lists at the same time


def read_csv(
    path: Path, *, header: bool | None = None, separator: str | None = None, encoding: str | None = None
) -> RawTable:
    """The file's columns as text.

    Args:
        path: The file.
        header: Whether the first line names the columns; None to find out.
        separator: Between cells; None to find out among comma, semicolon, tab and bar.
        encoding: None for UTF-8 and UTF-16.

    Returns:
        The columns; lines that are no rows are among the rejected ones.

    Raises:
        DataError: If the file is empty or not readable, or too many of its lines are no rows.
    """
    characters = decoded(_content(path), name=str(path), encoding=encoding)
    lines = characters.split("\n")
    head = list(islice((line for line in lines if line.strip()), _HEAD))
    separator = separator or _separator(head)
    width = _width(head, separator)
    is_quoted = '"' in characters
    found = _quoted(lines, separator, width, path) if is_quoted else _plain(lines, separator, width)
    found.cells = found.cells.select(pl.all().str.strip_chars())
    places = np.asarray(found.places, np.int64)
    if found.cells.width:
        is_written = found.cells.select(pl.any_horizontal(pl.all() != "")).to_series()
        found.cells, places = found.cells.filter(is_written), places[is_written.to_numpy()]
    rows = [list(row) for row in found.cells.head(_HEAD).iter_rows()]
    if found.rejected and (not len(places) or int(found.rejected[0].place) < places[0]):
        _require_first_line(found, path, width)
    header = has_header(rows) if header is None else header
    if len(found.cells) <= header:
        raise DataError(
            "csv-empty",
            what=text("Reading `{path}`", path=path),
            expected=text("at least 1 row"),
            received=text("{n} lines", n=len(found.cells)),
            fix=text("Check that the file was written to its end."),
        )
    found.cells.columns, notes = unique_names(rows[0] if header else [""] * width)
    if not header:
        notes.append(text("Header: none found; columns are numbered from 1"))
    table = RawTable(
        str(path),
        found.cells[1:] if header else found.cells,
        places[1:] if header else places,
        has_header=header,
        separator=separator,
        rejected=tuple(found.rejected),
        n_lost=found.n_lost,
        notes=tuple(notes),
    )
    table.require_mostly_readable()
    return table


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
        cell.lower() not in MISSING
        and not _is_number(cell)
        and all(_is_number(row[i]) or row[i].lower() in MISSING for row in below)
        and any(_is_number(row[i]) for row in below)
        for i, cell in enumerate(first)
    )


@dataclass
class _Found:
    """What the lines of a file held."""

    cells: pl.DataFrame
    places: list[int]
    rejected: list[Rejected] = field(default_factory=list)
    n_lost: int = 0

    def reject(self, place: int, reason: Text, *, n_lines: int = 1) -> None:
        self.rejected.append(Rejected(place, reason))
        self.n_lost += n_lines


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise DataError(
            "file-unreadable",
            what=text("Reading `{path}`", path=path),
            expected=text("a file that may be read"),
            received=text("`{fault}`", fault=fault.strerror or type(fault).__name__),
            fix=text("Check its permissions and the disk."),
        ) from fault


def _separator(head: list[str]) -> str:
    """The sign by which most of the first lines have as many cells as each other, and most cells."""

    def judge(separator: str) -> tuple[float, int]:
        widths = Counter(_widths(head, separator))
        width, n = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (n / len(head) if width > 1 else 0.0, width)

    return max(SEPARATORS, key=judge) if head else SEPARATORS[0]


def _width(head: list[str], separator: str) -> int:
    """How many cells most lines have."""
    widths = Counter(_widths(head, separator))
    return max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))[0]


def _widths(head: list[str], separator: str) -> Iterator[int]:
    for line in head:
        # A quote that goes on in the next line makes one line look short; the others decide.
        if '"' in line:
            yield next((len(cells) for cells in _records([line[:_LONGEST]], separator)), 0)
        else:
            yield line.count(separator) + 1


def _records(lines: list[str], separator: str, *, strict: bool = False) -> Any:
    """Python's reader, which knows its `line_num`."""
    return csv.reader((f"{line}\n" for line in lines), delimiter=separator, skipinitialspace=True, strict=strict)


def _plain(lines: list[str], separator: str, width: int) -> _Found:
    """Lines without quotes: as many cells as separators, and one more."""
    found = _Found(pl.DataFrame(), [])
    good = []
    for number, line in enumerate(lines, 1):
        n_cells = line.count(separator) + 1
        if n_cells == width and line.strip():
            good.append(line)
            found.places.append(number)
        elif line.strip(f" {separator}"):
            found.reject(number, _wrong_width(n_cells, width))
    if good:
        content = io.BytesIO("\n".join(good).encode())
        schema = {f"{i}": pl.String for i in range(width)}
        found.cells = pl.read_csv(
            content, has_header=False, separator=separator, quote_char=None, schema=schema
        ).select(pl.all().fill_null(""))
    return found


def _quoted(lines: list[str], separator: str, width: int, path: Path) -> _Found:
    """Records in which a quoted cell may hold separators and line ends."""
    found = _Found(pl.DataFrame(), [])
    blocks: list[pl.DataFrame] = []
    block: list[list[str]] = []
    schema = {f"{i}": pl.String for i in range(width)}
    reader = _records(lines, separator)
    last = 1
    while True:
        first = last
        try:
            record = next(reader, None)
        except csv.Error as fault:
            raise DataError(
                "csv-quote",
                what=text("Reading `{path}`", path=path),
                expected=text("a second quote for each that begins a cell"),
                received=text("`{fault}` in the record that begins in line {line}", fault=fault, line=first),
                fix=text("Look for a single quote sign in that line."),
            ) from None
        if record is None:
            break
        last = reader.line_num + 1
        if reader.line_num == len(lines) and _is_unclosed(lines[first - 1 :], separator):
            n_lines = sum(bool(line.strip()) for line in lines[first - 1 :])
            found.reject(first, text("a quote that is never closed"), n_lines=n_lines)
        elif len(record) == width and any(cell.strip() for cell in record):
            block.append(record)
            found.places.append(first)
        elif any(cell.strip() for cell in record):
            found.reject(first, _wrong_width(len(record), width), n_lines=last - first)
        if len(block) == _BLOCK:
            blocks.append(pl.DataFrame(block, schema=schema, orient="row"))
            block = []
    if block:
        blocks.append(pl.DataFrame(block, schema=schema, orient="row"))
    if blocks:
        found.cells = pl.concat(blocks)
    return found


def _is_unclosed(lines: list[str], separator: str) -> bool:
    """Whether the file ends inside a quoted cell."""
    try:
        list(_records(lines, separator, strict=True))
    except csv.Error as fault:
        return "unexpected end" in str(fault)
    return False


def _wrong_width(n_cells: int, width: int) -> Text:
    return text("{n} cells instead of {width}", n=n_cells, width=width)


def _require_first_line(found: _Found, path: Path, width: int) -> None:
    """A first line of another width is a title or a broken header, and no row to leave out silently.

    Raises:
        DataError: Always.
    """
    first = found.rejected[0]
    raise DataError(
        "csv-first-line",
        what=text("Reading `{path}`", path=path),
        expected=text("as many cells in line {line} as in most others: {n}", line=first.place, n=width),
        received=first.reason,
        fix=text("Delete title lines above the names of the columns, or name each column."),
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", ".", 1))
    except ValueError:
        return False
    return True


def unique_names(names: list[str]) -> tuple[list[str], list[Text]]:
    """The names of columns, empty ones numbered from 1 and repeated ones marked.

    Args:
        names: As they came.

    Returns:
        Names that differ, and what was renamed.

    Example:
        >>> unique_names(["a", "a", ""])[0]
        ['a', 'a_2', 'column_3']
    """
    taken = set(names)
    seen: set[str] = set()
    unique, notes = [], []
    for i, name in enumerate(names):
        wanted = new = name or f"column_{i + 1}"
        again = 2
        while new in seen or (new != name and new in taken):
            new = f"{wanted}_{again}"
            again += 1
        if name and new != name:
            notes.append(text("Two columns are called `{name}`: the later one is now `{new}`", name=name, new=new))
        seen.add(new)
        unique.append(new)
    return unique, notes
