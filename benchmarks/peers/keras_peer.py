"""Keras's own `fit` on JAX: as it comes, or with `steps_per_execution=50` (variant `tuned`)."""

import os
import time
from collections.abc import Callable
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

from benchmarks.cases import LEARNING_RATE, MOMENTUM, Case
from benchmarks.data import rows


def prepare(case: Case, variant: str, *, n_rows: int) -> Callable[[], dict[str, Any]]:
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=1"  # what Keras alone would run on
    inputs, labels, test_inputs, test_labels = rows(n_rows)
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(units, "relu") for units in case.hidden]
    model = keras.Sequential([keras.Input(inputs.shape[1:]), *layers, keras.layers.Dense(10)])
    model.compile(
        keras.optimizers.SGD(LEARNING_RATE, momentum=MOMENTUM),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=50 if variant == "tuned" else 1,
    )
    first = model.get_weights()

    def train() -> dict[str, Any]:
        model.set_weights(first)
        started = time.perf_counter()
        model.fit(inputs, labels, batch_size=case.batch_size, epochs=case.epochs, verbose=0)
        seconds = time.perf_counter() - started
        _, accuracy = model.evaluate(test_inputs, test_labels, batch_size=1000, verbose=0)
        return {"samples": n_rows * case.epochs, "seconds": seconds, "test_accuracy": accuracy}

    return train
