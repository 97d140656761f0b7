"""`backlit runs`: the kept runs, newest first. Reads the list alone: no Keras, no weights."""

from typing import Annotated

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

    rows = Store().listing()
    if json:
        _print_json(rows)
        return
    from rich.console import Console

    from backlit.views.terminal.tables import draw_runs
    from backlit.views.terminal.words import metric_words, number, seconds, size

    console = Console(highlight=False, emoji=False)
    if not rows:
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


def _print_json(rows: list) -> None:
    import json
    from dataclasses import asdict

    print(json.dumps([asdict(row) for row in rows], default=str, ensure_ascii=False, indent=2))
