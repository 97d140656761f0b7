"""`backlit predict RUN DATA`: what the best member of a run, or a saved model, makes of new rows.

Rows that cannot be read are never left out silently: they are counted, and with `--out` they go to a second file.
"""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backlit.backend import require_backend
from backlit.errors import SettingError
from backlit.language import Text, text

if TYPE_CHECKING:
    import numpy as np

    from backlit.data import Dataset, NewRows

MOST_ROWS = 10
MOST_CLASSES = 6

Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help=str(
            text("Name of the run or its beginning; `last` is the newest. Or a FILE.keras that a run was saved to.")
        ),
    ),
]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help=str(
            text("A .csv or .parquet with the columns that were trained on, a folder of pictures, a .npy, or a name.")
        ),
    ),
]
Out = Annotated[
    str | None, typer.Option(metavar="FILE.csv", help=str(text("Write all rows to this file instead of printing ten.")))
]
RejectedFile = Annotated[
    str | None,
    typer.Option(
        "--rejected",
        metavar="FILE.csv",
        help=str(text("Where rows go that cannot be read, with the reason; else beside `--out`.")),
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command("predict", help=str(text("Predict rows with the best member: classes and probabilities, or amounts.")))(
        predict
    )


def predict(run: Run, data: Data, out: Out = None, rejected: RejectedFile = None) -> None:
    """Prepares the rows as the training rows were, predicts, prints or writes."""
    require_backend()
    for option, place in (("--out", out), ("--rejected", rejected)):
        if place is not None:
            _require_writable(option, place)

    from backlit.cli._errors import warn
    from backlit.cli._report import make_console, print_line, print_lines
    from backlit.data.raw_table import reasons_shown
    from backlit.measure import prediction_table
    from backlit.views.terminal.tables import draw_predictions

    outputs, rows, trained_on = _outputs(run, data)
    table = prediction_table(outputs, trained_on, place_name=rows.place_name, places=rows.places)
    console = make_console()
    print_lines(console, rows.notes)
    if rows.rejected:
        words = reasons_shown(rows.rejected, rows.place_name)
        warn(text("{n} rows cannot be read and have no prediction: {reasons}.", n=len(rows.rejected), reasons=words))
        place = rejected or (None if out is None else _beside(out))
        if place is not None:
            _write_rejected(rows, place)
            print_line(console, text("{n} rejected rows written to {path}.", n=len(rows.rejected), path=place))
    if out is not None:
        table.write_csv(out)
        print_line(console, text("{n} rows written to {path}.", n=len(table), path=out))
        return
    heads: dict[str, Text] = {
        "row": text("row"),
        "line": text("line"),
        "file": text("file"),
        "prediction": text("prediction"),
    }
    shown = table.columns[: 2 + MOST_CLASSES]
    columns = [heads.get(name, Text("{name}", {"name": name})) for name in shown]
    console.print(draw_predictions(table.select(shown).head(MOST_ROWS).rows(), columns=columns))
    if len(table) > MOST_ROWS or len(shown) < len(table.columns):
        words = text("{n} rows, {columns} columns in all: `--out FILE.csv` writes them.",
                     n=len(table), columns=len(table.columns))  # fmt: skip
        print_line(console, words)


def _outputs(run: str, data: str) -> "tuple[np.ndarray, NewRows, Dataset]":
    """What the network gives for the rows, the rows, and what it was trained on."""
    from backlit.data import rows_to_predict

    path = Path(run).expanduser()
    if path.suffix.lower() == ".keras":
        from backlit.models import open_shipped

        saved = open_shipped(path)
        rows = rows_to_predict(data, saved.data)
        return saved.model.predict(rows.coded, verbose=0), rows, saved.data
    from backlit.store import open_run

    opened = open_run(run)
    rows = rows_to_predict(data, opened.best_data)
    return opened.predict(rows.inputs), rows, opened.data


def _beside(out: str) -> str:
    path = Path(out)
    return str(path.with_name(f"{path.stem}.rejected{path.suffix or '.csv'}"))


def _write_rejected(rows: "NewRows", place: str) -> None:
    """Writes place and reason of each row that could not be read; the reasons in the chosen language."""
    from backlit.language import say

    with Path(place).expanduser().open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([rows.place_name, "reason"])
        writer.writerows([one.place, say(one.reason)] for one in rows.rejected)


def _require_writable(option: str, path: str) -> None:
    """Looks at the place before predicting.

    Raises:
        SettingError: If the folder is missing, or the path is a folder.
    """
    place = Path(path).expanduser()
    if place.is_dir() or not place.parent.is_dir():
        raise SettingError(
            "out-path",
            what=text("Reading `{option}`", option=option),
            expected=text("a file in an existing folder"),
            received=text("`{path}`", path=path),
            fix=text("Write for example `{option} {value}`.", option=option, value="predictions.csv"),
        )
