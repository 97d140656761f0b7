"""One contender in a process of its own: `python -m benchmarks.worker CONTENDER CASE EPOCH_SCALE`.

It prepares, compiles and warms up, writes one line of JSON, and then trains one round for every line it reads.
Idle between rounds, so that contenders can be interleaved on the same cores.

    → {"ready": true, "compile_s": 1.9}
    ← go
    → {"samples": 144000, "seconds": 0.71, "test_accuracy": 0.871}
"""

import contextlib
import importlib
import json
import sys
import time

from benchmarks.cases import CASES


def main() -> None:
    contender, case_name, n_rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    case = next(case for case in CASES if case.name == case_name)
    module, _, variant = contender.partition("-")
    peer = importlib.import_module(f"benchmarks.peers.{module}_peer")
    with contextlib.redirect_stdout(sys.stderr):
        started = time.perf_counter()
        train = peer.prepare(case, variant, n_rows=n_rows)
        warm = train()
        prepared_s = time.perf_counter() - started
    print(json.dumps({"ready": True, "compile_s": warm.get("compile_s", prepared_s)}), flush=True)
    for _ in sys.stdin:
        with contextlib.redirect_stdout(sys.stderr):
            result = train()
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
