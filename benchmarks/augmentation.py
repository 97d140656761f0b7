"""Section `augmentation`: what changing every training image costs the CNN.

claim      fit(augment=…) with every geometric and colour change at work takes at most 30 % longer than without; aimed
           at: 15 %
baseline   the same fit without, in the same process, the two alternating
unit       median over at least 20 pairs of (seconds with / seconds without) − 1, compilation apart

Three rows: all changes that move pixels and change grey values; the same with noise, cutout and mix-up; and colour
images of the same size with all of it, hue and saturation too.

python -m benchmarks.augmentation FOLDER NAME PAIRS     one of them; prints the pairs' ratios
"""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import CASES, MOMENTUM
from benchmarks.crew import ROOT, plain_environment
from benchmarks.data import rows
from benchmarks.probes import summary

PAIRS = 21
FLOOR_FRAC, TARGET_FRAC = 0.30, 0.15
CASE = "CNN, batch 32"
MOVES = {
    **{"flip_horizontal": 0.5, "flip_vertical": 0.5, "rotation": 15, "zoom_in": 0.2, "zoom_out": 0.2},
    **{"crop": 0.2, "shift": 0.1},
}
GREYS = {"brightness": 0.2, "contrast": 0.2}
COLOURS = {**GREYS, "saturation": 0.3, "hue": 0.05}
OTHERS = {"noise": 0.05, "cutout": 0.3, "mix_up": 0.4}
ARMS: dict[str, tuple[int, dict[str, float]]] = {  # channels, changes
    "geometry and greys": (1, {**MOVES, **GREYS}),
    "all, grey images": (1, {**MOVES, **GREYS, **OTHERS}),
    "all, colour images": (3, {**MOVES, **COLOURS, **OTHERS}),
}


def measure(folder: Path, *, pairs: int = PAIRS, only: str = "") -> dict[str, Any]:
    """The cost of changing images.

    Args:
        folder: Where the rows are.
        pairs: How many pairs.
        only: Part of a row's name.

    Returns:
        Name to overhead, its interval, the pairs, and by how much the floor holds.
    """
    results = {}
    for name in ARMS:
        if only not in name:
            continue
        command = [sys.executable, "-m", "benchmarks.augmentation", str(folder), name, str(pairs)]
        done = subprocess.run(command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the augmentation `{name}` could not be measured:\n{done.stderr[-3000:]}")
        results[name] = summary(
            json.loads(done.stdout.splitlines()[-1]), floor_frac=FLOOR_FRAC, target_frac=TARGET_FRAC
        )
        print(f"augmentation, {name}: {results[name]['overhead_frac']:+.1%} (floor {FLOOR_FRAC:.0%})", flush=True)
    return results


def main() -> None:
    folder, (channels, augment), pairs = Path(sys.argv[1]), ARMS[sys.argv[2]], int(sys.argv[3])
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    import keras

    from benchmarks.peers.keras_networks import keras_model

    case = next(case for case in CASES if case.name == CASE)
    inputs, labels, *_ = rows(folder, case.n_rows, case.network.input_shape)
    network = replace(case.network, input_shape=(*case.network.input_shape[:2], channels))
    inputs = np.repeat(inputs, channels, axis=-1)
    model = keras_model(network)

    def seconds(*, is_changed: bool) -> float:
        run = bl.fit(
            model,
            (inputs, labels),
            epochs=case.epochs,
            batch_size=case.batch_size,
            optimizer=keras.optimizers.SGD(case.learning_rate, momentum=MOMENTUM),
            augment=augment if is_changed else None,
            save=False,
            verbose=False,
        )
        return run.run_s

    for is_changed in (False, True):
        seconds(is_changed=is_changed)  # compiles
    ratios = []
    for pair in range(pairs):
        first = bool(pair % 2)  # each goes first as often
        took = {is_changed: seconds(is_changed=is_changed) for is_changed in (first, not first)}
        ratios.append(took[True] / took[False])
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
