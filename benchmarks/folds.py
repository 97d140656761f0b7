"""Section `cross-validation`: five folds × five seeds as one population, against the ways that people have.

    claim      `bl.cross_validate` is at least four times as fast as the best peer, at the same score
    baseline   scikit-learn's `cross_validate` over `MLPClassifier` on two processes, once a seed; a loop over Keras's
               `fit` on JAX and on TensorFlow that compiles once and puts new weights in
    unit       seconds for all twenty-five networks, from arrays to scores: a second call in the same process; and the
               first call, which compiles

All train the digits' rows in the same folds: one hidden layer of 100 units, Adam at 0.001, batches of 32, 50 epochs.
A contender's mean score has to lie within backlit's 95 % interval.

    python -m benchmarks.folds CONTENDER FOLDER SEED     one process: two calls; prints their seconds and scores
"""

import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

from benchmarks.crew import ROOT, plain_environment, python_of

N_FOLDS, N_SEEDS, EPOCHS, BATCH, UNITS, RATE = 5, 5, 50, 32, 100, 0.001
FLOOR, ROUNDS = 4.0, 5
OURS = "backlit"
PEERS = ("sklearn", "keras-jax", "keras-tf")
NAME = f"{N_FOLDS} folds × {N_SEEDS} seeds, digits"


def measure(folder: Path, *, rounds: int = ROUNDS, peers: tuple[str, ...] = PEERS) -> dict[str, Any]:
    """Runs all contenders, each in fresh processes, one after another and round by round.

    Args:
        folder: Where the rows may be written.
        rounds: How many processes of each.
        peers: Against whom.

    Returns:
        The entry of the record.
    """
    _write_rows(folder)
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in (OURS, *peers)}
    for seed in range(rounds):
        for name in told:
            told[name].append(_process(name, folder, 100 * seed))
    entry = summary(told)
    print(say(entry), flush=True)
    return {NAME: entry}


