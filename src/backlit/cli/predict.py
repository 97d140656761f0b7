"""`backlit predict RUN DATA`: what the best member of a run makes of new rows."""

from pathlib import Path
from typing import Annotated

import typer

from backlit.backend import require_backend
from backlit.errors import SettingError
from backlit.language import Text, text

MOST_ROWS = 10
MOST_CLASSES = 6

Run = Annotated[
    str, typer.Argument(metavar="RUN", help=str(text("Name of the run or its beginning; `last` is the newest.")))
]
Data = Annotated[
    str,
    typer.Argument(metavar="DATA", help=str(text("A .csv with the columns that were trained on, a .npy, or a name."))),
]
Out = Annotated[
    str | None, typer.Option(metavar="FILE.csv", help=str(text("Write all rows to this file instead of printing ten.")))
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command("predict", help=str(text("Predict rows with the best member: classes and probabilities, or amounts.")))(
        predict
    )


def predict(run: Run, data: Data, out: Out = None) -> None:
    """Prepares the rows as the training rows were, predicts, prints or writes."""
    require_backend()
    if out is not None:
        _require_writable(out)

    from backlit.cli._report import make_console, print_line
    from backlit.data import rows_to_predict
    from backlit.measure import prediction_table
    from backlit.store import open_run
    from backlit.views.terminal.tables import draw_predictions

    opened = open_run(run)
    inputs = rows_to_predict(data, opened.data)
    table = prediction_table(opened.predict(inputs), opened.data)
    console = make_console()
    if out is not None:
        table.write_csv(out)
        print_line(console, text("{n} rows written to {path}.", n=len(table), path=out))
        return
    heads: dict[str, Text] = {"row": text("row"), "prediction": text("prediction")}
    shown = table.columns[: 2 + MOST_CLASSES]
    columns = [heads.get(name, Text("{name}", {"name": name})) for name in shown]
    console.print(draw_predictions(table.select(shown).head(MOST_ROWS).rows(), columns=columns))
    if len(table) > MOST_ROWS or len(shown) < len(table.columns):
        words = text("{n} rows, {columns} columns in all: `--out FILE.csv` writes them.",
                     n=len(table), columns=len(table.columns))  # fmt: skip
        print_line(console, words)


def _require_writable(path: str) -> None:
    """Looks at the place before predicting.

    Raises:
        SettingError: If the folder is missing, or the path is a folder.
    """
    place = Path(path).expanduser()
    if place.is_dir() or not place.parent.is_dir():
        raise SettingError(
            "out-path",
            what=text("Reading `{option}`", option="--out"),
            expected=text("a file in an existing folder"),
            received=text("`{path}`", path=path),
            fix=text("Write for example `{option} {value}`.", option="--out", value="predictions.csv"),
        )
