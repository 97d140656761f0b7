"""Section `probes`: what all probes at their default cadence cost.

claim      ten epochs on 60,000 rows take at most 5 % longer with probes than without; aimed at: 2 %
baseline   the same fit without probes, in the same process, the two alternating
unit       median over at least 20 pairs of (seconds with / seconds without) − 1, compilation apart

Looks are dense at the beginning, so what they cost depends on how long one trains. Ten epochs of a CNN in 21 pairs
would take hours: a pair trains the case's few epochs, which tells what a look costs and what a step costs, and from
these, and from the steps at which the default cadence looks, follows what ten epochs cost. The MLP is fast enough to
train its ten epochs in full, so for it the same is measured without that reckoning too.

python -m benchmarks.probes FOLDER CASE_AS_JSON PAIRS     one network; prints what its pairs took
"""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cases import CASES, MOMENTUM, Case
from benchmarks.crew import ROOT, plain_environment
from benchmarks.data import rows

PAIRS = 21
FLOOR_FRAC, TARGET_FRAC = 0.05, 0.02
NAMES = ("MLP, batch 32", "CNN, batch 32", "LSTM, batch 64", "transformer, batch 64")
IN_FULL = "MLP, batch 32"
LONG_ROWS, LONG_EPOCHS = 60_000, 10  # what the claim is about: Fashion-MNIST as it comes


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
        took = _train_pairs(case, folder, pairs)
        results[case.name] = {
            **summary([long_ratio(each, case.batch_size) for each in took]),
            "short_ratios": [each["with_s"] / each["without_s"] for each in took],
            "short_steps": took[0]["n_steps"],
        }
        if case.name == IN_FULL:
            in_full = _train_pairs(replace(case, epochs=LONG_EPOCHS), folder, pairs)
            name = f"{case.name}, {LONG_EPOCHS} epochs in full"
            results[name] = summary([each["with_s"] / each["without_s"] for each in in_full])
    for name, result in results.items():
        overhead = result["overhead_frac"]
        print(f"probes on {name}: {overhead:+.1%} (floor {FLOOR_FRAC:.0%}, target {TARGET_FRAC:.0%})", flush=True)
    return results


def long_ratio(pair: dict[str, float], batch_size: int) -> float:
    """What ten epochs with probes take, for one without, if looks and steps cost what they did in a pair.

    Args:
        pair: `with_s` and `without_s` of as many steps (`n_steps`), of which the first had `n_looks` looks.
        batch_size: Examples of one step.

    Returns:
        The ratio.

    Example:
        >>> pair = {"with_s": 2.0, "without_s": 1.0, "n_steps": 100, "n_looks": 10}  # a look takes 10 steps' time
        >>> round(long_ratio(pair, 32), 3)  # 23 looks in 18,750 steps
        1.012
    """
    from backlit.engine.probing import GAP_STEPS
    from backlit.engine.schedule import measured_steps, steps_per_epoch

    look_s = (pair["with_s"] - pair["without_s"]) / pair["n_looks"]
    step_s = pair["without_s"] / pair["n_steps"]
    epoch_steps = steps_per_epoch(LONG_ROWS, batch_size)
    looks = measured_steps(epoch_steps=epoch_steps, n_epochs=LONG_EPOCHS, gap=GAP_STEPS)
    return 1 + len(looks) * look_s / (LONG_EPOCHS * epoch_steps * step_s)


def _train_pairs(case: Case, folder: Path, pairs: int) -> list[dict[str, float]]:
    command = [sys.executable, "-m", "benchmarks.probes", str(folder), json.dumps(case.to_json()), str(pairs)]
    done = subprocess.run(command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the probes of {case.name} could not be measured:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def summary(ratios: list[float], *, floor_frac: float = FLOOR_FRAC, target_frac: float = TARGET_FRAC) -> dict[str, Any]:
    """Median overhead of pairs, with an interval that holds the true median in 95 of 100 cases (order statistics).

    Args:
        ratios: Seconds with / seconds without, one a pair.
        floor_frac: Most that it may cost.
        target_frac: What is aimed at.

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
        "floor_holds": overhead <= floor_frac,
        "target_holds": overhead < target_frac,
        "margin": floor_frac - overhead,
    }


def main() -> None:
    folder, case, pairs = Path(sys.argv[1]), Case.from_json(json.loads(sys.argv[2])), int(sys.argv[3])
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    import keras

    from benchmarks.peers.keras_networks import keras_model

    inputs, labels, *_ = rows(folder, case.n_rows, case.network.input_shape)
    model = keras_model(case.network)

    def train(*, probes: bool) -> Any:
        return bl.fit(
            model,
            (inputs, labels),
            epochs=case.epochs,
            batch_size=case.batch_size,
            optimizer=keras.optimizers.SGD(case.learning_rate, momentum=MOMENTUM),
            probes=probes,
            save=False,
            verbose=False,
        )

    train(probes=False), train(probes=True)  # compiles
    n_steps = case.epochs * -(-case.n_rows // case.batch_size)
    took = []
    for pair in range(pairs):
        first = bool(pair % 2)  # each goes first as often
        runs = {probes: train(probes=probes) for probes in (first, not first)}
        n_looks = len(runs[True].trained.groups[0].result.measured_steps)
        took.append(
            {"with_s": runs[True].run_s, "without_s": runs[False].run_s, "n_steps": n_steps, "n_looks": n_looks}
        )
    print(json.dumps(took))


if __name__ == "__main__":
    main()
