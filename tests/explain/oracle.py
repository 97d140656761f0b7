"""Trains small networks with `bl.reference.fit` and with the compiled engine, in float64, and measures the distance.

Run as a program, because float64 has to be chosen before anything else runs; it prints a line of JSON for each case:

    python -m tests.explain.oracle 2-3-2/adam

Errors are relative, in the largest norm: max|reference − engine| / max|engine|.
"""

import json
import sys
import warnings

import backlit as bl  # isort: skip  before Keras
import keras
import numpy as np
from keras.layers import Dense
from keras.models import Sequential

from backlit.data import from_arrays

N_ROWS, BATCH_SIZE, EPOCHS = 36, 8, 10  # five steps an epoch, the last of four rows: fifty steps


def two_three_two():
    """The network of the notes' part 3, as written, its typos mended."""
    layers = [
        Dense(units=3, input_shape=(2,), activation="relu"),
        Dense(units=2, activation="softmax"),
    ]
    return Sequential(layers)


def eight_six_six_four():
    """The network of the notes' part 4, as written."""
    layers = [
        Dense(units=6, input_shape=(8,), activation="relu"),
        Dense(units=6, activation="relu"),
        Dense(units=4, activation="softmax"),
    ]
    return Sequential(layers)


def small_cnn():
    """Convolution, pooling, dense."""
    return Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            Dense(3, activation="softmax"),
        ]
    )


def normalised():
    """Batch normalisation, whose moving averages move, too.

    No bias before it: its gradient is 0, and Adam makes steps of the rounding that is left.
    """
    first = [keras.Input((5,)), Dense(6, use_bias=False), keras.layers.BatchNormalization()]
    return Sequential([*first, Dense(3, "tanh"), Dense(3, "softmax")])


NETWORKS = {"2-3-2": two_three_two, "8-6-6-4": eight_six_six_four, "cnn": small_cnn, "normalised": normalised}
OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9),
    "nesterov": lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(0.02),
}
CASES = [
    *(f"{network}/{optimizer}" for network in ("2-3-2", "8-6-6-4", "cnn") for optimizer in ("sgd", "momentum", "adam")),
    "2-3-2/nesterov",
    "normalised/adam",
]


def compare(case):
    """Fifty steps both ways."""
    network, optimizer = case.split("/")
    keras.utils.set_random_seed(7)
    model = NETWORKS[network]()
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(N_ROWS, *model.input_shape[1:]))
    data = from_arrays(inputs, rng.integers(0, model.output_shape[-1], N_ROWS), task="classification")
    settings = {"epochs": EPOCHS, "batch_size": BATCH_SIZE, "loss": "sparse_categorical_crossentropy"}
    ours = bl.reference.fit(model, data, optimizer=OPTIMIZERS[optimizer](), **settings)
    run = bl.fit(model, data, optimizer=OPTIMIZERS[optimizer](), metrics=[], save=False, verbose=False, **settings)
    frame = run.history
    theirs = frame.filter((frame["metric"] == "loss") & (frame["split"] == "train"))["value"].to_numpy()
    learned = [variable.trainable for variable in model.weights]
    order = sorted(range(len(learned)), key=lambda i: not learned[i])  # the engine's: those that learn first
    first = [np.asarray(variable.value) for variable in model.weights]
    return {
        "case": case,
        "n_steps": len(ours.losses),
        "loss_error": far(ours.epoch_losses, theirs),
        "weight_errors": [far(ours.weights[i], own) for i, own in zip(order, run.weights(0), strict=True)],
        "n_moved": sum(not np.array_equal(ours.weights[i], first[i]) for i in order),
        "n_weights": len(first),
        "step_loss_error": step_losses(model, data, optimizer, settings, ours) if case == "2-3-2/adam" else 0.0,
    }


def step_losses(model, data, optimizer, settings, ours):
    """The loss of every single step, from a stream that is trained step by step."""
    stream = bl.stream(model, data, optimizer=OPTIMIZERS[optimizer](), metrics=[], save=False, **settings)
    return far(ours.losses, np.array([stream.step(1).loss[0] for _ in ours.losses]))


def far(ours, theirs):
    """Largest difference, as a share of the largest number."""
    assert np.shape(ours) == np.shape(theirs), f"{np.shape(ours)} against {np.shape(theirs)}"
    return float(np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-300))


def main(cases):
    """Compares cases and prints a line of JSON for each."""
    import jax
    from keras.src.backend.common import dtypes

    # On JAX, Keras computes most operations in float32 even where its float type is float64.
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    jax.config.update("jax_enable_x64", True)
    keras.config.set_floatx("float64")
    warnings.filterwarnings("ignore", message="Do not pass an `input_shape`")
    for case in cases or CASES:
        print(json.dumps(compare(case)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
