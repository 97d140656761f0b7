"""Pseudo-labels with five labels a class: students against their teachers, on digits and shapes.

Each seed draws its own labelled rows and first weights; the other training rows have their labels hidden. Teacher and
student take the same number of steps; the test rows judge. Nothing is claimed: what comes out is what there is to tell.

python -m benchmarks.quality.pseudo_labels     prints the entries
"""

import json
import sys
from typing import Any

from benchmarks.quality.paired import compared, say

N_SEEDS, PER_CLASS, THRESHOLDS = 10, 5, (0.95, 0.95, 0.95)
SETS = {"digits": {"epochs": 10, "learning_rate": 0.002}, "shapes": {"epochs": 10, "learning_rate": 0.002}}


def measure(only: str = "") -> dict[str, Any]:
    """Trains teachers and three rounds of students.

    Args:
        only: Part of an entry's name.

    Returns:
        Entries by name.
    """
    import backlit as bl  # before keras, whose backend it chooses

    entries = {}
    for name, settings in SETS.items():
        title = f"pseudo-labels, {name}"
        if only not in title:
            continue
        data = bl.load(name)
        found = bl.pseudo_label(
            _network(data.input_shape, data.n_classes),
            data,
            n_labelled_per_class=PER_CLASS,
            threshold=THRESHOLDS,
            seeds=N_SEEDS,
            save=False,
            verbose=False,
            **settings,
        )
        scores = [run.evaluate("test")["accuracy"].to_list() for run in found.runs]
        entry = compared(scores[-1], scores[0])
        del entry["margin"]
        last = found.summary().to_dicts()[-1]
        entries[title] = entry | {
            "labels_a_class": PER_CLASS,
            "thresholds": list(THRESHOLDS),
            "n_pseudo": last["n_pseudo"],
            "right": last["right"],
            **settings,
        }
        print(say(title, entries[title]), flush=True)
    return entries


def _network(input_shape: tuple[int, ...], n_classes: int) -> Any:
    import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


if __name__ == "__main__":
    print(json.dumps(measure(" ".join(sys.argv[1:])), indent=1))
