"""Rows to predict, prepared as the training rows were.

    new.csv: length,width,note       trained on: length, width        →  the two columns, by name, standardised

A CSV needs the columns that were trained on, by name if it has a header, else in the same order; others, such as the
target, may be there and are left out. A catalogue name gives its test rows, prepared already.

Not for judging: targets are not read.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from backlit.data.csv_file import CsvFile, read_csv
from backlit.data.dataset import Dataset
from backlit.data.load import load
from backlit.errors import DataError, did_you_mean
from backlit.language import listed, text, verbatim


def rows_to_predict(source: str, trained_on: Dataset) -> Shaped[np.ndarray, "sample ..."]:
    """Inputs of new rows, as the network reads them.

    Args:
        source: A CSV, a `.npy` of inputs, a `.npz`, or a name of the catalogue.
        trained_on: The data of the run; for columns, shape and preparation.

    Returns:
        One entry a row.

    Raises:
        DataError: If the file is missing, lacks a column, or has a cell that is no number.
    """
    path = Path(source).expanduser()
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv", ".txt") and path.is_file():
        return _from_table(read_csv(path), trained_on)
    if suffix == ".npy" and path.is_file():
        inputs = np.load(path, allow_pickle=False)
        return _fitting(inputs, trained_on, source, is_raw=trained_on.preparation is not None)
    data = load(source)
    rows = data.splits.test if len(data.splits.test) else np.arange(len(data))
    return _fitting(data.inputs[rows], trained_on, source, is_raw=False)


def _from_table(file: CsvFile, trained_on: Dataset) -> np.ndarray:
    names = list(trained_on.feature_names)
    columns = list(file.cells.columns)
    n_inputs = int(np.prod(trained_on.input_shape))
    if not names or not file.has_header:
        if len(columns) not in (n_inputs, n_inputs + 1):
            raise DataError(
                "predict-columns",
                what=text("Reading `{path}`", path=file.path),
                expected=text("{n} columns, in the order of the training data", n=n_inputs),
                received=text("{n} columns", n=len(columns)),
                fix=text("Give the columns that the run was trained on, without the target."),
            )
        names = columns[:n_inputs]
    missing = [name for name in names if name not in columns]
    if missing:
        raise DataError(
            "predict-column-missing",
            what=text("Reading `{path}`", path=file.path),
            expected=text("the columns that the run was trained on"),
            received=text("no column {names}", names=listed(f"`{name}`" for name in missing[:5])),
            fix=did_you_mean(missing[0], columns),
        )
    raw = np.stack([file.numbers(name) for name in names], 1)
    wrong = np.argwhere(~np.isfinite(raw))
    if len(wrong):
        row, column = (int(place) for place in wrong[0])
        raise DataError(
            "predict-cell",
            what=text("Reading `{path}`", path=file.path),
            expected=text("a number in every cell"),
            received=text(
                "{n} cells without, first {cell} in column `{column}`, line {line}",
                n=len(wrong),
                cell=repr(file.cells[names[column]][row]),
                column=names[column],
                line=int(file.lines[row]),
            ),
            fix=text("Fill the cells or delete those lines."),
        )
    return _fitting(raw, trained_on, str(file.path), is_raw=True)


def _fitting(inputs: np.ndarray, trained_on: Dataset, source: str, *, is_raw: bool) -> np.ndarray:
    """The rows in the shape that was trained on, standardised if they are raw and those were."""
    if is_raw and trained_on.preparation is not None and inputs.ndim == 2:
        inputs = trained_on.preparation.apply(inputs)
    elif np.issubdtype(inputs.dtype, np.floating):
        inputs = inputs.astype(trained_on.inputs.dtype)
    if inputs.shape[1:] != trained_on.input_shape:
        raise DataError(
            "predict-shape",
            what=text("Reading `{path}`", path=source),
            expected=text("rows of shape {shape}", shape=trained_on.input_shape),
            received=verbatim(inputs.shape[1:]),
            fix=text("Give rows like those that the run was trained on."),
        )
    return inputs
