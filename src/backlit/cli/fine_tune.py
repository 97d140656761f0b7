"""`backlit fine-tune DATA`: a trained network gets a new head for these data, and learns in stages."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backlit.cli import _values
from backlit.cli._asked import Asked, mode_command
from backlit.errors import SettingError
from backlit.language import Text, language, text

if TYPE_CHECKING:
    from rich.console import Console

_BASE = str(text("Base"))
Base = Annotated[
    str,
    typer.Option(
        metavar="BASE", help=str(text("shapes-base (comes with backlit), FILE.keras, or a run.")), rich_help_panel=_BASE
    ),
]
Stages = Annotated[
    str,
    typer.Option(
        metavar="STAGES",
        help=str(text("frozen, staged, all, scratch; or LAYERS:EPOCHS:RATE for each: none:10:0.001,2:5:0.0001.")),
        rich_help_panel=_BASE,
    ),
]
BatchNorm = Annotated[
    str,
    typer.Option(
        metavar="MODE", help=str(text("inference keeps batch normalisation frozen; training lets it learn.")),
        rich_help_panel=_BASE,
    ),
]  # fmt: skip
AgainstScratch = Annotated[
    bool,
    typer.Option(
        "--against-scratch", help=str(text("Train the same network from drawn weights too, and compare.")),
        rich_help_panel=_BASE,
    ),
]  # fmt: skip


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    without = ("model", "dropout", "reinitialise", "vary", "zip_")
    command = mode_command(fine_tune, without=without, defaults={"epochs": "30", "seeds": "3"})
    app.command(
        "fine-tune",
        help=str(text("Teach a trained network something else: a new last layer first, then more of it.")),
    )(command)


def fine_tune(
    asked: Asked,
    base: Base = "shapes-base",
    stages: Stages = "staged",
    batch_norm: BatchNorm = "inference",
    against_scratch: AgainstScratch = False,
) -> int:
    """Reads the options of its own, trains, prints."""
    planned = _stages(stages)

    from backlit.cli._modes import run_mode
    from backlit.modes import fine_tune as tune

    def mode(_model: Any, data: Any, *, reinitialise: bool = False, **arguments: Any) -> Any:  # noqa: ARG001  its own
        found = tune(_base(base), data, stages=planned, batch_norm=batch_norm, **arguments)
        if not against_scratch:
            return found
        others = {name: value for name, value in arguments.items() if name != "stages"}
        return _Compared(found, tune(_base(base), data, stages="scratch", **others))

    return run_mode(asked, mode, _report, in_short=lambda found: _last_line(found).say(language()), reads_model=False)


def _report(console: "Console", found: Any) -> None:
    """Each stage: what learned, and the score after it."""
    from backlit.cli._modes import print_table
    from backlit.cli._report import print_line, print_lines
    from backlit.views.terminal.words import metric_words

    tuned = found.tuned if isinstance(found, _Compared) else found
    rows = tuned.table.to_dicts()
    heads = [
        text("stage"),
        text("layers of the base"),
        text("learn"),
        text("stand still"),
        text("epochs"),
        text("rate"),
    ]
    heads += [metric_words(rows[0]["metric"]), text("95 % interval")]
    cells = [
        (
            row["stage"],
            row["layers"],
            f"{row['learned']:,}",
            f"{row['frozen']:,}",
            row["epochs"],
            f"{row['learning_rate']:g}",
            "–" if row["mean"] is None else f"{row['mean']:.3f}",
            "–" if row["lo"] is None else f"{row['lo']:.3f} … {row['hi']:.3f}",
        )
        for row in rows
    ]
    print_table(console, heads, cells)
    if rows[-1]["n"] > 1:
        print_line(console, text("Mean over the seeds, 95 % interval by Student's t."), "dim")
    console.print()
    print_lines(console, tuned.lines())
    if isinstance(found, _Compared):
        print_line(console, _last_line(found))


class _Compared:
    """A fine-tuning beside the same network from drawn weights."""

    def __init__(self, tuned: Any, scratch: Any) -> None:
        self.tuned, self.scratch, self.runs = tuned, scratch, (*scratch.runs, *tuned.runs)

    def save(self, path: Any) -> Any:
        return self.tuned.save(path)


def _last_line(found: Any) -> Text:
    """What was gained over drawn weights; without them, what the last stage did."""
    if not isinstance(found, _Compared):
        return found.lines()[-1]
    gain = found.tuned.gain_over(found.scratch)
    if gain is None:
        return text("No seed finished both with the base and from drawn weights.")
    if gain.lo is None or gain.hi is None:
        return text("Base less drawn weights: {gain:+.3f}; more seeds would give an interval.", gain=gain.mean)
    words = {"gain": gain.mean, "lo": gain.lo, "hi": gain.hi}
    if gain.excludes_zero:
        return text("Base less drawn weights: {gain:+.3f}, 95 % interval {lo:+.3f} to {hi:+.3f}.", **words)
    return text("Base less drawn weights: {gain:+.3f}, 95 % interval {lo:+.3f} to {hi:+.3f}: no effect shown.", **words)


def _base(words: str) -> Any:
    """What `fine_tune` takes: the name of a shipped base, a file, or a run."""
    from backlit.models.bases import BASES
    from backlit.store import open_run

    is_shipped = words.replace("_", "-").lower() in BASES or words.endswith("-base")
    return words if is_shipped or words.lower().endswith(".keras") else open_run(words)


def _stages(words: str) -> Any:
    """A plan by name, or a list of stages."""
    if ":" not in words and "," not in words:
        return words
    return [_stage(part.strip()) for part in words.replace("：", ":").replace("，", ",").split(",")]


def _stage(words: str) -> dict[str, Any]:
    """One stage: LAYERS, LAYERS:EPOCHS or LAYERS:EPOCHS:RATE; layers by number, by a word, or by names with + between.

    Raises:
        SettingError: If it has other parts.
    """
    layers, *others = words.split(":")
    if not layers or len(others) > 2:
        raise SettingError(
            "cli-stage",
            what=text("Reading `{option}`", option="--stages"),
            expected=text("LAYERS:EPOCHS:RATE with commas between the stages"),
            received=text("`{words}`", words=words),
            fix=text("Write for example `{option} {value}`.", option="--stages", value="none:10:0.001,2:5:0.0001"),
        )
    chosen: Any = int(layers) if layers.isdigit() else layers
    if chosen not in ("none", "half", "all") and not isinstance(chosen, int):
        chosen = layers.split("+")
    epochs, rate = [*others, None, None][:2]
    return {
        "layers": chosen,
        "epochs": _values.numbers("--stages", epochs, whole=True),
        "learning_rate": _values.numbers("--stages", rate),
    }
