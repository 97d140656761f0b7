"""Section `filters`: what excites each of 64 filters, all at once against one after another.

    claims     `bl.explain.filters(…).excited` takes at most 3 s for the 64 filters of the CNN's second convolution, and
               is at least five times as fast as a loop over them in Keras, at the same mean activation
    baseline   what one would write: the model up to the layer, its activation function set to linear, a step compiled
               by `jax.jit` that takes the filter's number, one filter after another, the same brakes and steps
    unit       seconds for all filters, from model to images and activations: a second call in the same process; and the
               first call, which compiles

The CNN is trained on Fashion-MNIST first. Each round is a fresh process of each.

    python -m benchmarks.filters CONTENDER FOLDER SEED     one process: two calls; prints their seconds and activations
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

from benchmarks.crew import ROOT, plain_environment, python_of
from benchmarks.data import rows
from benchmarks.networks import CNN

OURS, PEER, TRAINER = "backlit", "keras-jax", "backlit-trains"
NAME = "64 filters of the CNN"
N_FILTERS, N_TRAIN, N_RANGE = 64, 20_000, 2_000
STEPS, RATE, DECAY, VARIATION, JITTER, NOISE, SMOOTH = 128, 0.1, 0.05, 0.05, 1, 0.05, 0.01
FLOOR_S, FLOOR_RATIO, ROUNDS = 3.0, 5.0, 5
EQUAL_FRAC = 0.02  # of the mean activation reached
LEAST_ACCURACY = 0.8  # of the CNN: filters that learned nothing would prove nothing
MODEL = "filters.keras"


def measure(folder: Path, *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Trains the CNN, then runs both contenders in fresh processes, round by round.

    Args:
        folder: Where the rows are, and where the model may be written.
        rounds: How many processes of each.

    Returns:
        The entry of the record.
    """
    accuracy = _process(TRAINER, folder, 0)["accuracy"]
    if accuracy < LEAST_ACCURACY:
        raise RuntimeError(f"the CNN reached an accuracy of {accuracy:.3f} only")
    told: dict[str, list[dict[str, Any]]] = {OURS: [], PEER: []}
    for seed in range(rounds):
        for name in told:
            told[name].append(_process(name, folder, seed))
    entry = summary(told)
    print(say(entry), flush=True)
    return {NAME: entry}


