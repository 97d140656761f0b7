"""Arrays saved by NumPy: `.npz` with named arrays, `.npy` with one.

    x.npz   keys x and y, or x_train, y_train and x_test, y_test (as Keras's own files)
    x.npy   a matrix: one column is the target, the last one unless `target=` says which

Nothing in the file is unpickled, so a file from elsewhere can run no code.
"""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from backlit.data.arrays import from_arrays
from backlit.data.dataset import Dataset
from backlit.data.options import require_count
from backlit.errors import DataError
from backlit.language import text, verbatim

_KEYS = {
    "inputs": ("x", "X", "x_train", "X_train", "inputs"),
    "targets": ("y", "Y", "y_train", "Y_train", "targets"),
    "test inputs": ("x_test", "X_test"),
    "test targets": ("y_test", "Y_test"),
}


def load_numpy_file(path: Path, *, target: str | int | None = None, **options: Any) -> Dataset:
    """The data set in an `.npz` or `.npy` file.

    Args:
        path: The file.
        target: For `.npz` the key of the targets, for `.npy` the number of the target column.
        **options: As `from_arrays` takes.

    Returns:
        The data set; all rows train, apart from test rows that an `.npz` brings.

    Raises:
        DataError: If the file is damaged, or holds no inputs and targets.
    """
    try:
        with path.open("rb") as file:
            content = np.load(file, allow_pickle=False)
            arrays = {"": content} if isinstance(content, np.ndarray) else dict(content)
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as fault:
        raise DataError(
            "numpy-unreadable",
            what=text("Reading `{path}`", path=path),
            expected=text("arrays of numbers saved by `numpy.save` or `numpy.savez`"),
            received=verbatim(str(fault).splitlines()[0] if str(fault) else type(fault).__name__),
            fix=text("Save it again; arrays of Python objects are not read, for they can run code."),
        ) from fault
    if "" in arrays:
        return _from_matrix(arrays[""], path, target=target, **options)
    names = {role: next((key for key in keys if key in arrays), None) for role, keys in _KEYS.items()}
    if target is not None:
        names["targets"] = str(target) if str(target) in arrays else None
    inputs_key, targets_key, test_key, test_targets_key = names.values()
    if inputs_key is None or targets_key is None:
        raise DataError(
            "numpy-keys",
            what=text("Reading `{path}`", path=path),
            expected=text("arrays named `x` and `{target}`", target=target or "y"),
            received=verbatim(", ".join(f"`{key}` {array.shape}" for key, array in arrays.items()) or "0"),
            fix=text("Save with `numpy.savez(path, x=inputs, y=targets)`."),
        )
    test = (arrays[test_key], arrays[test_targets_key]) if test_key and test_targets_key else None
    return from_arrays(
        arrays[inputs_key],
        arrays[targets_key],
        test=test,
        **{"name": path.stem, **options},
    )


def _from_matrix(matrix: np.ndarray, path: Path, *, target: str | int | None, **options: Any) -> Dataset:
    if matrix.ndim != 2 or matrix.shape[1] < 2:
        raise DataError(
            "numpy-matrix",
            what=text("Reading `{path}`", path=path),
            expected=text("a matrix with at least 2 columns, one of them the target"),
            received=text("shape {shape}", shape=matrix.shape),
            fix=text("Save with `numpy.savez(path, x=inputs, y=targets)`."),
        )
    n_columns = matrix.shape[1]
    column = require_count("target", _number(-1 if target is None else target), least=-n_columns, most=n_columns - 1)
    column %= n_columns
    return from_arrays(np.delete(matrix, column, axis=1), matrix[:, column], **{"name": path.stem, **options})


def _number(target: str | int) -> str | int:
    return int(target) if isinstance(target, str) and target.lstrip("-").isdigit() else target
