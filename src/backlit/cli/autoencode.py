"""`backlit autoencode DATA`: a network that gives back what it reads through a narrow code, and how well it does."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backlit.cli import _values
from backlit.cli._asked import Asked, mode_command
from backlit.language import language, text

if TYPE_CHECKING:
    from rich.console import Console

_AUTOENCODER = str(text("Autoencoder"))
Code = Annotated[
    str,
    typer.Option(
        metavar="N", help=str(text("Numbers in the code; 2,4,8 trains all three.")), rich_help_panel=_AUTOENCODER
    ),
]
Kind = Annotated[
    str | None,
    typer.Option(metavar="KIND", help=str(text("dense or conv; else by the data.")), rich_help_panel=_AUTOENCODER),
]
Hidden = Annotated[
    str | None,
    typer.Option(
        metavar="N,N",
        help=str(text("Neurons (or filters) of the layers before the code.")),
        rich_help_panel=_AUTOENCODER,
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    command = mode_command(autoencode, without=("model", "dropout", "reinitialise", "vary", "zip_", "loss"))
    app.command(
        "autoencode",
        help=str(text("Train a network to rebuild its inputs from a short code, without any labels.")),
    )(command)


def autoencode(asked: Asked, code: Code = "16", kind: Kind = None, hidden: Hidden = None) -> int:
    """Reads the options of its own, trains, prints."""
    sizes = _values.numbers("--hidden", hidden, whole=True)
    own = {
        "code": _values.numbers("--code", code, whole=True),
        "kind": kind,
        "hidden": [sizes] if isinstance(sizes, int) else sizes,
    }

    from backlit.cli._modes import run_mode
    from backlit.modes import autoencoder

    def mode(_model: Any, data: Any, *, loss: Any = None, reinitialise: bool = False, **arguments: Any) -> Any:  # noqa: ARG001  its own
        return autoencoder(data, **arguments)

    in_short = lambda found: "\n".join(line.say(language()) for line in found.lines())  # noqa: E731  as for the others
    return run_mode(asked, mode, _report, in_short=in_short, reads_model=False, **own)


def _report(console: "Console", found: Any) -> None:
    """Error of each code size, beside principal components."""
    from backlit.cli._modes import plain_heads, print_table
    from backlit.cli._report import print_line, print_lines
    from backlit.modes.pseudo_labelling import SPLIT_WORDS

    rows = found.summary().to_dicts()
    axes = [name for name in found.run.axes if name != "seed"]
    heads = [*plain_heads(axes), text("mean squared error"), text("95 % interval"), text("principal components")]
    cells = [
        (
            *(row[name] for name in axes),
            "–" if row["mean"] is None else f"{row['mean']:.4g}",
            "–" if row["lo"] is None else f"{row['lo']:.4g} … {row['hi']:.4g}",
            f"{row['components']:.4g}",
        )
        for row in rows
    ]
    print_table(console, heads, cells)
    print_line(console, text("Of the {split} rows.", split=SPLIT_WORDS[rows[0]["split"]]), "dim")
    console.print()
    print_lines(console, found.lines())
