"""Trains the networks that come with backlit, and writes them with their cards: `python -m tools.train_bases`.

`shapes-base` learns from drawn images which shape, texture and colour each has (three questions, fourteen outputs). It
sees circles, squares, triangles and crosses; rings and stars are left for whoever fine-tunes it. A minute
and a half on two cores.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import backlit as bl  # before keras, whose backend it chooses

# isort: split
import keras
import numpy as np
from keras import layers

from backlit.data.shapes import COLOURS, SHAPES, TEXTURES
from backlit.models.bases import BASES, Card

FOLDER = Path(bl.__file__).parent / "models" / "weights"
N_KNOWN = 4  # of the shapes, the first
FACTORS = {"shape": N_KNOWN, "texture": len(TEXTURES), "colour": len(COLOURS)}
N_TRAIN, N_TEST, EPOCHS, SEED = 12_000, 2_000, 8, 0
DATA_SEED, TEST_DATA_SEED = 20_001, 20_002  # far from the seeds of anybody who loads `shapes`


def drawn(n: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Images of known shapes, and what each has; a seed gives the same images whatever is asked of them."""
    images, answers = np.zeros(0), {}
    for name in FACTORS:
        part = bl.load("shapes", n=n * len(SHAPES) // N_KNOWN, target=name, seed=seed, validation_split=0, test_split=0)
        images, answers[name] = part.inputs, part.class_ids
    rows = np.flatnonzero(answers["shape"] < N_KNOWN)
    return images[rows], {name: ids[rows] for name, ids in answers.items()}


def network() -> keras.Model:
    """Four convolutions with batch normalisation; some 61,000 numbers."""
    body: list[Any] = []
    for i, filters in enumerate((16, 32, 64, 64), 1):
        body += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv_{i}"),
            layers.BatchNormalization(name=f"norm_{i}"),
            layers.Activation("relu", name=f"relu_{i}"),
            *([layers.MaxPooling2D(name=f"pool_{i}")] if i < 4 else []),
        ]
    head = layers.Dense(sum(FACTORS.values()), "sigmoid", name="shape_texture_colour")
    return keras.Sequential(
        [keras.Input((32, 32, 3)), *body, layers.GlobalAveragePooling2D(name="mean_over_places"), head],
        name="shapes_base",
    )


def main() -> None:
    """Trains, scores, writes."""
    inputs, answers = drawn(N_TRAIN, DATA_SEED)
    targets = np.concatenate([np.eye(n, dtype=np.float32)[answers[name]] for name, n in FACTORS.items()], axis=1)
    run = bl.fit(
        network(),
        (inputs, targets),
        epochs=EPOCHS,
        batch_size=64,
        learning_rate=keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * (N_TRAIN // 64)),
        seed=SEED,
        reinitialise=True,
        save=False,
    )
    inputs, answers = drawn(N_TEST, TEST_DATA_SEED)
    outputs = np.split(run.predict(inputs), np.cumsum(list(FACTORS.values()))[:-1], axis=1)
    scores = {
        name: round(float((own.argmax(1) == answers[name]).mean()), 4)
        for name, own in zip(FACTORS, outputs, strict=True)
    }
    bare = network()  # not compiled: no state of an optimiser goes into the file
    bare.set_weights(run.model.get_weights())
    card = Card(
        name="shapes-base",
        data="shapes",
        learned=scores,
        not_learned="ring, star",
        n_train=N_TRAIN,
        n_test=N_TEST,
        epochs=EPOCHS,
        seed=SEED,
        n_params=bare.count_params(),
        reads=tuple(bare.input_shape[1:]),
        lowest=0.0,
        highest=1.0,
    )
    FOLDER.mkdir(exist_ok=True)
    stem = BASES[card.name]
    bare.save(FOLDER / f"{stem}.keras")
    (FOLDER / f"{stem}.json").write_text(json.dumps(asdict(card), indent=1) + "\n", encoding="utf-8")
    print(f"{stem}: {scores}, {(FOLDER / f'{stem}.keras').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
