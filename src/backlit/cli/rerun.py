"""`backlit rerun RUN`: a kept run trained again from what was stored, to the same bits."""

from typing import Annotated

import typer

from backlit.backend import require_backend
from backlit.language import text

Run = Annotated[
    str, typer.Argument(metavar="RUN", help=str(text("Name of the run or its beginning; `last` is the newest.")))
]

NoSave = Annotated[bool, typer.Option("--no-save", help=str(text("Do not keep the new run.")))]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command("rerun", help=str(text("Train a kept run again: same data, same seeds, the same bits.")))(rerun)


def rerun(run: Run = "last", no_save: NoSave = False) -> int:
    """Trains it again and prints it."""
    require_backend()

    from backlit.cli._report import make_console, print_line
    from backlit.cli._training import progress_of, report_run, tell_stop
    from backlit.measure import is_same
    from backlit.store import Store

    console = make_console()
    store = Store()
    before = store.open(store.full_id(run))
    print_line(console, text("Training run {id} again", id=before.id), "bold")
    try:
        with progress_of(console) as report:
            again = store.rerun(before.id, save=not no_save, on_progress=report)
    except KeyboardInterrupt as stop:
        return tell_stop(stop)
    members = range(len(before))
    if all(is_same(before.weights(member), again.weights(member)) for member in members):
        print_line(console, text("All weights are those of run {id}, bit for bit.", id=before.id), "green")
    else:
        words = text("The weights differ from those of run {id}: another machine, or other versions.", id=before.id)
        print_line(console, words, "yellow")
    recipe = again.experiment.data.recipe
    return report_run(console, again, source=str(recipe["source"]) if recipe else "", model=None)
