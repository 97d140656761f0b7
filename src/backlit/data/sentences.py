"""Short made-up sentences with praise and blame, where `not` turns a word around.

    the film was good                      positive
    the film was not good                  negative
    the plot was dull but the end was fun  positive: after `but`, the last clause counts

Counting words is not enough, for the same words in another order mean the opposite. So a
network that reads in order (recurrent, attention) beats one that adds up word vectors.

Token 0 is padding at the end; words count from 1.
"""

import numpy as np

from backlit.data.catalog import Entry
from backlit.data.dataset import Dataset, Splits
from backlit.data.options import Number, require_amount, require_count
from backlit.language import text

SUBJECTS = ("film", "plot", "cast", "music", "end", "script", "hero", "pace")
PRAISE = ("good", "fun", "clever", "warm", "fresh", "moving")
BLAME = ("bad", "dull", "silly", "cold", "stale", "weak")
NEGATIONS = ("not", "never")
DEGREES = ("very", "quite", "so")
VOCABULARY = ("<padding>", "the", "was", "and", "but", *NEGATIONS, *DEGREES, *SUBJECTS, *PRAISE, *BLAME)

LONGEST = 13
"""Words of the longest sentence: two clauses of six and the word between."""

_ID = {word: token for token, word in enumerate(VOCABULARY)}


def make_sentiment(*, n: int = 2000, length: int = 14, negation: Number = 0.4, seed: int = 0) -> Dataset:
    """Sentences of one or two clauses; the class is what the last clause says.

    Args:
        n: Number of sentences.
        length: Tokens a row, padding included; at least 13.
        negation: Share of clauses with "not" or "never", 0 to 1; at 0 single words tell the class.
        seed: Of the draw.

    Returns:
        Token ids, classes "negative" and "positive" of equal size.
    """
    n = require_count("n", n, least=2)
    length = require_count("length", length, least=LONGEST)
    negation = require_amount("negation", negation, most=1)
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(n) % 2)
    tokens = np.zeros((n, length), np.int32)
    for row, label in enumerate(labels):
        words = _sentence(random, is_positive=bool(label), negation=negation)
        tokens[row, : len(words)] = [_ID[word] for word in words]
    return Dataset(
        "sentiment",
        tokens,
        labels.astype(np.int32),
        task="classification",
        splits=Splits.of_rows(range(n)),
        class_names=("negative", "positive"),
        vocabulary=VOCABULARY,
    )


def _sentence(random: np.random.Generator, *, is_positive: bool, negation: Number) -> list[str]:
    last = _clause(random, is_positive=is_positive, negation=negation)
    if random.random() < 1 / 3:
        return last
    is_contrast = bool(random.random() < 0.5)
    first = _clause(random, is_positive=is_positive != is_contrast, negation=negation)
    return [*first, "but" if is_contrast else "and", *last]


def _clause(random: np.random.Generator, *, is_positive: bool, negation: Number) -> list[str]:
    is_negated = bool(random.random() < negation)
    words = ["the", _pick(random, SUBJECTS), "was"]
    if is_negated:
        words.append(_pick(random, NEGATIONS))
    if random.random() < 0.4:
        words.append(_pick(random, DEGREES))
    return [*words, _pick(random, PRAISE if is_positive != is_negated else BLAME)]


def _pick(random: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[random.integers(len(words))]


ENTRIES = (Entry("sentiment", make_sentiment, text("made-up sentences with negation, token ids, 2 classes")),)
