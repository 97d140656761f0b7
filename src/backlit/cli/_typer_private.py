"""The one place that touches what typer does not promise to keep; each function has a test of its own.

`USAGE_ERRORS`   what the parser raises for a wrong command line      (typer carries its own click, or uses click's)
`fault_of`       which kind of fault it was, as plain words
"""

from dataclasses import dataclass
from typing import Any, Literal

import typer

USAGE_ERRORS: tuple[type[Exception], ...] = (typer.BadParameter.__mro__[1],)  # UsageError


@dataclass(frozen=True)
class UsageFault:
    """What was wrong with a command line.

    Attributes:
        kind: Which of the faults.
        name: The option or argument as the user writes it; the words left over for `extra`.
        message: The parser's own words, English.
    """

    kind: Literal["option-unknown", "option-bare", "option-value", "missing", "extra", "other"]
    name: str
    message: str


def fault_of(error: Any) -> UsageFault:
    """Reads a fault off what the parser raised.

    Args:
        error: One of `USAGE_ERRORS`.

    Returns:
        Kind, name and message.
    """
    kind, message = type(error).__name__, str(error.format_message())
    if kind == "NoSuchOption":
        return UsageFault("option-unknown", error.option_name, message)
    if kind == "MissingParameter":
        return UsageFault("missing", parameter_name(error.param) if error.param else "", message)
    if kind == "BadOptionUsage":
        return UsageFault("option-bare", error.option_name, message)
    if kind == "BadParameter" and error.param is not None:
        return UsageFault("option-value", parameter_name(error.param), message)
    before, bracket, rest = message.rpartition("(")
    if kind == "UsageError" and bracket and "extra argument" in before:
        return UsageFault("extra", rest.rstrip(")."), message)
    return UsageFault("other", "", message)


def parameter_name(parameter: Any) -> str:
    """An option or an argument as the user writes it: `--epochs`, `DATA`.

    Args:
        parameter: Of a command.

    Returns:
        The longest form of an option's name; an argument's in capitals.
    """
    if is_argument(parameter):
        return (parameter.metavar or parameter.name).upper()
    return max(parameter.opts, key=len)


def is_argument(parameter: Any) -> bool:
    """Whether a parameter is told by its place and not by a name."""
    return parameter.param_type_name == "argument"
