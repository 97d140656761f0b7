"""How data are named on the command line: options into arguments of `load`, and back into options."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from backlit.cli import _values

OWN_OPTIONS = ("target", "drop", "task", "validation_split", "test_split")


def loading(
    *,
    target: str | None,
    drop: Sequence[str] | None,
    task: str | None,
    validation_split: str | None,
    test_split: str | None,
    data_option: Sequence[str] | None,
) -> dict[str, Any]:
    """Arguments of `load`.

    Args:
        target: What stood behind `--target`, or None; the others alike.
        drop: Columns.
        task: A word.
        validation_split: A fraction in words.
        test_split: A fraction in words.
        data_option: Each `NAME=VALUE`.

    Returns:
        Those that were given.
    """
    given: dict[str, Any] = {
        "target": target,
        "drop": list(drop) if drop else None,
        "task": task,
        "validation_split": _values.fraction("--validation-split", validation_split),
        "test_split": _values.fraction("--test-split", test_split),
        **dict(_values.named("--data-option", words) for words in data_option or []),
    }
    return {name: value for name, value in given.items() if value is not None}


def loading_words(recipe: Mapping[str, Any] | None) -> list[str]:
    """How data were loaded, as options of the command line.

    Args:
        recipe: Of a data set, or None.

    Returns:
        Quoted words.
    """
    words: list[str] = []
    for name, value in (recipe["options"] if recipe else {}).items():
        if name in OWN_OPTIONS:
            values = value if isinstance(value, list | tuple) else [value]
            pairs = [(f"--{name.replace('_', '-')}", str(one)) for one in values]
        else:
            shown = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            pairs = [("--data-option", f"{name}={shown}")]
        words += [shlex.quote(word) for pair in pairs for word in pair]
    return words
