"""What kind of column this is, told from its cells.

| cells | kind |
| --- | --- |
| true/false, yes/no, 是/否 | boolean |
| numbers, at least 90 % of them | numeric; with few different values, too |
| dates of one format, at least 90 % of them | date |
| whole numbers or texts, (nearly) all different, by name or nature a label of the row | identifier |
| texts of four words or more on average, most of them different | text |
| other texts | category |

    >>> import polars as pl
    >>> infer_kind("day", pl.Series(["2024-05-01", "2024-05-02"])).kind
    'date'

The rules look at all rows, for a kind is no statistic; what is fitted is fitted to the training rows alone. Whoever
knows better says so: `kinds={"zip": "category"}`.
"""

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from backlit.data.columns import as_points, boolean_values, present, read_amounts, read_days
from backlit.data.raw_table import MOST_REJECTED_FRAC

READABLE_FRAC = 1 - MOST_REJECTED_FRAC
"""This share of the cells decides on numbers or dates; rows with other cells are rejected. Source: ours."""

IDENTIFIER_FRAC = 0.95
"""Texts of which so many are different are labels of rows. Source: ours, a convention said aloud."""

TEXT_WORDS = 4
"""Texts of so many words on average are sentences and no categories. Source: ours, a convention said aloud."""

LEAST_ROWS = 20
"""With fewer rows nothing is called an identifier: all values may be different by chance. Source: ours."""

DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%d-%m-%Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
)
"""Tried in this order; where 03/04/2024 fits both, the month comes first unless a day above 12 says otherwise."""

_ID_NAME = re.compile(r"(^|[\W_])(id|uuid|guid|index|idx|no|nr|key)$|(编号|序号|学号|工号)$|^unnamed", re.IGNORECASE)
_ID_CASE = re.compile(r"[a-z]I[dD]$")
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+(?:['’][^\W_]+)?")
_SAMPLE = 2_000  # cells from which words are counted and formats guessed


@dataclass(frozen=True)
class Guess:
    """What a column seems to be.

    Attributes:
        kind: One of `KINDS`, or "other" for lists and the like.
        style: As `Column.style`.
    """

    kind: str
    style: str = ""


def infer_kind(name: str, cells: pl.Series, *, separator: str = "") -> Guess:
    """The kind of a column.

    Args:
        name: Of the column; `id` at its end says something.
        cells: Text, or of the type that a frame gave them.
        separator: Of the CSV; decides whether 1,234 is a thousand.

    Returns:
        Kind and style.
    """
    values = present(cells).drop_nulls()
    if values.dtype == pl.Boolean:
        return Guess("boolean")
    if values.dtype in (pl.Date, pl.Datetime):
        return Guess("date")
    if values.dtype.is_numeric() or values.dtype == pl.Duration:
        return _numeric_or_identifier(name, values, "")
    if values.dtype != pl.String:
        return Guess("category" if values.dtype == pl.Time else "other")
    if not len(values):
        return Guess("numeric")
    if boolean_values(values.str.to_lowercase()) is not None:
        return Guess("boolean")
    style = number_style(values, separator)
    if _read_frac(as_points(values, style).cast(pl.Float64, strict=False)) >= READABLE_FRAC:
        return _numeric_or_identifier(name, values, style)
    form = date_format(values)
    return Guess("date", form) if form else _words_kind(values)


def style_for(kind: str, cells: pl.Series, *, separator: str = "") -> str:
    """How the cells of a column are written whose kind the caller has said.

    Args:
        kind: What was said.
        cells: Of any type.
        separator: As for `infer_kind`.

    Returns:
        As `Column.style`.
    """
    values = present(cells).drop_nulls()
    if values.dtype != pl.String:
        return ""
    if kind == "numeric":
        return number_style(values, separator)
    return date_format(values, least_frac=0.5) if kind == "date" else ""


def number_style(values: pl.Series, separator: str) -> str:
    """Whether a comma in numbers is a decimal point or stands between thousands.

    Args:
        values: Text without missing cells.
        separator: Of the CSV.

    Returns:
        "comma", "thousands" or "".
    """
    with_comma = values.filter(values.str.contains(r"^[+-]?[\d.]*\d,\d+(,\d+)*(\.\d+)?([eE][+-]?\d+)?$"))
    if not len(with_comma):
        return ""
    is_grouped = with_comma.str.contains(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$").all()
    is_twice = with_comma.str.contains(r",\d+,").any() or with_comma.str.contains(r",\d*\.").any()
    return "thousands" if is_grouped and (separator == "," or is_twice) else "comma"


def date_format(values: pl.Series, *, least_frac: float = READABLE_FRAC) -> str:
    """The format in which (nearly) all cells are dates.

    Args:
        values: Text without missing cells.
        least_frac: Share of the cells that must fit.

    Returns:
        One of `DATE_FORMATS`, or "".
    """
    some = values.head(_SAMPLE)
    if not len(some) or some.str.contains(r"\d").sum() < least_frac * len(some):
        return ""
    best, most = "", 0.0
    for form in DATE_FORMATS:
        days, _ = read_days(some, form)
        if np.isfinite(days).mean() < least_frac:
            continue
        frac = float(np.isfinite(read_days(values, form)[0]).mean())
        if frac > most and frac >= least_frac:
            best, most = form, frac
    return best


def words_of(sentence: str) -> list[str]:
    """The words of a text, in small letters; each Chinese character is one.

    Args:
        sentence: Any.

    Returns:
        The words in order.

    Example:
        >>> words_of("Don't stop, 逆光!")
        ["don't", 'stop', '逆', '光']
    """
    return _WORD.findall(sentence.lower())


def counts_up(cells: pl.Series) -> bool:
    """Whether the cells are whole numbers that grow by one from row to row.

    Args:
        cells: Of any type.

    Returns:
        True for 1, 2, 3, …
    """
    values, is_unreadable = read_amounts(cells)
    return len(values) >= LEAST_ROWS and not is_unreadable.any() and bool((np.diff(values) == 1).all())


def _numeric_or_identifier(name: str, values: pl.Series, style: str) -> Guess:
    if len(values) >= LEAST_ROWS and (_ID_NAME.search(name) or _ID_CASE.search(name)):
        numbers, _ = read_amounts(values, style)
        known = numbers[np.isfinite(numbers)]
        if len(known) and (known == np.floor(known)).all() and len(np.unique(known)) >= IDENTIFIER_FRAC * len(known):
            return Guess("identifier", style)
    return Guess("numeric", style)


def _words_kind(values: pl.Series) -> Guess:
    distinct_frac = values.n_unique() / len(values)
    n_words = np.mean([len(words_of(cell)) for cell in values.head(_SAMPLE).to_list()])
    if distinct_frac > 0.5 and n_words >= TEXT_WORDS:
        return Guess("text")
    is_label = distinct_frac >= IDENTIFIER_FRAC and len(values) >= LEAST_ROWS
    return Guess("identifier" if is_label else "category")


def _read_frac(read: pl.Series) -> float:
    return 1 - read.null_count() / len(read)
