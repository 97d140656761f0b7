"""backlit, as a user calls it: one `fit`; its own report of the training time (compilation apart) is the time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import backlit as bl
from benchmarks.cases import MOMENTUM, Case
from benchmarks.data import rows
from benchmarks.peers import Absent as Absent


def prepare(case: Case, variant: str, folder: Path) -> Callable[[Case, int], dict[str, Any]]:  # noqa: ARG001  one
    import keras  # after backlit, which chooses Keras's backend

    from benchmarks.peers.keras_networks import keras_model

    if case.is_bfloat16:
        keras.config.set_dtype_policy("mixed_bfloat16")
    inputs, labels, test_inputs, test_labels = rows(folder, case.n_rows, case.network.input_shape)
    data = bl.load(((inputs, labels), (test_inputs, test_labels)))
    model = keras_model(case.network)

    def train(case: Case, seed: int) -> dict[str, Any]:
        first = seed * case.members
        population: dict[str, Any] = {"seeds": list(range(first, first + case.members))}
        if case.has_own_order:
            population = {"vary": bl.zipped(data_seed=list(range(first, first + case.members))), "seed": seed}
        run = bl.fit(
            model,
            data,
            epochs=case.epochs,
            batch_size=case.batch_size,
            optimizer=keras.optimizers.SGD(case.learning_rate, momentum=MOMENTUM),
            save=False,
            verbose=False,
            **population,
        )
        return {
            "samples": case.members * case.n_rows * case.epochs,
            "seconds": run.run_s,
            "compile_s": run.compile_s,
            "test_accuracy": float(np.mean(run.evaluate("test")["accuracy"].to_numpy())),
        }

    return train
