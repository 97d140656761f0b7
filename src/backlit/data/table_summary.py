"""What stands in the columns of a table, and what about them should make one look twice.

| suspicion | because |
| --- | --- |
| `same-as-target` | the column tells the answer: scores will be too good, and useless for rows without an answer |
| `same-as-another`, `nearly-same` | it brings nothing new |
| `constant`, `identifier` | nothing can be learnt from it |
| `counts-up` | a row number, perhaps: it tells in which order rows were written |
| `mostly-missing` | more gaps than values |

All rows are looked at, for nothing here reaches a network; numbers are those of the raw cells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from backlit.data.columns import counted, read_amounts, read_days, read_words
from backlit.data.kinds import counts_up
from backlit.data.raw_table import RawTable
from backlit.language import Text, text

NEARLY_SAME = 0.999
"""Correlation of two columns that say the same. Source: ours, a convention."""

TARGET_SAME = 0.9999
"""Correlation with the amount to predict that cannot be earned. Source: ours, a convention."""

MOSTLY = 0.5
"""Share of missing cells above which a column is told of. Source: ours."""

_MOST_TOP = 5
_MOST_COMPARED = 60  # columns; their pairs grow with the square


@dataclass(frozen=True)
class ColumnSummary:
    """One column.

    Attributes:
        name: Its name.
        kind: As `kinds.py` tells, or as the caller said.
        role: "input", "target" or "left out".
        n_missing: Cells without a value.
        n_distinct: Different values.
        low: Smallest number or first date; "" for others.
        high: Largest number or last date; "" for others.
        top: The most frequent values and their counts, for categories.
    """

    name: str
    kind: str
    role: str
    n_missing: int
    n_distinct: int
    low: str = ""
    high: str = ""
    top: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Suspicion:
    """Something to look at before training.

    Attributes:
        kind: As in the table at the top of the module.
        column: Which column.
        reason: A sentence.
    """

    kind: str
    column: str
    reason: Text


@dataclass(frozen=True)
class TableSummary:
    """What was found in a table.

    Attributes:
        columns: In the order of the table.
        n_rows: Rows that were read, those rejected for a cell among them.
        n_repeated: Rows whose inputs and target are those of an earlier row.
        suspicions: What to look at.
    """

    columns: tuple[ColumnSummary, ...]
    n_rows: int
    n_repeated: int
    suspicions: tuple[Suspicion, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values; reasons in English."""
        plain = asdict(self)
        plain["suspicions"] = [{**vars(one), "reason": str(one.reason)} for one in self.suspicions]
        return plain


def summarise(
    table: RawTable, kinds: Mapping[str, tuple[str, str]], *, target: str, left_out: Sequence[Suspicion], drop: set[str]
) -> TableSummary:
    """What stands in a table.

    Args:
        table: All rows.
        kinds: Kind and style of each column.
        target: The column to predict.
        left_out: Columns that are no inputs, and why.
        drop: Columns that the caller leaves out.

    Returns:
        The summary.
    """
    gone = {one.column for one in left_out} | drop
    inputs = [name for name in table.cells.columns if name != target and name not in gone]
    columns = []
    for name in table.cells.columns:
        role = "target" if name == target else "input" if name in inputs else "left out"
        columns.append(_summary(name, table.cells[name], *kinds[name], role=role))
    used = table.cells.select([*inputs, target])
    suspicions = [*left_out, *_gaps(columns, len(table)), *_row_numbers(table, inputs, kinds)]
    told = {one.column for one in suspicions}
    suspicions += _tells_target(table, [name for name in inputs if name not in told], kinds, target)
    suspicions += _nearly_same(table, inputs, kinds)
    n_repeated = len(used) - used.n_unique() if used.width else 0
    return TableSummary(tuple(columns), len(table), n_repeated, tuple(suspicions))


