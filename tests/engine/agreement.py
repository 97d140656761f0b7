"""Trains a case with backlit and with Keras's `train_on_batch`, and measures how far they are apart.

Both start from the same weights (a built model keeps its own) and see the same rows in the same order, the one of
`epoch_order`. Errors are relative and per tensor, in the largest norm for float64 and in the Euclidean norm for
float32:

    float64   max|ours - theirs| / max|theirs|
    float32   ‖ours - theirs‖ / max(‖theirs‖, Σ ‖step‖)       Σ over all steps: the length of the way

Run as a program it compares many cases in one process and prints a line of JSON for each, because float64 has to be
chosen before anything else runs:

    python -m tests.engine.agreement float64 dense lstm
"""

import json
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from typing import Any

import backlit as bl  # isort: skip  before Keras
import keras
import numpy as np

from backlit.data import from_arrays
from backlit.engine.orders import epoch_order
from backlit.run import Run
from tests.engine.cases.kind import Case, draw_rows
from tests.engine.cases.table import CASES
from tests.engine.populations import one_block, train_placed

BATCH_SIZE = 8
N_EPOCHS = {"float64": 25, "float32": 5}  # two steps each
RATES = [1.0, 0.6]  # of a population of two, relative to the case's own rate


@dataclass
class Comparison:
    """How far apart two trainings are.

    Attributes:
        name: Of the case.
        floatx: Keras's float type.
        n_steps: Steps that both took.
        loss_error: Largest relative error of the epochs' losses and metrics.
        validation_error: The same on validation rows; 0 where there are none.
        weight_errors: Path of each tensor to its error.
        zero_gradient: Path to how far the tensors with no gradient moved, on either side.
        member_error: Largest relative error between a vmapped member and the same alone; NaN where not asked.
        n_moved: Tensors that the training changed: a comparison in which nothing moves shows nothing.
        seconds: What it took.
        failure: A traceback, if one of them raised.
    """

    name: str
    floatx: str
    n_steps: int = 0
    loss_error: float = np.nan
    validation_error: float = 0.0
    weight_errors: dict[str, float] | None = None
    zero_gradient: dict[str, float] | None = None
    member_error: float = np.nan
    n_moved: int = 0
    seconds: float = 0.0
    failure: str = ""


def compare(case: Case) -> Comparison:
    """Trains a case both ways."""
    started = time.perf_counter()
    floatx = keras.config.floatx()
    n_epochs = N_EPOCHS[floatx]
    keras.utils.set_random_seed(11)
    model = case.build()
    rows = draw_rows(case, model, case.n_rows, seed=1)
    held_out = draw_rows(case, model, 6, seed=2) if case.has_validation else None
    first = _weights(model)
    before = [*first, *_optimizer_state(model)]
    data = _dataset(case, rows, held_out)
    class_weight = case.fit.get("class_weight")

    run = bl.fit(
        model, data, epochs=n_epochs, batch_size=BATCH_SIZE, class_weight=class_weight, save=False, verbose=False
    )
    after = [*_weights(model), *_optimizer_state(model)]
    assert len(before) == len(after), "fit changed the model it was given"
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True)), "fit changed the model it was given"

    theirs = _train_on_batch(model, rows, held_out, case, n_epochs)
    ours = _records(run)
    result = Comparison(case.name, floatx, n_steps=theirs["n_steps"])
    result.loss_error = max(_relative(ours[name], values) for name, values in theirs["train"].items())
    if held_out is not None:
        result.validation_error = max(
            _relative(ours[f"val_{name}"], values) for name, values in theirs["validation"].items()
        )
    paths = [v.path for v in (*model.trainable_variables, *model.non_trainable_variables)]
    measure = _weight_error if floatx == "float64" else _way_error
    result.weight_errors, result.zero_gradient = {}, {}
    mine = run.weights(0)
    for path, start, a, b, way in zip(paths, first, mine, _weights(model), theirs["way"], strict=True):
        result.n_moved += not np.array_equal(start, b)
        if any(path.endswith(end) for end in case.zero_gradient):
            result.zero_gradient[path] = float(max(np.abs(a - start).max(), np.abs(b - start).max()))
        else:
            result.weight_errors[path] = measure(a, b, way)
    if case.in_population:
        result.member_error = _member_error(case, model, first, data, n_epochs, run)
    result.seconds = time.perf_counter() - started
    return result


def _train_on_batch(model: Any, rows: Any, held_out: Any, case: Case, n_epochs: int) -> dict[str, Any]:
    """Keras's own steps over the same rows; an epoch's loss is the mean of its batches, weighted by their rows."""
    inputs, targets = rows
    weight = case.fit.get("sample_weight")
    train: dict[str, list[float]] = {}
    validation: dict[str, list[float]] = {}
    way = np.zeros(len(model.trainable_variables) + len(model.non_trainable_variables))
    before, n_steps = _weights(model), 0
    for epoch in range(n_epochs):
        order = epoch_order(len(inputs), data_seed=0, epoch=epoch, shuffle=True)
        sums: dict[str, float] = {}
        for start in range(0, len(order), BATCH_SIZE):
            idx = order[start : start + BATCH_SIZE]
            logs = model.train_on_batch(
                inputs[idx],
                targets[idx],
                sample_weight=None if weight is None else weight[idx].astype(keras.config.floatx()),
                class_weight=case.fit.get("class_weight"),
                return_dict=True,
            )
            for name, value in logs.items():
                sums[name] = sums.get(name, 0.0) + float(value) * len(idx)
            now = _weights(model)
            way += [np.linalg.norm(a.astype(float) - b.astype(float)) for a, b in zip(now, before, strict=True)]
            before, n_steps = now, n_steps + 1
        for name, total in sums.items():
            train.setdefault(name, []).append(total / len(inputs))
        if held_out is not None:
            for name, value in model.test_on_batch(*held_out, return_dict=True).items():
                validation.setdefault(name, []).append(float(value))
    model.optimizer.finalize_variable_values(model.trainable_variables)  # as `fit` does for averaged weights
    return {"train": train, "validation": validation, "way": way, "n_steps": n_steps}


