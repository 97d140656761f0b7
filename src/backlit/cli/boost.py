"""`backlit boost DATA`: networks trained one after another on what those before them got wrong."""

from typing import Annotated

import typer

from backlit.cli import _values
from backlit.cli._asked import Asked, mode_command
from backlit.language import text

_ENSEMBLE = str(text("Ensemble"))
N = Annotated[
    str, typer.Option("--n", metavar="N", help=str(text("How many networks vote.")), rich_help_panel=_ENSEMBLE)
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command(
        "boost",
        help=str(text("Train networks one after another on the rows that those before got wrong, and let them vote.")),
    )(mode_command(boost, without=("vary", "zip_"), defaults={"seeds": "3", "epochs": "5"}))


def boost(asked: Asked, n: N = "10") -> int:
    """Reads the options of its own, trains, prints."""
    own = {"n": _values.numbers("--n", n, whole=True)}

    from backlit.cli._modes import run_mode
    from backlit.cli.bag import ensemble_in_short, report_ensemble
    from backlit.modes.ensemble import boost as mode

    return run_mode(asked, mode, report_ensemble, in_short=ensemble_in_short, **own)
