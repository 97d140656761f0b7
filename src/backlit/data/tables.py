"""A table of numbers as a data set: which column is predicted, and whether it is a class or an amount.

    length,width,species
    5.1,3.5,setosa          target `species` (the last column): names, so classes
    6.2,2.9,virginica       columns `length`, `width`: the inputs

| target column | task |
| --- | --- |
| names | classification |
| whole numbers, at most 20 different | classification, each number a class name |
| other numbers | regression |

What was decided is said aloud by `describe`. Columns stay raw here; `assemble` standardises them
by the training rows. Not yet for text columns, gaps, dates or categories among the inputs.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from backlit.data.csv_file import CsvFile, read_csv
from backlit.data.dataset import Dataset, Splits, Task
from backlit.data.options import require_choice
from backlit.errors import DataError, did_you_mean
from backlit.language import Listed, Text, listed, text, verbatim

MOST_CLASSES = 20
"""A whole-number target with more distinct values is an amount. Source: ours, a convention said aloud."""

TARGET_NAMES = ("target", "label", "class", "y", "标签", "类别", "目标")
"""A column of this name is the target unless the caller says otherwise."""

_MOST_SHOWN = 5


def read_table(
    path: Path,
    *,
    target: str | int | None = None,
    drop: Sequence[str] = (),
    task: str | None = None,
    header: bool | None = None,
    separator: str | None = None,
) -> Dataset:
    """The rows of a CSV file, inputs raw.

    Args:
        path: The file.
        target: Name or position (0 is the first column, -1 the last) of the column to predict. None
            takes a column named as one of `TARGET_NAMES`, else the last.
        drop: Names of columns to leave out.
        task: "classification" or "regression"; None to tell from the target column.
        header: Whether the first line names the columns; None to find out.
        separator: Between cells; None to find out.

    Returns:
        All rows, none split off yet.

    Raises:
        DataError: If the target is not there, or a cell is missing or no number.
    """
    file = read_csv(Path(path), header=header, separator=separator)
    name, how = _target_column(file, target)
    drop = [drop] if isinstance(drop, str) else list(drop)
    for column in drop:
        _require_column(file, column)
    features = [column for column in file.cells.columns if column != name and column not in drop]
    if not features:
        raise DataError(
            "csv-columns",
            what=text("Reading `{path}`", path=path),
            expected=text("at least 1 column besides the target `{target}`", target=name),
            received=verbatim(", ".join(f"`{column}`" for column in file.cells.columns)),
            fix=text('If cells are parted by another sign, say which: `separator=";"`.'),
        )
    _require_complete(file, [*features, name])
    _require_numbers(file, features)
    values, task_found, class_names = _read_target(file, name, task)
    return Dataset(
        file.path.stem,
        np.stack([file.numbers(column) for column in features], axis=1),
        values,
        task=task_found,
        splits=Splits.of_rows(range(len(values))),
        class_names=class_names,
        feature_names=tuple(features),
        notes=(how,) if file.has_header else (how, text("Header: none found; columns are numbered from 1")),
    )


def _target_column(file: CsvFile, target: str | int | None) -> tuple[str, Text]:
    columns = file.cells.columns
    if target is None:
        named = [column for column in columns if column.lower() in TARGET_NAMES]
        if len(named) == 1:
            return named[0], text("Target: column `{name}`, for its name; choose another with `target`", name=named[0])
        return columns[-1], text("Target: column `{name}`, the last; choose another with `target`", name=columns[-1])
    if isinstance(target, str) and target in columns:
        return target, text("Target: column `{name}`, as asked", name=target)
    position = int(target) if str(target).lstrip("-").isdigit() else None
    if position is None or not -len(columns) <= position < len(columns):
        _require_column(file, str(target))
        raise AssertionError("bug in backlit: a column that is there was not found")
    return columns[position], text("Target: column `{name}`, as asked", name=columns[position])


def _require_column(file: CsvFile, name: str) -> None:
    columns = file.cells.columns
    if name not in columns:
        raise DataError(
            "column-unknown",
            what=text("Reading `{path}`", path=file.path),
            expected=text("the name of a column, or a position 0..{last}", last=len(columns) - 1),
            received=text("`{name}`", name=name),
            fix=did_you_mean(name, columns),
        )


def _require_complete(file: CsvFile, columns: list[str]) -> None:
    gaps = {column: file.missing_rows(column) for column in columns}
    gaps = {column: rows for column, rows in gaps.items() if len(rows)}
    if gaps:
        raise DataError(
            "csv-missing",
            what=text("Reading `{path}`", path=file.path),
            expected=text("a value in every cell"),
            received=text(
                "{n} empty cells in {columns} columns: {places}",
                n=sum(len(rows) for rows in gaps.values()),
                columns=len(gaps),
                places=_shown(
                    text("`{column}` {n}, first in line {line}", column=column, n=len(rows), line=file.lines[rows[0]])
                    for column, rows in gaps.items()
                ),
            ),
            fix=text("Fill the cells or delete those lines, or leave a column out with `drop=[…]`."),
        )


def _require_numbers(file: CsvFile, columns: list[str]) -> None:
    texts = {column: file.text_rows(column) for column in columns}
    texts = {column: rows for column, rows in texts.items() if len(rows)}
    if texts:
        raise DataError(
            "csv-text",
            what=text("Reading `{path}`", path=file.path),
            expected=text("numbers in every column but the target"),
            received=_places_with_text(file, texts),
            fix=text("Write those cells as numbers, or leave the column out: `drop={names}`.", names=list(texts)),
        )


def _places_with_text(file: CsvFile, texts: dict[str, np.ndarray]) -> Text:
    places = _shown(
        text(
            "{cell} in column `{column}`, line {line}",
            cell=repr(file.cells[column][int(rows[0])]),
            column=column,
            line=file.lines[rows[0]],
        )
        for column, rows in texts.items()
    )
    return text("{n} cells that are no number: {places}", n=sum(len(rows) for rows in texts.values()), places=places)


def _read_target(file: CsvFile, name: str, task: str | None) -> tuple[np.ndarray, Task, tuple[str, ...]]:
    if task is not None:
        require_choice("task", task, ("classification", "regression"))
    numbers = file.numbers(name)
    texts = file.text_rows(name)
    is_named = len(texts) > len(numbers) / 2
    if len(texts) and (task == "regression" or not (is_named or task == "classification")):
        raise DataError(
            "csv-target-text",
            what=text("Reading `{path}`", path=file.path),
            expected=text("numbers in the target column"),
            received=_places_with_text(file, {name: texts}),
            fix=text('Mend that cell, or say `task="classification"` if each text is a class.'),
        )
    if len(texts):
        labels = file.cells[name].to_numpy().astype(str)
        class_names, ids = np.unique(labels, return_inverse=True)
        return _require_classes(file, name, class_names, ids)
    distinct, ids = np.unique(numbers, return_inverse=True)
    is_whole = bool((distinct == np.floor(distinct)).all())
    if task == "regression" or (task is None and not (is_whole and len(distinct) <= MOST_CLASSES)):
        return numbers[:, None].astype(np.float32), "regression", ()
    class_names = np.array([f"{value:g}" if not is_whole else str(int(value)) for value in distinct])
    return _require_classes(file, name, class_names, ids)


def _require_classes(
    file: CsvFile, name: str, class_names: np.ndarray, ids: np.ndarray
) -> tuple[np.ndarray, Task, tuple[str, ...]]:
    if len(class_names) < 2 or len(class_names) == len(ids):
        raise DataError(
            "csv-classes",
            what=text("Reading `{path}`", path=file.path),
            expected=text("at least 2 classes in `{name}`, and rows that share one", name=name),
            received=text("{n} different values in {rows} rows", n=len(class_names), rows=len(ids)),
            fix=text('Choose another column with `target`, or say `task="regression"` for amounts.'),
        )
    return ids.astype(np.int32), "classification", tuple(class_names.tolist())


def _shown(places: Iterable[Text]) -> Listed:
    found = list(places)
    more = [text("and {n} more", n=len(found) - _MOST_SHOWN)] if len(found) > _MOST_SHOWN else []
    return listed([*found[:_MOST_SHOWN], *more])
