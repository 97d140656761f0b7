"""A table's columns as a network's inputs, fitted to the training rows.

| column | inputs |
| --- | --- |
| numeric, date | (value − mean) / spread, a missing value by the median; a 0/1 flag where training rows lack some |
| category | one 0/1 input each; for code 0 (missing, unknown) one too, if training rows have it, else all are 0 |
| boolean | −1 no, 1 yes, 0 missing |
| month, weekday | a point on a circle: sine and cosine, so that December lies next to January |

Amounts come first, then their flags, then the codes, each in the order of the columns: `input_names`.

By hand, for a column 1, 3, missing: the median is 2; 1, 3, 2 have mean 2 and spread √⅔; the inputs are −1.22, 1.22, 0,
and the flags 0, 0, 1.

Arithmetic is in float32 here, as in the Keras layers, so that both give the same numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from backlit.data.columns import Column, counted, read_amounts, read_days, read_words
from backlit.data.encode import encode_source
from backlit.data.preparation import AbstractPreparation, Coded, require_coded_shape
from backlit.data.raw_table import RawTable
from backlit.language import Text, text

MOST_CATEGORIES = 100
"""Categories beyond the most frequent ones share code 0. Source: ours, a convention said aloud."""

MOST_SPREADS = 1e6
"""Values further from the mean are cut there, so that a network's float32 stays finite. Source: ours."""

FAR_SPREADS = 1000
"""A column so many spreads away from 0 is counted from an origin. Source: ours; float32 has 7 digits."""

_PERIODS = {"month": 12, "weekday": 7}


