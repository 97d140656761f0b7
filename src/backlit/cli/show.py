"""`backlit show RUN`: a kept run again, as it was printed when it had trained; or one of its views."""

from typing import Annotated

import typer

from backlit.backend import require_backend
from backlit.language import text

LEAST_COLUMNS, MOST_COLUMNS = 40, 120

Run = Annotated[
    str, typer.Argument(metavar="RUN", help=str(text("Name of the run or its beginning; `last` is the newest.")))
]
View = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help=str(text("Draw this view alone, such as `curves`; a wrong name lists them all."))
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command("show", help=str(text("Show a kept run: settings, curves, scores, layers, what to do next.")))(show)


def show(run: Run = "last", view: View = None) -> int:
    """Opens the run and prints it, or draws one view."""
    require_backend()

    from backlit.cli._errors import DIVERGED, OK
    from backlit.cli._report import make_console, print_line, print_next, print_run, print_settings
    from backlit.store import Store, open_run

    opened = open_run(run)
    console = make_console()
    if view is not None:
        width = max(min(console.width, MOST_COLUMNS), LEAST_COLUMNS)
        print(opened.plot(view).text(width=width))
        return OK
    print_line(console, text("Run {id}", id=opened.id), "bold")
    print_settings(console, opened, origin=Store().origin(opened.id))
    print_run(console, opened)
    if not opened.finished:
        from backlit.cli._training import tell_diverged

        tell_diverged(opened)
        return DIVERGED
    recipe = opened.experiment.data.recipe
    print_next(console, opened, source=str(recipe["source"]) if recipe else "", model=None)
    return OK
