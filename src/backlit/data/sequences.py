"""Two drawn sequence tasks: find a motif, and remember two numbers.

`motifs` hides one of four patterns of four tokens in a row of random ones. All four patterns
use the same tokens 1, 2, 3, 4, so that only their order tells them apart:

    6 5 8 [1 2 3 4] 7 5 6 …     class "1234"

`adding` marks two of many numbers; their sum is to be predicted. Always answering 1 gives a
mean squared error of 1/6 (the variance of the sum of two numbers drawn from 0..1), so a
network that has learned to remember is below 0.167.
"""

import numpy as np

from backlit.data.catalog import Entry
from backlit.data.dataset import Dataset, Splits
from backlit.data.options import require_count
from backlit.language import text

MOTIFS = ((1, 2, 3, 4), (4, 3, 2, 1), (2, 4, 1, 3), (3, 1, 4, 2))


def make_motifs(*, n: int = 2000, length: int = 20, alphabet: int = 8, seed: int = 0) -> Dataset:
    """Rows of random tokens with one of four motifs at a random place.

    Rows differ in length, from half of `length` to all of it, and are padded with 0 at the end.
    No row holds a second motif by accident.

    Args:
        n: Number of rows.
        length: Tokens a row, padding included.
        alphabet: Number of different tokens, at least 5.
        seed: Of the draw.

    Returns:
        Token ids, four classes of equal size.
    """
    n = require_count("n", n, least=len(MOTIFS))
    length = require_count("length", length, least=8)
    alphabet = require_count("alphabet", alphabet, least=5)
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(n) % len(MOTIFS))
    tokens = np.zeros((n, length), np.int32)
    to_draw = np.arange(n)
    while len(to_draw):
        tokens[to_draw] = _draw(random, labels[to_draw], length=length, alphabet=alphabet)
        to_draw = to_draw[_n_motifs(tokens[to_draw]) != 1]
    return Dataset(
        "motifs",
        tokens,
        labels.astype(np.int32),
        task="classification",
        splits=Splits.of_rows(range(n)),
        class_names=tuple("".join(map(str, motif)) for motif in MOTIFS),
        vocabulary=("<padding>", *(str(token) for token in range(1, alphabet + 1))),
    )


def make_adding(*, n: int = 2000, length: int = 20, seed: int = 0) -> Dataset:
    """Sequences of (number, mark): the sum of the two marked numbers is the target.

    One mark is in the first half, one in the second.

    Args:
        n: Number of sequences.
        length: Time steps, at least 4.
        seed: Of the draw.

    Returns:
        Numbers 0..1 and marks 0 or 1 as two features a time step; one amount to predict.

    Source:
        le-2015, section 4.1; hochreiter-schmidhuber-1997 has numbers in -1..1 and end marks.
    """
    n = require_count("n", n, least=2)
    length = require_count("length", length, least=4)
    random = np.random.default_rng(seed)
    inputs = np.zeros((n, length, 2), np.float32)
    inputs[..., 0] = random.uniform(0, 1, (n, length))
    rows = np.arange(n)
    inputs[rows, random.integers(0, length // 2, n), 1] = 1
    inputs[rows, random.integers(length // 2, length, n), 1] = 1
    return Dataset(
        "adding",
        inputs,
        inputs.prod(2).sum(1, keepdims=True),
        task="regression",
        splits=Splits.of_rows(range(n)),
        feature_names=("number", "mark"),
        source="le-2015",
    )


def _draw(random: np.random.Generator, labels: np.ndarray, *, length: int, alphabet: int) -> np.ndarray:
    n, width = len(labels), len(MOTIFS[0])
    tokens = random.integers(1, alphabet + 1, (n, length))
    lengths = random.integers(max(length // 2, width), length + 1, n)
    starts = random.integers(0, lengths - width + 1)
    columns = starts[:, None] + np.arange(width)
    tokens[np.arange(n)[:, None], columns] = np.array(MOTIFS)[labels]
    tokens[np.arange(length) >= lengths[:, None]] = 0
    return tokens


def _n_motifs(tokens: np.ndarray) -> np.ndarray:
    """How many motifs, of any kind, each row holds."""
    windows = np.lib.stride_tricks.sliding_window_view(tokens, len(MOTIFS[0]), axis=1)
    return np.sum([(windows == motif).all(2).sum(1) for motif in np.array(MOTIFS)], axis=0)


ENTRIES = (
    Entry("motifs", make_motifs, text("which of four patterns is in the row, token ids, 4 classes")),
    Entry("adding", make_adding, text("the sum of two marked numbers in a sequence, 1 amount")),
)
