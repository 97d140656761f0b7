"""Section `cases`: backlit against every peer, interleaved, at equal test accuracy.

One round of each contender after another, several times over, so that a slow minute of the machine hits all of them.
A ratio is the median over rounds of backlit's rate to the best peer's in the same round. A peer that was less than a
quarter as fast as the best in its warm-up trains one round only, and none if it was less than a twentieth: its rate is
shown, and cannot be the best.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks.cases import PAIRED, Bounds, Case, default_peers, tuned_peers
from benchmarks.crew import Worker
from benchmarks.networks import flops_per_example

SLOW, HOPELESS = 4, 20  # times slower than the best peer: one round, none
OURS = "backlit"


class Unequal(Exception):
    """The contenders of a case do not train equally well."""


def measure(case: Case, folder: Path, *, rounds: int, peers: tuple[str, ...] = (), shrink: int = 1) -> dict[str, Any]:
    """Runs all contenders of a case.

    Args:
        case: What is trained.
        folder: Where the rows are.
        rounds: How many rounds each contender trains.
        peers: Only these of the case's peers, warmed up at the same time; empty takes all, one by one.
        shrink: By how much to divide the rows; the tolerated difference of accuracies grows with it.

    Returns:
        The case's entry of the record.

    Raises:
        Unequal: If the contenders' test accuracies differ, so that speed means nothing.
    """
    case = replace(case, n_rows=case.n_rows // shrink)
    defaults, tuned = (
        tuple(p for p in group if not peers or p in peers) for group in (default_peers(case), _all(case))
    )
    crews: dict[str, list[Worker]] = {}
    absent: dict[str, str] = {}
    together = {name: Worker(name, case, folder) for name in (OURS, *tuned)} if peers else {}
    for name in (OURS, *tuned):  # one by one, so that compile times and warm-ups are true
        worker = together.get(name) or Worker(name, case, folder)
        if worker.ready["ready"]:
            crews[name] = [worker]
        else:
            absent[name] = worker.ready["reason"]
            worker.close()
    warm = {name: crew[0].ready["warm_rate"] for name, crew in crews.items()}
    ready = {name: crew[0].ready for name, crew in crews.items()}
    if case.members > 1 and not peers:
        for name in sorted((p for p in PAIRED if p in warm), key=lambda p: -warm[p])[:2]:
            crews[f"2 × {name}"] = [Worker(name, case, folder, core) for core in (0, 1)]
    for worker in (worker for crew in crews.values() for worker in crew):
        assert worker.ready["ready"]
    best_warm = max(rate for name, rate in warm.items() if name != OURS)
    most_rounds = {
        name: 0 if rate * HOPELESS < best_warm else 1 if rate * SLOW < best_warm else rounds
        for name, rate in warm.items()
        if name != OURS and not peers
    }
    rates: dict[str, list[float]] = {name: [] for name in crews}
    accuracies: dict[str, list[float]] = {name: [] for name in crews}
    for seed in range(1, rounds + 1):
        for name, crew in crews.items():
            if seed > most_rounds.get(name, rounds):
                continue
            for seen, value in zip((rates, accuracies), train_together(crew, seed), strict=True):
                seen[name].append(value)
    for worker in (worker for crew in crews.values() for worker in crew):
        worker.close()
    accuracy = {name: mean(each) for name, each in accuracies.items() if each}
    require_equal(accuracy, case.name, case.tolerance_frac * shrink)

    is_full = lambda name: len(rates.get(name, ())) == rounds  # noqa: E731
    groups = {
        "default": list(filter(is_full, defaults)),
        "tuned": list(filter(is_full, tuned)),
        "pair": [name for name in crews if name.startswith("2 × ")],
    }
    ratios = {kind: ratio(rates, group) for kind, group in groups.items() if group}
    return {
        "name": case.name,
        "rounds": rounds,
        "members": case.members,
        "rates": {
            name: {"median": median(values) if values else warm[name], "all": values} for name, values in rates.items()
        },
        "accuracies": accuracy,
        "compile_s": {name: each["compile_s"] for name, each in ready.items()},
        "settings": {name: each["note"] for name, each in ready.items() if each["note"]},
        "absent": absent,
        "flops_per_example": flops_per_example(case.network),
        "ratios": ratios,
        "floors": margins(case.floors, ratios),
        "targets": margins(case.targets, ratios),
    }


def train_together(crew: list[Worker], seed: int) -> tuple[float, float]:
    """One round of a contender's processes at once: samples a second over all, mean accuracy."""
    for i, worker in enumerate(crew):
        worker.start(seed + 1000 * i)
    answers = [worker.read() for worker in crew]
    samples, seconds = sum(a["samples"] for a in answers), max(a["seconds"] for a in answers)
    return samples / seconds, mean(a["test_accuracy"] for a in answers)


