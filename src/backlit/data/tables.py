"""A table with mixed columns as a data set: which column is predicted, what the others are, which rows can be read.

    id,size,colour,built,price         target `price` (the last column): amounts, so regression
    a1,41.5,red,2019-05-01,120000      inputs `size` (numeric), `colour` (category), `built` (date)
    a2,,blue,2021-11-30,150000         `id` is left out: every row has another

Nothing is guessed silently: kinds, left-out columns, rejected rows and suspicions are said by `describe`.

A `Table` holds all rows raw; `prepared`, once the rows are dealt out, fits the preparation to those that train.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from backlit.data.columns import KINDS, Column
from backlit.data.dataset import Dataset, Splits
from backlit.data.encode import encode_table
from backlit.data.frames import read_raw
from backlit.data.kinds import infer_kind, style_for
from backlit.data.preparation import Rejected
from backlit.data.raw_table import RawTable
from backlit.data.table_preparation import MOST_CATEGORIES, TablePreparation, fitted_columns
from backlit.data.table_summary import Suspicion, summarise
from backlit.data.target_column import read_target, require_column, target_column
from backlit.data.words import WordsPreparation, has_words, read_words
from backlit.errors import DataError, SettingError, did_you_mean
from backlit.language import Text, listed, text, verbatim


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of a table that can be read, not yet split and not yet prepared.

    Attributes:
        raw: Cells of those rows.
        dataset: Targets, notes and what was found; its inputs are empty.
        inputs: (name, kind, style) of each input column.
    """

    raw: RawTable
    dataset: Dataset
    inputs: tuple[tuple[str, str, str], ...]

    def values(self, column: str) -> pl.Series:
        """The cells of a column, such as the one that says which rows belong together.

        Args:
            column: Any column of the table, one that was left out too.

        Returns:
            One cell a row.
        """
        require_column(self.raw, column)
        return self.raw.cells[column]

    def prepared(self, dataset: Dataset) -> Dataset:
        """The data set with inputs, prepared by its training rows.

        Args:
            dataset: `self.dataset` with its final splits.

        Returns:
            The data set to train on.
        """
        train = np.unique(dataset.splits.train)
        if self.inputs[0][1] == "text":
            return self._of_words(dataset, train)
        columns = fitted_columns(self.raw, self.inputs, train)
        coded = encode_table(self.raw, columns).rows
        preparation = TablePreparation.of_rows(coded[train], columns, self.raw.cells.columns)
        return replace(
            dataset,
            inputs=preparation.apply(coded),
            coded=coded,
            feature_names=preparation.input_names,
            preparation=preparation,
            notes=(*dataset.notes, *self._many_categories(columns, train)),
        )

    def _of_words(self, dataset: Dataset, train: np.ndarray) -> Dataset:
        name = self.inputs[0][0]
        sentences = read_words(self.raw.cells[name])
        preparation = WordsPreparation.of_rows(name, self.raw.cells.columns, sentences[train])
        tokens = preparation.tokens(sentences)
        return replace(dataset, inputs=tokens, coded=tokens, vocabulary=preparation.vocabulary, preparation=preparation)

    def _many_categories(self, columns: Iterable[Column], train: np.ndarray) -> list[Text]:
        return [
            text(
                "Column `{column}`: the {n} most frequent categories of the training rows are told apart, {more} rarer "
                "ones count as missing",
                column=column.name,
                n=MOST_CATEGORIES,
                more=n_distinct - MOST_CATEGORIES,
            )
            for column in columns
            if column.kind == "category"
            and len(column.categories) == MOST_CATEGORIES
            and (n_distinct := read_words(self.raw.cells[column.name][train]).drop_nulls().n_unique()) > MOST_CATEGORIES
        ]


