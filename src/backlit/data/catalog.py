"""Data sets by name: the registry behind `load("digits")`.

Each family is one module with a tuple `ENTRIES`; its loader makes every row, and what is the
same for all (options checked, splits drawn, columns standardised) happens in `assemble.py`.

    >>> names()[:3]
    ('digits', 'iris', 'wine')
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from backlit.data.dataset import Dataset
from backlit.data.options import Number, require_options
from backlit.data.splits import DEFAULT_TEST_SPLIT, DEFAULT_VALIDATION_SPLIT
from backlit.errors import DataError, did_you_mean
from backlit.language import Text, text

FAMILIES = ("bundled", "fashion_mnist", "toys", "shapes", "sentences", "sequences")


@dataclass(frozen=True)
class Entry:
    """One name of the catalogue.

    Attributes:
        name: What `load` is given.
        make: Makes all rows; its keyword arguments are the set's options. One named `seed` gets
            the seed of `load`.
        about: What it is, in one line.
        is_table: Whether columns are to be standardised by the training rows.
        validation_split: Fraction unless the caller says otherwise.
        test_split: As above; 0 for sets that come with test rows.
    """

    name: str
    make: Callable[..., Dataset]
    about: Text
    is_table: bool = False
    validation_split: Number = DEFAULT_VALIDATION_SPLIT
    test_split: Number = DEFAULT_TEST_SPLIT

    @property
    def options(self) -> dict[str, Any]:
        """Options of the set by name, with their defaults."""
        parameters = inspect.signature(self.make).parameters
        return {name: parameter.default for name, parameter in parameters.items() if name != "seed"}

    @property
    def has_seed(self) -> bool:
        """Whether the rows themselves are drawn at random."""
        return "seed" in inspect.signature(self.make).parameters

    def draw(self, *, seed: int, **options: Any) -> Dataset:
        """All rows of the set, nothing split off yet.

        Args:
            seed: Of the random draw; sets that are files ignore it.
            **options: The set's own.

        Returns:
            The rows.
        """
        require_options(options, self.options, source=self.name)
        return self.make(**({"seed": seed} if self.has_seed else {}), **options)


@cache
def entries() -> dict[str, Entry]:
    """All entries by name, family by family."""
    modules = [import_module(f"backlit.data.{family}") for family in FAMILIES]
    return {entry.name: entry for module in modules for entry in module.ENTRIES}


def names() -> tuple[str, ...]:
    """The names that `load` knows."""
    return tuple(entries())


def find(name: str) -> Entry:
    """The entry of a name; `_` and `-` are the same.

    Args:
        name: What the user wrote.

    Returns:
        The entry.

    Raises:
        DataError: If there is no such name.
    """
    key = name.replace("_", "-").lower()
    if key not in entries():
        raise DataError(
            "name-unknown",
            what=text("Loading `{name}`", name=name),
            expected=text("a name of the catalogue, or a file that is there"),
            received=text("neither"),
            fix=did_you_mean(name, names()),
        )
    return entries()[key]