def require_equal(accuracies: dict[str, float], name: str, tolerance_frac: float) -> None:
    """Refuses to compare contenders that do not train equally well.

    Raises:
        Unequal: If two accuracies differ by more than the tolerance.
    """
    spread = max(accuracies.values()) - min(accuracies.values())
    if spread > tolerance_frac:
        words = ", ".join(f"{contender} {accuracy:.3f}" for contender, accuracy in accuracies.items())
        raise Unequal(f"{name}: test accuracies differ by {spread:.3f}, so speed means nothing: {words}")


def ratio(rates: dict[str, list[float]], peers: Iterable[str]) -> dict[str, Any]:
    """Median over rounds of backlit's rate to the best peer's: the peer that is best by its own median.

    Args:
        rates: Rates of each round by contender.
        peers: Contenders with as many rounds as backlit.

    Returns:
        The peer, the median, and the smallest and largest of the rounds.

    Example:
        >>> ratio({"backlit": [4.0, 6.0, 9.0], "a": [2.0, 2.0, 3.0], "b": [1.0, 1.0, 9.0]}, ["a", "b"])
        {'peer': 'a', 'median': 3.0, 'low': 2.0, 'high': 3.0}
    """
    best = max(peers, key=lambda peer: median(rates[peer]))
    each = [ours / theirs for ours, theirs in zip(rates[OURS], rates[best], strict=True)]
    return {"peer": best, "median": median(each), "low": min(each), "high": max(each)}


def margins(bounds: Bounds, ratios: dict[str, Any]) -> dict[str, Any]:
    """By how much each bound holds or is missed: 0.1 is ten percent above, -0.1 ten below.

    Args:
        bounds: Kind and least ratio.
        ratios: From `ratio`, by kind.

    Returns:
        By kind: `bound`, `margin`, `holds`.

    Example:
        >>> margins((("tuned", 2.0),), {"tuned": {"median": 1.5}})
        {'tuned': {'bound': 2.0, 'margin': -0.25, 'holds': False}}
    """
    return {
        kind: {
            "bound": bound,
            "margin": ratios[kind]["median"] / bound - 1,
            "holds": ratios[kind]["median"] >= bound,
        }
        for kind, bound in bounds
        if kind in ratios
    }


def say(result: dict[str, Any]) -> str:
    """One line for the terminal."""
    parts = []
    for kind, each in result["ratios"].items():
        bounds = [
            f"{word} {result[key][kind]['bound']:g}{'' if result[key][kind]['holds'] else ' MISSED'}"
            for key, word in (("floors", "floor"), ("targets", "target"))
            if kind in result[key]
        ]
        parts.append(f"{kind} {each['median']:.2f} × {each['peer']} ({', '.join(bounds) or 'no bound'})")
    speeds = ", ".join(f"{name} {rate['median'] / 1e3:.1f}k" for name, rate in result["rates"].items())
    missing = "".join(f"; without {name}: {reason}" for name, reason in result["absent"].items())
    low, high = min(result["accuracies"].values()), max(result["accuracies"].values())
    return f"{result['name']}: {'; '.join(parts)}\n    {speeds}; accuracy {low:.3f} to {high:.3f}{missing}"


def _all(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*default_peers(case), *tuned_peers(case))))
