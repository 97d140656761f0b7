"""What is written behind an option, read: numbers with commas between, `name=values`, pairs.

    >>> numbers("--learning-rate", "0.1,0.01"), numbers("--epochs", "10", whole=True), named("--vary", "units=16,64")
    ([0.1, 0.01], 10, ('units', [16, 64]))

One value stays one value; two and more are a list, that is an axis. Not for their range: `fit` checks that.
"""

import math
from typing import Any

from backlit.errors import SettingError
from backlit.language import Text, text
from backlit.store import CHECKPOINT_S


def numbers(option: str, words: str | None, *, whole: bool = False) -> Any:
    """A number, or a list of numbers.

    Args:
        option: As the user writes it, for the message.
        words: What stands behind it; None if the option was not used.
        whole: Whether they have to be whole.

    Returns:
        None, a number, or a list of at least two.

    Raises:
        SettingError: If a part is no number.
    """
    if words is None:
        return None
    values = []
    for part in _parts(words):
        value = _number(part)
        if value is None or (whole and not isinstance(value, int)):
            raise SettingError(
                "option-number",
                what=text("Reading `{option}`", option=option),
                expected=text("a whole number, or several with commas between")
                if whole
                else text("a number, or several with commas between"),
                received=text("`{value}`", value=part),
                fix=_example(option, "3,10" if whole else "0.1,0.01"),
            )
        values.append(value if whole else float(value))
    return values[0] if len(values) == 1 else values


def words_or_list(words: str | None) -> Any:
    """A word, or a list of words.

    Args:
        words: What stands behind the option, or None.

    Returns:
        None, a word, or a list of at least two.
    """
    parts = _parts(words) if words is not None else []
    return None if not parts else parts[0] if len(parts) == 1 else parts


def named(option: str, words: str) -> tuple[str, Any]:
    """A name and its value or values: `units=16,64`, `activation=relu,tanh`, `nesterov=true`.

    Args:
        option: As the user writes it.
        words: What stands behind it.

    Returns:
        The name; a value, or a list of at least two.

    Raises:
        SettingError: If there is no name or no value.
    """
    name, sign, rest = words.partition("=")
    name = name.strip().replace("-", "_")
    if not sign or not name.isidentifier() or not rest.strip():
        raise SettingError(
            "option-name-value",
            what=text("Reading `{option}`", option=option),
            expected=text("a name, `=`, and values with commas between"),
            received=text("`{value}`", value=words),
            fix=_example(option, {"--vary": "units=16,64", "--augment": "rotation=15"}.get(option, "name=value")),
        )
    values = [plain(part) for part in _parts(rest)]
    return name, values[0] if len(values) == 1 else values


def named_lists(option: str, words: str) -> dict[str, list[Any]]:
    """Lists by name, parted by semicolons: `learning_rate=0.1,0.01;momentum=0,0.9`.

    Args:
        option: As the user writes it.
        words: What stands behind it.

    Returns:
        Name to list.
    """
    pairs = [named(option, part) for part in words.replace("；", ";").split(";") if part.strip()]
    return {name: value if isinstance(value, list) else [value] for name, value in pairs}


def strengths(option: str, words: list[str]) -> dict[str, Any]:
    """Several names in a row, each with a value or values: `rotation=15,shift=0,0.1` and so on.

    Args:
        option: As the user writes it.
        words: What stands behind it, each time it was used.

    Returns:
        Name to a value, or to a list of at least two.
    """
    pairs: list[str] = []
    for part in (part for each in words for part in _parts(each)):
        if "=" in part or not pairs:
            pairs.append(part)
        else:  # another value of the name before
            pairs[-1] += f",{part}"
    return dict(named(option, pair) for pair in pairs)


def plain(word: str) -> Any:
    """A word as the number, the yes or no, or the text that it is.

    Args:
        word: Without spaces around it.

    Returns:
        int, float, bool or str.
    """
    value = _number(word)
    if value is not None:
        return value
    return {"true": True, "false": False}.get(word.lower(), word)


def seconds(option: str, words: str | None) -> float | None:
    """Seconds between checkpoints, or `off`.

    Args:
        option: As the user writes it.
        words: What stands behind it, or None for as often as `fit` would.

    Returns:
        The number; None for `off`.

    Raises:
        SettingError: If it is neither.
    """
    if words is None:
        return CHECKPOINT_S
    value = None if words == "off" else _number(words)
    if words != "off" and (value is None or not 0 <= value < math.inf):
        raise SettingError(
            "option-seconds",
            what=text("Reading `{option}`", option=option),
            expected=text("seconds, at least 0, or `off`"),
            received=text("`{value}`", value=words),
            fix=_example(option, "60"),
        )
    return None if value is None else float(value)


def fraction(option: str, words: str | None) -> float | None:
    """One number; its range is checked where it is used.

    Args:
        option: As the user writes it.
        words: What stands behind it, or None.

    Returns:
        The number, or None.

    Raises:
        SettingError: If it is no number, or there are several.
    """
    value = numbers(option, words)
    if isinstance(value, list):
        raise SettingError(
            "option-single",
            what=text("Reading `{option}`", option=option),
            expected=text("one number"),
            received=text("`{value}`", value=words),
            fix=_example(option, "0.2"),
        )
    return value


def _parts(words: str) -> list[str]:
    return [part.strip() for part in words.replace("，", ",").split(",")]


def _number(word: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return None


def _example(option: str, value: str) -> Text:
    return text("Write for example `{option} {value}`.", option=option, value=value)
