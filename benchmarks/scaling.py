"""Section `scaling`: how backlit's rate grows with members, width, batch size, rows and devices.

    claim   none; these curves say where members, width, … begin to cost
    unit    model-samples a second, and its share of the machine's matrix product rate (`matmul.py`)

Every point is a process of its own. One device: the process is pinned to one core; two: to none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cases import Case
from benchmarks.crew import Worker
from benchmarks.networks import CNN, MLP, TINY, Network, flops_per_example

MEMBERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
WIDTHS = (16, 64, 256, 1024)
BATCHES = (8, 32, 128, 512, 2048)
ROWS = (500, 2_000, 8_000, 48_000)
ROUND_S = 0.6  # about what a round should take


@dataclass(frozen=True)
class Point:
    """One point of a curve: where it stands on the axis, and what is trained there."""

    curve: str
    at: int
    case: Case
    core: int | None = None


def points() -> Iterator[Point]:
    """All points of all curves."""
    for label, network in (("tiny net", TINY), ("MLP", MLP)):
        for n in MEMBERS:
            yield Point(f"members, {label}", n, Case("", network, 32, members=n, n_rows=4_000, epochs=2))
    for width in WIDTHS:
        yield Point("units of one hidden layer", width, Case("", Network("dense", (784,), (width,)), 32, n_rows=8_000))
    for size in BATCHES:
        yield Point("batch size, MLP", size, Case("", MLP, size, n_rows=16_384))
    for n_rows in ROWS:
        yield Point("rows, MLP", n_rows, Case("", MLP, 32, n_rows=n_rows))
    for label, network, n in (("32 tiny nets", TINY, 32), ("32 MLPs", MLP, 32), ("8 CNNs", CNN, 8)):
        n_rows = 1_024 if network is CNN else 4_000
        for devices, core in ((1, 0), (2, None)):
            yield Point(f"devices, {label}", devices, Case("", network, 32, members=n, n_rows=n_rows), core)


def measure(folder: Path, *, rounds: int, only: str = "") -> dict[str, Any]:
    """Measures the curves whose name contains `only`.

    Args:
        folder: Where the rows are.
        rounds: Rounds of each point; the median counts.
        only: Part of a curve's name.

    Returns:
        Curve to its `points`: `at`, `rate`, `flops` a second.
    """
    curves: dict[str, Any] = {}
    for point in points():
        if only not in point.curve:
            continue
        worker = Worker("backlit", point.case, folder, point.core)
        epochs = _epochs(point.case, worker.ready["warm_rate"])
        answers = [worker.train(seed, epochs) for seed in range(rounds)]
        worker.close()
        rate = median(answer["samples"] / answer["seconds"] for answer in answers)
        flops = rate * flops_per_example(point.case.network)
        curves.setdefault(point.curve, {"points": []})["points"].append({"at": point.at, "rate": rate, "flops": flops})
        print(f"{point.curve}: {point.at:>5} → {rate / 1e3:8.1f} k samples/s, {flops / 1e9:6.1f} GFLOP/s", flush=True)
    return curves


def _epochs(case: Case, rate: float) -> int:
    """Epochs that take about `ROUND_S`."""
    return max(1, round(ROUND_S * rate / (case.n_rows * case.members)))