def summary(told: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Seconds, ratio, and whether the floors hold.

    Args:
        told: What each contender's processes told: `first_s`, `again_s`, and `reached`, the mean activation.

    Returns:
        What the record keeps. The margin is that of the floor that holds least.

    Raises:
        RuntimeError: If the contenders do not reach the same activation.

    Example:
        >>> ours, theirs = ({"first_s": 4.0, "again_s": s, "reached": 2.0} for s in (0.5, 5.0))
        >>> entry = summary({"backlit": [ours], "keras-jax": [theirs]})
        >>> entry["ratio"], entry["ratio_margin"], round(entry["seconds_margin"], 3), entry["holds"]
        (10.0, 1.0, 0.833, True)
    """
    reached = {name: mean(one["reached"] for one in each) for name, each in told.items()}
    if abs(reached[OURS] / reached[PEER] - 1) > EQUAL_FRAC:
        raise RuntimeError(f"{NAME}: the activations reached differ: {reached}")
    again = {name: median(one["again_s"] for one in each) for name, each in told.items()}
    ratios = [theirs["again_s"] / ours["again_s"] for ours, theirs in zip(told[OURS], told[PEER], strict=True)]
    margins = {"seconds_margin": 1 - again[OURS] / FLOOR_S, "ratio_margin": median(ratios) / FLOOR_RATIO - 1}
    margin = min(margins.values())
    return {
        "again_s": again,
        "first_s": {name: median(one["first_s"] for one in each) for name, each in told.items()},
        "all": {name: [[one["first_s"], one["again_s"]] for one in each] for name, each in told.items()},
        "reached": reached,
        "ratio": median(ratios),
        "low": min(ratios),
        "high": max(ratios),
        "floor_s": FLOOR_S,
        "floor_ratio": FLOOR_RATIO,
        **margins,
        "margin": margin,
        "holds": margin >= 0,
    }


def say(entry: dict[str, Any]) -> str:
    """An entry in a line.

    Args:
        entry: From `summary`.

    Returns:
        The line.
    """
    missed = "" if entry["holds"] else ", MISSED"
    return (
        f"{NAME}: {entry['again_s'][OURS]:.2f} s (at most {FLOOR_S:g}), {entry['ratio']:.1f} × as fast as one after "
        f"another ({entry['low']:.1f} to {entry['high']:.1f}; at least {FLOOR_RATIO:g}){missed}"
    )


def main() -> None:
    contender, folder, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if contender == TRAINER:
        print(json.dumps(_train(folder)))
        return
    call = {OURS: _ours, PEER: _one_after_another}[contender](folder)
    told: dict[str, Any] = {}
    for when in ("first_s", "again_s"):
        started = time.perf_counter()
        reached = call(seed)
        told[when] = time.perf_counter() - started
        assert len(reached) == N_FILTERS
    print(json.dumps({**told, "reached": float(np.mean(reached))}))


def _train(folder: Path) -> dict[str, float]:
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    from benchmarks.peers.keras_networks import keras_model

    inputs, labels, test_inputs, test_labels = rows(folder, N_TRAIN, CNN.input_shape)
    data = bl.load(((inputs, labels), (test_inputs, test_labels)))
    run = bl.fit(keras_model(CNN), data, epochs=3, save=False, verbose=False)
    run.model.save(folder / MODEL)
    return {"accuracy": float(run.evaluate("test")["accuracy"][0])}


def _ours(folder: Path) -> Callable[[int], np.ndarray]:
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    import keras

    model: Any = keras.saving.load_model(folder / MODEL)
    data, *_ = rows(folder, N_RANGE, CNN.input_shape)
    name = _second_convolution(model)

    def run(seed: int) -> np.ndarray:
        return bl.explain.filters(model, name, data=data, seed=seed).excited.reached

    return run


def _one_after_another(folder: Path) -> Callable[[int], np.ndarray]:
    os.environ["KERAS_BACKEND"] = "jax"
    import jax
    import jax.numpy as jnp
    import keras

    model: Any = keras.saving.load_model(folder / MODEL)
    data, *_ = rows(folder, N_RANGE, CNN.input_shape)
    layer = model.get_layer(_second_convolution(model))
    layer.activation = keras.activations.linear  # a filter that is silent at the start has no gradient otherwise
    part = keras.Model(model.inputs, layer.output)
    trainable, others = ([v.value for v in vs] for vs in (part.trainable_variables, part.non_trainable_variables))
    low, high, middle = float(data.min()), float(data.max()), float(data.mean())

    def activation(image: Any, number: Any) -> Any:
        maps = part.stateless_call(trainable, others, image[None], training=False)[0]
        return maps[0, maps.shape[1] // 2, maps.shape[2] // 2, number]

    def total_variation(image: Any) -> Any:
        return sum(jnp.sqrt(jnp.diff(image, axis=axis) ** 2 + SMOOTH**2).sum() for axis in (0, 1))

    @jax.jit
    def step(image: Any, number: Any, shift: Any, rate: Any) -> Any:
        slope = jax.grad(activation)(jnp.roll(image, shift, (0, 1)), number)
        slope = jnp.roll(slope, -shift, (0, 1))
        slope = slope / (jnp.abs(slope).max() + 1e-12)
        scaled = (image - middle) / (high - low)
        slope = slope - DECAY * scaled - VARIATION * jax.grad(total_variation)(scaled)
        return jnp.clip(image + rate * (high - low) * slope, low, high)

    measured = jax.jit(activation)

    def run(seed: int) -> np.ndarray:
        drawn = np.random.default_rng(seed)
        reached = []
        for number in range(N_FILTERS):
            noise = drawn.standard_normal(data.shape[1:], np.float32)
            image = jnp.asarray(np.clip(middle + NOISE * (high - low) * noise, low, high))
            for i in range(STEPS):
                shift = drawn.integers(-JITTER, JITTER + 1, 2) if i < STEPS // 2 else np.zeros(2, int)
                image = step(image, number, shift, RATE * (1 - i / STEPS))
            reached.append(max(float(measured(image, number)), 0.0))
        return np.array(reached)

    return run


def _second_convolution(model: Any) -> str:
    return [layer.name for layer in model.layers if type(layer).__name__ == "Conv2D"][1]


def _process(contender: str, folder: Path, seed: int) -> dict[str, Any]:
    command = [python_of(contender), "-m", "benchmarks.filters", contender, str(folder), str(seed)]
    environment = {**plain_environment(), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{contender} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
