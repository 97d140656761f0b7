"""Fine-tuning on fifty rows: the shipped base against the same network from scratch, ring or star.

Each seed has its own fifty rows (stratified) and its own first weights; frozen, staged and scratch see the same rows
for as many epochs, and the data's test rows judge. The base learned from drawings without rings and stars. Nothing is
claimed: what comes out is what there is to tell.

python -m benchmarks.quality.fine_tuning     prints the entries
"""

import json
import sys
from typing import Any

from benchmarks.quality.paired import compared, say

N_KNOWN, N_ROWS, N_SEEDS, EPOCHS = 4, 50, 10, 60
ARMS = ("frozen", "staged", "all")


def measure(only: str = "") -> dict[str, Any]:
    """Trains with the base's weights and without.

    Args:
        only: Part of an entry's name.

    Returns:
        Entries by name.
    """
    titles = {arm: f"fine-tuning {arm}, ring or star" for arm in ARMS}
    titles = {arm: title for arm, title in titles.items() if only in title}
    if not titles:
        return {}
    control = accuracies("scratch")
    entries = {}
    for arm, title in titles.items():
        entry = compared(accuracies(arm), control)
        del entry["margin"]
        entries[title] = entry | {"n_rows": N_ROWS, "epochs": EPOCHS, "stages": arm}
        print(say(title, entries[title]), flush=True)
    return entries


def accuracies(stages: str) -> list[float]:
    """Test accuracy of each seed."""
    import backlit as bl  # before keras, whose backend it chooses

    # isort: split
    from backlit.data import given_rows, subsets

    data = unseen()
    seeds = range(N_SEEDS)
    rows = [subsets([N_ROWS], seed=seed).rows(data)[0].train for seed in seeds]
    found = bl.fine_tune(
        "shapes-base",
        data,
        stages=stages,
        epochs=EPOCHS,
        learning_rate=0.003,
        batch_size=10,
        rows=given_rows(rows, seeds=list(seeds)),
        save=False,
        verbose=False,
    )
    return found.evaluate("test")["accuracy"].to_list()


def unseen() -> Any:
    """Drawings of the two shapes that the base has never seen."""
    import numpy as np

    import backlit as bl

    shapes = bl.load("shapes", n=3000, validation_split=0, test_split=0)
    rows = np.flatnonzero(shapes.class_ids >= N_KNOWN)
    return bl.load((shapes.inputs[rows], shapes.class_ids[rows] - N_KNOWN), validation_split=0.1, test_split=0.5)


if __name__ == "__main__":
    print(json.dumps(measure(" ".join(sys.argv[1:])), indent=1))
