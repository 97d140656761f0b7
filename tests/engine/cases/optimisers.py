"""Every optimiser of Keras, on a dense network."""

from collections.abc import Callable
from typing import Any

from keras import optimizers

from tests.engine.cases.kind import Case, network


def _optimiser(name: str, make: Callable[[], Any], **options: Any) -> Case:
    return Case(name, "optimisers", network(make), **options)


OPTIMISERS = [
    _optimiser("sgd", lambda: optimizers.SGD(0.1), n_rows=12),
    _optimiser("sgd-momentum", lambda: optimizers.SGD(0.1, momentum=0.8)),
    _optimiser("sgd-nesterov", lambda: optimizers.SGD(0.1, momentum=0.8, nesterov=True, weight_decay=0.01)),
    _optimiser("adam", lambda: optimizers.Adam(0.01), n_rows=12),
    _optimiser("adam-amsgrad", lambda: optimizers.Adam(0.01, amsgrad=True)),
    _optimiser("adamw", lambda: optimizers.AdamW(0.01, weight_decay=0.05)),
    _optimiser("adamax", lambda: optimizers.Adamax(0.01)),
    _optimiser("nadam", lambda: optimizers.Nadam(0.01)),
    _optimiser("rmsprop", lambda: optimizers.RMSprop(0.01)),
    _optimiser("rmsprop-centred", lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True)),
    _optimiser("adagrad", lambda: optimizers.Adagrad(0.1)),
    _optimiser("adadelta", lambda: optimizers.Adadelta(1.0)),
    _optimiser("ftrl", lambda: optimizers.Ftrl(0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.01)),
    _optimiser("lion", lambda: optimizers.Lion(0.003)),
    _optimiser("lamb", lambda: optimizers.Lamb(0.01)),
    _optimiser("adafactor", lambda: optimizers.Adafactor(0.05)),
    _optimiser("muon", lambda: optimizers.Muon(0.01)),
    _optimiser("schedule-free-adamw", lambda: optimizers.ScheduleFreeAdamW(0.02)),
    _optimiser(
        "multi-optimizer",
        lambda: optimizers.MultiOptimizer(
            optimizers.OptimizerMap(optimizers.SGD(0.1), {".*bias": optimizers.Adam(0.01)})
        ),
    ),
    _optimiser("loss-scaled", lambda: optimizers.LossScaleOptimizer(optimizers.Adam(0.01))),
    _optimiser("accumulated", lambda: optimizers.SGD(0.1, gradient_accumulation_steps=3)),
]
