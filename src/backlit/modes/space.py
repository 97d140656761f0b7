"""Where to search: ranges and choices by name, and the draws from them.

    space = {"learning_rate": log_uniform(1e-4, 1), "dropout": uniform(0, 0.5), "units": [16, 64]}

A list is a choice. A learning rate is drawn log-uniformly, because 0.001 and 0.002 differ as much as 0.1 and 0.2 do.

    >>> draws = draw({"learning_rate": log_uniform(1e-3, 1e-1), "units": [16, 64]}, 2, seed=0)
    >>> [sorted(one) for one in draws], all(1e-3 <= one["learning_rate"] <= 1e-1 for one in draws)
    ([['learning_rate', 'units'], ['learning_rate', 'units']], True)
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backlit.errors import SettingError
from backlit.language import text, verbatim


@dataclass(frozen=True)
class Range:
    """Numbers between two ends, both in it.

    Attributes:
        low: Lower end.
        high: Upper end.
        is_log: Whether all orders of magnitude are equally likely.
        is_whole: Whether only whole numbers are drawn.
    """

    low: float | int
    high: float | int
    is_log: bool
    is_whole: bool = False

    def at(self, share: float) -> float | int:
        """The number below which this share of the draws falls.

        Args:
            share: From 0 to 1.

        Returns:
            The number; at least `low` and at most `high`.

        Example:
            >>> log_uniform(0.01, 1).at(0.5)
            0.1
        """
        if self.is_log:
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        value = min(max(float(f"{value:.4g}"), self.low), self.high)  # four digits say it all, and can be typed
        return round(value) if self.is_whole else value


@dataclass(frozen=True)
class Choice:
    """Values of any kind, all equally likely.

    Attributes:
        values: At least one.
    """

    values: tuple[Any, ...]


def uniform(low: Any, high: Any) -> Range:
    """Numbers from `low` to `high`, all equally likely; whole numbers if both ends are.

    Args:
        low: Lower end.
        high: Upper end, above it.

    Returns:
        What `search(space=…)` takes.

    Example:
        >>> uniform(16, 64).at(0.5)
        40
    """
    return _range("uniform", low, high, is_log=False)


def log_uniform(low: Any, high: Any) -> Range:
    """Numbers from `low` to `high`, all orders of magnitude equally likely; whole numbers if both ends are.

    Args:
        low: Lower end, above 0.
        high: Upper end, above it.

    Returns:
        What `search(space=…)` takes.

    Source:
        bergstra-bengio-2012 (learning rates are drawn so there).
    """
    return _range("log_uniform", low, high, is_log=True)


def choice(*values: Any) -> Choice:
    """Values of any kind, all equally likely; a plain list means the same.

    Args:
        *values: At least one.

    Returns:
        What `search(space=…)` takes.

    Raises:
        SettingError: If there is none.
    """
    if not values:
        raise SettingError(
            "space-empty",
            what=text("Reading the search space"),
            expected=text("at least one value"),
            received=text("none"),
            fix=text("Write for example `choice(16, 64)`."),
        )
    return Choice(tuple(values))


def read_space(space: Any) -> dict[str, Range | Choice]:
    """A search space, checked.

    Args:
        space: Name to a range, a choice, a list, or one value.

    Returns:
        Name to a range or a choice.

    Raises:
        SettingError: If it is not a mapping with at least one name, or a list is empty.
    """
    if not isinstance(space, Mapping) or not space:
        raise SettingError(
            "space-kind",
            what=text("Reading the search space"),
            expected=text("a dictionary with at least one name"),
            received=verbatim(repr(space)),
            fix=text('Write for example `space={{"learning_rate": bl.log_uniform(1e-4, 1)}}`.'),
        )
    return {str(name): _read_values(str(name), values) for name, values in space.items()}


def draw(space: Any, n: int, *, seed: int) -> list[dict[str, Any]]:
    """Settings at random; the first of them do not depend on how many are drawn.

    Args:
        space: As for `search`.
        n: How many.
        seed: Of the draws.

    Returns:
        One dict of name to value each; fewer than `n` where choices alone allow no more different ones.
    """
    known = read_space(space)
    random = np.random.default_rng(seed)
    found: dict[str, dict[str, Any]] = {}
    for _ in range(20 * n):
        shares = random.random(len(known))
        one = {name: _value(values, share) for (name, values), share in zip(known.items(), shares, strict=True)}
        found.setdefault(repr(one), one)
        if len(found) == n:
            break
    return list(found.values())


def grid(space: Any) -> list[dict[str, Any]]:
    """All combinations of the values, the last name fastest.

    Args:
        space: As for `search`; choices and lists only.

    Returns:
        One dict of name to value each.

    Raises:
        SettingError: If a range is among them, which has no end of values.
    """
    known = read_space(space)
    lists = {name: values.values for name, values in known.items() if isinstance(values, Choice)}
    endless = [name for name in known if name not in lists]
    if endless:
        raise SettingError(
            "space-grid",
            what=text("Laying a grid"),
            expected=text("a list of values for each name"),
            received=text("a range for `{name}`", name=endless[0]),
            fix=text('List its values, or search with `how="random"`.'),
        )
    return [dict(zip(lists, one, strict=True)) for one in itertools.product(*lists.values())]


def _range(kind: str, low: Any, high: Any, *, is_log: bool) -> Range:
    is_number = all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high))
    if not is_number or not math.isfinite(low) or not math.isfinite(high) or low >= high or (is_log and low <= 0):
        raise SettingError(
            "space-range",
            what=text("Reading the range `{kind}`", kind=kind),
            expected=text("two numbers, the lower first and above 0") if is_log
            else text("two numbers, the lower first"),
            received=verbatim(f"{low!r}, {high!r}"),
            fix=text("Write for example `{kind}({low}, {high})`.", kind=kind, low=0.001 if is_log else 0, high=1),
        )  # fmt: skip
    return Range(low, high, is_log, is_whole=isinstance(low, int) and isinstance(high, int) and high > 1)


def _read_values(name: str, values: Any) -> Range | Choice:
    if isinstance(values, Range | Choice):
        return values
    if isinstance(values, np.ndarray):
        values = values.tolist()
    is_list = isinstance(values, Sequence) and not isinstance(values, str)
    listed = tuple(values) if is_list else (values,)
    if not listed:
        raise SettingError(
            "space-empty",
            what=text("Reading the search space `{name}`", name=name),
            expected=text("at least one value"),
            received=text("none"),
            fix=text("Write for example `choice(16, 64)`."),
        )
    return Choice(listed)


def _value(values: Range | Choice, share: float) -> Any:
    if isinstance(values, Range):
        return values.at(share)
    return values.values[min(int(share * len(values.values)), len(values.values) - 1)]