def _summary(name: str, cells: pl.Series, kind: str, style: str, *, role: str) -> ColumnSummary:
    if kind == "other":
        return ColumnSummary(name, kind, role, cells.null_count(), 0)
    words = read_words(cells)
    n_missing, n_distinct = words.null_count(), words.drop_nulls().n_unique()
    if kind in ("numeric", "date"):
        values, _ = (read_amounts if kind == "numeric" else read_days)(cells, style)
        known = values[np.isfinite(values)]
        if not len(known):
            return ColumnSummary(name, kind, role, n_missing, n_distinct)
        low, high = (_shown(value, kind) for value in (known.min(), known.max()))
        return ColumnSummary(name, kind, role, n_missing, n_distinct, low, high)
    if kind not in ("category", "boolean"):
        return ColumnSummary(name, kind, role, n_missing, n_distinct)
    return ColumnSummary(name, kind, role, n_missing, n_distinct, top=tuple(counted(words)[:_MOST_TOP]))


def _shown(value: float, kind: str) -> str:
    if kind == "date":
        return str(np.datetime64(int(np.floor(value)), "D"))
    return f"{value:.6g}"


def _gaps(columns: Sequence[ColumnSummary], n_rows: int) -> list[Suspicion]:
    return [
        Suspicion("mostly-missing", one.name, text("{n} of {all} cells have no value", n=one.n_missing, all=n_rows))
        for one in columns
        if one.role == "input" and one.n_missing > MOSTLY * n_rows
    ]


def _row_numbers(table: RawTable, inputs: Sequence[str], kinds: Mapping[str, tuple[str, str]]) -> list[Suspicion]:
    reason = text("it grows by one from row to row: a row number?")
    return [
        Suspicion("counts-up", name, reason)
        for name in inputs
        if kinds[name][0] == "numeric" and counts_up(table.cells[name])
    ]


def _tells_target(
    table: RawTable, inputs: Sequence[str], kinds: Mapping[str, tuple[str, str]], target: str
) -> list[Suspicion]:
    """Columns that are the target under another name."""
    answer = read_words(table.cells[target]).alias("answer")
    n_answers = answer.drop_nulls().n_unique()
    reason = text("it tells the target `{target}` exactly: is it known before the answer is?", target=target)
    found = []
    amounts, _ = read_amounts(table.cells[target], kinds[target][1])
    for name in inputs[: _MOST_COMPARED * 4]:
        words = read_words(table.cells[name]).alias("words")
        pairs = pl.DataFrame([answer, words]).drop_nulls()
        is_class = len(pairs) and 1 < n_answers <= len(pairs) / 2
        if is_class and pairs.n_unique() == pairs["words"].n_unique() == pairs["answer"].n_unique():
            found.append(Suspicion("same-as-target", name, reason))
        elif not is_class and kinds[name][0] == kinds[target][0] == "numeric":
            values, _ = read_amounts(table.cells[name], kinds[name][1])
            if _correlation(values, amounts) >= TARGET_SAME:
                found.append(Suspicion("same-as-target", name, reason))
    return found


def _nearly_same(table: RawTable, inputs: Sequence[str], kinds: Mapping[str, tuple[str, str]]) -> list[Suspicion]:
    numeric = [name for name in inputs if kinds[name][0] == "numeric"][:_MOST_COMPARED]
    values = [read_amounts(table.cells[name], kinds[name][1])[0] for name in numeric]
    found = []
    for i, name in enumerate(numeric):
        for j in range(i):
            if _correlation(values[j], values[i]) >= NEARLY_SAME:
                reason = text("it says the same as `{other}` (correlation above {r})", other=numeric[j], r=NEARLY_SAME)
                found.append(Suspicion("nearly-same", name, reason))
                break
    return found


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Size of the correlation over rows where both are known; 0 where it means nothing."""
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < 3:
        return 0.0
    a, b = (values[known] - values[known].mean() for values in (one, other))
    length = np.sqrt((a * a).sum() * (b * b).sum())
    return float(abs((a * b).sum()) / length) if np.isfinite(length) and length > 0 else 0.0
