"""One door for tables: a CSV, a Parquet file, a polars or a pandas frame, each as a `RawTable`.

    read_raw("houses.csv") · read_raw("houses.parquet") · read_raw(frame)

pandas is not needed to be there: what comes as a pandas frame brings it along.
"""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from backlit.data.csv_file import read_csv, unique_names
from backlit.data.raw_table import RawTable
from backlit.errors import DataError
from backlit.language import text, verbatim

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
TABLE_SUFFIXES = (*CSV_SUFFIXES, *PARQUET_SUFFIXES)


def is_frame(source: Any) -> bool:
    """Whether something is a polars or a pandas frame.

    Args:
        source: Anything.

    Returns:
        True if `read_raw` reads it.
    """
    return isinstance(source, pl.DataFrame | pl.LazyFrame) or _is_pandas(source)


def read_raw(
    source: Any, *, header: bool | None = None, separator: str | None = None, encoding: str | None = None
) -> RawTable:
    """A table as it was found.

    Args:
        source: A path, or a frame.
        header: As `read_csv`.
        separator: As `read_csv`.
        encoding: As `read_csv`.

    Returns:
        Its columns.
    """
    if isinstance(source, RawTable):
        return source
    if is_frame(source):
        return _typed("frame", _polars(source))
    path = Path(source).expanduser()
    if path.suffix.lower() in PARQUET_SUFFIXES:
        return _typed(str(path), _parquet(path))
    return read_csv(path, header=header, separator=separator, encoding=encoding)


def _is_pandas(source: Any) -> bool:
    kind = type(source)
    return kind.__name__ == "DataFrame" and kind.__module__.split(".")[0] == "pandas"


def _polars(source: Any) -> pl.DataFrame:
    if isinstance(source, pl.LazyFrame):
        return source.collect()
    if isinstance(source, pl.DataFrame):
        return source
    names, _ = unique_names([str(name) for name in source.columns])
    return pl.DataFrame({name: _series(source.iloc[:, i]) for i, name in enumerate(names)})


def _series(column: Any) -> pl.Series:
    """A pandas column; missing values of all of its kinds become null."""
    values = column.to_numpy()
    is_missing = column.isna().to_numpy()
    if values.dtype.kind in "biuf" or values.dtype.kind == "M":
        return pl.Series(values).set(pl.Series(is_missing), None) if is_missing.any() else pl.Series(values)
    plain = [None if gone else value for value, gone in zip(values.tolist(), is_missing, strict=True)]
    kinds = {type(value) for value in plain if value is not None}
    if kinds <= {int, float} or kinds <= {bool}:
        return pl.Series(plain, strict=False)
    if len(kinds) == 1 and next(iter(kinds)).__name__ in ("date", "datetime", "Timestamp"):
        return pl.Series(plain, strict=False)
    return pl.Series([None if value is None else str(value) for value in plain], dtype=pl.String)


def _parquet(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as fault:
        raise DataError(
            "parquet-unreadable",
            what=text("Reading `{path}`", path=path),
            expected=text("a Parquet file"),
            received=verbatim(next(iter(str(fault).splitlines()), type(fault).__name__).strip().rstrip(".")),
            fix=text("Write it again, or save it as CSV (UTF-8)."),
        ) from fault


def _typed(name: str, cells: pl.DataFrame) -> RawTable:
    if not len(cells) or not cells.width:
        raise DataError(
            "table-empty",
            what=text("Reading `{path}`", path=name),
            expected=text("at least 1 row"),
            received=text("shape {shape}", shape=cells.shape),
            fix=text("Check the filter or the file that made it."),
        )
    texts = [column for column, kind in cells.schema.items() if kind in (pl.Categorical, pl.Enum)]
    cells = cells.with_columns(pl.col(texts).cast(pl.String)) if texts else cells
    strings = [column for column, kind in cells.schema.items() if kind == pl.String]
    cells = cells.with_columns(pl.col(strings).str.strip_chars()) if strings else cells
    return RawTable(name, cells, np.arange(1, len(cells) + 1), place_name="row")
