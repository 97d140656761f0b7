"""Files that somebody damaged: one to five edits of a valid one, always the same for the same number.

An edit flips a bit, overwrites, removes, repeats, swaps, inserts or cuts off; what it inserts comes half of the time
from the words that mean something to the reader of the format.
"""

import os
from collections.abc import Sequence

import numpy as np

ALL = 1000
EVERY = 10
LONGEST = 64  # bytes of one edit, cutting off apart


def case_numbers() -> range:
    """Every tenth of the thousand cases; all of them where BACKLIT_FUZZ=all asks for it (`make fuzz`)."""
    return range(0, ALL, 1 if os.environ.get("BACKLIT_FUZZ") == "all" else EVERY)


def mutated(content: bytes, number: int, *, words: Sequence[bytes] = ()) -> bytes:
    """The content after one to five edits.

    Args:
        content: A valid file.
        number: Of the case; the seed.
        words: What is worth inserting.

    Returns:
        Other bytes.
    """
    random = np.random.default_rng(number)
    damaged = content
    for _ in range(random.integers(1, 6)):
        damaged = EDITS[random.integers(len(EDITS))](bytearray(damaged), random, words)
    return damaged if damaged != content else damaged + b"\x00"


def _flip(data: bytearray, random: np.random.Generator, words: Sequence[bytes]) -> bytes:
    if data:
        data[random.integers(len(data))] ^= 1 << int(random.integers(8))
    return bytes(data)


def _overwrite(data: bytearray, random: np.random.Generator, words: Sequence[bytes]) -> bytes:
    start, length = _span(data, random)
    data[start : start + length] = _words(random, words, length)[:length].ljust(length, b"\x00")
    return bytes(data)


def _remove(data: bytearray, random: np.random.Generator, words: Sequence[bytes]) -> bytes:
    start, length = _span(data, random)
    del data[start : start + length]
    return bytes(data)


def _repeat(data: bytearray, random: np.random.Generator, words: Sequence[bytes]) -> bytes:
    start, length = _span(data, random)
    data[start:start] = data[start : start + length] * int(random.integers(1, 20))
    return bytes(data)


def _swap(data: bytearray, random: np.random.Generator, words: Sequence[bytes]) -> bytes:
    (one, length), (other, _) = _span(data, random), _span(data, random)
    first, second = bytes(data[one : one + length]), bytes(data[other : other + length])
    data[one : one + length] = second
    data[other : other + length] = first
    return bytes(data)


def _insert(data: bytearray, random: np.random.Generator, words: Sequence[bytes]) -> bytes:
    start, length = _span(data, random)
    data[start:start] = _words(random, words, length)
    return bytes(data)


def _cut_off(data: bytearray, random: np.random.Generator, words: Sequence[bytes]) -> bytes:
    return bytes(data[: random.integers(len(data) + 1)])


EDITS = (_flip, _flip, _overwrite, _overwrite, _remove, _repeat, _swap, _insert, _insert, _cut_off)


def _span(data: bytearray, random: np.random.Generator) -> tuple[int, int]:
    """Where an edit begins and how long it is; mostly short."""
    length = 1 + int(LONGEST ** random.random() - 1)
    return int(random.integers(len(data) + 1)), length


def _words(random: np.random.Generator, words: Sequence[bytes], length: int) -> bytes:
    if words and random.random() < 0.5:
        return words[int(random.integers(len(words)))]
    return random.bytes(length)
