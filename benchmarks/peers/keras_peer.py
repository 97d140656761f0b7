"""Keras's own `fit`: as it comes, or tuned, on JAX and on TensorFlow.

jax, tf     as it comes
…-tuned     `steps_per_execution=50`, compiled by XLA where Keras can
tf-graph    `steps_per_execution=50`, TensorFlow's own kernels (`jit_compile=False`)
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import MOMENTUM, Case
from benchmarks.data import rows
from benchmarks.peers import Absent as Absent

BACKENDS = {"jax": "jax", "tf": "tensorflow"}


def prepare(case: Case, variant: str, folder: Path) -> Callable[[Case, int], dict[str, Any]]:
    backend, _, tuning = variant.partition("-")
    os.environ["KERAS_BACKEND"] = BACKENDS[backend]
    import keras

    from benchmarks.peers.keras_networks import keras_model

    if case.is_bfloat16:
        keras.config.set_dtype_policy("mixed_bfloat16")
    inputs, labels, test_inputs, test_labels = rows(folder, case.n_rows, case.network.input_shape)
    keras.utils.set_random_seed(0)
    model = keras_model(case.network)
    model.compile(
        keras.optimizers.SGD(case.learning_rate, momentum=MOMENTUM),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=50 if tuning else 1,
        jit_compile={"graph": False, "tuned": True}.get(tuning, "auto"),
    )

    def train(case: Case, seed: int) -> dict[str, Any]:
        keras.utils.set_random_seed(seed)
        model.set_weights(keras_model(case.network).get_weights())
        for variable in model.optimizer.variables:  # no momentum left from the last round
            if variable.path.endswith("momentum"):
                variable.assign(np.zeros(variable.shape, np.float32))
        started = time.perf_counter()
        model.fit(inputs, labels, batch_size=case.batch_size, epochs=case.epochs, verbose=0)
        seconds = time.perf_counter() - started
        _, accuracy = model.evaluate(test_inputs, test_labels, batch_size=1000, verbose=0)
        return {"samples": case.n_rows * case.epochs, "seconds": seconds, "test_accuracy": float(accuracy)}

    return train
