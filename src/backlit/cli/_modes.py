"""What all modes do on the command line: say the data and the model, show progress, print tables, end with a code."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text as Styled

from backlit.cli._asked import Asked
from backlit.cli._errors import MISTAKE, OK, tell
from backlit.cli._report import make_console, print_line, print_lines
from backlit.cli._training import progress_of, require_model_path, tell_diverged, tell_stop, with_arguments
from backlit.data import load
from backlit.engine import zipped
from backlit.errors import SettingError
from backlit.language import Text, listed, say, text
from backlit.models import default_name, read_model
from backlit.run import Run
from backlit.views.terminal.tables import draw_predictions

Mode = Callable[..., Any]


def run_mode(
    asked: Asked,
    mode: Mode,
    report: Callable[[Console, Any], None],
    *,
    in_short: Callable[[Any], str],
    reads_model: bool = True,
    **own: Any,
) -> int:
    """Runs a mode and prints everything about it.

    Args:
        asked: What was asked for.
        mode: A function of `backlit.modes`: takes a model, data, `own` and arguments of `fit`.
        report: Prints what came out.
        in_short: What `--quiet` prints of it.
        reads_model: Whether it trains the model that was asked for; if not, it gets None.
        **own: The mode's own arguments.

    Returns:
        The exit code.

    Raises:
        SettingError: If an option is wrong.
    """
    console = make_console()
    if asked.save_model is not None:
        require_model_path(asked.save_model)
    data = load(asked.source, **asked.loading)
    has_dropout = "dropout" in {*asked.fitting, *asked.varied, *own.get("space", {})}
    model = read_model(asked.model_words, data, has_dropout=has_dropout) if reads_model else None
    if not asked.is_quiet:
        print_lines(console, data.describe())
    if model is not None and not asked.is_quiet:
        print_line(console, text("Model: `{model}`", model=asked.model_words or default_name(data)))
    vary = [*([dict(asked.varied)] if asked.varied else []), *(zipped(**lists) for lists in asked.zipped_lists)]
    arguments = {**asked.fitting, **({"vary": vary} if vary else {}), **own}
    try:
        with progress_of(console, is_quiet=asked.is_quiet) as shown:
            found = mode(model, data, verbose=False, on_progress=shown, **arguments)
    except KeyboardInterrupt as stop:
        return tell_stop(stop)
    except SettingError as error:
        raise (error if model is None else with_arguments(error, model)) from error
    return _reported(console, asked, found, report, in_short)


def print_table(console: Console, columns: Sequence[Text], rows: Sequence[Sequence[Any]]) -> None:
    """Prints a table below an empty line.

    Args:
        console: Where to.
        columns: Heads.
        rows: Cells.
    """
    console.print()
    shown = [["–" if cell is None else cell for cell in row] for row in rows]
    console.print(draw_predictions(shown, columns=columns))


def plain_heads(names: Sequence[str]) -> list[Text]:
    """Heads that are the same in every language.

    Args:
        names: Of axes, classes, …

    Returns:
        One `Text` each.
    """
    return [Text("{name}", {"name": name}) for name in names]


def runs_of(found: Any) -> tuple[Run, ...]:
    """The runs that a mode made.

    Args:
        found: What the mode returned.

    Returns:
        At least one.
    """
    return tuple(getattr(found, "runs", None) or (found.run,))


def _reported(
    console: Console, asked: Asked, found: Any, report: Callable[[Console, Any], None], in_short: Callable[[Any], str]
) -> int:
    runs = runs_of(found)
    if not any(run.finished for run in runs):
        return tell_diverged(runs[-1])
    if asked.is_quiet:
        console.print(Styled(in_short(found)), soft_wrap=True)
    else:
        report(console, found)
    if asked.save_model is not None:
        path = (getattr(found, "winner", None) or found).save(Path(asked.save_model))
        print_line(console, text("Model written to {path}.", path=path))
    ids = [run.id for run in runs if run.id]
    if ids and asked.is_quiet:
        console.print(Styled(ids[-1]), soft_wrap=True)
    elif ids:
        console.print()
        words = text("Kept as run {id}.", id=ids[0]) if len(ids) == 1 else text("Kept as runs {ids}.", ids=listed(ids))
        print_line(console, words, "bold")
        console.print(Styled(f"  backlit show {ids[-1]}", style="cyan"), soft_wrap=True)
        console.print(Styled(f"      {say(text('see this again'))}"), soft_wrap=True)
    unkept = [run.unkept for run in runs if run.unkept is not None]
    for fault in unkept[:1]:
        tell(fault)
    return MISTAKE if unkept else OK
