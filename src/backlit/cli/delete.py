"""`backlit delete RUN …`: takes runs out of the store, after asking."""

import sys
from typing import Annotated

import typer

from backlit.errors import SettingError
from backlit.language import listed, say, text

Runs = Annotated[list[str], typer.Argument(metavar="RUN...", help=str(text("Names of runs or their beginnings.")))]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=str(text("Do not ask.")))]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command("delete", help=str(text("Delete kept runs, with their weights. Asks first.")))(delete)


def delete(runs: Runs, yes: Yes = False) -> None:
    """Asks, then deletes."""
    from backlit.store import Store

    store = Store()
    ids = list(dict.fromkeys(store.any_id(run) for run in runs))
    if not yes and not _is_wanted(ids):
        print(say(text("Nothing was deleted.")))
        return
    for id in ids:
        store.delete(id)
        print(say(text("Deleted run {id}.", id=id)))


def _is_wanted(ids: list[str]) -> bool:
    """Asks, where somebody is there to answer.

    Raises:
        SettingError: If nobody is.
    """
    if not sys.stdin.isatty():
        raise SettingError(
            "delete-unasked",
            what=text("Deleting {runs}", runs=listed(ids)),
            expected=text("an answer on the terminal"),
            received=text("no terminal"),
            fix=text("Add `--yes`."),
        )
    answer = input(say(text("Delete {runs} for ever? [y/N] ", runs=listed(ids))))
    return answer.strip().lower() in ("y", "yes", "是", "好")
