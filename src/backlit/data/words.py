"""One column of sentences as token ids: 0 is padding at the end, 1 a word that the training rows do not have.

    the film was good     →  2 5 3 9 0 0
    the sequel was good   →  2 1 3 9 0 0

Words are counted in the training rows alone, the most frequent first. Each Chinese character is a word.

Not for tables with other columns besides: those leave texts out.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl
from jaxtyping import Int, Shaped

from backlit.data.columns import read_words
from backlit.data.encode import named_as_trained
from backlit.data.frames import read_raw
from backlit.data.kinds import words_of
from backlit.data.preparation import AbstractPreparation, Coded, Rejected, require_coded_shape
from backlit.language import Text, text

MOST_WORDS = 10_000
"""Rarer words share token 1. Source: ours, a convention said aloud."""

LEAST_COUNT = 2
"""A word that only one training row has teaches nothing about other rows. Source: ours."""

LONGEST = 256
"""Tokens of a row at most; further words are cut. Source: ours, for the time that a step takes."""

LENGTH_FRAC = 0.95
"""So many of the training rows are read to their end. Source: ours."""

SPECIAL = ("<padding>", "<unknown>")


@dataclass(frozen=True, eq=False)
class WordsPreparation(AbstractPreparation):
    """A vocabulary and a length.

    Attributes:
        column: The raw column that is read.
        file_columns: All columns of the training table in order.
        vocabulary: Words by token id, the two special ones first.
        length: Tokens of a row.
    """

    column: str
    file_columns: tuple[str, ...]
    vocabulary: tuple[str, ...]
    length: int

    kind: ClassVar[str] = "words"

    @classmethod
    def of_rows(cls, column: str, file_columns: Iterable[str], sentences: pl.Series) -> "WordsPreparation":
        """The vocabulary and length of these sentences: give the training rows, and no others.

        Args:
            column: Name of the column.
            file_columns: All columns of the table, in order.
            sentences: Text, null where there is none.

        Returns:
            The preparation.
        """
        rows = [words_of(sentence) for sentence in sentences.drop_nulls().to_list()]
        counts = Counter(word for words in rows for word in set(words))
        frequent = sorted((word for word, n in counts.items() if n >= LEAST_COUNT), key=lambda one: (-counts[one], one))
        length = int(np.ceil(np.quantile([len(words) for words in rows] or [1], LENGTH_FRAC)))
        vocabulary = (*SPECIAL, *frequent[: MOST_WORDS - len(SPECIAL)])
        return cls(column, tuple(file_columns), vocabulary, min(max(length, 1), LONGEST))

    def tokens(self, sentences: pl.Series) -> Int[np.ndarray, "sample token"]:
        """Sentences as token ids.

        Args:
            sentences: Text, null where there is none.

        Returns:
            One row a sentence.
        """
        ids = {word: token for token, word in enumerate(self.vocabulary)}
        tokens = np.zeros((len(sentences), self.length), np.int32)
        for row, sentence in enumerate(sentences.to_list()):
            found = [ids.get(word, 1) for word in words_of(sentence or "")[: self.length]]
            tokens[row, : len(found)] = found
        return tokens

    def encode(self, source: Any) -> Coded:
        """The sentences of a table as token ids; rows without a word are rejected.

        Args:
            source: A CSV, a Parquet file or a frame.

        Returns:
            Token ids, and the rows that have none.
        """
        table = named_as_trained(read_raw(source), [self.column], self.file_columns)
        sentences = read_words(table.cells[self.column])
        is_kept = has_words(sentences)
        reason = text("no word in column `{column}`", column=self.column)
        rejected = [Rejected(int(place), reason) for place in table.places[~is_kept]]
        kept = table.rows(is_kept, rejected)
        rows = self.tokens(read_words(kept.cells[self.column]))
        return Coded(rows, kept.places.tolist(), kept.place_name, kept.rejected)

    def apply(self, coded: Shaped[np.ndarray, "..."]) -> Int[np.ndarray, "sample token"]:
        """Token ids are what the network reads.

        Args:
            coded: Token ids.

        Returns:
            The same.
        """
        rows = np.asarray(coded)
        require_coded_shape(rows, self.coded_shape)
        return rows.astype(np.int32)

    def as_layers(self, coded: Any) -> Any:
        """Token ids are what the network reads.

        Args:
            coded: A symbolic tensor.

        Returns:
            The same.
        """
        return coded

    def on(self, coded: Shaped[np.ndarray, "sample ..."]) -> "WordsPreparation":  # noqa: ARG002  nothing to refit
        """The same: words that a fold does not have are tokens that it does not train.

        Args:
            coded: Token ids.

        Returns:
            This preparation.
        """
        return self

    @property
    def coded_shape(self) -> tuple[int, ...]:
        """Tokens of a row."""
        return (self.length,)

    @property
    def coded_dtype(self) -> str:
        """Token ids."""
        return "int32"

    def describe(self) -> Text:
        """How sentences become tokens."""
        return text(
            "Inputs: {length} tokens a row from column `{column}`, {n} words of the training rows",
            length=self.length,
            column=self.column,
            n=len(self.vocabulary) - len(SPECIAL),
        )

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return {
            "column": self.column,
            "file_columns": list(self.file_columns),
            "vocabulary": list(self.vocabulary),
            "length": self.length,
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "WordsPreparation":
        """What `to_json` wrote.

        Args:
            plain: What it gave.

        Returns:
            The preparation.
        """
        return cls(plain["column"], tuple(plain["file_columns"]), tuple(plain["vocabulary"]), int(plain["length"]))


def has_words(sentences: pl.Series) -> np.ndarray:
    """Which rows have at least one word.

    Args:
        sentences: Text, null where there is none.

    Returns:
        Yes or no for each.
    """
    return np.array([bool(words_of(sentence or "")) for sentence in sentences.to_list()], bool)