def summary(told: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Ratios, scores, and whether the floor holds.

    Args:
        told: What each contender's processes told: `first_s`, `again_s`, `score`; backlit's also `lo` and `hi`.

    Returns:
        What the record keeps.

    Example:
        >>> ours = {"first_s": 3.0, "again_s": 1.0, "score": 0.97, "lo": 0.96, "hi": 0.98}
        >>> theirs = {"first_s": 6.0, "again_s": 5.0, "score": 0.965}
        >>> entry = summary({"backlit": [ours], "a": [theirs]})
        >>> entry["again"]["ratio"], entry["first"]["ratio"], entry["holds"], entry["equal"]
        (5.0, 2.0, True, True)
    """
    scores = {name: mean(one["score"] for one in each) for name, each in told.items()}
    lo, hi = (mean(one[end] for one in told[OURS]) for end in ("lo", "hi"))
    found: dict[str, Any] = {
        "seconds": {
            name: {when: median(one[f"{when}_s"] for one in each) for when in ("first", "again")}
            for name, each in told.items()
        },
        "all": {name: [[one["first_s"], one["again_s"]] for one in each] for name, each in told.items()},
        "scores": scores,
        "interval": [lo, hi],
        "equal": all(lo <= score <= hi for score in scores.values()),
    }
    for when in ("again", "first"):
        seconds = {name: each[when] for name, each in found["seconds"].items() if name != OURS}
        best = min(seconds, key=lambda name: seconds[name])
        pairs = zip(told[OURS], told[best], strict=True)
        each = [theirs[f"{when}_s"] / ours[f"{when}_s"] for ours, theirs in pairs]
        found[when] = {"peer": best, "ratio": median(each), "low": min(each), "high": max(each)}
    margin = found["again"]["ratio"] / FLOOR - 1
    return found | {
        "floor": FLOOR,
        "margin": margin if found["equal"] else -1.0,
        "holds": margin >= 0 and found["equal"],
    }


def say(entry: dict[str, Any]) -> str:
    """One line for the terminal."""
    seconds = ", ".join(
        f"{name} {each['again']:.1f} s ({each['first']:.1f} s)" for name, each in entry["seconds"].items()
    )
    return (
        f"cross-validation: {entry['again']['ratio']:.2f} × {entry['again']['peer']} "
        f"(floor {entry['floor']:g}{'' if entry['holds'] else ' MISSED'}), compilation included "
        f"{entry['first']['ratio']:.2f} ×; {seconds}; scores {'equal' if entry['equal'] else 'DIFFER'}"
    )


def main() -> None:
    contender, folder, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    run = {"backlit": _backlit, "sklearn": _sklearn, "keras": _keras}[contender.partition("-")[0]](contender, folder)
    seconds = []
    for first in (seed, seed + 50):
        started = time.perf_counter()
        told = run(first)
        seconds.append(time.perf_counter() - started)
    print(json.dumps({"first_s": seconds[0], "again_s": seconds[1], **told}))


def _backlit(contender: str, folder: Path) -> Callable[[int], dict[str, float]]:  # noqa: ARG001  one
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    import keras

    inputs, labels, _ = _rows(folder)
    data = bl.load((inputs, labels))
    model = keras.Sequential(
        [keras.Input(inputs.shape[1:]), keras.layers.Dense(UNITS, "relu"), keras.layers.Dense(10, "softmax")]
    )

    def run(seed: int) -> dict[str, float]:
        found = bl.cross_validate(
            model,
            data,
            folds=N_FOLDS,
            seeds=list(range(seed, seed + N_SEEDS)),
            epochs=EPOCHS,
            batch_size=BATCH,
            optimizer="adam",
            learning_rate=RATE,
            save=False,
            verbose=False,
        )
        [row] = found.summary("accuracy").to_dicts()
        return {"score": row["mean"], "lo": row["lo"], "hi": row["hi"]}

    return run


def _sklearn(contender: str, folder: Path) -> Callable[[int], dict[str, float]]:  # noqa: ARG001  one
    from sklearn.model_selection import cross_validate
    from sklearn.neural_network import MLPClassifier

    classifier: Any = MLPClassifier  # its stubs know `batch_size="auto"` alone

    inputs, labels, folds = _rows(folder)
    splits = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(N_FOLDS)]
    os.environ["PYTHONWARNINGS"] = "ignore"  # of the processes that it starts: they want more epochs
    warnings.simplefilter("ignore")

    def run(seed: int) -> dict[str, float]:
        scores = []
        for one in range(seed, seed + N_SEEDS):
            model = classifier(
                (UNITS,),
                alpha=0.0,
                batch_size=BATCH,
                learning_rate_init=RATE,
                max_iter=EPOCHS,
                n_iter_no_change=EPOCHS + 1,
                random_state=one,
            )
            scores.append(cross_validate(model, inputs, labels, cv=splits, n_jobs=2)["test_score"].mean())
        return {"score": float(np.mean(scores))}

    return run


def _keras(contender: str, folder: Path) -> Callable[[int], dict[str, float]]:
    os.environ["KERAS_BACKEND"] = {"jax": "jax", "tf": "tensorflow"}[contender.partition("-")[2]]
    import keras

    inputs, labels, folds = _rows(folder)

    def build() -> keras.Model:
        return keras.Sequential(
            [keras.Input(inputs.shape[1:]), keras.layers.Dense(UNITS, "relu"), keras.layers.Dense(10, "softmax")]
        )

    model: Any = build()  # Keras's stubs know `verbose="auto"` alone
    model.compile(
        keras.optimizers.Adam(RATE),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=15,
        jit_compile=True,
    )

    def run(seed: int) -> dict[str, float]:
        scores = []
        for fold in range(N_FOLDS):
            train, held = folds != fold, folds == fold
            for one in range(seed, seed + N_SEEDS):
                keras.utils.set_random_seed(one)
                model.set_weights(build().get_weights())
                for variable in model.optimizer.variables:
                    if variable.path.rpartition("/")[2] != "learning_rate":
                        variable.assign(np.zeros(variable.shape, variable.dtype))
                model.fit(inputs[train], labels[train], batch_size=BATCH, epochs=EPOCHS, verbose=0)
                scores.append(model.evaluate(inputs[held], labels[held], batch_size=360, verbose=0)[1])
        return {"score": float(np.mean(scores))}

    return run


def _write_rows(folder: Path) -> None:
    """The digits' rows as columns from 0 to 1, and the fold of each, for contenders without backlit."""
    import backlit as bl

    digits = bl.load("digits")
    inputs = digits.inputs.reshape(len(digits), -1).astype(np.float32)
    inputs = inputs / max(float(inputs.max()), 1.0)
    labels = digits.targets.astype(np.int32)
    fold = np.zeros(len(labels), np.int32)
    for number, splits in enumerate(bl.folds(N_FOLDS).rows(bl.load((inputs, labels)))):
        fold[splits.validation] = number
    np.savez(folder / "folds.npz", inputs=inputs, labels=labels, folds=fold)


def _rows(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with np.load(folder / "folds.npz") as arrays:
        return arrays["inputs"], arrays["labels"], arrays["folds"]


def _process(contender: str, folder: Path, seed: int) -> dict[str, Any]:
    command = [python_of(contender), "-m", "benchmarks.folds", contender, str(folder), str(seed)]
    environment = {**plain_environment(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{contender} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
