"""`backlit bag DATA`: networks trained on bootstrap samples, predicting together."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backlit.cli import _values
from backlit.cli._asked import Asked, mode_command
from backlit.language import language, text

if TYPE_CHECKING:
    from rich.console import Console

_ENSEMBLE = str(text("Ensemble"))
N = Annotated[
    str,
    typer.Option("--n", metavar="N", help=str(text("How many networks predict together.")), rich_help_panel=_ENSEMBLE),
]
How = Annotated[
    str, typer.Option(metavar="HOW", help=str(text("mean of the probabilities, or vote.")), rich_help_panel=_ENSEMBLE)
]
Fraction = Annotated[
    str,
    typer.Option(
        metavar="FRAC", help=str(text("Rows of a sample, as a part of the training rows.")), rich_help_panel=_ENSEMBLE
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command(
        "bag",
        help=str(text("Train networks on samples of the rows, and let them predict together; seeds are copies of it.")),
    )(mode_command(bag, without=("vary", "zip_"), defaults={"seeds": "3"}))


def bag(asked: Asked, n: N = "10", how: How = "mean", fraction: Fraction = "1") -> int:
    """Reads the options of its own, trains, prints."""
    own = {
        "n": _values.numbers("--n", n, whole=True),
        "how": how,
        "fraction": _values.fraction("--fraction", fraction),
    }

    from backlit.cli._modes import run_mode
    from backlit.modes.ensemble import bag as mode

    return run_mode(asked, mode, report_ensemble, in_short=ensemble_in_short, **own)


def report_ensemble(console: "Console", found: Any) -> None:
    """Prints the scores of an ensemble beside those of its members.

    Args:
        console: Where to.
        found: The ensemble.
    """
    from backlit.cli._modes import print_table
    from backlit.cli._report import print_lines
    from backlit.views.terminal.words import metric_words

    table = found.evaluate()
    metric = table["metric"][-1]
    heads = [text("copy"), text("networks"), metric_words(metric), text("one alone, mean"), text("one alone, best")]
    rows = [
        (row["copy"], row["n"], row["ensemble"], row["members"], row["best_member"])
        for row in table.to_dicts()
        if row["metric"] == metric
    ]
    print_table(console, heads, rows)
    console.print()
    print_lines(console, found.lines())


def ensemble_in_short(found: Any) -> str:
    """What `--quiet` prints of an ensemble.

    Args:
        found: The ensemble.

    Returns:
        One line, in the chosen language.
    """
    return found.lines()[len(found.notes)].say(language())
