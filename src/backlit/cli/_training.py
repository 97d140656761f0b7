"""Training on the command line: data, model and population are said aloud, progress is shown, the run is reported."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text as Styled

from backlit.cli._errors import DIVERGED, MISTAKE, OK, STOPPED, tell, warn
from backlit.cli._report import make_console, print_line, print_lines, print_next, print_run
from backlit.data import load
from backlit.engine import zipped
from backlit.engine.result import Progress
from backlit.errors import RunError, SettingError, did_you_mean, nearest
from backlit.fitting import fit
from backlit.language import listed, say, text
from backlit.measure import Pace
from backlit.models import default_name, parameters_of, read_model
from backlit.run import Run
from backlit.store.training import Interrupted
from backlit.views.terminal.progress import LiveProgress, PlainProgress
from backlit.views.terminal.words import metric_words, number

Report = Callable[[Progress, int, int], None]


def train_and_report(
    source: str,
    *,
    loading: Mapping[str, Any],
    model_words: str | None,
    fitting: Mapping[str, Any],
    varied: Mapping[str, list[Any]],
    zipped_lists: Sequence[Mapping[str, list[Any]]],
    save_model: str | None,
    is_quiet: bool,
) -> int:
    """Trains and prints everything about it.

    Args:
        source: The data as the user named them.
        loading: Arguments of `load`.
        model_words: What stood behind `--model`.
        fitting: Arguments of `fit`.
        varied: Lists by name for the building function.
        zipped_lists: Lists that vary side by side.
        save_model: Where to write the best member, or None.
        is_quiet: Whether to print the score and the name only.

    Returns:
        The exit code.

    Raises:
        SettingError: If an option is wrong.
    """
    console = make_console()
    if save_model is not None:
        require_model_path(save_model)
    data = load(source, **loading)
    has_dropout = "dropout" in {*fitting, *varied, *(name for lists in zipped_lists for name in lists)}
    model = read_model(model_words, data, has_dropout=has_dropout)
    if not is_quiet:
        print_lines(console, data.describe())
        words = model_words or default_name(data)
        print_line(console, text("Model: `{model}`", model=words))
    vary = [*([dict(varied)] if varied else []), *(zipped(**lists) for lists in zipped_lists)]
    try:
        with progress_of(console, is_quiet=is_quiet) as report:
            run = fit(model, data, vary=vary or None, verbose=False, on_progress=report, **fitting)
    except KeyboardInterrupt as stop:
        return tell_stop(stop)
    except SettingError as error:
        raise with_arguments(error, model) from error
    code = report_run(console, run, source=source, model=model_words, save_model=save_model, is_quiet=is_quiet)
    return code if run.unkept is None else MISTAKE


def tell_stop(stop: KeyboardInterrupt) -> int:
    """Says what became of a training after Ctrl-C.

    Args:
        stop: What came out of it.

    Returns:
        The exit code.
    """
    lost = text("Stopped before the end: nothing was kept. A run is kept when it has ended.")
    warn(stop.words if isinstance(stop, Interrupted) else lost)
    return STOPPED


@contextmanager
def progress_of(console: Console, *, is_quiet: bool = False) -> Iterator[Report | None]:
    """Shows progress while something trains.

    Args:
        console: Where to; a live bar if it is a terminal, lines if not.
        is_quiet: Whether to show nothing.

    Yields:
        What `fit` takes as `on_progress`.
    """
    if is_quiet:
        yield None
        return
    pace = Pace()
    with (LiveProgress if console.is_terminal else PlainProgress)(console) as view:

        def report(progress: Progress, group: int, n_groups: int) -> None:
            pace.update(progress, group, n_groups, now_s=time.perf_counter())
            view.show(progress, group, n_groups, done_frac=pace.done_frac, left_s=pace.left_s)

        yield report


def report_run(
    console: Console,
    run: Run,
    *,
    source: str,
    model: str | None,
    save_model: str | None = None,
    is_quiet: bool = False,
) -> int:
    """Prints what a new run found and where it is.

    Args:
        console: Where to.
        run: Just trained.
        source: The data as the user named them.
        model: The model as the user named it, or None.
        save_model: Where to write the best member, or None.
        is_quiet: Whether to print the score and the name only.

    Returns:
        The exit code: 1 if every member diverged.
    """
    try:
        if is_quiet:
            _print_quietly(console, run)
        else:
            print_lines(console, run.notes)
            words = text("Trained: {n:,.0f} samples/s; compiling took {compile:.1f} s, training {run:.1f} s.",
                         n=run.samples_per_s, compile=run.compile_s, run=run.run_s)  # fmt: skip
            print_line(console, words)
            print_run(console, run)
        if save_model is not None and run.finished:
            path = run.save(save_model)
            print_line(console, text("Best member written to {path}.", path=path))
        if run.id and not is_quiet:
            console.print()
            print_line(console, text("Kept as run {id}.", id=run.id), "bold")
        if not run.finished:
            return tell_diverged(run)
        if not is_quiet:
            print_next(console, run, source=source, model=model)
    except KeyboardInterrupt:
        where = text("The run is kept as {id}.", id=run.id) if run.id else text("The run was not to be kept.")
        warn(text("Stopped while reporting. {where}", where=where))
        return STOPPED
    return OK


def _print_quietly(console: Console, run: Run) -> None:
    if run.finished:
        best = run.members.row(run.best, named=True)
        name = next((f"val_{one}" for one in run.metric_names[1:2]), "val_loss")
        name = name if name in best else name.removeprefix("val_")
        if name in best:
            console.print(Styled(f"{say(metric_words(name))} {number(best[name])}"), soft_wrap=True)
    if run.id:
        console.print(Styled(run.id), soft_wrap=True)


def tell_diverged(run: Run) -> int:
    """Says that every member diverged, and what to try.

    Args:
        run: With no member that finished.

    Returns:
        The exit code.
    """
    try:
        _ = run.best
    except RunError as error:
        tell(error)
    return DIVERGED


def with_arguments(error: SettingError, model: Any) -> SettingError:
    """Names the model's own arguments too, where a name was not known.

    Args:
        error: What `fit` raised.
        model: What was trained, or its building function.

    Returns:
        The error, perhaps with more advice.
    """
    if error.code != "axis-unknown" or error.received is None:
        return error
    asked, names = str(error.received.values.get("name", "")), parameters_of(model)
    fix = error.fix
    if asked == "momentum":
        fix = text("This optimiser has no momentum of its own: add `--optimizer sgd`.")
    elif nearest(asked, names) is not None:
        fix = did_you_mean(asked, names)
    elif names:
        own = listed(f"`{name}`" for name in names)
        fix = text("{fix} The model's own: {names} (`--vary {example}=…`).", fix=error.fix, names=own, example=names[0])
    return SettingError(error.code, what=error.what, expected=error.expected, received=error.received, fix=fix)


def require_model_path(path: str) -> None:
    """Looks at the path before training, not after.

    Args:
        path: What stood behind `--save-model`.

    Raises:
        SettingError: If it does not end in `.keras` or its folder is missing.
    """
    target = Path(path).expanduser()
    if target.suffix != ".keras" or not target.parent.is_dir():
        raise SettingError(
            "save-path",
            what=text("Reading `{option}`", option="--save-model"),
            expected=text("a path in an existing folder that ends in `.keras`"),
            received=text("`{path}`", path=path),
            fix=text("Write for example `{option} {value}`.", option="--save-model", value="model.keras"),
        )
