"""`backlit learning-curve DATA`: the score against the number of training rows, and what more rows would bring."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backlit.cli import _values
from backlit.cli._asked import Asked, mode_command
from backlit.language import language, text

if TYPE_CHECKING:
    from rich.console import Console

_ROWS = str(text("Rows"))
Sizes = Annotated[
    str | None,
    typer.Option(
        metavar="N,N,…",
        help=str(text("Numbers of training rows; else all, half of them, a quarter, …")),
        rich_help_panel=_ROWS,
    ),
]
Equal = Annotated[
    str,
    typer.Option(
        metavar="WHAT",
        help=str(text("steps: all sizes take as many steps; epochs: as many epochs.")),
        rich_help_panel=_ROWS,
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    command = mode_command(learning_curve, without=("vary", "zip_", "save_model"), defaults={"seeds": "5"})
    app.command(
        "learning-curve",
        help=str(text("Train on fewer rows and on more: would more data help?")),
    )(command)


def learning_curve(asked: Asked, sizes: Sizes = None, equal: Equal = "steps") -> int:
    """Reads the options of its own, trains, prints."""
    chosen = _values.numbers("--sizes", sizes, whole=True)
    own = {"sizes": [chosen] if isinstance(chosen, int) else chosen, "equal": equal}

    from backlit.cli._modes import run_mode
    from backlit.modes import learning_curve as mode

    return run_mode(asked, mode, _report, in_short=lambda found: found.lines()[-1].say(language()), **own)


def _report(console: "Console", found: Any) -> None:
    """Score and interval at each number of rows."""
    from backlit.cli._report import print_line, print_lines
    from backlit.views.terminal.tables import draw_summary

    n_seeds = len(found.seeds)
    rows = [
        {**row, "metric": f"val_{row['metric']}", "n_diverged": n_seeds - row["n"]}
        for row in found.summary().to_dicts()
    ]
    console.print()
    console.print(draw_summary(rows, axes=["n_rows"]))
    print_line(console, text("Mean over the seeds, 95 % interval by Student's t."), "dim")
    console.print()
    print_lines(console, found.lines())
