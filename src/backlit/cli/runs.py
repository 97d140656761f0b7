"""`backlit runs`: the kept runs, newest first. Reads the list alone: no Keras, no weights."""

from typing import Annotated, Any

import typer

from backlit.language import say, text

MOST_ROWS = 30
WIDE = 105  # columns

All = Annotated[bool, typer.Option("--all", help=str(text("List all runs.")))]
Json = Annotated[bool, typer.Option("--json", help=str(text("Print JSON, all runs, for other programs.")))]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command("runs", help=str(text("List the runs that were kept, the newest first.")))(runs)


def runs(all_: All = False, json: Json = False) -> None:
    """Prints the table, or JSON."""
    from backlit.store import Store

    store = Store()
    rows, unfinished = store.listing(), store.unfinished()
    if json:
        _print_json(rows, unfinished)
        return
    from rich.console import Console

    from backlit.views.terminal.tables import draw_runs
    from backlit.views.terminal.words import metric_words, number, seconds, size

    console = Console(highlight=False, emoji=False)
    if unfinished:
        _print_unfinished(console, unfinished)
    if not rows:
        if not unfinished:
            console.print(say(text("No run is kept yet. Train one: backlit train digits")))
        return
    shown = rows if all_ else rows[:MOST_ROWS]
    lines = (
        (
            row.id,
            row.model,
            f"{row.n_members - row.n_diverged}/{row.n_members}" if row.n_diverged else str(row.n_members),
            "–" if row.best is None else f"{number(row.best)} {say(metric_words(row.metric.removeprefix('val_')))}",
            seconds(row.run_s),
            row.data,
            size(row.size_bytes),
        )
        for row in shown
    )
    console.print(draw_runs(lines, is_wide=console.width >= WIDE))
    if len(shown) < len(rows):
        console.print(say(text("{n} older runs: `backlit runs --all`.", n=len(rows) - len(shown))))


def _print_unfinished(console: Any, rows: list[Any]) -> None:
    from backlit.views.terminal.tables import draw_unfinished

    lines = (
        (
            row.id,
            f"{min(row.group + 1, row.n_groups)}/{row.n_groups}",
            f"{row.epoch:.1f}/{row.n_epochs}",
            f"{row.created.astimezone():%m-%d %H:%M}",
            say(text("in training") if row.is_training else text("stopped")),
            str(row.n_members),
            row.model,
        )
        for row in rows
    )
    console.print(draw_unfinished(lines, is_wide=console.width >= WIDE))
    if not all(row.is_training for row in rows):
        stopped = next(row.id for row in rows if not row.is_training)
        console.print(say(text("Go on with one: backlit resume {id}", id=stopped)), soft_wrap=True)
    console.print()


def _print_json(rows: list[Any], unfinished: list[Any]) -> None:
    """All rows have the columns of a run that has ended, null where an unfinished one has no value, and it its own."""
    import json
    from dataclasses import asdict, fields

    from backlit.store import RunRow

    blank = dict.fromkeys(field.name for field in fields(RunRow))
    found = [{**asdict(row), "is_unfinished": False} for row in rows]
    found += [{**blank, **asdict(row), "is_unfinished": True} for row in unfinished]
    print(json.dumps(found, default=str, ensure_ascii=False, indent=2))
