"""One contender in a process of its own: `python -m benchmarks.worker CONTENDER FOLDER CASE_AS_JSON`.

It prepares, compiles and warms up, writes one line of JSON, and then trains one round for every line it reads: the
seed, and perhaps a number of epochs other than the case's. Idle between rounds, so that contenders can be interleaved
on the same cores.

    → {"ready": true, "compile_s": 1.9, "warm_rate": 191000.0, "note": "fused"}
    ← 3
    → {"samples": 144000, "seconds": 0.71, "test_accuracy": 0.871}

A contender that cannot run here (a library or a compiler is missing) says `{"ready": false, "reason": …}` and ends.
Where a contender does not tell its own compile time, it is what the first epoch took longer than the second.
"""

import contextlib
import importlib
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.cases import Case


def main() -> None:
    contender, folder, case = sys.argv[1], Path(sys.argv[2]), Case.from_json(json.loads(sys.argv[3]))
    module, _, variant = contender.partition("-")
    peer = importlib.import_module(f"benchmarks.peers.{module}_peer")
    try:
        with contextlib.redirect_stdout(sys.stderr):
            train = peer.prepare(case, variant, folder)
            ready = warm_up(train, case, n_steps=getattr(peer, "WARM_STEPS", 0))
    except (ImportError, peer.Absent) as missing:
        print(json.dumps({"ready": False, "reason": str(missing)}), flush=True)
        return
    print(json.dumps({"ready": True, **ready}), flush=True)
    for line in sys.stdin:
        with contextlib.redirect_stdout(sys.stderr):
            seed, *epochs = map(int, line.split())
            result = train(replace(case, epochs=epochs[0]) if epochs else case, seed)
        print(json.dumps(result), flush=True)


def warm_up(train: Any, case: Case, *, n_steps: int) -> dict[str, Any]:
    """Two rounds of one epoch (or of its first steps): what compiling took, and how fast it is then."""
    n_rows = min(case.n_rows, n_steps * case.batch_size) if n_steps else case.n_rows
    epoch = replace(case, epochs=1, n_rows=n_rows)
    started = time.perf_counter()
    first = train(epoch, 0)
    first_s = time.perf_counter() - started
    started = time.perf_counter()
    second = train(epoch, 0)
    second_s = time.perf_counter() - started
    return {
        "compile_s": first.get("compile_s", first_s - second_s),
        "warm_rate": second["samples"] / second["seconds"],
        "note": second.get("note", ""),
    }


if __name__ == "__main__":
    main()