@dataclass(frozen=True, eq=False)
class TablePreparation(AbstractPreparation):
    """How the columns of a table become inputs.

    Attributes:
        columns: How each raw column is read, in the order of the coded numbers.
        file_columns: All columns of the training table in order, the target among them.
        medians: Of each amount, over the training rows; takes the place of a missing value.
        means: Taken away from each amount.
        scales: What the rest is divided by.
        has_flag: Amounts that some training rows lack.

    Source:
        cs231n-nn2, section "Data preprocessing".
    """

    columns: tuple[Column, ...]
    file_columns: tuple[str, ...]
    medians: Float[np.ndarray, " amount"]
    means: Float[np.ndarray, " amount"]
    scales: Float[np.ndarray, " amount"]
    has_flag: Bool[np.ndarray, " amount"]

    kind: ClassVar[str] = "table"

    @classmethod
    def of_rows(
        cls, coded: Float[np.ndarray, "sample code"], columns: Sequence[Column], file_columns: Sequence[str]
    ) -> "TablePreparation":
        """The preparation of these coded rows: give the training rows, and no others.

        Args:
            coded: What `encode_table` made of the training rows.
            columns: How they were read.
            file_columns: All columns of the table, in order.

        Returns:
            The preparation.
        """
        amounts = coded[:, _amount_idxs(columns)]
        medians, means, scales = _fitted_statistics(amounts)
        has_flag = np.asarray(np.isnan(amounts).any(0))
        return cls(tuple(columns), tuple(file_columns), medians, means, scales, has_flag)

    def on(self, coded: Shaped[np.ndarray, "sample ..."]) -> "TablePreparation":
        """Medians, means and spreads of other rows; columns, categories and flags stay.

        Args:
            coded: Coded training rows.

        Returns:
            The preparation.
        """
        medians, means, scales = _fitted_statistics(coded[:, self._amount_idxs])
        return replace(self, medians=medians, means=means, scales=scales)

    def encode(self, source: Any) -> Coded:
        """The rows of a table as coded numbers.

        Args:
            source: A CSV, a Parquet file or a frame, with or without the target.

        Returns:
            Numbers, and the rows that cannot be read.
        """
        return encode_source(source, self.columns, file_columns=self.file_columns)

    def apply(self, coded: Shaped[np.ndarray, "..."]) -> Float[np.ndarray, "sample input"]:
        """Coded rows, as the network reads them.

        Args:
            coded: Numbers in the order of `code_names`; NaN for a missing amount.

        Returns:
            Inputs in the order of `input_names`, float32.
        """
        rows = np.asarray(coded, np.float32)
        require_coded_shape(rows, self.coded_shape)
        amounts = rows[:, self._amount_idxs]
        is_missing = np.isnan(amounts)
        medians, means, scales = self._statistics
        with np.errstate(over="ignore"):
            scaled = (np.where(is_missing, medians, amounts) - means) / scales
        parts = [np.clip(scaled, -MOST_SPREADS, MOST_SPREADS), is_missing[:, self.has_flag].astype(np.float32)]
        for idx, table in self._tables:
            is_code = rows[:, idx, None] == np.arange(len(table), dtype=np.float32)
            parts.append(is_code.astype(np.float32) @ table)
        return np.concatenate(parts, axis=1).astype(np.float32)

    def as_layers(self, coded: Any) -> Any:
        """The same as `apply`, by Keras's own operations.

        Args:
            coded: A symbolic tensor of coded rows.

        Returns:
            A symbolic tensor of inputs.
        """
        from keras import ops

        parts = []
        if len(self._amount_idxs):
            amounts = ops.take(coded, self._amount_idxs, axis=1)
            is_missing = ops.isnan(amounts)
            medians, means, scales = self._statistics
            scaled = ops.divide(ops.subtract(ops.where(is_missing, medians, amounts), means), scales)
            parts.append(ops.clip(scaled, -MOST_SPREADS, MOST_SPREADS))
            if self.has_flag.any():
                flags = ops.take(is_missing, np.flatnonzero(self.has_flag), axis=1)
                parts.append(ops.cast(flags, "float32"))
        for idx, table in self._tables:
            codes = ops.take(coded, np.array([idx]), axis=1)
            is_code = ops.cast(ops.equal(codes, np.arange(len(table), dtype=np.float32)), "float32")
            # A product and a sum, and no matrix product, which some devices round.
            parts.append(ops.sum(ops.multiply(ops.expand_dims(is_code, 2), table), axis=1))
        return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=1)

    @property
    def coded_shape(self) -> tuple[int, ...]:
        """As many numbers as the columns have codes."""
        return (len(self.code_names),)

    @property
    def coded_dtype(self) -> str:
        """Amounts and codes together."""
        return "float32"

    @property
    def code_names(self) -> tuple[str, ...]:
        """What each coded number is called."""
        return tuple(name for column in self.columns for name in column.code_names)

    @property
    def input_names(self) -> tuple[str, ...]:
        """What each input is called."""
        amounts = [column.name for column in self.columns if column.codes[0] == "amount"]
        flags = [f"{name} missing" for name, has_flag in zip(amounts, self.has_flag, strict=True) if has_flag]
        codes: list[str] = []
        for column in self.columns:
            for code, name in zip(column.codes, column.code_names, strict=True):
                if code == "category":
                    codes += [f"{name}=?"] * column.has_other + [f"{name}={one}" for one in column.categories]
                elif code == "boolean":
                    codes.append(name)
                elif code in _PERIODS:
                    codes += [f"{name} sin", f"{name} cos"]
        return (*amounts, *flags, *codes)

    def describe(self) -> Text:
        """What is done to the columns."""
        return text(
            "Inputs: {n} numbers from {columns} columns; amounts standardised, gaps filled and categories coded "
            "by the training rows alone",
            n=len(self.input_names),
            columns=len(self.columns),
        )

    def to_json(self) -> dict[str, Any]:
        """Columns and statistics, and the names of both ends for people who read the file."""
        return {
            "columns": [column.to_json() for column in self.columns],
            "file_columns": list(self.file_columns),
            "code_names": list(self.code_names),
            "input_names": list(self.input_names),
            **{name: getattr(self, name).tolist() for name in ("medians", "means", "scales", "has_flag")},
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "TablePreparation":
        """What `to_json` wrote.

        Args:
            plain: What it gave.

        Returns:
            The preparation.
        """
        statistics = {name: np.asarray(plain[name], np.float64) for name in ("medians", "means", "scales")}
        columns = tuple(Column.from_json(column) for column in plain["columns"])
        return cls(columns, tuple(plain["file_columns"]), **statistics, has_flag=np.asarray(plain["has_flag"], bool))

    @cached_property
    def _amount_idxs(self) -> Int[np.ndarray, " amount"]:
        return _amount_idxs(self.columns)

    @property
    def _statistics(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.medians.astype(np.float32), self.means.astype(np.float32), self.scales.astype(np.float32)

    @cached_property
    def _tables(self) -> tuple[tuple[int, np.ndarray], ...]:
        """For each coded number that is no amount: its place, and the inputs of each code."""
        tables = []
        place = 0
        for column in self.columns:
            for code in column.codes:
                if code != "amount":
                    tables.append((place, _inputs_of_codes(column, code)))
                place += 1
        return tuple(tables)


def _amount_idxs(columns: Sequence[Column]) -> Int[np.ndarray, " amount"]:
    """Where amounts stand among the coded numbers."""
    codes = [code for column in columns for code in column.codes]
    return np.array([i for i, code in enumerate(codes) if code == "amount"], np.int32)


def _fitted_statistics(amounts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median of the known values of each column; mean and spread after it has taken the place of missing ones."""
    amounts = amounts.astype(np.float64)
    is_missing = np.isnan(amounts)
    medians = np.zeros(amounts.shape[1])
    for i in range(amounts.shape[1]):
        known = amounts[~is_missing[:, i], i]
        medians[i] = np.median(known) if len(known) else 0.0
    filled = np.where(is_missing, medians, amounts)
    scales = filled.std(0)
    # A spread below the smallest float32 is one of rounding, or none that float32 can divide by.
    is_constant = (filled == filled[:1]).all(0) | ~(scales > np.finfo(np.float32).tiny)
    return medians, filled.mean(0), np.where(is_constant, 1.0, scales)


def fitted_columns(
    table: RawTable, kinds: Sequence[tuple[str, str, str]], train: Int[np.ndarray, " row"]
) -> tuple[Column, ...]:
    """How each column is read: categories, origins and parts of dates from the training rows.

    Args:
        table: All rows.
        kinds: (name, kind, style) of each column.
        train: Rows that train.

    Returns:
        The columns.
    """
    return tuple(_fitted(table, name, kind, style, train) for name, kind, style in kinds)


def _fitted(table: RawTable, name: str, kind: str, style: str, train: np.ndarray) -> Column:
    cells = table.cells[name][train]
    if kind == "category":
        words = read_words(cells)
        ranked = counted(words)
        categories = tuple(sorted(word for word, _ in ranked[:MOST_CATEGORIES]))
        has_other = len(ranked) > MOST_CATEGORIES or bool(words.null_count())
        return Column(name, kind, categories=categories, has_other=has_other)
    if kind == "boolean":
        return Column(name, kind)
    if kind == "date":
        days, _ = read_days(cells, style)
        known = np.floor(days[np.isfinite(days)]).astype(np.int64)
        parts = ("month", "weekday") if len(known) else ()
        column = Column(name, kind, style, origin=float(known.min()) if len(known) else 0.0, parts=parts)
        coded = column.code(cells).rows[:, 1:]
        varying = tuple(
            part for part, codes in zip(parts, coded.T, strict=True) if len(np.unique(codes[codes > 0])) > 1
        )
        return replace(column, parts=varying)
    amounts, _ = read_amounts(cells, style)
    known = amounts[np.isfinite(amounts)]
    is_far = len(known) > 1 and abs(np.median(known)) > FAR_SPREADS * known.std() > 0
    return Column(name, kind, style, origin=float(np.round(np.median(known))) if is_far else 0.0)


def _inputs_of_codes(column: Column, code: str) -> Float[np.ndarray, "code input"]:
    if code == "boolean":
        return np.array([[0.0], [-1.0], [1.0]], np.float32)
    if code in _PERIODS:
        angles = 2 * np.pi * np.arange(_PERIODS[code]) / _PERIODS[code]
        return np.concatenate([np.zeros((1, 2)), np.stack([np.sin(angles), np.cos(angles)], 1)]).astype(np.float32)
    n = len(column.categories) + 1
    return np.eye(n, dtype=np.float32) if column.has_other else np.eye(n, dtype=np.float32)[:, 1:]
