"""backlit, as a user calls it: one `fit`; its own report of the training time (compilation apart) is the time."""

from collections.abc import Callable
from typing import Any

import numpy as np

import backlit as bl
from benchmarks.cases import LEARNING_RATE, MOMENTUM, Case
from benchmarks.data import rows


def prepare(case: Case, variant: str, *, n_rows: int) -> Callable[[], dict[str, Any]]:  # noqa: ARG001  one variant
    import keras  # after backlit, which chooses Keras's backend

    inputs, labels, test_inputs, test_labels = rows(n_rows)
    data = bl.load(((inputs, labels), (test_inputs, test_labels)))
    layers = [keras.layers.Dense(units, "relu") for units in case.hidden]
    model = keras.Sequential([*layers, keras.layers.Dense(10)])
    population: dict[str, Any] = {"seeds": case.members}
    if case.has_own_order:
        population = {"vary": bl.zipped(data_seed=list(range(case.members))), "seeds": 1}

    def train() -> dict[str, Any]:
        run = bl.fit(
            model,
            data,
            epochs=case.epochs,
            batch_size=case.batch_size,
            optimizer=keras.optimizers.SGD(LEARNING_RATE, momentum=MOMENTUM),
            save=False,
            verbose=False,
            **population,
        )
        return {
            "samples": case.members * n_rows * case.epochs,
            "seconds": run.run_s,
            "compile_s": run.compile_s,
            "test_accuracy": float(np.mean(run.evaluate("test")["accuracy"].to_numpy())),
        }

    return train
