"""scikit-learn's MLPClassifier with SGD and momentum, stopping switched off."""

import time
import warnings
from collections.abc import Callable
from typing import Any

from benchmarks.cases import LEARNING_RATE, MOMENTUM, Case
from benchmarks.data import rows


def prepare(case: Case, variant: str, *, n_rows: int) -> Callable[[], dict[str, Any]]:  # noqa: ARG001  one variant
    inputs, labels, test_inputs, test_labels = rows(n_rows)
    from sklearn.neural_network import MLPClassifier

    def train() -> dict[str, Any]:
        model = MLPClassifier(
            case.hidden,
            solver="sgd",
            alpha=0.0,
            batch_size=case.batch_size,
            learning_rate_init=LEARNING_RATE,
            momentum=MOMENTUM,
            nesterovs_momentum=False,
            max_iter=case.epochs,
            n_iter_no_change=case.epochs + 1,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it wants more epochs than the case has
            started = time.perf_counter()
            model.fit(inputs, labels)
            seconds = time.perf_counter() - started
        return {
            "samples": n_rows * case.epochs,
            "seconds": seconds,
            "test_accuracy": float(model.score(test_inputs, test_labels)),
        }

    return train