def _member_error(case: Case, model: Any, first: Any, data: Any, n_epochs: int, alone: Run) -> float:
    """A population of two learning rates side by side in one vmapped block, against the first of them alone."""
    model = case.build()
    keras.utils.set_random_seed(11)
    for variable, value in zip([*model.trainable_variables, *model.non_trainable_variables], first, strict=True):
        variable.assign(value)
    rate = float(np.asarray(model.optimizer.learning_rate))
    pair = train_placed(
        model,
        data,
        one_block(2),
        epochs=n_epochs,
        batch_size=BATCH_SIZE,
        learning_rate=[rate * factor for factor in RATES],
    )
    records = [_relative(_records(pair[0])[name], values) for name, values in _records(alone).items()]
    paths = [v.path for v in (*model.trainable_variables, *model.non_trainable_variables)]
    weights = [
        _weight_error(a, b)
        for path, a, b in zip(paths, pair[0].weights(0), alone.weights(0), strict=True)
        if not any(path.endswith(end) for end in case.zero_gradient)
    ]
    other = [np.abs(a - b).max() for a, b in zip(pair[0].weights(0), pair[1].weights(0), strict=True)]
    assert max(other) > 1e-4, "the two members are the same"
    return max(*records, *weights)


def _dataset(case: Case, rows: Any, held_out: Any) -> Any:
    task = {"amounts": "regression", "signs": "regression", "counts": "regression", "labels": "multi-label"}
    return from_arrays(
        *rows,
        validation=held_out,
        sample_weight=case.fit.get("sample_weight"),
        task=task.get(case.targets, "classification"),
    )


def _records(run: Run) -> dict[str, np.ndarray]:
    """Name to one value an epoch, of the first member of a run."""
    frame = run.history
    names = frame.select("split", "metric").unique().rows()
    return {
        ("val_" if split == "validation" else "") + metric: frame.filter(
            (frame["member"] == 0) & (frame["split"] == split) & (frame["metric"] == metric)
        )["value"].to_numpy()
        for split, metric in names
    }


def _relative(ours: Any, theirs: Any) -> float:
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert ours.shape == theirs.shape, f"{ours.shape} values against {theirs.shape}"
    scale = np.maximum(np.abs(theirs), 1e-300)
    return float(np.max(np.where(ours == theirs, 0.0, np.abs(ours - theirs) / scale)))


def _weight_error(ours: np.ndarray, theirs: np.ndarray, way: float = 0.0) -> float:
    scale = max(float(np.abs(theirs).max()), 1e-300)
    return float(np.abs(ours.astype(float) - theirs.astype(float)).max() / scale)


def _way_error(ours: np.ndarray, theirs: np.ndarray, way: float) -> float:
    apart = np.linalg.norm(ours.astype(float) - theirs.astype(float))
    return float(apart / max(np.linalg.norm(theirs.astype(float)), way, 1e-30))


def _weights(model: Any) -> list[np.ndarray]:
    return [np.array(v.value) for v in (*model.trainable_variables, *model.non_trainable_variables)]


def _optimizer_state(model: Any) -> list[np.ndarray]:
    return [np.array(v.value) for v in model.optimizer.variables]


def _attention(query: Any, key: Any, value: Any, *, scale: float, **_: Any) -> Any:
    """Keras's fused attention without a mask, from Keras's operations; heads may share keys."""
    n_times = query.shape[2] // key.shape[2]
    key, value = (keras.ops.repeat(array, n_times, axis=2) for array in (key, value))
    weights = keras.ops.softmax(keras.ops.einsum("btnh,bsnh->bnts", query * scale, key))
    return keras.ops.einsum("bnts,bsnh->btnh", weights, value)


def compare_or_tell(case: Case) -> Comparison:
    """A comparison, or what went wrong: one case must not end the others."""
    try:
        return compare(case)
    except Exception:
        return Comparison(case.name, keras.config.floatx(), failure=traceback.format_exc())


def main(floatx: str, names: list[str]) -> None:
    """Compares cases and prints a line of JSON for each."""
    import jax
    from keras.src.backend.common import dtypes
    from keras.src.backend.jax import nn

    # On JAX, Keras computes most operations in float32 even where its float type is float64. For an oracle of double
    # precision this has to go; it is Keras that computes, on both sides.
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = floatx
    jax.config.update("jax_enable_x64", floatx == "float64")
    if floatx == "float64":
        nn.dot_product_attention = _attention  # JAX's own computes scores in float32, whatever the inputs
    keras.config.set_floatx(floatx)
    for name in names or CASES:
        print(json.dumps(asdict(compare_or_tell(CASES[name]))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
