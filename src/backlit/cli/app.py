"""`backlit`: reads the language, finds the command, runs it, and turns every end into a message and an exit code.

Nothing heavy is imported here, so that `backlit --help` answers at once.
"""

import os
import pkgutil
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import typer

from backlit import __version__, cli
from backlit.cli import _errors
from backlit.cli._help import Command, make_app
from backlit.cli._typer_private import USAGE_ERRORS
from backlit.errors import BacklitError, SettingError
from backlit.language import LANGUAGES, set_language, text

ORDER = (
    "data",
    "train",
    "cross-validate",
    "learning-curve",
    "search",
    "bag",
    "boost",
    "pseudo-label",
    "cluster",
    "autoencode",
    "fine-tune",
    "runs",
    "show",
    "report",
    "explain",
    "predict",
    "resume",
    "rerun",
    "delete",
    "lessons",
    "lesson",
)
"""Commands in the order of the help page; others follow by name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line.

    Args:
        argv: The words behind `backlit`; None takes the process's.

    Returns:
        The exit code (see `_errors.py`).
    """
    if argv is not None:
        return _end(list(argv))
    _quieten()
    code = _end(sys.argv[1:])
    if code == _errors.STOPPED:
        # JAX's threads may still be at work, and Python's own way out pulls the ground from under them (JAX 0.10.2
        # crashed there after a Ctrl-C while a program was being compiled or was run right after). Nothing is open.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _end(words: list[str]) -> int:
    """Runs the words and turns whatever happens into an exit code."""
    options: list[str] = []
    try:
        words = _read_language(words)
        if words in (["--version"], ["-V"]):
            print(__version__)
            return _errors.OK
        command = command_line()
        options = _errors.option_names(command.commands.get(next((word for word in words if word[0:1] != "-"), "")))
        return _run(command, words or ["--help"])
    except BacklitError as error:
        return _errors.tell(error, options)
    except (KeyboardInterrupt, typer.Abort):
        _errors.warn(text("Stopped."))
        return _errors.STOPPED
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _errors.OK
    except OSError as error:
        return _errors.tell(_errors.disk_error(error)) if error.errno else _errors.tell_our_fault(error)
    except Exception as error:
        return _errors.tell_our_fault(error)


def command_line() -> Any:
    """All commands, found by scanning this package.

    Returns:
        typer's command with its sub-commands.
    """
    app = make_app()
    app.callback()(lambda: None)
    names = [module.name for module in pkgutil.iter_modules(cli.__path__)]
    for name in sorted(names):
        if not name.startswith("_") and name != "app":
            import_module(f"backlit.cli.{name}").register(app)
    for registered in app.registered_commands:
        registered.cls = Command
    found = typer.main.get_command(app)
    commands: dict[str, Any] = found.commands  # pyright: ignore[reportAttributeAccessIssue]  a group has them
    place = {name: i for i, name in enumerate(ORDER)}
    ordered = sorted(commands, key=lambda name: (place.get(name, len(ORDER)), name))
    found.commands = {name: commands[name] for name in ordered}  # pyright: ignore[reportAttributeAccessIssue]
    return found


def _run(command: Any, words: list[str]) -> int:
    try:
        with command.make_context("backlit", words) as context:
            outcome = command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except USAGE_ERRORS as error:
        context = getattr(error, "ctx", None)
        found = getattr(context, "command", None) or command.commands.get(words[0])
        name = f"backlit {words[0]}" if words[0] in command.commands else "backlit"
        raise _errors.usage_error(error, found, name) from None
    return outcome if isinstance(outcome, int) else _errors.OK


def _read_language(words: list[str]) -> list[str]:
    """Takes `--lang` out of the words, wherever it stands, and chooses the language."""
    left: list[str] = []
    rest = iter(words)
    for word in rest:
        name, sign, value = word.partition("=")
        if word == "--":
            return [*left, word, *rest]
        if name != "--lang":
            left.append(word)
            continue
        value = value if sign else next(rest, "")
        if not value:
            raise SettingError(
                "cli-missing",
                what=text("Reading `{option}`", option="--lang"),
                expected=text("`{names}` behind it", names=" | ".join(LANGUAGES)),
                received=text("nothing"),
                fix=text("Write for example `{option} {value}`.", option="--lang", value="zh"),
            )
        set_language(value)
    return left


def _quieten() -> None:
    """Keeps other libraries' notes off the terminal, unless Python was asked to show warnings."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese shows question marks
