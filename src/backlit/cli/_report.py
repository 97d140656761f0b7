"""What is printed about a run: how it was made, its curves, its scores, its layers or its members, and what to do next.

Numbers come from the run and from `measure`, pictures from `views`; here they are only put in order.
"""

import shlex
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text as Styled

from backlit.cli._loading import loading_words
from backlit.errors import BacklitError
from backlit.language import Text, language, say, text
from backlit.measure import measure_layers, panels
from backlit.run import Run
from backlit.store import Origin
from backlit.views.settings import settings_of, short_setting
from backlit.views.terminal.curves import draw_curves
from backlit.views.terminal.layers import draw_layers
from backlit.views.terminal.tables import draw_pairs, draw_summary
from backlit.views.terminal.words import metric_words, number

MOST_ROWS = 24  # of a population's table


def make_console() -> Console:
    """Where reports go: standard output, its colours only where it is a terminal."""
    return Console(highlight=False, emoji=False)


def wraps_itself(console: Console) -> bool:
    """Whether long lines are left to whoever shows them: a file, or a terminal that shows Chinese.

    rich breaks lines at spaces, of which Chinese has few.

    Args:
        console: Where to.

    Returns:
        What `print` takes as `soft_wrap`.
    """
    return not console.is_terminal or language() == "zh"


def print_line(console: Console, words: Text, style: str = "") -> None:
    """Prints a sentence.

    Args:
        console: Where to.
        words: The sentence.
        style: As rich reads it.
    """
    console.print(Styled(say(words), style=style), soft_wrap=wraps_itself(console))


def print_lines(console: Console, lines: Sequence[Text]) -> None:
    """Prints sentences, one a line.

    Args:
        console: Where to.
        lines: The sentences.
    """
    for line in lines:
        print_line(console, line)


def print_run(console: Console, run: Run) -> None:
    """Prints what a run found: curves, scores, layers of the best member, members by their axes.

    Args:
        console: Where to.
        run: With at least one member that finished.
    """
    metrics = _shown_metrics(run)
    pictures = panels(run.history, axes=run.axes, metrics=metrics)
    if pictures:
        console.print()
        console.print(draw_curves(pictures))
    if len(run) > 1:
        _print_population(console, run)
    if not run.finished:
        return
    best = run[run.best]
    console.print()
    _print_scores(console, run, best)
    _print_layers(console, best)


def print_settings(console: Console, run: Run, *, origin: Origin | None = None) -> None:
    """Prints how a run was made.

    Args:
        console: Where to.
        run: Any.
        origin: When and with what, for a stored run.
    """
    pairs = [(name, say(value)) for name, value in settings_of(run)]
    if origin is not None:
        versions = ", ".join(f"{name} {version}" for name, version in origin.versions.items())
        when = f"{origin.created.astimezone():%Y-%m-%d %H:%M}"
        pairs += [(text("kept"), when), (text("made with"), versions), (text("machine"), origin.machine)]
    console.print(draw_pairs(pairs))


def print_next(console: Console, run: Run, *, source: str, model: str | None) -> None:
    """Prints what to type next.

    Args:
        console: Where to.
        run: The run that was shown.
        source: The data as the user named them; "" if nothing names them.
        model: The model as the user named it, or None.
    """
    quoted = shlex.quote(source) if source else "DATA"
    steps: list[tuple[str, Text]] = []
    if run.id:
        steps += [
            (f"backlit show {run.id}", text("see this again")),
            (f"backlit predict {run.id} {quoted}", text("let the best member predict rows")),
        ]
    if source and len(run) == 1:
        words = [
            quoted,
            *loading_words(run.experiment.data.recipe),
            *(["--model", shlex.quote(model)] if model else []),
        ]
        command = f"backlit train {' '.join(words)} --learning-rate 0.01,0.003,0.001 --seeds 3"
        steps.append((command, text("nine networks at once: which learning rate is best?")))
    if run.id:
        steps.append((f'backlit.open_run("{run.id}").model', text("in Python: the trained Keras model")))
    if not steps:
        return
    console.print()
    console.print(Styled(say(text("Next")), style="bold"))
    for command, why in steps:
        console.print(Styled(f"  {command}", style="cyan"), soft_wrap=True)
        console.print(Styled(f"      {say(why)}"), soft_wrap=True)


def _shown_metrics(run: Run) -> list[str]:
    """The loss and the first other metric."""
    return run.metric_names[:2]


def _print_population(console: Console, run: Run) -> None:
    axes = [name for name in run.axes if name != "seed"]
    rows = run.summary().to_dicts()
    console.print()
    best = _best_row(run, rows, axes)
    kept = [i for i in range(len(rows)) if i < MOST_ROWS or i == best]
    console.print(
        draw_summary(
            [rows[i] for i in kept], axes=axes, best=kept.index(best) if best in kept and len(rows) > 1 else None
        )
    )
    if len(rows) > len(kept):
        print_line(console, text("{n} more rows: `run.summary()` in Python.", n=len(rows) - len(kept)))
    if not axes:
        print_line(console, text("Mean over the seeds, 95 % interval by Student's t."), "dim")
    console.print()
    print_lines(console, [run.plan])
    lost = len(run) - len(run.finished)
    if lost and run.finished:
        console.print(Styled(run.say().split("\n")[-1], style="yellow"), soft_wrap=wraps_itself(console))


def _best_row(run: Run, rows: list[dict[str, Any]], axes: list[str]) -> int | None:
    """The row that the best member belongs to."""
    if not run.finished:
        return None
    member = run.members.row(run.best, named=True)
    return next((i for i, row in enumerate(rows) if all(row[name] == member[name] for name in axes)), None)


def _print_scores(console: Console, run: Run, best: Run) -> None:
    sizes = dict(zip(("train", "validation", "test"), run.data.splits.sizes, strict=True))
    split = next((name for name in ("test", "validation", "train") if sizes[name]), "train")
    heads = {
        "test": text("Test score ({n} rows that the network never saw)", n=sizes["test"]),
        "validation": text("Validation score ({n} rows; there are no test rows)", n=sizes["validation"]),
        "train": text(
            "Training score ({n} rows that the network has seen; give `--test-split 0.15`)", n=sizes["train"]
        ),
    }
    try:
        [scores] = best.evaluate(split).to_dicts()
    except BacklitError as error:
        console.print(error.say(language()), soft_wrap=True)
        return
    if len(run) > 1:
        member = run.members.row(run.best, named=True)
        own = ", ".join(f"{name}={short_setting(member[name])}" for name in run.axes)
        by_validation = text("Best member by validation: {own}", own=own)
        by_training = text("Best member by training loss: {own}", own=own)
        words = by_validation if sizes["validation"] else by_training
        print_line(console, words)
    shown = [name for name in run.metric_names if name in scores]
    words = "  ".join(f"{say(metric_words(name))} {number(scores[name])}" for name in reversed(shown))
    console.print(
        Styled.assemble(say(text("{title}:", title=heads[split])), " ", (words, "bold green")),
        soft_wrap=wraps_itself(console),
    )


def _print_layers(console: Console, best: Run) -> None:
    try:
        inputs, targets = best.data.train
    except BacklitError:  # a stored run whose data are gone; the scores have said so
        return
    model = best.model
    rows = measure_layers(model, inputs, targets)
    console.print()
    console.print(draw_layers(rows, n_params=model.count_params()))
    if any(row.output_shape is None for row in rows):
        print_line(console, text("A subclassed model: the outputs of its layers are not looked into."), "dim")
