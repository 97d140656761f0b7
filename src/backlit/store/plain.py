"""Python values as JSON and back, so that what comes back equals what went in.

JSON knows no tuple, no number as a key, and none of our sentences: each is written as an object with one marked key.

    >>> to_plain((1, 2))
    {'~tuple': [1, 2]}
    >>> from_plain(to_plain({"units": (16, 64)}))
    {'units': (16, 64)}

Not for arrays (see `arrays.py`) nor for live Keras objects, which Keras itself writes.
"""

from pathlib import PurePath
from typing import Any

import numpy as np

from backlit.language import Listed, Text


def to_plain(value: Any, lost: list[str] | None = None) -> Any:
    """Something that `json.dumps` takes.

    Args:
        value: Numbers, strings, None, lists, tuples, dicts, sentences.
        lost: Takes the words of each value that can only be written as words; None lets them pass.

    Returns:
        Plain lists, dicts, strings and numbers.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list):
        return [to_plain(item, lost) for item in value]
    if isinstance(value, tuple):
        return {"~tuple": [to_plain(item, lost) for item in value]}
    if isinstance(value, dict):
        if all(isinstance(key, str) and not key.startswith("~") for key in value):
            return {key: to_plain(item, lost) for key, item in value.items()}
        return {"~dict": [[to_plain(key, lost), to_plain(item, lost)] for key, item in value.items()]}
    if isinstance(value, Text):
        return {"~text": [value.template, {name: to_plain(item) for name, item in value.values.items()}]}
    if isinstance(value, Listed):
        return {"~listed": [to_plain(item) for item in value.items]}
    words = getattr(value, "__name__", None) or str(value)
    if lost is not None and not isinstance(value, PurePath):
        lost.append(words)
    return words


def from_plain(plain: Any) -> Any:
    """What `to_plain` was given.

    Args:
        plain: What `json.loads` gives.

    Returns:
        The value.
    """
    if isinstance(plain, list):
        return [from_plain(item) for item in plain]
    if not isinstance(plain, dict):
        return plain
    if len(plain) == 1:
        ((mark, content),) = plain.items()
        if mark == "~tuple":
            return tuple(from_plain(item) for item in content)
        if mark == "~dict":
            return {from_plain(key): from_plain(item) for key, item in content}
        if mark == "~text":
            return Text(content[0], {name: from_plain(item) for name, item in content[1].items()})
        if mark == "~listed":
            return Listed(tuple(from_plain(item) for item in content))
    return {key: from_plain(item) for key, item in plain.items()}
