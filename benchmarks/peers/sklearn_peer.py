"""scikit-learn's MLPClassifier with SGD and momentum, stopping switched off."""

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.cases import MOMENTUM, Case
from benchmarks.data import rows
from benchmarks.peers import Absent as Absent


def prepare(case: Case, variant: str, folder: Path) -> Callable[[Case, int], dict[str, Any]]:  # noqa: ARG001  one
    from sklearn.neural_network import MLPClassifier

    inputs, labels, test_inputs, test_labels = rows(folder, case.n_rows, case.network.input_shape)

    def train(case: Case, seed: int) -> dict[str, Any]:
        model = MLPClassifier(
            case.network.sizes,
            solver="sgd",
            alpha=0.0,
            batch_size=case.batch_size,
            learning_rate_init=case.learning_rate,
            momentum=MOMENTUM,
            nesterovs_momentum=False,
            max_iter=case.epochs,
            n_iter_no_change=case.epochs + 1,
            random_state=seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wants more epochs than the case has
            started = time.perf_counter()
            model.fit(inputs, labels)
            seconds = time.perf_counter() - started
        return {
            "samples": case.n_rows * case.epochs,
            "seconds": seconds,
            "test_accuracy": float(model.score(test_inputs, test_labels)),
        }

    return train
