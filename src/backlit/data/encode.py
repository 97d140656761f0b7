"""Rows of a table as coded numbers, by the columns that were fitted; rows that cannot be read are set aside.

    new.csv: length,width,note       trained on: length, width        →  the two columns, by name

Columns are found by name if the table has names, else by their order; others, such as the target, may be there and are
left out. The training rows go through the same code as rows that come years later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from backlit.data.columns import Column
from backlit.data.frames import read_raw
from backlit.data.preparation import Coded, Rejected
from backlit.data.raw_table import RawTable
from backlit.errors import DataError, did_you_mean
from backlit.language import Text, listed, text

_MOST_SHOWN = 5


@dataclass(frozen=True, eq=False)
class EncodedTable:
    """All rows of a table as numbers, those that cannot be read among them.

    Attributes:
        rows: Coded numbers of all columns, one after another.
        is_kept: Rows that can be read.
        rejected: The others, with the first reason of each.
        notes: Categories that nobody has seen before.
    """

    rows: Float[np.ndarray, "sample code"]
    is_kept: Bool[np.ndarray, " sample"]
    rejected: tuple[Rejected, ...]
    notes: tuple[Text, ...]


def encode_source(
    source: Any, columns: Sequence[Column], *, file_columns: Sequence[str] = (), is_complete: bool = False
) -> Coded:
    """The rows of a table that can be read, as coded numbers.

    Args:
        source: A CSV, a Parquet file or a frame.
        columns: How each is read.
        file_columns: All columns of the table that was trained on, in order, for tables without names.
        is_complete: Whether a row with a missing number cannot be used.

    Returns:
        Numbers with the places of their rows, and what was rejected.
    """
    table = read_raw(source)
    names = [column.name for column in columns]
    table = named_as_trained(table, names, file_columns)
    encoded = encode_table(table, columns, is_complete=is_complete)
    kept = table.rows(encoded.is_kept, encoded.rejected)
    return Coded(
        encoded.rows[encoded.is_kept],
        kept.places.tolist(),
        kept.place_name,
        kept.rejected,
        encoded.notes,
    )


def encode_table(table: RawTable, columns: Sequence[Column], *, is_complete: bool = False) -> EncodedTable:
    """All rows of a table as coded numbers.

    Args:
        table: With all of the columns.
        columns: How each is read.
        is_complete: As for `encode_source`.

    Returns:
        Numbers, and which rows can be used.
    """
    reasons: dict[int, Text] = {}
    notes = []
    blocks = []
    for column in columns:
        cells = table.cells[column.name]
        coded = column.code(cells)
        blocks.append(coded.rows)
        for row in np.flatnonzero(coded.is_unreadable):
            reasons.setdefault(int(row), _unreadable(column, cells[int(row)]))
        if is_complete:
            for row in np.flatnonzero(np.isnan(coded.rows).any(1) & ~coded.is_unreadable):
                reasons.setdefault(int(row), text("nothing in column `{column}`", column=column.name))
        if coded.is_unknown.any():
            notes.append(_unknown(column, cells.filter(coded.is_unknown).unique(maintain_order=True).to_list(), coded))
    is_kept = np.ones(len(table), bool)
    is_kept[list(reasons)] = False
    rejected = tuple(Rejected(int(table.places[row]), reasons[row]) for row in sorted(reasons))
    rows = np.concatenate(blocks, 1) if blocks else np.zeros((len(table), 0), np.float32)
    return EncodedTable(rows, is_kept, rejected, tuple(notes))


def named_as_trained(table: RawTable, names: Sequence[str], file_columns: Sequence[str] = ()) -> RawTable:
    """The table with the names of the columns that were trained on.

    Args:
        table: With or without names of its own.
        names: Columns that are needed.
        file_columns: As for `encode_source`.

    Returns:
        The table; columns that came without names have those of the training table.

    Raises:
        DataError: If a column is missing.
    """
    columns = table.cells.columns
    if not table.has_header:
        orders = [list(file_columns), list(names)]
        fitting = next((order for order in orders if len(order) == len(columns)), None)
        if fitting is None and len(columns) == len(names) + 1:
            fitting = [*names, columns[-1]]  # the target came along, last
        if fitting is None:
            raise DataError(
                "predict-columns",
                what=text("Reading `{path}`", path=table.name),
                expected=text("{n} columns, in the order of the training data", n=len(names)),
                received=text("{n} columns", n=len(columns)),
                fix=text("Give the columns that the run was trained on, without the target."),
            )
        cells = table.cells.clone()
        cells.columns = fitting
        return RawTable(**{**vars(table), "cells": cells})
    missing = [name for name in names if name not in columns]
    if missing:
        raise DataError(
            "predict-column-missing",
            what=text("Reading `{path}`", path=table.name),
            expected=text("the columns that the run was trained on"),
            received=text("no column {names}", names=listed(f"`{name}`" for name in missing[:_MOST_SHOWN])),
            fix=did_you_mean(missing[0], columns),
        )
    return table


def _unreadable(column: Column, cell: object) -> Text:
    shown = repr(cell) if len(repr(cell)) <= 40 else repr(cell)[:38] + "…'"
    if column.kind == "date":
        return text("{cell} in column `{column}` is no date like the others", cell=shown, column=column.name)
    return text("{cell} in column `{column}` is no number that can be used", cell=shown, column=column.name)


def _unknown(column: Column, values: list[Any], coded: Any) -> Text:
    shown = [f"`{value}`" for value in values[:_MOST_SHOWN]]
    return text(
        "Column `{column}`: {n} cells hold what the training rows do not, and are read as missing: {values}",
        column=column.name,
        n=int(coded.is_unknown.sum()),
        values=listed([*shown, "…"] if len(values) > _MOST_SHOWN else shown),
    )
