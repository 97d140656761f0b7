"""How the command line ends: with a message in the chosen language, and a number that a script can read.

0    all went well
1    every member diverged
2    a mistake in what was asked for: four parts, no traceback
70   a fault of backlit itself: one line, and the traceback in a file
130  stopped by Ctrl-C
"""

import errno
import os
import re
import shlex
import sys
import tempfile
import traceback
from collections.abc import Iterable
from typing import Any

from backlit.cli._typer_private import UsageFault, fault_of, parameter_name
from backlit.errors import BacklitError, RunError, SettingError, StoreError, did_you_mean
from backlit.language import Text, language, say, text, verbatim

OK, DIVERGED, MISTAKE, OUR_FAULT, STOPPED = 0, 1, 2, 70, 130
DATA_OPTIONS = ("kinds", "encoding", "separator", "header", "duplicates", "groups", "order")  # behind `--data-option`


def tell(error: BacklitError, options: Iterable[str] = ()) -> int:
    """Prints a user's mistake.

    Args:
        error: What was raised.
        options: Options of the command, such as `--batch-size`: where the message says `batch_size=32`, as Python has
            it, the command line says `--batch-size 32`.

    Returns:
        The exit code.
    """
    _print(say(text("Error: {message}", message=as_options(error.say(language()), options))))
    return DIVERGED if isinstance(error, RunError) and error.code == "all-diverged" else MISTAKE


def tell_our_fault(error: BaseException) -> int:
    """Says that the fault is ours, and where the whole traceback is.

    Args:
        error: Whatever came.

    Returns:
        The exit code.
    """
    lines = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="backlit-fault-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(lines)
        where = file.name
    except OSError:
        where = ""
    fault = f"{type(error).__name__}: {error}".splitlines()[0]
    if where:
        _print(
            say(
                text("This is a fault of backlit, not yours: {fault}. All of it is in {path}.", fault=fault, path=where)
            )
        )
    else:
        _print(say(text("This is a fault of backlit, not yours: {fault}.", fault=fault)) + "\n" + lines)
    return OUR_FAULT


def usage_error(error: Any, command: Any, name: str) -> SettingError:
    """A wrong command line, as an error of ours.

    Args:
        error: What typer's parser raised.
        command: The command it was for, or None.
        name: What that command is called: `backlit train`.

    Returns:
        The error in four parts.
    """
    fault: UsageFault = fault_of(error)
    what = text("Reading the command line")
    see = text("See `{command} --help`.", command=name)
    if fault.kind == "option-unknown":
        options = option_names(command)
        return SettingError(
            "cli-option-unknown",
            what=what,
            expected=text("an option of `{command}`", command=name),
            received=text("`{name}`", name=fault.name),
            fix=did_you_mean(fault.name, options) if options else see,
        )
    if fault.kind == "missing":
        return SettingError(
            "cli-missing", what=what, expected=text("`{name}`", name=fault.name), received=text("nothing"), fix=see
        )
    if fault.kind == "extra":
        return SettingError(
            "cli-extra",
            what=what,
            expected=text("no more words for `{command}`", command=name),
            received=text("`{name}`", name=fault.name),
            fix=see,
        )
    if fault.kind == "option-bare":
        return SettingError(
            "cli-value-missing",
            what=text("Reading `{option}`", option=fault.name),
            expected=text("a value behind it"),
            received=text("nothing"),
            fix=see,
        )
    if fault.kind == "option-value":
        return SettingError(
            "cli-value",
            what=text("Reading `{option}`", option=fault.name),
            received=verbatim(fault.message.rstrip(".")),
            fix=see,
        )
    return SettingError("cli-usage", what=what, received=verbatim(fault.message.rstrip(".")), fix=see)


def option_names(command: Any) -> list[str]:
    """Options of a command as the user writes them.

    Args:
        command: Of typer, or None.

    Returns:
        The longest form of each.
    """
    found = [parameter_name(one) for one in getattr(command, "params", [])]
    return [name for name in found if name.startswith("--")]


def as_options(message: str, options: Iterable[str]) -> str:
    r"""Writes `batch_size=32` as `--batch-size 32` where the command has such an option.

    Args:
        message: In any language.
        options: Options of the command.

    Returns:
        The message for the command line.

    Example:
        >>> as_options("Write for example `learning_rate=[0.1, 0.01]`.", ["--learning-rate"])
        'Write for example `--learning-rate 0.1,0.01`.'
        >>> as_options("If cells are parted by another sign, say which: `separator=\";\"`.", ["--data-option"])
        "If cells are parted by another sign, say which: `--data-option 'separator=;'`."
    """
    known = set(options)

    def option(match: re.Match[str]) -> str:
        name = "--" + match["name"].replace("_", "-")
        value = match["value"].replace(": ", "=") if match["value"].startswith("{") else match["value"]
        value = re.sub(r"[\[\]{}'\"]", "", value).replace(", ", ",")
        if name not in known and match["name"] in DATA_OPTIONS and "--data-option" in known:
            name, value = "--data-option", shlex.quote(f"{match['name']}={value}")
        elif name not in known:
            return match[0]
        return f"`{name}`" if value == "True" else f"`{name} {value}`"

    return re.sub(r"`(?P<name>\w+)=(?P<value>[^`]*)`", option, message)


def disk_error(error: OSError) -> StoreError:
    """A file that could not be written, as an error of ours.

    Args:
        error: From the operating system.

    Returns:
        The error in four parts.
    """
    path = error.filename or "?"
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return StoreError(
        "disk-full" if is_full else "file-access",
        what=text("Reading or writing `{path}`", path=path),
        expected=text("free space on the disk") if is_full else text("a place that can be read and written"),
        received=verbatim(os.strerror(error.errno) if error.errno else str(error)),
        fix=text("Free some space, or choose another place.") if is_full else text("Choose another place."),
    )


def warn(words: Text) -> None:
    """Prints a sentence beside the results.

    Args:
        words: The sentence.
    """
    _print(say(words))


def _print(words: str) -> None:
    print(words, file=sys.stderr)
