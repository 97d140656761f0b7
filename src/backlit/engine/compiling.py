"""Compiles several programs at the same time.

Tracing is Python and holds its lock; and while Keras's layers are traced, their operations are replaced for the whole
process (see `kernels.py`). So programs are traced one after another, and only then compiled together: XLA works without
Python's lock, and a core of its own for each program is what shortens the wait.

Not for deciding what is compiled (see `program.py`, `probing.py`).
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from backlit.backend import n_cores


@dataclass(frozen=True)
class Lowered:
    """A traced program.

    Attributes:
        traced: What JAX's `lower` gave.
        into: Where the compiled program is appended.
        options: For XLA, or None.
    """

    traced: Any
    into: list[Any]
    options: dict[str, Any] | None = None


def compile_together(programs: Iterable[Lowered]) -> None:
    """Compiles programs and puts each where it belongs, in the order given.

    Args:
        programs: From `lower_chunk` and `lower_look`.
    """
    programs = list(programs)
    with ThreadPoolExecutor(max(1, n_cores())) as pool:
        compiled = list(pool.map(lambda program: program.traced.compile(program.options), programs))
    for program, result in zip(programs, compiled, strict=True):
        program.into.append(result)
