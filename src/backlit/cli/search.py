"""`backlit search DATA`: which settings validate best, by grid, at random, or by successive halving."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backlit.cli import _values
from backlit.cli._asked import Asked, mode_command
from backlit.errors import SettingError
from backlit.language import language, text

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 10
DEFAULT_SPACE = "learning_rate=log:0.0001..1"

_SEARCH = str(text("Search"))
Space = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=…",
        help=str(
            text("Where to look: units=16,64 (these), dropout=0..0.5 (a range), l2=log:1e-6..0.01; may be repeated.")
        ),
        rich_help_panel=_SEARCH,
    ),
]
How = Annotated[
    str,
    typer.Option(
        metavar="HOW",
        help=str(text("grid, random, or halving: random, and the better half goes on.")),
        rich_help_panel=_SEARCH,
    ),
]
N = Annotated[
    str | None,
    typer.Option("--n", metavar="N", help=str(text("How many settings are drawn; else 16.")), rich_help_panel=_SEARCH),
]
Budget = Annotated[
    str | None,
    typer.Option(
        metavar="N", help=str(text("Instead: epochs to spend, over all settings and seeds.")), rich_help_panel=_SEARCH
    ),
]
Metric = Annotated[
    str,
    typer.Option(
        metavar="NAME", help=str(text("What settings are compared by on the validation rows.")), rich_help_panel=_SEARCH
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    command = mode_command(search, without=("vary", "zip_"))
    app.command(
        "search",
        help=str(text("Look for the settings that validate best, many at once.")),
    )(command)


def search(
    asked: Asked,
    space: Space = None,
    how: How = "random",
    n: N = None,
    budget: Budget = None,
    metric: Metric = "loss",
) -> int:
    """Reads the options of its own, trains, prints."""
    words = [_named_space(one) for one in space or [DEFAULT_SPACE]]
    own: dict[str, Any] = {
        "how": how,
        "n": _values.numbers("--n", n, whole=True),
        "budget": _values.numbers("--budget", budget, whole=True),
        "metric": metric,
    }

    from backlit.cli._modes import run_mode
    from backlit.modes import log_uniform, uniform
    from backlit.modes import search as mode

    kinds = {"log": log_uniform, "": uniform}
    own["space"] = {
        name: kinds[values[0]](*values[1]) if isinstance(values, tuple) else values for name, values in words
    }
    return run_mode(asked, mode, _report, in_short=lambda found: found.lines()[1].say(language()), **own)


def _named_space(words: str) -> tuple[str, Any]:
    """A name and its list, or (kind, (low, high)) for a range.

    Raises:
        SettingError: If it is neither.
    """
    name, _, rest = words.partition("=")
    if ".." not in rest:
        name, values = _values.named("--space", words)
        return name, values if isinstance(values, list) else [values]
    kind, colon, ends = rest.strip().rpartition(":")
    values = [_values.plain(end.strip()) for end in ends.split("..")]
    is_number = all(isinstance(end, int | float) and not isinstance(end, bool) for end in values)
    if len(values) != 2 or not is_number or kind not in ("", "log") or (colon and not kind):
        raise SettingError(
            "option-space",
            what=text("Reading `{option}`", option="--space"),
            expected=text("a name, `=`, and values with commas between, or `LOW..HIGH`, or `log:LOW..HIGH`"),
            received=text("`{value}`", value=rest),
            fix=text("Write for example `{option} {value}`.", option="--space", value=DEFAULT_SPACE),
        )
    return name.strip().replace("-", "_"), (kind, tuple(values))


def _report(console: "Console", found: Any) -> None:
    """The best settings, the winner's score on rows that chose nothing, the code to write."""
    from rich.text import Text as Styled

    from backlit.cli._modes import plain_heads, print_table
    from backlit.cli._report import print_line, print_lines
    from backlit.language import say
    from backlit.views.terminal.words import metric_words, number

    names = list(found.tried[0][0])
    table = found.table.head(MOST_ROWS)
    heads = [*plain_heads(names), text("epochs"), metric_words(f"val_{found.metric}"), text("95 % interval")]
    rows = []
    for row in table.to_dicts():
        span = "–" if row["lo"] is None else f"{row['lo']:.4g} … {row['hi']:.4g}"
        rows.append([*(row[name] for name in names), row["epochs"], number(row["mean"]), span])
    if "epochs" in names:
        del heads[len(names)]
        rows = [[*row[: len(names)], *row[len(names) + 1 :]] for row in rows]
    print_table(console, heads, rows)
    if len(found.table) > len(table):
        print_line(console, text("{n} more settings: `search(…).table` in Python.", n=len(found.table) - len(table)))
    console.print()
    print_lines(console, found.lines())
    if len(found.run.data.splits.test):
        scores = found.winner.evaluate("test")
        shown = [name for name in reversed(found.run.metric_names) if name in scores.columns]
        words = "  ".join(
            f"{say(metric_words(name))} {number(float(scores[name].to_numpy().mean()))}" for name in shown
        )
        print_line(console, text("Test score of the best settings: {scores}", scores=words), "bold green")
    console.print()
    console.print(Styled(say(text("In Python")), style="bold"))
    console.print(Styled(f"  {found.code}", style="cyan"), soft_wrap=True)
