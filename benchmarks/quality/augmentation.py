"""Augmentation on two hundred rows: digits and shapes, with a small convolutional network.

Each seed draws its own two hundred training rows, stratified, and its own first weights; all other rows test. With and
without augmentation the network takes as many steps, and its last weights are scored. Strengths and epochs were chosen
on other seeds (100 to 104). Digits are also flipped, which is wrong for them.

python -m benchmarks.quality.augmentation     prints the entries
"""

import json
import sys
from dataclasses import replace
from typing import Any

from benchmarks.quality.paired import compared, say

N_ROWS, N_SEEDS = 200, 10
EPOCHS = {"digits": 200, "shapes": 80}
AUGMENTS: dict[str, dict[str, float]] = {
    "digits": {"rotation": 10, "shift": 0.06, "zoom_in": 0.1, "zoom_out": 0.1, "mix_up": 0.4},
    "shapes": {"flip_horizontal": 0.5, "rotation": 15, "shift": 0.1, "zoom_in": 0.1, "zoom_out": 0.1, "hue": 0.5},
}
FLIPS = {"flip_horizontal": 0.5, "flip_vertical": 0.5}


def measure(only: str = "") -> dict[str, Any]:
    """Trains with and without augmentation.

    Args:
        only: Part of an entry's name.

    Returns:
        Entries by name.
    """
    entries = {}
    for name, augment in AUGMENTS.items():
        arms = {f"augmentation, {name}": augment}
        if name == "digits":
            arms["augmentation by flips, digits"] = FLIPS
        arms = {title: arm for title, arm in arms.items() if only in title}
        if not arms:
            continue
        control = [accuracy(name, seed, None) for seed in range(N_SEEDS)]
        for title, arm in arms.items():
            entries[title] = compared([accuracy(name, seed, arm) for seed in range(N_SEEDS)], control)
            entries[title] |= {"n_rows": N_ROWS, "epochs": EPOCHS[name], "augment": arm}
            if arm is FLIPS:  # nothing to be proud of: kept to be told
                del entries[title]["margin"]
            print(say(title, entries[title]), flush=True)
    return entries


def accuracy(name: str, seed: int, augment: dict[str, float] | None) -> float:
    """Test accuracy of one training on its own two hundred rows."""
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    from backlit.data import Splits

    data = bl.load(name)
    rows = _stratified_rows(data.targets, seed)
    others = sorted(set(range(len(data))) - set(rows))
    data = replace(data, splits=Splits.of_rows(rows, test=others), recipe=None)
    run = bl.fit(
        _network(data.input_shape, data.n_classes),
        data,
        epochs=EPOCHS[name],
        batch_size=20,
        optimizer="adam",
        learning_rate=0.002,
        augment=augment,
        seed=seed,
        save=False,
        verbose=False,
    )
    return float(run.evaluate("test")["accuracy"][0])


def _stratified_rows(labels: Any, seed: int) -> list[int]:
    """As many rows of each class, or one more."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = [order[labels[order] == label] for label in np.unique(labels)]
    turns = [rows[turn] for turn in range(N_ROWS) for rows in by_class if turn < len(rows)]
    return sorted(int(row) for row in turns[:N_ROWS])


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
