"""`backlit pseudo-label DATA`: teachers learn from a few labels, students also from what the teachers are sure of."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backlit.cli import _values
from backlit.cli._asked import Asked, mode_command
from backlit.language import language, text

if TYPE_CHECKING:
    from rich.console import Console

_LABELS = str(text("Labels"))
Labels = Annotated[
    str | None,
    typer.Option(
        metavar="N", help=str(text("Labels of each class that are used; the others are hidden. 5 if nothing is said.")),
        rich_help_panel=_LABELS,
    ),
]  # fmt: skip
Unlabelled = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help=str(text("Further rows without labels; all labels of DATA are then used.")),
        rich_help_panel=_LABELS,
    ),
]  # fmt: skip
Threshold = Annotated[
    str,
    typer.Option(
        metavar="P", help=str(text("How sure a teacher must be; 0.99,0.95,0.9 has a number for each round.")),
        rich_help_panel=_LABELS,
    ),
]  # fmt: skip
Rounds = Annotated[
    str, typer.Option(metavar="N", help=str(text("How often students become teachers.")), rich_help_panel=_LABELS)
]
NoBalance = Annotated[
    bool,
    typer.Option(
        "--no-balance", help=str(text("Let a class give more pseudo-labels than the median class.")),
        rich_help_panel=_LABELS,
    ),
]  # fmt: skip


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    command = mode_command(pseudo_label, without=("vary", "zip_"), defaults={"seeds": "5"})
    app.command(
        "pseudo-label",
        help=str(text("Learn from a few labels, and from predictions for the other rows that are sure enough.")),
    )(command)


def pseudo_label(
    asked: Asked,
    labels: Labels = None,
    unlabelled: Unlabelled = None,
    threshold: Threshold = "0.95",
    rounds: Rounds = "3",
    no_balance: NoBalance = False,
) -> int:
    """Reads the options of its own, trains, prints."""
    own = {
        "n_labelled_per_class": _values.numbers("--labels", labels, whole=True),
        "unlabelled": unlabelled,
        "threshold": _values.numbers("--threshold", threshold),
        "rounds": _values.numbers("--rounds", rounds, whole=True),
        "balance": not no_balance,
    }

    from backlit.cli._modes import run_mode
    from backlit.modes import pseudo_label as mode

    return run_mode(asked, mode, _report, in_short=lambda found: found.lines()[-1].say(language()), **own)


def _report(console: "Console", found: Any) -> None:
    """Each round: labels, how many of them were right, and the score."""
    from backlit.cli._modes import print_table
    from backlit.cli._report import print_lines
    from backlit.views.terminal.words import metric_words

    rows = found.summary().to_dicts()
    is_known = any(row["right"] is not None for row in rows)
    heads = [text("round"), text("sure of"), text("pseudo-labels"), *([text("right")] if is_known else [])]
    heads += [metric_words(found.metric), text("95 % interval"), text("gain")]
    cells = [
        (
            row["round"],
            _shown(row["threshold"], "g"),
            f"{row['n_pseudo']:.0f}",
            *([_shown(row["right"], ".1%")] if is_known else []),
            _shown(row["mean"], ".3f"),
            "–" if row["lo"] is None else f"{row['lo']:.3f} … {row['hi']:.3f}",
            _shown(row["gain"], "+.3f"),
        )
        for row in rows
    ]
    print_table(console, heads, cells)
    console.print()
    print_lines(console, found.lines())


def _shown(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
