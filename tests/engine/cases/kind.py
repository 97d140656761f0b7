"""What backlit and Keras must agree on: one row a case, each a small compiled Keras model.

A case is a model that is built and compiled, the kind of targets, and what `fit` is told beside them. Rows are drawn
from the model's input shape. 16 rows in batches of 8, or 12 with a short last batch of 4: two steps an epoch.

    layers       SGD with momentum (its step is smooth in the gradient, so rounding is not blown up)
    optimisers   a dense network with a little of everything
    losses       a dense network whose output suits the loss
    settings     tasks, weights, regularisers, constraints, clipping, schedules, averages, frozen layers

The tables: `layers.py`, `optimisers.py`, `losses.py`, `settings.py`; all of them: `table.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import layers

N_CLASSES = 3
TABLE, LINE, IMAGE, VOLUME, TOKENS = (6,), (8, 3), (6, 6, 2), (4, 4, 4, 2), (7,)  # shapes of one row
TARGETS = ("classes", "one-hot", "labels", "amounts", "binary", "signs", "counts")


@dataclass(frozen=True)
class Case:
    """One comparison.

    Attributes:
        name: Unique.
        table: `layers`, `optimisers`, `losses` or `settings`.
        build: Makes the compiled model.
        targets: One of `TARGETS`.
        n_rows: Training rows.
        fit: Arguments of `fit` that `train_on_batch` has too: `class_weight`, `sample_weight`.
        zero_gradient: Ends of the paths of weights whose gradient is zero by analysis.
        has_validation: Whether validation rows are scored each epoch.
        in_population: Whether the case also runs as a population (two learning rates, vmapped).
    """

    name: str
    table: str
    build: Callable[[], keras.Model]
    targets: str = "classes"
    n_rows: int = 16
    fit: Mapping[str, Any] = field(default_factory=dict)
    zero_gradient: tuple[str, ...] = ()
    has_validation: bool = False
    in_population: bool = False


def draw_rows(case: Case, model: keras.Model, n_rows: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets for a case, in Keras's float type or as token ids from 0 to 9."""
    rng = np.random.default_rng(seed)
    floatx = keras.config.floatx()
    shape = (n_rows, *model.input_shape[1:])
    inputs = rng.integers(0, 10, shape).astype("int32") if reads_tokens(model) else rng.normal(size=shape)
    ids = rng.permutation(np.arange(n_rows) % N_CLASSES)
    targets = {
        "classes": lambda: ids,
        "one-hot": lambda: np.eye(N_CLASSES)[ids],
        "labels": lambda: np.concatenate([rng.integers(0, 2, (n_rows, 1)), np.eye(2)[ids % 2] * [1, 1]], 1),
        "amounts": lambda: rng.normal(size=(n_rows, N_CLASSES)),
        "binary": lambda: (ids > 0).astype(int),
        "signs": lambda: np.where(rng.integers(0, 2, (n_rows, N_CLASSES)) > 0, 1.0, -1.0),
        "counts": lambda: rng.uniform(0.5, 3.0, (n_rows, N_CLASSES)),
    }[case.targets]()
    is_id = case.targets in ("classes", "binary")
    return as_floats(inputs, floatx), targets.astype("int32") if is_id else targets.astype(floatx)


def as_floats(inputs: np.ndarray, floatx: str) -> np.ndarray:
    return inputs if inputs.dtype == np.int32 else inputs.astype(floatx)


def reads_tokens(model: keras.Model) -> bool:
    return any(isinstance(layer, layers.Embedding | layers.CategoryEncoding) for layer in model.layers)


def network(
    optimizer: Callable[[], Any],
    *,
    loss: Any = "sparse_categorical_crossentropy",
    activation: str = "softmax",
    width: int = N_CLASSES,
    metrics: Any = None,
    **compile_options: Any,
) -> Callable[[], keras.Model]:
    """A function that builds a dense network and compiles it: what loss, optimiser and settings are compared on."""

    def build() -> keras.Model:
        model = keras.Sequential(
            [keras.Input(TABLE), layers.Dense(8, "tanh"), layers.Dense(5, "tanh"), layers.Dense(width, activation)]
        )
        model.compile(optimizer(), loss() if callable(loss) else loss, metrics=metrics, **compile_options)
        return model

    return build
