"""Fashion-MNIST rows for every contender: the same rows, flat, float32 from 0 to 1."""

from typing import Any

import numpy as np

import backlit as bl


def rows(n_rows: int) -> tuple[Any, Any, Any, Any]:
    """Training inputs and labels (`n_rows` of them), and all test inputs and labels."""
    data = bl.load("fashion-mnist")
    inputs, labels = data.train
    flat = lambda images: np.ascontiguousarray(images.reshape(len(images), -1), np.float32)  # noqa: E731
    return flat(inputs[:n_rows]), labels[:n_rows].astype(np.int32), flat(data.test[0]), data.test[1].astype(np.int32)
