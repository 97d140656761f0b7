"""Fashion-MNIST rows for every contender: the same rows, float32 from 0 to 1.

The main process writes them as plain arrays once; the peers, which have no backlit, read those.
"""

from pathlib import Path
from typing import Any

import numpy as np

ARRAYS = ("inputs", "labels", "test_inputs", "test_labels")


def write_rows(folder: Path) -> None:
    """Writes all rows to a folder."""
    import backlit as bl

    data = bl.load("fashion-mnist")
    (inputs, labels), (test_inputs, test_labels) = data.train, data.test
    for name, array in zip(ARRAYS, (inputs, labels, test_inputs, test_labels), strict=True):
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array, np.int32 if "labels" in name else np.float32))


def rows(folder: Path, n_rows: int, shape: tuple[int, ...]) -> tuple[Any, Any, Any, Any]:
    """Training inputs and labels (`n_rows` of them), and all test inputs and labels; each example in this shape."""
    inputs, labels, test_inputs, test_labels = (np.load(folder / f"{name}.npy") for name in ARRAYS)
    return inputs[:n_rows].reshape(-1, *shape), labels[:n_rows], test_inputs.reshape(-1, *shape), test_labels
