"""Checks of the numbers and names that a caller passes, with one message each.

    >>> require_count("n", 200, least=1)
    200

A yes or no is no count, and a float that happens to be whole is: `2e3` is how people write 2000.
"""

import math
import numbers
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from backlit.errors import SettingError, did_you_mean
from backlit.language import listed, text, verbatim

Number: TypeAlias = int | float
"""What `float` means to a type checker; checks at run time take `float` by its word."""

COMMON_OPTIONS = ("validation_split", "test_split", "seed", "groups", "order", "duplicates")
"""What `load` takes for every kind of data."""


def require_count(name: str, value: object, *, least: int = 1, most: int | None = None) -> int:
    """The value as a whole number within its range.

    Args:
        name: Of the argument, for the message.
        value: What the caller passed.
        least: Smallest allowed.
        most: Largest allowed; None for no limit.

    Returns:
        The whole number.

    Raises:
        SettingError: If it is no whole number, or out of range.
    """
    number = _as_float(value)
    if not number.is_integer() or number < least or (most is not None and number > most):
        raise SettingError(
            "count-range",
            what=text("Reading the option `{name}`", name=name),
            expected=text("a whole number from {least}", least=least)
            if most is None
            else text("a whole number {least}..{most}", least=least, most=most),
            received=verbatim(repr(value)),
            fix=text("Choose `{name}` in that range.", name=name),
        )
    return int(number)


def require_amount(name: str, value: object, *, least: Number = 0, most: Number | None = None) -> float:
    """The value as a finite number within its range.

    Args:
        name: Of the argument, for the message.
        value: What the caller passed.
        least: Smallest allowed.
        most: Largest allowed; None for no limit.

    Returns:
        The number.

    Raises:
        SettingError: If it is no finite number, or out of range.
    """
    number = _as_float(value)
    if not math.isfinite(number) or number < least or (most is not None and number > most):
        raise SettingError(
            "amount-range",
            what=text("Reading the option `{name}`", name=name),
            expected=text("a number from {least}", least=least)
            if most is None
            else text("a number {least}..{most}", least=least, most=most),
            received=verbatim(repr(value)),
            fix=text("Choose `{name}` in that range.", name=name),
        )
    return number


def require_choice(name: str, value: object, choices: Sequence[str]) -> str:
    """The value, if it is one of the choices.

    Args:
        name: Of the argument, for the message.
        value: What the caller passed.
        choices: What is allowed.

    Returns:
        The choice.

    Raises:
        SettingError: If it is none of them.
    """
    if value not in choices:
        raise SettingError(
            "choice-unknown",
            what=text("Reading the option `{name}`", name=name),
            expected=text("one of {names}", names=listed(f"`{choice}`" for choice in choices)),
            received=verbatim(repr(value)),
            fix=did_you_mean(str(value), choices),
        )
    return str(value)


def require_options(given: Iterable[str], known: Iterable[str], *, source: str) -> None:
    """Raise if an option was given that this kind of data does not have.

    Args:
        given: Names that the caller passed.
        known: Names of the options there are, besides those that all data have.
        source: Name of the data, for the message.

    Raises:
        SettingError: If a name is not known.
    """
    names = list(known)
    for name in given:
        if name not in names:
            raise SettingError(
                "option-unknown",
                what=text("Loading `{name}`", name=source),
                expected=text("options {names}", names=listed(f"`{option}`" for option in names))
                if names
                else text("no options of its own"),
                received=text("`{name}`", name=name),
                fix=did_you_mean(name, [*names, *COMMON_OPTIONS]),
            )


def require_seed(value: object) -> int:
    """The value as a seed that NumPy and scikit-learn both take.

    Args:
        value: What the caller passed as `seed`.

    Returns:
        A whole number below 2**32.
    """
    return require_count("seed", value, least=0, most=2**32 - 1)


def _as_float(value: object) -> float:
    """The number, or NaN for what is none; a yes or no is none."""
    return float(value) if isinstance(value, numbers.Real) and not isinstance(value, bool) else math.nan
