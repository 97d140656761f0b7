"""Contenders' processes: started, told to train a round, stopped.

TensorFlow and torch run in `.venv-peers`, an environment of their own: TensorFlow wants other versions of packages that
backlit's environment pins, and Keras on JAX is slower to start where TensorFlow is installed too.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.cases import Case

ROOT = Path(__file__).parent.parent
PEER_PYTHON = ROOT / ".venv-peers" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CHOSEN_ELSEWHERE = ("XLA_FLAGS", "KERAS_BACKEND", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "JAX_NUM_CPU_DEVICES")


class Worker:
    """A contender's process; `ready` waits until it has warmed up.

    Args:
        contender: `backlit`, or a peer's name.
        case: What it trains.
        folder: Where the rows are.
        core: The only core it may use, or None for all.
    """

    def __init__(self, contender: str, case: Case, folder: Path, core: int | None = None) -> None:
        self._name = contender
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  lives as long as the process
        command = [python_of(contender), "-m", "benchmarks.worker", contender, str(folder), json.dumps(case.to_json())]
        self._process = subprocess.Popen(
            pinned(command, core),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=plain_environment(),
            cwd=ROOT,
        )

    @cached_property
    def ready(self) -> dict[str, Any]:
        """What it said after warming up; `ready["ready"]` is False if it cannot run here."""
        return self.read()

    def start(self, seed: int, epochs: int | None = None) -> None:
        """Tells it to train one round from this seed, of the case's epochs or of others."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seed}\n" if epochs is None else f"{seed} {epochs}\n")
        self._process.stdin.flush()

    def read(self) -> dict[str, Any]:
        """Waits for its answer."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            raise RuntimeError(f"the process of {self._name} ended early:\n{self._errors.read()[-3000:]}")
        return json.loads(line)

    def train(self, seed: int, epochs: int | None = None) -> dict[str, Any]:
        """One round."""
        self.start(seed, epochs)
        return self.read()

    def close(self) -> None:
        """Lets it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._errors.close()


def python_of(contender: str) -> str:
    """The Python of a contender's environment."""
    if contender.startswith(("backlit", "keras-jax", "sklearn")):
        return sys.executable
    if not PEER_PYTHON.exists():
        raise SystemExit(
            f"{PEER_PYTHON.parent.parent.name} is missing: `make bench` makes it, and so does `make peers`."
        )
    return str(PEER_PYTHON)


def pinned(command: list[str], core: int | None) -> list[str]:
    """The command, on this core alone if one is given."""
    return command if core is None else ["taskset", "-c", str(core), *command]


def plain_environment() -> dict[str, str]:
    """The environment without what would choose backends and threads for the contenders."""
    return {name: value for name, value in os.environ.items() if name not in CHOSEN_ELSEWHERE}
