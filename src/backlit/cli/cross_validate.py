"""`backlit cross-validate DATA`: a score with an interval, each network judged by rows that it never saw."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backlit.cli import _values
from backlit.cli._asked import Asked, mode_command
from backlit.language import Text, text

if TYPE_CHECKING:
    from rich.console import Console

MOST_CLASSES = 12  # of a confusion table

_FOLDS = str(text("Folds"))
Folds = Annotated[
    str, typer.Option(metavar="N", help=str(text("In how many parts rows are dealt.")), rich_help_panel=_FOLDS)
]
Repeats = Annotated[
    str, typer.Option(metavar="N", help=str(text("How many times rows are dealt anew.")), rich_help_panel=_FOLDS)
]
FoldSeed = Annotated[
    str, typer.Option(metavar="N", help=str(text("Seed of the shuffle that deals.")), rich_help_panel=_FOLDS)
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    command = mode_command(cross_validate, without=("validation_split", "save_model"), defaults={"seeds": "5"})
    app.command(
        "cross-validate",
        help=str(text("Score a network fold by fold, each fold judged by networks that never saw it.")),
    )(command)


def cross_validate(asked: Asked, folds: Folds = "5", repeats: Repeats = "1", fold_seed: FoldSeed = "0") -> int:
    """Reads the options of its own, trains, prints."""
    own = {
        "folds": _values.numbers("--folds", folds, whole=True),
        "repeats": _values.numbers("--repeats", repeats, whole=True),
        "fold_seed": _values.numbers("--fold-seed", fold_seed, whole=True),
    }

    from backlit.cli._modes import run_mode
    from backlit.modes import cross_validate as mode

    return run_mode(asked, mode, _report, in_short=lambda found: found.lines()[1].say(_language()), **own)


def _report(console: "Console", found: Any) -> None:
    """Scores by setting, by fold, and which class was taken for which."""
    import polars as pl

    from backlit.cli._modes import plain_heads, print_table
    from backlit.cli._report import print_line, print_lines
    from backlit.modes.reading import setting_names
    from backlit.views.terminal.tables import draw_summary
    from backlit.views.terminal.words import metric_words

    axes = setting_names(found.run, without=("deal", "fold", "repeat"))
    rows = found.summary().to_dicts()
    metric = rows[0]["metric"]
    if axes:
        console.print()
        best = next(i for i, row in enumerate(rows) if all(row[name] == found.best[name] for name in axes))
        console.print(draw_summary(rows, axes=axes, best=best))
    else:
        frame = found.scores.group_by(["repeat", "fold"], maintain_order=True)
        means = frame.agg(pl.len(), pl.col(metric).mean(), pl.col(metric).std().alias("std")).rows()
        heads = [text("repeat"), text("fold"), text("networks"), metric_words(metric), text("spread over seeds")]
        start = 0 if found.scores["repeat"].n_unique() > 1 else 1
        print_table(console, heads[start:], [row[start:] for row in means])
    if found.data.task == "classification" and found.data.n_classes <= MOST_CLASSES:
        console.print()
        print_line(console, text("Out-of-fold predictions: a row for what it is, a column for what was predicted."))
        table = found.confusion
        heads = [Text(""), *plain_heads(table.columns[1:])]
        print_table(console, heads, table.rows())
    console.print()
    print_lines(console, found.lines())


def _language() -> Any:
    from backlit.language import language

    return language()
