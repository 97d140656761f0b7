"""Training speed against the peers.

    claim      backlit trains the networks of `cases.py` at the floors given there, at equal test accuracy
    baseline   the best of Keras `fit` (JAX; default and tuned), torch eager (one and two threads), scikit-learn
    unit       model-samples a second: members × rows × epochs / seconds; compilation and warm-up apart

    python -m benchmarks [--quick] [--only NAME]     →  benchmarks/results/training.json, docs/benchmarks.md

`--only` measures some cases again and keeps the record of the others; `--quick` writes nothing.

Every contender sits in a process of its own; rounds are interleaved (one round of each, five times over), so that a
slow minute of the machine hits all of them; a ratio is the median over rounds of backlit's rate to the best peer's in
the same round. Accuracies are compared first: a case whose contenders differ by more than the tolerance fails.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cases import CASES, DEFAULT_PEERS, TOLERANCE_FRAC, TUNED_PEERS, Case
from benchmarks.table import write_page

RESULTS = Path(__file__).parent / "results" / "training.json"


class Worker:
    """A contender's process."""

    def __init__(self, contender: str, case: Case, n_rows: int, core: int | None = None) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", contender, case.name, str(n_rows)]
        if core is not None:
            command = ["taskset", "-c", str(core), *command]
        env = {name: value for name, value in os.environ.items() if name not in ("XLA_FLAGS", "KERAS_BACKEND")}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
        )
        self.compile_s = self.read()["compile_s"]

    def start(self) -> None:
        """Tells it to train one round."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def read(self) -> dict[str, Any]:
        """Waits for its answer."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a contender's process ended early; run it alone to see why")
        return json.loads(line)

    def close(self) -> None:
        """Lets it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Training speed against the peers.")
    parser.add_argument("--quick", action="store_true", help="3 rounds on a quarter of the rows; not for the record")
    parser.add_argument("--only", default="", help="only cases whose name contains this")
    options = parser.parse_args()
    rounds, scale = (3, 4) if options.quick else (5, 1)
    results = [
        measure(case, rounds=rounds, n_rows=case.n_rows // scale, tolerance_frac=TOLERANCE_FRAC * scale)
        for case in CASES
        if options.only in case.name
    ]
    if not options.quick:
        record = {"machine": machine(), "rounds": rounds, "cases": with_others(results)}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(record, indent=1) + "\n")
        write_page(record)
    failed = [case["name"] for case in results if not case["floors_hold"]]
    print("floors held in all cases" if not failed else f"floors missed: {', '.join(failed)}")
    sys.exit(1 if failed else 0)


def with_others(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cases just measured, and those of the last record that were not, in the order of `CASES`."""
    known = {case["name"]: case for case in json.loads(RESULTS.read_text())["cases"]} if RESULTS.exists() else {}
    known |= {case["name"]: case for case in results}
    return [known[case.name] for case in CASES if case.name in known]


def measure(case: Case, *, rounds: int, n_rows: int, tolerance_frac: float) -> dict[str, Any]:
    """Runs all contenders of a case, interleaved."""
    contenders = ["backlit", *dict.fromkeys((*DEFAULT_PEERS, *TUNED_PEERS))]
    workers = {name: [Worker(name, case, n_rows)] for name in contenders}
    if "pair" in dict(case.floors):
        workers["pair"] = [Worker("keras-tuned", case, n_rows, core) for core in (0, 1)]
    rates: dict[str, list[float]] = {name: [] for name in workers}
    accuracies: dict[str, float] = {}
    for _ in range(rounds):
        for name, crew in workers.items():
            for worker in crew:
                worker.start()
            answers = [worker.read() for worker in crew]
            rates[name].append(sum(answer["samples"] for answer in answers) / max(a["seconds"] for a in answers))
            accuracies[name] = answers[0]["test_accuracy"]
    compile_s = {name: crew[0].compile_s for name, crew in workers.items()}
    for crew in workers.values():
        for worker in crew:
            worker.close()
    spread = max(accuracies.values()) - min(accuracies.values())
    if spread > tolerance_frac:
        raise SystemExit(f"{case.name}: test accuracies differ by {spread:.3f}, so speed means nothing: {accuracies}")
    ratios = {
        "default": ratio(rates, DEFAULT_PEERS),
        "tuned": ratio(rates, TUNED_PEERS),
        **({"pair": ratio(rates, ("pair",))} if "pair" in rates else {}),
    }
    result = {
        "name": case.name,
        "rates": {name: {"median": median(values), "all": values} for name, values in rates.items()},
        "accuracies": accuracies,
        "compile_s": compile_s,
        "ratios": ratios,
        "floors": dict(case.floors),
        "targets": dict(case.targets),
        "floors_hold": all(ratios[kind] >= floor for kind, floor in case.floors),
        "targets_hold": all(ratios[kind] >= target for kind, target in case.targets),
    }
    words = ", ".join(f"{kind} {ratios[kind]:.2f} (floor {floor})" for kind, floor in case.floors)
    speeds = ", ".join(f"{name} {median(values) / 1e3:.0f}k" for name, values in rates.items())
    print(f"{case.name}: {words}; {speeds} samples/s; accuracy {min(accuracies.values()):.3f}+{spread:.3f}", flush=True)
    return result


def ratio(rates: dict[str, list[float]], peers: tuple[str, ...]) -> float:
    """Median over rounds of backlit's rate to the best peer's: the peer that is best by its own median."""
    best = max(peers, key=lambda peer: median(rates[peer]))
    return median(ours / theirs for ours, theirs in zip(rates["backlit"], rates[best], strict=True))


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }


if __name__ == "__main__":
    main()
