"""Sections `first-step` and `start-up`: how long one waits before anything happens.

    claims     first step of the CNN: 3 s cold, 1 s on a second start, all programs 8 s, imports apart;
               `import backlit` 0.3 s, `backlit --help` 0.4 s
    unit       seconds, median over fresh processes

Cold means an empty folder of compiled programs; a second start is a new process with the folder that the first one
filled. The first step is counted until the first chunk has ended, which is 32 steps; *all programs* until the run has
trained, validated, been scored on the test rows, predicted, and handed its model over.

    python -m benchmarks.first_step FOLDER     one process; prints its seconds
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cases import LEARNING_RATE, MOMENTUM
from benchmarks.crew import ROOT, plain_environment
from benchmarks.data import rows
from benchmarks.networks import CNN

N_ROWS, VALIDATION_FRAC, N_TEST = 1_280, 0.2, 512  # 1,024 train: 32 steps of 32
FLOORS_S = {"cold": 3.0, "second start": 1.0, "all programs, cold": 8.0}
START_UP_S = {"import backlit": 0.3, "backlit --help": 0.4}


def measure(folder: Path, *, rounds: int) -> dict[str, Any]:
    """First steps of the CNN in fresh processes, each pair of them with a folder of programs of its own.

    Args:
        folder: Where the rows are.
        rounds: How many pairs.

    Returns:
        Name to seconds, floor and margin.
    """
    seen: dict[str, list[float]] = {name: [] for name in (*FLOORS_S, "all programs, second start", "imports")}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache:
            cold, second = (_child(folder, cache) for _ in range(2))
        seen["cold"].append(cold["first_step_s"])
        seen["second start"].append(second["first_step_s"])
        seen["all programs, cold"].append(cold["all_programs_s"])
        seen["all programs, second start"].append(second["all_programs_s"])
        seen["imports"].append(second["imports_s"])
    return _with_floors(seen, FLOORS_S)


def measure_start_up(*, rounds: int) -> dict[str, Any]:
    """`import backlit` inside a fresh Python, and the whole of `backlit --help`.

    Args:
        rounds: How many processes of each.

    Returns:
        Name to seconds, floor and margin.
    """
    timed_import = "import time; t = time.perf_counter(); import backlit; print(time.perf_counter() - t)"
    command = str(Path(sys.executable).parent / "backlit")
    seen: dict[str, list[float]] = {"import backlit": [], "backlit --help": [], "python alone": []}
    for _ in range(rounds):
        seen["import backlit"].append(float(_run([sys.executable, "-c", timed_import], {})))
        for name, argv in (("backlit --help", [command, "--help"]), ("python alone", [sys.executable, "-c", "pass"])):
            started = time.perf_counter()
            _run(argv, {})
            seen[name].append(time.perf_counter() - started)
    return _with_floors(seen, START_UP_S)


def main() -> None:
    inputs, labels, test_inputs, test_labels = rows(Path(sys.argv[1]), N_ROWS, CNN.input_shape)
    started = time.perf_counter()
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    import keras

    import backlit.run
    from benchmarks.peers.keras_networks import keras_model

    imported = time.perf_counter()
    data = bl.load(((inputs, labels), (test_inputs[:N_TEST], test_labels[:N_TEST])))
    model = keras_model(CNN)
    first: list[float] = []
    begun = time.perf_counter()
    run = bl.fit(
        model,
        data,
        epochs=1,
        validation_split=VALIDATION_FRAC,
        optimizer=keras.optimizers.SGD(LEARNING_RATE, momentum=MOMENTUM),
        on_progress=lambda *_: first.append(time.perf_counter()),
        save=False,
        verbose=False,
    )
    run.evaluate("test")
    run.predict(test_inputs[:N_TEST])
    assert run.model is not None
    ended = time.perf_counter()
    print(
        json.dumps({"imports_s": imported - started, "first_step_s": first[0] - begun, "all_programs_s": ended - begun})
    )


def _child(folder: Path, cache: str) -> dict[str, float]:
    return json.loads(_run([sys.executable, "-m", "benchmarks.first_step", str(folder)], {"XDG_CACHE_HOME": cache}))


def _run(command: list[str], extra: dict[str, str]) -> str:
    """The last line that a command prints."""
    environment = {**plain_environment(), **extra, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{os.path.basename(command[0])} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return (done.stdout.splitlines() or [""])[-1]


def _with_floors(seen: dict[str, list[float]], floors: dict[str, float]) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for name, seconds in seen.items():
        results[name] = {"seconds": median(seconds), "all": seconds}
        bound = ""
        if name in floors:
            margin = 1 - median(seconds) / floors[name]
            results[name] |= {"bound": floors[name], "margin": margin, "holds": margin >= 0}
            bound = f" (at most {floors[name]:g} s{'' if margin >= 0 else ', MISSED'})"
        print(f"{name}: {median(seconds):.2f} s{bound}", flush=True)
    return results


if __name__ == "__main__":
    main()
