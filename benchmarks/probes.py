"""Section `probes`: what all probes at their default cadence cost.

claim      fit(probes=True) takes at most 5 % longer than fit(probes=False); aimed at: 2 %
baseline   the same fit without probes, in the same process, the two alternating
unit       median over at least 20 pairs of (seconds with / seconds without) − 1, compilation apart

python -m benchmarks.probes FOLDER CASE_AS_JSON PAIRS     one network; prints the pairs' ratios
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cases import CASES, MOMENTUM, Case
from benchmarks.crew import ROOT, plain_environment
from benchmarks.data import rows

PAIRS = 21
FLOOR_FRAC, TARGET_FRAC = 0.05, 0.02
NAMES = ("MLP, batch 32", "CNN, batch 32", "LSTM, batch 64", "transformer, batch 64")


def measure(folder: Path, *, pairs: int = PAIRS, only: str = "") -> dict[str, Any]:
    """The cost of all probes on four kinds of networks.

    Args:
        folder: Where the rows are.
        pairs: How many pairs.
        only: Part of a network's name.

    Returns:
        Name to overhead, its interval, the pairs, and whether the floor and the target hold.
    """
    results = {}
    for case in CASES:
        if case.name not in NAMES or only not in case.name:
            continue
        command = [sys.executable, "-m", "benchmarks.probes", str(folder), json.dumps(case.to_json()), str(pairs)]
        done = subprocess.run(command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the probes of {case.name} could not be measured:\n{done.stderr[-3000:]}")
        results[case.name] = summary(json.loads(done.stdout.splitlines()[-1]))
        overhead = results[case.name]["overhead_frac"]
        print(f"probes on {case.name}: {overhead:+.1%} (floor {FLOOR_FRAC:.0%}, target {TARGET_FRAC:.0%})", flush=True)
    return results


def summary(ratios: list[float]) -> dict[str, Any]:
    """Median overhead of pairs, with an interval that holds the true median in 95 of 100 cases (order statistics).

    Args:
        ratios: Seconds with / seconds without, one a pair.

    Returns:
        What the record keeps.

    Example:
        >>> result = summary([1.03, 1.01, 1.02])
        >>> round(result["overhead_frac"], 2), result["floor_holds"], result["target_holds"]
        (0.02, True, False)
    """
    ordered, n = sorted(ratios), len(ratios)
    rank = max(0, round(n / 2 - 0.98 * n**0.5) - 1)  # normal approximation of the binomial
    overhead = median(ratios) - 1
    return {
        "overhead_frac": overhead,
        "interval_frac": [ordered[rank] - 1, ordered[n - 1 - rank] - 1],
        "ratios": ratios,
        "floor_holds": overhead <= FLOOR_FRAC,
        "target_holds": overhead < TARGET_FRAC,
        "margin": FLOOR_FRAC - overhead,
    }


def main() -> None:
    folder, case, pairs = Path(sys.argv[1]), Case.from_json(json.loads(sys.argv[2])), int(sys.argv[3])
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    import keras

    from benchmarks.peers.keras_networks import keras_model

    inputs, labels, *_ = rows(folder, case.n_rows, case.network.input_shape)
    model = keras_model(case.network)

    def seconds(*, probes: bool) -> float:
        run = bl.fit(
            model,
            (inputs, labels),
            epochs=case.epochs,
            batch_size=case.batch_size,
            optimizer=keras.optimizers.SGD(case.learning_rate, momentum=MOMENTUM),
            probes=probes,
            save=False,
            verbose=False,
        )
        return run.run_s

    seconds(probes=False), seconds(probes=True)  # compiles
    ratios = []
    for pair in range(pairs):
        first = bool(pair % 2)  # each goes first as often
        took = {probes: seconds(probes=probes) for probes in (first, not first)}
        ratios.append(took[True] / took[False])
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
