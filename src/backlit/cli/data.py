"""`backlit data DATA`: what was understood of data, before anything is trained. No Keras, so it answers at once."""

import shlex
from typing import Annotated, Any

import typer

from backlit.cli._loading import loading, loading_words
from backlit.cli.train import Data, DataOption, Drop, Target, Task, TestSplit, ValidationSplit
from backlit.language import say, text

Json = Annotated[bool, typer.Option("--json", help=str(text("Print JSON, for other programs.")))]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command("data", help=str(text("Look at data before training: rows, columns, classes, gaps, what looks odd.")))(
        data
    )


def data(
    data: Data,
    target: Target = None,
    drop: Drop = None,
    task: Task = None,
    validation_split: ValidationSplit = None,
    test_split: TestSplit = None,
    data_option: DataOption = None,
    json: Json = False,
) -> None:
    """Loads the data and prints what they hold."""
    arguments = loading(
        target=target,
        drop=drop,
        task=task,
        validation_split=validation_split,
        test_split=test_split,
        data_option=data_option,
    )

    from backlit.data import load
    from backlit.data.overview import look_at

    overview = look_at(load(data, **arguments))
    if json:
        _print_json(overview)
        return
    _print(overview, source=data)


def _print(overview: Any, *, source: str) -> None:
    from rich.console import Console
    from rich.text import Text as Styled

    from backlit.data.describe import describe
    from backlit.views.terminal.data import draw_classes, draw_columns, draw_rejected

    console = Console(highlight=False, emoji=False)
    dataset = overview.dataset

    def title(words: Any) -> None:
        console.print()
        console.print(Styled(say(words), style="bold"), soft_wrap=True)

    for line in describe(dataset, is_brief=True):
        console.print(Styled(say(line)), soft_wrap=True)
    if overview.columns:
        title(text("Columns"))
        console.print(draw_columns(overview.columns))
    if overview.classes:
        title(text("Classes"))
        console.print(draw_classes(overview.classes, has_parts=any(dataset.splits.sizes[1:])))
    if dataset.rejected:
        title(text("Not read: {n} of {all}", n=len(dataset.rejected), all=len(dataset.rejected) + len(dataset)))
        console.print(draw_rejected(dataset.rejected))
    title(text("Worth a look") if overview.remarks else text("Nothing looks odd."))
    for remark in overview.remarks:
        console.print(Styled(f"  · {say(remark.words)}"), soft_wrap=True)
    title(text("Next"))
    command = " ".join(["backlit train", shlex.quote(source), *loading_words(dataset.recipe)])
    console.print(Styled(f"  {command}", style="cyan"), soft_wrap=True)


def _print_json(overview: Any) -> None:
    import json

    print(json.dumps(overview.to_json(), ensure_ascii=False, indent=2))
