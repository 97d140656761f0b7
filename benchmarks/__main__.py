"""Speed, measured against the peers.

    claim      backlit trains the networks of `cases.py` at the floors given there, at equal test accuracy
    baseline   the best of Keras `fit` (on JAX and TensorFlow, default and tuned), torch (eager and compiled, one and
               two threads, vmap over a population), scikit-learn; and two processes of the best peers at once
    unit       model-samples a second: members × rows × epochs / seconds; compilation and warm-up apart

    python -m benchmarks [SECTION …] [--only NAME …] [--quick] [--gpu]

Sections: matmul, start-up, first-step, cases, cross-validation, probes, augmentation, filters, frames, quality,
scaling, profiles; none means all. `--only` measures some cases, curves or entries. All is merged into
`benchmarks/results/results.json`, from which docs/benchmarks.md and the READMEs' tables are written. `--quick` is a
check of three minutes: fewer cases, peers, rounds and rows, nothing is written, and a floor may be missed by a fifth,
because short rounds scatter. `profiles` takes the cases whose target was not reached.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import (
    augmentation,
    compare,
    filters,
    first_step,
    folds,
    frames,
    matmul,
    probes,
    profile,
    quality,
    record,
    scaling,
)
from benchmarks.cases import CASES, GPU_CASES, QUICK_CASES, QUICK_PEERS, Case

SECTIONS = (
    "matmul",
    "start-up",
    "first-step",
    "cases",
    "cross-validation",
    "probes",
    "augmentation",
    "filters",
    "frames",
    "quality",
    "scaling",
    "profiles",
)
QUICK_SECTIONS = ("start-up", "first-step", "cases")
QUICK_SLACK_FRAC = 0.2
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed, measured against the peers.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}; none means all")
    parser.add_argument("--only", nargs="+", default=[""], help="cases or curves whose name contains one of these")
    parser.add_argument("--quick", action="store_true", help="a check of three minutes; writes nothing")
    parser.add_argument("--gpu", action="store_true", help="the cases for a machine whose JAX sees a GPU")
    options = parser.parse_args()
    unknown = [name for name in options.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    sections = options.sections or (QUICK_SECTIONS if options.quick else ("cases",) if options.gpu else SECTIONS)
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        from benchmarks.data import write_rows

        write_rows(folder)
        for section in SECTIONS:
            if section in sections:
                missed += run_section(section, folder, options)
    if not options.quick:
        record.write_pages()
    print("every floor holds" if not missed else f"floors missed: {', '.join(missed)}")
    sys.exit(1 if missed else 0)


def run_section(section: str, folder: Path, options: Any) -> list[str]:
    """Measures a section, merges it into the record, and names the floors it missed."""
    quick = options.quick
    if section == "cases":
        return compare_cases(folder, options)
    if section == "matmul":
        measured = matmul.measure()
        print(f"matrix products: {measured['best'] / 1e9:.0f} GFLOP/s at best", flush=True)
    elif section == "start-up":
        measured = first_step.measure_start_up(rounds=2 if quick else 9)
    elif section == "first-step":
        measured = first_step.measure(folder, rounds=1 if quick else 5)
    elif section == "probes":
        measured = {}
        for only in options.only:
            measured |= probes.measure(folder, pairs=3 if quick else probes.PAIRS, only=only)
    elif section == "cross-validation":
        measured = folds.measure(folder, rounds=1 if quick else folds.ROUNDS)
    elif section == "augmentation":
        measured = {}
        for only in options.only:
            measured |= augmentation.measure(folder, pairs=3 if quick else augmentation.PAIRS, only=only)
    elif section == "filters":
        measured = filters.measure(folder, rounds=1 if quick else filters.ROUNDS)
    elif section == "frames":
        measured = frames.measure(folder, rounds=1 if quick else frames.ROUNDS)
    elif section == "quality":
        measured = {}
        for only in options.only:
            measured |= quality.measure(only)
    elif section == "scaling":
        measured = {}
        for only in options.only:
            measured |= scaling.measure(folder, rounds=1 if quick else 3, only=only)
    else:
        known = record.load().get("cases", {})
        short = [name for name, case in known.items() if not all(each["holds"] for each in case["targets"].values())]
        measured = profile.measure(folder, [name for name in short if any(only in name for only in options.only)])
    if not quick:
        record.merge(section, measured)
    slack = -QUICK_SLACK_FRAC if quick else 0.0
    return [name for name, each in measured.items() if isinstance(each, dict) and each.get("margin", 0.0) < slack]


def compare_cases(folder: Path, options: Any) -> list[str]:
    """Measures the cases one by one, each merged into the record at once."""
    missed = []
    for case in chosen(options):
        try:
            if options.quick:
                result = compare.measure(case, folder, rounds=2, peers=QUICK_PEERS, shrink=4)
            else:
                result = compare.measure(case, folder, rounds=ROUNDS)
                record.merge("cases", {case.name: result})
        except compare.Unequal as unequal:
            print(unequal, flush=True)
            missed.append(f"{case.name} (accuracy)")
            continue
        print(compare.say(result), flush=True)
        slack = -QUICK_SLACK_FRAC if options.quick else 0.0
        if any(each["margin"] < slack for each in result["floors"].values()):
            missed.append(case.name)
    return missed


def chosen(options: Any) -> list[Case]:
    """The cases that were asked for."""
    all_cases = GPU_CASES if options.gpu else CASES
    cases = [case for case in all_cases if any(only in case.name for only in options.only)]
    if options.quick and options.only == [""]:
        cases = [case for case in cases if case.name in QUICK_CASES]
    if not cases:
        raise SystemExit(f"No case is called like that. Cases: {', '.join(case.name for case in CASES)}")
    return cases


if __name__ == "__main__":
    main()
