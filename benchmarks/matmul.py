"""Section `matmul`: the machine's best float32 matrix product rate, which every training is held against.

unit    floating-point operations a second, the best over sizes and libraries (XLA through JAX, torch), all cores

python -m benchmarks.matmul xla|torch     one library, in its own environment; prints size to FLOP/s
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.crew import ROOT, plain_environment, python_of

SIZES = (512, 1024, 2048)
PRODUCTS = 8  # one after another in a call
ROUNDS = 5


def measure() -> dict[str, Any]:
    """Both libraries, and the best of them.

    Returns:
        `best` FLOP/s, and library to size to FLOP/s.
    """
    rates: dict[str, Any] = {}
    for library, contender in (("xla", "backlit"), ("torch", "torch")):
        command = [python_of(contender), "-m", "benchmarks.matmul", library]
        done = subprocess.run(command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=True)
        rates[library] = json.loads(done.stdout.splitlines()[-1])
    return {"best": max(rate for sizes in rates.values() for rate in sizes.values()), **rates}


def main() -> None:
    products = {"xla": _xla, "torch": _torch}[sys.argv[1]]
    print(json.dumps({str(size): _best_rate(products(size), size) for size in SIZES}))


def _best_rate(run: Callable[[], None], size: int) -> float:
    run()
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return PRODUCTS * 2.0 * size**3 / min(seconds)


def _xla(size: int) -> Callable[[], None]:
    import jax
    import jax.numpy as jnp

    left = jnp.full((size, size), 1.0 / size, jnp.float32)

    @jax.jit
    def products(left: Any, right: Any) -> Any:
        for _ in range(PRODUCTS):
            left = left @ right
        return left

    return lambda: products(left, left).block_until_ready()


def _torch(size: int) -> Callable[[], None]:
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    right = torch.full((size, size), 1.0 / size, device=device)

    def products() -> None:
        left = right
        for _ in range(PRODUCTS):
            left = left @ right
        left.sum().item()

    return products


if __name__ == "__main__":
    main()
