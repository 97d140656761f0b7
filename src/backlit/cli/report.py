"""`backlit report RUN`: everything about a kept run as one page that opens anywhere."""

from pathlib import Path
from typing import Annotated

import typer

from backlit.backend import require_backend
from backlit.language import text

Run = Annotated[
    str, typer.Argument(metavar="RUN", help=str(text("Name of the run or its beginning; `last` is the newest.")))
]
Out = Annotated[
    str | None,
    typer.Option(metavar="FILE", help=str(text("Where to; ends in `.html`. Without it: `report-RUN.html`, here."))),
]
Force = Annotated[bool, typer.Option("--force", help=str(text("Replace FILE even if backlit did not write it.")))]
Quick = Annotated[bool, typer.Option("--quick", help=str(text("Leave out the views that take seconds.")))]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    words = text("Write a report of a kept run: one page that opens anywhere and loads nothing.")
    app.command("report", help=str(words))(report)


def report(run: Run = "last", out: Out = None, force: Force = False, quick: Quick = False) -> int:
    """Writes the page, and says where it is and how large."""
    require_backend()

    from backlit.cli._errors import OK
    from backlit.cli._report import make_console, print_line
    from backlit.errors import SettingError
    from backlit.store import Store
    from backlit.views.saving import is_page, require_page_path
    from backlit.views.terminal.words import size

    store = Store()
    id = store.full_id(run)
    path = require_page_path(Path(out or f"report-{id}.html"), what=text("Writing the report"))
    if path.exists() and not force and not is_page(path):
        raise SettingError(
            "report-foreign",
            what=text("Writing the report"),
            expected=text("a new file, or a page that backlit wrote"),
            received=text("`{path}`, which something else wrote", path=path),
            fix=text("Choose another file with `--out`, or pass `--force` to replace it."),
        )
    store.open(id).report(path, heavy=not quick)
    words = text("Report of run {id}: {path} ({size})", id=id, path=path, size=size(path.stat().st_size))
    print_line(make_console(), words)
    return OK
