"""Networks that come trained with backlit, to be fine-tuned: small, and each with a card that says what it learned.

    shapes-base    learned the shape, texture and colour of drawn images; it has never seen a ring or a star

A card holds what was measured when the base was trained: rows, epochs, scores, seed. `tools/train_bases.py` trains them
all again and writes files and cards anew.

Not for the user's own files: see `files.py`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from backlit.errors import ModelError, did_you_mean
from backlit.language import text
from backlit.models.files import from_keras_file

BASES = {"shapes-base": "shapes_base"}
"""Name to the file's stem in this package's folder `weights`."""

_FOLDER = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Card:
    """What a shipped base is.

    Attributes:
        name: What `fine_tune` calls it.
        data: Which data it learned from, and how to draw them again.
        learned: What it was trained to tell, with the test score of each.
        not_learned: Classes of its data that it has never seen.
        n_train: Rows that trained it.
        n_test: Rows that the scores are of.
        epochs: Passes over the training rows.
        seed: Of weights, order and data.
        n_params: Numbers in its weights.
        reads: Shape of one input.
        lowest: Smallest value of its inputs.
        highest: Largest value.
    """

    name: str
    data: str
    learned: dict[str, float]
    not_learned: str
    n_train: int
    n_test: int
    epochs: int
    seed: int
    n_params: int
    reads: tuple[int, ...]
    lowest: float
    highest: float


def shipped_base(name: str) -> keras.Model:
    """A base by name.

    Args:
        name: A key of `BASES`; `_` and `-` are the same.

    Returns:
        The network with its weights.
    """
    return from_keras_file(_FOLDER / f"{BASES[_known(name)]}.keras")


def card_of(name: str) -> Card:
    """What is known of a base.

    Args:
        name: A key of `BASES`.

    Returns:
        Its card.

    Example:
        >>> card_of("shapes-base").not_learned
        'ring, star'
    """
    words: dict[str, Any] = json.loads((_FOLDER / f"{BASES[_known(name)]}.json").read_text(encoding="utf-8"))
    return Card(**{**words, "reads": tuple(words["reads"])})


def _known(name: str) -> str:
    key = name.replace("_", "-").lower()
    if key not in BASES:
        raise ModelError(
            "base-unknown",
            what=text("Looking for a trained base"),
            expected=text("a shipped one, a `.keras` file, a Keras model or a Run"),
            received=text("`{name}`", name=name),
            fix=did_you_mean(name, BASES),
        )
    return key
