"""`backlit resume RUN`: goes on with a training that was broken off, and ends as `train` does."""

from typing import Annotated

import typer

from backlit.backend import require_backend
from backlit.cli import _values
from backlit.language import text

Run = Annotated[
    str,
    typer.Argument(metavar="RUN", help=str(text("Name of the run or its beginning; `last` is the newest unfinished."))),
]
Checkpoint = Annotated[
    str | None,
    typer.Option(metavar="SECONDS", help=str(text("Seconds to the first checkpoint, and between two; off for none."))),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help=str(text("Print only score and name of the run.")))]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command("resume", help=str(text("Go on with a training that was broken off, as if it had not been.")))(resume)


def resume(run: Run = "last", checkpoint: Checkpoint = None, quiet: Quiet = False) -> int:
    """Trains it to its end and prints it."""
    require_backend()
    every_s = _values.seconds("--checkpoint", checkpoint)

    from backlit.cli._errors import MISTAKE, tell
    from backlit.cli._report import make_console, print_line
    from backlit.cli._training import progress_of, report_run, tell_stop
    from backlit.store import Store

    console = make_console()
    store = Store()
    id = store.full_id(run, is_unfinished=True)
    if not quiet:
        print_line(console, text("Going on with run {id}", id=id), "bold")
    try:
        with progress_of(console, is_quiet=quiet) as report:
            again = store.resume(id, on_progress=report, checkpoint_s=every_s)
    except KeyboardInterrupt as stop:
        return tell_stop(stop)
    recipe = again.experiment.data.recipe
    source = str(recipe["source"]) if recipe else ""
    code = report_run(console, again, source=source, model=None, is_quiet=quiet)
    if again.unkept is not None:
        tell(again.unkept)
        return MISTAKE
    return code
