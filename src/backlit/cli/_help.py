"""Help in the chosen language: short, grouped, and in columns that Chinese signs (two columns wide) do not break.

typer declares and parses; what it would print is replaced here, because its own headings are English, and because rich,
which draws them, takes longer to import than all the rest.
"""

import os
import shutil
import unicodedata
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from backlit.cli._typer_private import is_argument, parameter_name
from backlit.errors import SettingError, did_you_mean
from backlit.language import Text, language, say, text

NAME_COLUMNS = 26
MOST_COLUMNS = 100


class Command(TyperCommand):
    """A command whose help is ours."""

    def get_help(self, ctx: Any) -> str:
        """The help page of one command.

        Args:
            ctx: typer's context.

        Returns:
            The page.
        """
        shown = [one for one in self.params if not getattr(one, "hidden", False) and one.name != "help"]
        arguments = [one for one in shown if is_argument(one)]
        options = [one for one in shown if not is_argument(one)]
        names = " ".join(name if one.required else f"[{name}]" for one in arguments for name in [parameter_name(one)])
        usage = [ctx.command_path, *([names] if names else []), *([f"[{say(text('options'))}]"] if options else [])]
        lines = [
            say(text("Usage: {words}", words=" ".join(usage))),
            "",
            *_wrapped(translated(self.help or ""), indent=0),
            "",
        ]
        rows = [(parameter_name(one), _help_of(one)) for one in arguments]
        lines += _section(text("Arguments"), rows)
        groups: dict[Text, list[tuple[str, str]]] = {}
        for one in options:
            group = Text(getattr(one, "rich_help_panel", None) or str(text("Options")))
            groups.setdefault(group, []).append((_option_names(one), _help_of(one)))
        for group, options_rows in groups.items():
            lines += _section(group, options_rows)
        return "\n".join([*lines, *_section(text("Always"), always())]).rstrip()


class Group(TyperGroup):
    """The commands, and help that lists them."""

    def get_help(self, ctx: Any) -> str:  # noqa: ARG002  typer's signature
        """The first help page.

        Args:
            ctx: typer's context.

        Returns:
            The page.
        """
        commands = [(name, command) for name, command in self.commands.items() if not command.hidden]
        rows = [(name, translated(command.help or "").split("\n")[0]) for name, command in commands]
        lines = [
            say(text("Usage: {words}", words=f"backlit {say(text('COMMAND [options]'))}")),
            "",
            *_wrapped(translated(self.help or ""), indent=0),
            "",
            *_section(text("Commands"), rows),
            *_section(text("Always"), [*always(), ("--version", say(text("Print the version.")))]),
            *_wrapped(say(text("First: `backlit train digits`. Help of a command: `backlit train --help`.")), indent=0),
        ]
        return "\n".join(lines).rstrip()

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Finds the command that was typed.

        Args:
            ctx: typer's context.
            args: What was typed.

        Returns:
            As typer's.

        Raises:
            SettingError: If there is none of this name.
        """
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise SettingError(
                "command-unknown",
                what=text("Reading the command line"),
                expected=text("a command"),
                received=text("`{name}`", name=args[0]),
                fix=did_you_mean(args[0], self.commands),
            )
        return super().resolve_command(ctx, args)


def always() -> list[tuple[str, str]]:
    """The options that every command has."""
    return [
        ("--lang zh|en", say(text("Language; else BACKLIT_LANG, else the system's."))),
        ("--help", say(text("Show this page."))),
    ]


def translated(english: str) -> str:
    """Words in the chosen language that were written through `text` when their module was imported.

    Args:
        english: The template, which has no placeholder.

    Returns:
        The same in the chosen language.
    """
    return say(Text(english)) if english else ""


def width_of(words: str) -> int:
    """How many columns words take on a terminal.

    Args:
        words: One line.

    Returns:
        Columns; a Chinese sign takes two.
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in words)


def _option_names(option: Any) -> str:
    names = ", ".join(sorted([*option.opts, *option.secondary_opts], key=len))
    metavar = option.metavar
    return names if option.is_flag or not metavar else f"{names} {metavar}"


def _help_of(parameter: Any) -> str:
    words = translated(parameter.help or "")
    default = parameter.default
    if getattr(parameter, "show_default", False) and default not in (None, False, "", (), []) and not callable(default):
        words += " " + say(text("[default {value}]", value=default))
    return words


def _title(words: Text) -> str:
    return say(text("{title}:", title=words))


def _section(title: Text, rows: list[tuple[str, str]]) -> list[str]:
    if not rows:
        return []
    lines = [_title(title)]
    for name, words in rows:
        wrapped = _wrapped(words, indent=NAME_COLUMNS)
        gap = NAME_COLUMNS - 2 - width_of(name)
        if gap < 1:
            lines += [f"  {name}", *wrapped]
        else:
            lines += [f"  {name}{' ' * gap}{wrapped[0].lstrip() if wrapped else ''}".rstrip(), *wrapped[1:]]
    return [*lines, ""]


def _wrapped(words: str, *, indent: int) -> list[str]:
    """Lines that fit the terminal. Chinese may break between any two signs but before a closing one."""
    limit = min(int(os.environ.get("COLUMNS") or shutil.get_terminal_size((80, 24)).columns), MOST_COLUMNS) - indent - 1
    lines, line = [], ""
    for piece in _pieces(words):
        if line and width_of(line + piece.rstrip()) > limit:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [" " * indent + one for one in [*lines, line.rstrip()] if one]


def _pieces(words: str) -> list[str]:
    """Where a line may break: behind spaces, and between Chinese signs."""
    if language() != "zh":
        return [f"{word} " for word in words.split()]
    pieces: list[str] = []
    for sign in words:
        is_glued = bool(pieces) and (
            sign in "，。、；：？！）」》” "
            or pieces[-1][-1] in "（「《“"
            or (width_of(sign) == 1 and width_of(pieces[-1][-1]) == 1 and pieces[-1][-1] != " ")
        )
        if is_glued:
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def make_app() -> typer.Typer:
    """An empty app whose commands get our help, and that leaves errors to us."""
    return typer.Typer(
        cls=Group,
        help=str(
            text("A deep-learning laboratory: train populations of Keras networks, and see why they learn or do not.")
        ),
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
