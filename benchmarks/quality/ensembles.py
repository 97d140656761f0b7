"""Ensembles on digits and shapes: bagging, boosting, and the mean over seeds, against single networks.

Each seed has its own bags, rows and first weights. A single network trains on all training rows for as many epochs as
one member; of a seed's control, the mean of five single networks is taken, because "the mean single net" is what a user
gets. Boosting is also set against a single network that trains as long as all members together. Test rows judge.

python -m benchmarks.quality.ensembles     prints the entries
"""

import json
import sys
from typing import Any

from benchmarks.quality.paired import compared, say

N_SEEDS, N_MEMBERS, N_SINGLE = 10, 10, 5
SETS: dict[str, dict[str, Any]] = {
    "digits": {"units": 32, "epochs": 20, "learning_rate": 0.003},
    "shapes": {"units": 32, "epochs": 12, "learning_rate": 0.002},
}
BOOST_EPOCHS = 3  # few: a network that makes no mistake leaves nothing to boost
CLAIMED = ("bagging",)  # the others are kept to be told


def measure(only: str = "") -> dict[str, Any]:
    """Trains ensembles and single networks.

    Args:
        only: Part of an entry's name.

    Returns:
        Entries by name.
    """
    entries: dict[str, Any] = {}
    for name, settings in SETS.items():
        for kind, made in (("bagging", _bagged), ("mean over seeds", _averaged), ("boosting", _boosted)):
            if any(only in title for title in (f"{kind}, {name}", f"{kind} against one trained as long, {name}")):
                entries |= {title: entry for title, entry in made(name, settings).items() if only in title}
    for title, entry in entries.items():
        if not title.startswith(CLAIMED):
            del entry["margin"]
        print(say(title, entry), flush=True)
    return entries


def _bagged(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    import backlit as bl

    data = bl.load(name)
    crowd = bl.ensemble.bag(_network(data, settings), data, n=N_MEMBERS, seeds=N_SEEDS, **_training(settings))
    control = _single(name, settings, settings["epochs"])
    return {f"bagging, {name}": compared(_accuracies(crowd), control) | {"members": N_MEMBERS, **settings}}


def _averaged(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    """The same number of networks on all rows: what the bags alone are worth is the difference to bagging."""
    import backlit as bl

    data = bl.load(name)
    run = bl.fit(_network(data, settings), data, seeds=N_SEEDS * N_MEMBERS, **_training(settings))
    groups = [range(start, start + N_MEMBERS) for start in range(0, len(run), N_MEMBERS)]
    arm = [_accuracies(bl.ensemble.mean(run, members=list(group)))[0] for group in groups]
    single = run.evaluate("test")["accuracy"].to_numpy().reshape(N_SEEDS, N_MEMBERS).mean(1)
    return {f"mean over seeds, {name}": compared(arm, single.tolist()) | {"members": N_MEMBERS, **settings}}


def _boosted(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    import backlit as bl

    data = bl.load(name)
    short = {**settings, "epochs": BOOST_EPOCHS}
    crowd = bl.ensemble.boost(_network(data, settings), data, n=N_MEMBERS, seeds=N_SEEDS, **_training(short))
    arm, about = _accuracies(crowd), {"members": N_MEMBERS, **short}
    return {
        f"boosting, {name}": compared(arm, _single(name, settings, BOOST_EPOCHS)) | about,
        f"boosting against one trained as long, {name}": compared(
            arm, _single(name, settings, BOOST_EPOCHS * N_MEMBERS)
        )
        | about,
    }


def _single(name: str, settings: dict[str, Any], epochs: int) -> list[float]:
    """For each seed the mean test accuracy of five single networks, of seeds that no member has."""
    import backlit as bl

    data = bl.load(name)
    seeds = list(range(1000, 1000 + N_SEEDS * N_SINGLE))
    run = bl.fit(_network(data, settings), data, seeds=seeds, **_training({**settings, "epochs": epochs}))
    return run.evaluate("test")["accuracy"].to_numpy().reshape(N_SEEDS, N_SINGLE).mean(1).tolist()


def _accuracies(crowd: Any) -> list[float]:
    """Test accuracy of each copy."""
    table = crowd.evaluate("test")
    return [float(row["ensemble"]) for row in table.to_dicts() if row["metric"] == "accuracy"]


def _training(settings: dict[str, Any]) -> dict[str, Any]:
    own = {name: settings[name] for name in ("epochs", "learning_rate")}
    return {**own, "batch_size": 32, "optimizer": "adam", "save": False, "verbose": False}


def _network(data: Any, settings: dict[str, Any]) -> Any:
    """One hidden layer; for pictures in colour behind two small convolutions, without which it hardly learns."""
    import keras

    layers = keras.layers
    small = [
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
    ]
    return keras.Sequential(
        [
            keras.Input(data.input_shape),
            *(small if data.input_shape[-1] == 3 else []),
            layers.Flatten(),
            layers.Dense(settings["units"], "relu"),
            layers.Dense(data.n_classes, "softmax"),
        ]
    )


if __name__ == "__main__":
    print(json.dumps(measure(" ".join(sys.argv[1:])), indent=1))
