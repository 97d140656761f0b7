"""Section `profiles`: where the time of one training step goes.

    python -m benchmarks.profile CASE [CASE …]     parts of cases' names; merged into the record

The step is compiled again with parts left out, and what a part costs is the difference: gather the rows → and the
forward pass → and the gradients → and the optimiser and the metrics (the engine's own step) → the whole `fit`, which
adds calls from Python, records of epochs, and, in a population, moving members in and out of their blocks and the
second core's demand for memory. Each is a loop of steps on one of the engine's devices; medians of interleaved rounds.

A difference is only as true as the parts are separable: XLA fuses across them, so a small or negative part means
nothing.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import record
from benchmarks.cases import CASES, MOMENTUM, Case
from benchmarks.crew import ROOT, plain_environment
from benchmarks.data import rows, write_rows

PARTS = ("gather rows", "forward", "backward", "optimiser and metrics", "calls, records, population")
LOOP_S = 0.15  # about what one timed loop should take
ROUNDS = 7


def measure(folder: Path, names: list[str]) -> dict[str, Any]:
    """Profiles of cases, each in a process of its own.

    Args:
        folder: Where the rows are.
        names: Names of cases.

    Returns:
        Name to parts, in microseconds a step.
    """
    profiles = {}
    for case in CASES:
        if case.name in names:
            command = [sys.executable, "-m", "benchmarks.profile", "--child", str(folder), json.dumps(case.to_json())]
            done = subprocess.run(
                command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{case.name} could not be profiled:\n{done.stderr[-3000:]}")
            profiles[case.name] = json.loads(done.stdout.splitlines()[-1])
            shares = profiles[case.name]["parts_us"]
            words = ", ".join(f"{part} {us:.0f}" for part, us in shares.items())
            print(f"{case.name}: {sum(shares.values()):.0f} µs a step: {words}", flush=True)
    return profiles


def main() -> None:
    if sys.argv[1] == "--child":
        print(json.dumps(profile(Case.from_json(json.loads(sys.argv[3])), Path(sys.argv[2]))))
        return
    names = [case.name for case in CASES if any(part in case.name for part in sys.argv[1:])]
    if not names:
        raise SystemExit(f"No case is called like that. Cases: {', '.join(case.name for case in CASES)}")
    with tempfile.TemporaryDirectory() as folder:
        write_rows(Path(folder))
        record.merge("profiles", measure(Path(folder), names))
    record.write_pages()


def profile(case: Case, folder: Path) -> dict[str, Any]:
    """Profiles one case in this process.

    Args:
        case: What is trained.
        folder: Where the rows are.

    Returns:
        `parts_us`, by part, for one step of one block; `block`, members side by side in it; `n_devices`.
    """
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    import keras

    from backlit.engine.prepare import experiment_groups, prepared_group
    from backlit.run import placements
    from benchmarks.peers.keras_networks import keras_model

    inputs, labels, *_ = rows(folder, case.n_rows, case.network.input_shape)
    population: dict[str, Any] = {"seeds": case.members}
    if case.has_own_order:
        population = {"vary": bl.zipped(data_seed=list(range(case.members)))}

    def fit() -> Any:
        return bl.fit(
            keras_model(case.network),
            (inputs, labels),
            epochs=case.epochs,
            batch_size=case.batch_size,
            optimizer=keras.optimizers.SGD(case.learning_rate, momentum=MOMENTUM),
            save=False,
            verbose=False,
            **population,
        )

    run = fit()
    [group] = experiment_groups(run.experiment, run.ingredients)
    [placement] = placements(run)
    template = prepared_group(run.experiment, run.ingredients, group).template
    blocks = placement.n_slots // placement.n_devices // placement.block
    steps = case.epochs * -(-case.n_rows // case.batch_size) * blocks
    stages = [(name, _looped(body)) for name, body in _stages(template, placement.block, case.batch_size)]
    arguments = _arguments(template, placement, inputs, labels, case)
    n_steps = 4
    while _seconds(stages[-1][1], arguments, n_steps) < LOOP_S / 4:  # the first call compiles
        n_steps *= 2
    n_steps *= 4
    took: dict[str, list[float]] = {name: [] for name, _ in stages}
    whole = []
    for _ in range(ROUNDS):
        for name, loop in stages:
            _seconds(loop, arguments, 1)
            took[name].append(_seconds(loop, arguments, n_steps) / n_steps)
        whole.append(fit().run_s / steps)
    reached = [median(took[name]) for name, _ in stages] + [median(whole)]
    costs = [reached[0]] + [later - earlier for earlier, later in pairwise(reached)]
    return {
        "parts_us": {part: cost * 1e6 for part, cost in zip(PARTS, costs, strict=True)},
        "block": placement.block,
        "n_devices": placement.n_devices,
        "batch_size": case.batch_size,
    }


def _stages(template: Any, block: int, size: int) -> list[tuple[str, Callable[..., Any]]]:
    """The step with ever more parts: each maps (number of the step, what is carried, arguments) to what is carried."""
    import jax
    from jax import lax

    from backlit.engine.kernels import fast_kernels

    def batch_of(i: Any, fixed: Any) -> tuple[Any, Any]:
        idx = lax.dynamic_slice(fixed["order"], (i % (len(fixed["order"]) // size) * size,), (size,))
        return tuple(fixed[name].at[idx].get(mode="promise_in_bounds") for name in ("inputs", "targets"))  # type: ignore[return-value]

    def loss_of(weights: Any, member: Any, x: Any, y: Any) -> Any:
        return template.model.compute_loss_and_updates(
            weights,
            member["non_trainable"],
            member["metrics"],
            x,
            y,
            None,
            training=True,
            optimizer_variables=member["optimizer"],
        )[0]

    def forward(member: Any, x: Any, y: Any) -> Any:
        with fast_kernels():
            return loss_of(member["trainable"], member, x, y)

    def backward(member: Any, x: Any, y: Any) -> Any:
        with fast_kernels():
            return jax.value_and_grad(loss_of)(member["trainable"], member, x, y)

    def update(member: Any, x: Any, y: Any) -> Any:
        parts = ("trainable", "non_trainable", "optimizer", "metrics")
        *after, _ = template.update(*(member[part] for part in parts), x, y, None, {})
        return dict(zip(parts, after, strict=True))

    def on_block(part: Callable[..., Any]) -> Callable[..., Any]:
        return part if block == 1 else jax.vmap(part, in_axes=(0, None, None))

    return [
        ("gather", lambda i, _, fixed: batch_of(i, fixed)),
        ("forward", lambda i, _, fixed: on_block(forward)(fixed["member"], *batch_of(i, fixed))),
        ("backward", lambda i, _, fixed: on_block(backward)(fixed["member"], *batch_of(i, fixed))),
        ("update", lambda i, member, fixed: on_block(update)(member or fixed["member"], *batch_of(i, fixed))),
    ]


def _looped(body: Callable[..., Any]) -> Callable[..., Any]:
    """The body as a compiled loop; what it gives is carried, so that no part of it can be left out."""
    import jax
    from jax import lax

    def loop(n_steps: Any, fixed: Any) -> Any:
        return lax.fori_loop(1, n_steps, lambda i, carried: body(i, carried, fixed), body(0, None, fixed))

    return jax.jit(loop)


def _arguments(template: Any, placement: Any, inputs: Any, labels: Any, case: Case) -> dict[str, Any]:
    """Rows, their order and the first state of a block, on the engine's device."""
    import jax
    import numpy as np

    from backlit.engine import devices

    member = template.state()
    if placement.block > 1:
        member = jax.tree.map(lambda leaf: np.stack([leaf] * placement.block), member)
    order = np.random.default_rng(0).permutation(case.n_rows).astype(np.int32)
    fixed = {"inputs": inputs, "targets": labels, "order": order, "member": member}
    return jax.device_put(fixed, devices.devices_of(placement)[0])


def _seconds(loop: Callable[..., Any], arguments: dict[str, Any], n_steps: int) -> float:
    import jax
    import numpy as np

    device = arguments["order"].device
    started = time.perf_counter()
    jax.block_until_ready(loop(jax.device_put(np.int32(n_steps), device), arguments))
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
