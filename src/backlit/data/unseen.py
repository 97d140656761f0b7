"""Rows to predict, prepared as the training rows were.

    new.csv: length,width,note       trained on: length, width        →  the two columns, by name, standardised

Raw rows (a table, a folder of pictures) go through the preparation of the data that were trained on; rows that cannot
be read come back with the reason. A `.npy` holds coded rows, or inputs as they are where nothing is prepared. A
catalogue name gives its test rows, prepared already.

Not for judging: targets are not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from backlit.data.columns import Column
from backlit.data.dataset import Dataset
from backlit.data.encode import encode_source
from backlit.data.frames import TABLE_SUFFIXES, is_frame
from backlit.data.load import load
from backlit.data.preparation import Coded, Rejected
from backlit.errors import DataError
from backlit.language import Text, text, verbatim


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rows to predict.

    Attributes:
        inputs: As the network reads them.
        coded: Before they were prepared, as a saved model reads them; the inputs where nothing is prepared.
        place_name: What a place is: "line", "row" or "file".
        places: Where each row came from; empty where rows only have numbers.
        rejected: Rows that could not be read.
        notes: What is to be said aloud, such as categories that nobody has seen before.
    """

    inputs: Shaped[np.ndarray, "sample ..."]
    coded: Shaped[np.ndarray, "sample ..."]
    place_name: str = "row"
    places: Sequence[int | str] = ()
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[Text, ...] = ()


def rows_to_predict(source: Any, trained_on: Dataset) -> NewRows:
    """New rows, as the network reads them.

    Args:
        source: A CSV, a Parquet file, a frame, a folder of pictures, a `.npy`, a `.npz`, or a name of the catalogue.
        trained_on: The data of the run; for columns, shape and preparation.

    Returns:
        The rows that can be read, and the others with their reasons.
    """
    path = Path(source).expanduser() if isinstance(source, str | Path) else None
    suffix = path.suffix.lower() if path is not None else ""
    is_table = is_frame(source) or (suffix in TABLE_SUFFIXES and path is not None and path.is_file())
    is_raw = is_table or (path is not None and path.exists() and suffix not in (".npy", ".npz"))
    preparation = trained_on.preparation
    if is_raw and preparation is not None:
        coded = preparation.encode(source)
        _require_some(coded, source)
        inputs = preparation.apply(coded.rows)
        return NewRows(inputs, coded.rows, coded.place_name, coded.places, coded.rejected, coded.notes)
    if is_table and len(trained_on.input_shape) == 1:
        columns = trained_on.feature_names or [f"column_{i + 1}" for i in range(trained_on.input_shape[0])]
        coded = encode_source(source, [Column(name, "numeric") for name in columns], is_complete=True)
        _require_some(coded, source)
        rows = _fitting(coded.rows, trained_on, source)
        return NewRows(rows, rows, coded.place_name, coded.places, coded.rejected, coded.notes)
    if suffix == ".npy" and path is not None and path.is_file():
        rows = _array(path)
        if preparation is not None:
            return NewRows(preparation.apply(rows), rows)
    else:
        data = load(source)
        chosen = data.splits.test if len(data.splits.test) else np.arange(len(data))
        if preparation is not None and data.coded is not None and data.coded.shape[1:] == preparation.coded_shape:
            return NewRows(preparation.apply(data.coded[chosen]), data.coded[chosen])
        rows = data.inputs[chosen]
    rows = _fitting(rows, trained_on, source)
    return NewRows(rows, rows)


def _array(path: Path) -> np.ndarray:
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as fault:
        raise DataError(
            "numpy-unreadable",
            what=text("Reading `{path}`", path=path),
            expected=text("an array of numbers saved by `numpy.save`"),
            received=verbatim(next(iter(str(fault).splitlines()), type(fault).__name__)),
            fix=text("Save it again; arrays of Python objects are not read, for they can run code."),
        ) from fault


def _require_some(coded: Coded, source: Any) -> None:
    if not len(coded.rows):
        first = coded.rejected[0] if coded.rejected else None
        raise DataError(
            "predict-none",
            what=text("Reading `{path}`", path=source),
            expected=text("at least 1 row that can be read"),
            received=text("{n} that cannot, the first: {reason}", n=len(coded.rejected), reason=first.reason)
            if first is not None
            else text("none"),
            fix=text("Give rows like those that the run was trained on."),
        )


def _fitting(inputs: np.ndarray, trained_on: Dataset, source: Any) -> np.ndarray:
    """The rows, if they have the shape that was trained on."""
    if np.issubdtype(inputs.dtype, np.floating):
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