def read_table(
    source: Any,
    *,
    target: str | int | None = None,
    drop: Sequence[str] = (),
    task: str | None = None,
    kinds: Mapping[str, str] | Sequence[str] | str = (),
    header: bool | None = None,
    separator: str | None = None,
    encoding: str | None = None,
    name: str | None = None,
) -> Table:
    """The rows of a CSV, a Parquet file or a frame.

    Args:
        source: A path or a frame.
        target: Name or position (0 is the first column, -1 the last) of the column to predict. None
            takes a column named as one of `TARGET_NAMES`, else the last.
        drop: Names of columns to leave out.
        task: "classification" or "regression"; None to tell from the target column.
        kinds: Kind of a column by its name, where the guess is wrong; or "zip=category,built=date".
        header: Whether the first line names the columns; None to find out.
        separator: Between cells; None to find out.
        encoding: Of the characters; None for UTF-8 and UTF-16.
        name: What messages and runs call the data; None for the name of the file.

    Returns:
        All rows that can be read, none split off yet.

    Raises:
        DataError: If the target is not there, no input is left, or too many rows cannot be read.
    """
    table = read_raw(source, header=header, separator=separator, encoding=encoding)
    answer, how = target_column(table, target)
    drop = [drop] if isinstance(drop, str) else list(drop)
    for column in drop:
        require_column(table, column)
    said = read_kinds(table, kinds)
    found = {column: _kind(table, column, said) for column in table.cells.columns}
    features = [column for column in table.cells.columns if column != answer and column not in drop]
    left_out = _left_out(table, features, found, said)
    gone = {one.column for one in left_out}
    inputs = [(column, *found[column]) for column in features if column not in gone]
    if not inputs:
        raise _no_inputs(table, answer, left_out)
    summary = summarise(table, found, target=answer, left_out=left_out, drop=set(drop))
    targets = read_target(table, answer, task, said)
    is_kept, rejected = targets.is_kept, {one.place: one for one in targets.rejected}
    readable, unreadable = _readable(table, inputs)
    table.rows(readable, unreadable).require_mostly_readable()
    rejected |= {one.place: one for one in unreadable if one.place not in rejected}
    is_kept = is_kept & readable
    kept = table.rows(is_kept, list(rejected.values()))
    values, class_names = _of_kept(targets.values[is_kept], targets.class_names, kept, answer)
    return Table(
        kept,
        Dataset(
            name or Path(table.name).stem,
            np.zeros((len(kept), 1), np.float32),
            values,
            task=targets.task,
            splits=Splits.of_rows(range(len(kept))),
            class_names=class_names,
            notes=(how, *table.notes),
            rejected=kept.rejected,
            places=tuple(kept.places.tolist()),
            table=summary,
        ),
        tuple(inputs),
    )


def read_kinds(table: RawTable, kinds: Mapping[str, str] | Sequence[str] | str) -> dict[str, str]:
    """What the caller says about columns.

    Args:
        table: The table.
        kinds: A mapping, "name=kind", or several of these in a list or with commas between.

    Returns:
        Column name to kind.

    Raises:
        SettingError: If a kind is not known.
    """
    if not isinstance(kinds, Mapping):
        words = kinds.split(",") if isinstance(kinds, str) else kinds
        pairs = [word.rpartition("=") for word in words if word.strip()]
        kinds = {column.strip(): kind.strip() for column, _, kind in pairs}
    for column, kind in kinds.items():
        require_column(table, column)
        if kind not in KINDS:
            raise SettingError(
                "kind-unknown",
                what=text("Reading the option `{name}`", name="kinds"),
                expected=text("one of {names}", names=listed(f"`{known}`" for known in KINDS)),
                received=text("`{kind}` for column `{column}`", kind=kind, column=column),
                fix=did_you_mean(str(kind), KINDS),
            )
    return dict(kinds)


def kinds_words(kinds: Mapping[str, str] | Sequence[str] | str) -> str | Mapping[str, str]:
    """What the caller says about columns as one word, as it stands behind an option of the command line.

    Args:
        kinds: As for `read_table`.

    Returns:
        "zip=category,built=date"; the mapping itself where a name holds a comma.

    Example:
        >>> kinds_words({"zip": "category", "built": "date"})
        'zip=category,built=date'
    """
    if isinstance(kinds, Mapping):
        if any("," in column for column in kinds):
            return kinds
        kinds = [f"{column}={kind}" for column, kind in kinds.items()]
    return kinds if isinstance(kinds, str) else ",".join(kinds)


