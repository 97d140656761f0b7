"""Nine small tasks, each made for one kind of layer, and the dense network that it has to beat.

    embedding        which of four motifs is in a row of tokens; tokens as numbers
    convolution      the same; an embedding and dense layers
    pooling          motifs where none stood in training; the same convolution with a dense layer on all places
    recurrent        motifs; an embedding and dense layers
    attention        the sum of the two marked numbers in a row
    normalisation    digits, through five layers of sigmoids
    dropout          digits of which every third label is wrong
    flatten          digits; a dense layer that reads each pixel by itself
    output           digits; one number for the class in place of ten probabilities

A network that several tasks need is trained once. Not for lessons on one of these layers, which look closer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

N_SEEDS = 2
N_TRAIN, N_UNSEEN = 1000, 300
N_DIGITS = 300  # that train
WRONG = 1 / 3  # of their labels, in one task
N_LAYERS = 5  # of the deep network
TASKS = {  # kind of layer to (network, data) with it and without
    "embedding": (("embedded", "motifs"), ("numbers", "motifs-as-numbers")),
    "convolution": (("convolved", "motifs"), ("embedded", "motifs")),
    "pooling": (("pooled", "motifs-moved"), ("convolved", "motifs-moved")),
    "recurrent": (("recurrent", "motifs"), ("embedded", "motifs")),
    "attention": (("attentive", "adding"), ("flat-sums", "adding")),
    "normalisation": (("normalised", "digits"), ("deep", "digits")),
    "dropout": (("dropped", "digits-mislabelled"), ("flat", "digits-mislabelled")),
    "flatten": (("flat", "digits"), ("pixel-by-pixel", "digits")),
    "output": (("flat", "digits"), ("one-number", "digits-as-numbers")),
}


@dataclass(frozen=True)
class Score:
    """How well a task is done with a kind of layer and without.

    Attributes:
        special: Score on unseen rows with it, for each seed: accuracy, or the share of the variance explained.
        plain: Without it.
        n_special: Parameters of the network with it.
        n_plain: Without it.
    """

    special: np.ndarray
    plain: np.ndarray
    n_special: int
    n_plain: int

    @property
    def with_it(self) -> float:
        """Mean over seeds, with it."""
        return float(self.special.mean())

    @property
    def without(self) -> float:
        """Mean over seeds, without it."""
        return float(self.plain.mean())

    @property
    def gain(self) -> float:
        """What it is worth, in percentage points."""
        return 100 * (self.with_it - self.without)


def play(*, seed: int, effort: float, is_special: bool) -> dict[str, Score]:
    """Trains every network that the tasks need, and scores each task.

    Args:
        seed: Of the data, and first of those of the weights.
        effort: By how much the usual number of epochs is multiplied.
        is_special: False trains the network without the layer in both places.

    Returns:
        Scores by kind of layer.
    """
    data = drawn(seed)
    known: dict[tuple[str, str], tuple[np.ndarray, int]] = {}

    def trained(network: str, name: str) -> tuple[np.ndarray, int]:
        if (network, name) not in known:
            known[network, name] = _train(network, data[name], seed=seed, effort=effort)
        return known[network, name]

    scores = {}
    for kind, (special, plain) in TASKS.items():
        with_it, without = trained(*(special if is_special else plain)), trained(*plain)
        scores[kind] = Score(with_it[0], without[0], with_it[1], without[1])
    return scores


def drawn(seed: int) -> dict[str, Any]:
    """The data of all tasks.

    Args:
        seed: Of the draws.

    Returns:
        Name to Dataset.
    """
    import backlit as bl
    from backlit.data import Splits

    random = np.random.default_rng(seed)
    motifs = bl.load("motifs", n=3000, seed=seed)
    starts = motif_starts(motifs.inputs)
    middle = motifs.input_shape[0] * 2 // 5
    early, late = np.flatnonzero(starts < middle), np.flatnonzero(starts >= middle)
    first = Splits.of_rows(range(N_TRAIN), range(N_TRAIN, N_TRAIN + N_UNSEEN))
    known = replace(motifs, splits=first, recipe=None)
    as_numbers = (motifs.inputs / len(motifs.vocabulary)).astype(np.float32)

    digits = bl.load("digits")
    rows = random.permutation(len(digits))
    cut = Splits.of_rows(rows[:N_DIGITS], rows[N_DIGITS:])
    digits = replace(digits, splits=cut, recipe=None)
    labels = np.array(digits.targets)
    wrong = cut.train[random.random(N_DIGITS) < WRONG]
    labels[wrong] = (labels[wrong] + random.integers(1, 10, len(wrong))) % 10
    amounts = digits.targets.astype(np.float32)[:, None]
    return {
        "motifs": known,
        "motifs-moved": replace(motifs, splits=Splits.of_rows(early[:N_TRAIN], late[:N_UNSEEN]), recipe=None),
        "motifs-as-numbers": replace(known, inputs=as_numbers, vocabulary=()),
        "adding": bl.load("adding", seed=seed),
        "digits": digits,
        "digits-mislabelled": replace(digits, targets=labels),
        "digits-as-numbers": replace(digits, targets=amounts, task="regression", class_names=()),
    }


def motif_starts(tokens: np.ndarray) -> np.ndarray:
    """Where the motif of each row begins.

    Args:
        tokens: Rows of `motifs`, each with one motif.

    Returns:
        A position for each row, from 0.
    """
    from backlit.data.sequences import MOTIFS

    windows = np.lib.stride_tricks.sliding_window_view(tokens, len(MOTIFS[0]), axis=1)
    return np.any([(windows == motif).all(2) for motif in np.array(MOTIFS)], axis=0).argmax(1)


def _train(network: str, data: Any, *, seed: int, effort: float) -> tuple[np.ndarray, int]:
    """Score on unseen rows for each seed, and the number of parameters."""
    import backlit as bl

    build, epochs, settings = _networks()[network]
    model = build(data)
    run = bl.fit(
        model,
        data,
        epochs=max(1, round(effort * epochs)),
        seeds=list(range(seed, seed + N_SEEDS)),
        save=False,
        verbose=False,
        **settings,
    )
    if data.task == "classification":
        return run.members["val_accuracy"].to_numpy(), model.count_params()
    inputs, targets = data.validation
    if network == "one-number":
        said = np.array([_dense_number(run.weights(number), inputs) for number in range(N_SEEDS)])
        return (np.rint(said) == targets[:, 0]).mean(1), model.count_params()
    return 1 - run.members["val_loss"].to_numpy() / targets.var(), model.count_params()


def _dense_number(weights: list[np.ndarray], inputs: np.ndarray) -> np.ndarray:
    """What a network of one hidden layer with ReLU and one output says, in NumPy."""
    hidden = np.maximum(inputs.reshape(len(inputs), -1) @ weights[0] + weights[1], 0.0)
    return (hidden @ weights[2] + weights[3])[:, 0]


def _networks() -> dict[str, tuple[Callable[[Any], Any], int, dict[str, Any]]]:
    """Name to builder, epochs and settings."""
    words, digits, deep = (
        {"learning_rate": 0.01},
        {"learning_rate": 0.003},
        {"learning_rate": 0.1, "optimizer": "sgd"},
    )
    return {
        "numbers": (partial(_of_tokens, "numbers"), 15, words),
        "embedded": (partial(_of_tokens, "embedded"), 15, words),
        "convolved": (partial(_of_tokens, "convolved"), 15, words),
        "pooled": (partial(_of_tokens, "pooled"), 15, words),
        "recurrent": (partial(_of_tokens, "recurrent"), 15, words),
        "flat-sums": (_flat_sums, 15, words),
        "attentive": (_attentive, 15, words),
        "flat": (partial(_of_digits, "flat"), 60, digits),
        "dropped": (partial(_of_digits, "dropped"), 60, digits),
        "pixel-by-pixel": (partial(_of_digits, "pixel-by-pixel"), 20, digits),
        "one-number": (partial(_of_digits, "one-number"), 60, digits),
        "deep": (partial(_of_digits, "deep"), 30, deep),
        "normalised": (partial(_of_digits, "normalised"), 30, deep),
    }


def _of_tokens(kind: str, data: Any) -> Any:
    import keras

    layers: Any = keras.layers
    dense = [layers.Dense(32, activation="relu")]
    windows = layers.Conv1D(16, 4, activation="relu")
    body = {
        "numbers": lambda: dense,
        "embedded": lambda: [layers.Flatten(), *dense],
        "convolved": lambda: [windows, layers.Flatten()],
        "pooled": lambda: [windows, layers.GlobalMaxPooling1D()],
        "recurrent": lambda: [layers.GRU(16)],
    }[kind]()
    if kind == "numbers":
        first = [keras.Input(data.input_shape)]
    else:
        first = [keras.Input(data.input_shape, dtype="int32"), layers.Embedding(len(data.vocabulary), 8)]
    return keras.Sequential([*first, *body, layers.Dense(4, activation="softmax")])


def _flat_sums(data: Any) -> Any:
    import keras

    layers: Any = keras.layers
    return keras.Sequential(
        [keras.Input(data.input_shape), layers.Flatten(), layers.Dense(32, activation="relu"), layers.Dense(1)]
    )


def _attentive(data: Any) -> Any:
    import keras

    layers: Any = keras.layers
    rows = keras.Input(data.input_shape)
    widened = layers.Dense(16, activation="relu")(rows)
    found = layers.MultiHeadAttention(num_heads=2, key_dim=8)(widened, widened)
    return keras.Model(rows, layers.Dense(1)(layers.GlobalAveragePooling1D()(found)))


def _of_digits(kind: str, data: Any) -> Any:
    import keras

    layers: Any = keras.layers

    def hidden() -> list[Any]:
        if kind == "deep":
            return [layers.Dense(32, activation="sigmoid")]
        return [layers.Dense(32, use_bias=False), layers.BatchNormalization(momentum=0.9), layers.Activation("sigmoid")]

    wide = layers.Dense(128, activation="relu")
    body = {
        "flat": lambda: [layers.Flatten(), wide],
        "one-number": lambda: [layers.Flatten(), wide],
        "dropped": lambda: [layers.Flatten(), layers.Dropout(0.3), wide, layers.Dropout(0.5)],
        "pixel-by-pixel": lambda: [wide, layers.GlobalAveragePooling2D()],
    }.get(kind, lambda: [layers.Flatten(), *(layer for _ in range(N_LAYERS) for layer in hidden())])()
    last = layers.Dense(1) if kind == "one-number" else layers.Dense(10, activation="softmax")
    return keras.Sequential([keras.Input(data.input_shape), *body, last])
