"""Loads one source after another in a process of its own, with a limit on time and a look at its memory.

    with Reader() as reader:
        outcome = reader.load("damaged.csv")        # Outcome("refused", "csv-empty", …)

A source that hangs costs its process, and the next one gets a new one; what the largest took of memory is known for the
process as a whole, for the system says no more than a peak.
"""

import contextlib
import json
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT_S = 5.0
MOST_BYTES = 2**30
START_S = 60.0

# Loads what comes in as a line of JSON, and says as one what became of it.
WORKER = """
import json, pathlib, resource, sys, traceback, warnings
def peak_bytes():
    status = pathlib.Path("/proc/self/status")
    if status.is_file():  # ru_maxrss would count what the parent had when it was forked
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
warnings.simplefilter("ignore")
import backlit
from backlit.data import load
from backlit.errors import BacklitError
load("iris")  # imports what loading imports
print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    answer = {"kind": "loaded", "words": "", "n_rejected": 0}
    try:
        data = load(asked["source"], **asked["options"])
        [line.say(language) for line in data.describe() for language in ("en", "zh")]
        answer["n_rejected"] = len(data.rejected)
        answer["words"] = "; ".join(str(one.reason) for one in data.rejected)
    except BacklitError as error:
        answer.update(kind="refused", words=error.say("zh") and error.say("en"))
    except BaseException:
        answer.update(kind="fault", words=traceback.format_exc())
    answer["peak_bytes"] = peak_bytes()
    print(json.dumps(answer), flush=True)
"""


@dataclass(frozen=True)
class Outcome:
    """What became of one source.

    Attributes:
        kind: "loaded", "refused" (an error of ours), "fault" (any other), "hang" or "crash".
        words: The message, the traceback, or the reasons of what was rejected.
        n_rejected: Rows or files that were left out and counted.
        peak_bytes: Largest resident memory of the process so far.
    """

    kind: str
    words: str = ""
    n_rejected: int = 0
    peak_bytes: int = 0


class Reader:
    """A process that loads, and is started again after a hang or a crash."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *reason: object) -> None:
        self._end()

    def load(self, source: str | Path, **options: Any) -> Outcome:
        """Loads a source.

        Args:
            source: A path.
            **options: Of `load`.

        Returns:
            What became of it.
        """
        process = self._started()
        assert process.stdin is not None
        process.stdin.write(json.dumps({"source": str(source), "options": options}) + "\n")
        process.stdin.flush()
        answer = self._answer(LIMIT_S)
        if answer is None:
            kind = "hang" if process.poll() is None else "crash"
            self._end()
            return Outcome(kind, f"exit code {process.returncode}")
        return Outcome(**json.loads(answer))

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
            )
            assert self._answer(START_S) == "ready\n", "the process that loads did not start"
        return self._process

    def _answer(self, limit_s: float) -> str | None:
        """The next line, or None if there is none in time."""
        assert self._process is not None
        assert self._process.stdout is not None
        is_there = select.select([self._process.stdout], [], [], limit_s)[0]
        return (self._process.stdout.readline() or None) if is_there else None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def require_sound(
    outcomes: dict[int, Outcome], *, is_past: Callable[[Outcome], bool], least_past_frac: float = 0.3
) -> None:
    """Fails unless every case ended well, in memory, and enough of them got past the parser.

    Args:
        outcomes: By the number of the case.
        is_past: Whether a case got past the parser.
        least_past_frac: How many have to.
    """
    unsound = {number: one for number, one in outcomes.items() if one.kind not in ("loaded", "refused")}
    assert not unsound, "\n\n".join(f"case {number}: {one.kind}\n{one.words}" for number, one in unsound.items())
    peak = max(one.peak_bytes for one in outcomes.values())
    assert peak <= MOST_BYTES, f"{peak / 2**20:.0f} MiB"
    n_past = sum(map(is_past, outcomes.values()))
    assert n_past >= least_past_frac * len(outcomes), f"{n_past} of {len(outcomes)} got past the parser"