def _kind(table: RawTable, column: str, said: Mapping[str, str]) -> tuple[str, str]:
    cells = table.cells[column]
    if column in said:
        return said[column], style_for(said[column], cells, separator=table.separator)
    guess = infer_kind(column, cells, separator=table.separator)
    return guess.kind, guess.style


def _left_out(
    table: RawTable, features: Sequence[str], found: Mapping[str, tuple[str, str]], said: Mapping[str, str]
) -> list[Suspicion]:
    """Columns that nothing can be learnt from, and texts beside other columns."""
    gone: list[Suspicion] = []
    seen: dict[bytes, str] = {}
    for column in features:
        kind, cells = found[column][0], table.cells[column]
        if kind == "other":
            gone.append(Suspicion("other", column, text("its cells hold several values each")))
        elif kind == "identifier":
            gone.append(Suspicion("identifier", column, text("nearly every row has another value: a label of rows")))
        elif column not in said and cells.n_unique() == 1:
            gone.append(Suspicion("constant", column, text("all rows have the same value")))
        else:
            content = blake2b(cells.cast(pl.String).hash().to_numpy().tobytes()).digest()
            twin = seen.setdefault(content, column)
            if twin != column:
                gone.append(Suspicion("same-as-another", column, text("it repeats column `{other}`", other=twin)))
    out = {one.column for one in gone}
    texts = [column for column in features if column not in out and found[column][0] == "text"]
    others = [column for column in features if column not in out and column not in texts]
    beside = texts if others else texts[1:]
    reason = text("texts are read where they are the only input: `drop` the other columns")
    return [*gone, *(Suspicion("text", column, reason) for column in beside)]


def _no_inputs(table: RawTable, target: str, left_out: Sequence[Suspicion]) -> DataError:
    if left_out:
        first = left_out[0]
        return DataError(
            "table-inputs",
            what=text("Reading `{path}`", path=table.name),
            expected=text("at least 1 column to learn from, besides the target `{target}`", target=target),
            received=text("`{column}`: {reason}", column=first.column, reason=first.reason),
            fix=text("Say what it is if that is wrong: `kinds={example}`.", example=f'"{first.column}=category"'),
        )
    return DataError(
        "csv-columns",
        what=text("Reading `{path}`", path=table.name),
        expected=text("at least 1 column besides the target `{target}`", target=target),
        received=verbatim(", ".join(f"`{column}`" for column in table.cells.columns)),
        fix=text('If cells are parted by another sign, say which: `separator=";"`.'),
    )


def _readable(table: RawTable, inputs: Sequence[tuple[str, str, str]]) -> tuple[np.ndarray, list[Rejected]]:
    """Rows whose cells are all of their column's kind, and the others."""
    if inputs[0][1] == "text":
        is_kept = has_words(read_words(table.cells[inputs[0][0]]))
        reason = text("no word in column `{column}`", column=inputs[0][0])
        return is_kept, [Rejected(int(place), reason) for place in table.places[~is_kept]]
    amounts = [Column(column, kind, style) for column, kind, style in inputs if kind in ("numeric", "date")]
    encoded = encode_table(table, amounts)
    return encoded.is_kept, list(encoded.rejected)


def _of_kept(
    values: np.ndarray, class_names: tuple[str, ...], kept: RawTable, target: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Targets with the classes that the kept rows still have.

    Raises:
        DataError: If no rows or a single class is left.
    """
    present = np.unique(values) if class_names else None
    if not len(values) or (present is not None and len(present) < 2):
        raise DataError(
            "csv-classes",
            what=text("Reading `{path}`", path=kept.name),
            expected=text("at least 2 classes in `{name}`, and rows that share one", name=target),
            received=text(
                "{n} different values in {rows} rows", n=0 if present is None else len(present), rows=len(values)
            ),
            fix=text("Mend the rows that cannot be read: {reasons}.", reasons=kept.reasons(kept.rejected)),
        )
    if present is None or len(present) == len(class_names):
        return values, class_names
    return np.searchsorted(present, values).astype(np.int32), tuple(class_names[i] for i in present)
