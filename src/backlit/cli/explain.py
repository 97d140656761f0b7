"""`backlit explain RUN`: every number of one sample's way through a trained network, and back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from backlit.backend import require_backend
from backlit.cli import _values
from backlit.errors import SettingError, did_you_mean
from backlit.language import language, listed, text, verbatim

if TYPE_CHECKING:
    from rich.console import Console

    from backlit.explain import Explanation
    from backlit.run import Run as TrainedRun

SPLITS = ("train", "validation", "test")

Run = Annotated[
    str, typer.Argument(metavar="RUN", help=str(text("Name of the run or its beginning; `last` is the newest.")))
]
Sample = Annotated[
    str, typer.Option(metavar="N", help=str(text("Which sample of the split is followed, counted from 0.")))
]
Split = Annotated[str, typer.Option(metavar="NAME", help=str(text("Whose samples: `train`, `validation` or `test`.")))]
Layer = Annotated[str | None, typer.Option(metavar="NAME", help=str(text("Show the steps of this layer alone.")))]
Weight = Annotated[
    str | None,
    typer.Option(
        metavar="LAYER,I,J",
        help=str(text("Follow one weight: its update, and the paths by which the loss depends on it.")),
    ),
]
Entries = Annotated[
    str, typer.Option(metavar="N", help=str(text("How many numbers of each array are shown with their arithmetic.")))
]


def register(app: typer.Typer) -> None:
    """Adds the command.

    Args:
        app: The command line.
    """
    app.command("explain", help=str(text("Explain how a network computes and learns: every number of one sample.")))(
        explain
    )


def explain(
    run: Run = "last",
    sample: Sample = "0",
    split: Split = "test",
    layer: Layer = None,
    weight: Weight = None,
    entries: Entries = "3",
) -> None:
    """Follows one sample of the run's data through its best network."""
    require_backend()
    place = _whole("--sample", sample)
    n_entries = _whole("--entries", entries)
    wanted = _read_weight(weight)

    from backlit.cli._report import make_console, print_line
    from backlit.store import open_run

    opened = open_run(run)
    inputs, target = _sample_of(opened, split, place)
    console = make_console()
    print_line(console, text("Run {id}, sample {n} of `{split}`", id=opened.id, n=place, split=split), "bold")
    if wanted is not None:
        _print_weight(console, opened.model, inputs, target, wanted)
        return

    from backlit.explain import backprop

    explanation = backprop(opened.model, inputs, target)
    if layer is not None:
        _require_layer(explanation, layer)
    _print_steps(console, explanation, layer, n_entries)


def _print_steps(console: "Console", explanation: "Explanation", layer: str | None, entries: int) -> None:
    """The steps, a heading for each layer, and how well they agree."""
    from rich.text import Text as Styled

    from backlit.cli._report import print_line, wraps_itself
    from backlit.explain.telling import agreement_words, has_rests, heading, layer_parts, rest_words, step_lines

    printed: list[str] = []
    for steps in layer_parts(step for step in explanation if layer in (None, step.layer)):
        console.print()
        print_line(console, heading(steps[0]), "bold cyan")
        for step in steps:
            head, *rest = step_lines(step, language(), entries=entries)
            console.print(Styled(head, style="bold"), soft_wrap=wraps_itself(console))
            for line in rest:
                console.print(Styled(line), soft_wrap=True)
            printed += rest
    if has_rests(printed):
        console.print()
        print_line(console, rest_words())
    if explanation.agreement is not None:
        console.print()
        print_line(console, agreement_words(explanation.agreement), "green" if explanation.agreement.holds else "red")


def _print_weight(console: "Console", model: Any, inputs: Any, target: Any, weight: tuple[str | int, ...]) -> None:
    """One weight: its next update, and the paths through the network that make its gradient."""
    from rich.text import Text as Styled

    from backlit.explain import path, step

    for part in (step(model, inputs, target, weight=weight), path(model, inputs, target, weight=weight)):
        console.print()
        for line in part.say(language()).split("\n"):
            console.print(Styled(line), soft_wrap=True)


def _sample_of(run: "TrainedRun", split: str, place: int) -> tuple[Any, Any]:
    """One sample of a split, as the network reads it, and its target."""
    if split not in SPLITS:
        raise SettingError(
            "explain-split",
            what=text("Reading `{option}`", option="--split"),
            expected=text("one of {names}", names=listed(f"`{name}`" for name in SPLITS)),
            received=verbatim(f"`{split}`"),
            fix=did_you_mean(split, SPLITS),
        )
    inputs, targets = getattr(run.best_data, split)
    if not 0 <= place < len(inputs):
        raise SettingError(
            "explain-sample",
            what=text("Reading `{option}`", option="--sample"),
            expected=text("a whole number from 0 to {last}, a sample of `{split}`", last=len(inputs) - 1, split=split)
            if len(inputs)
            else text("a split with samples"),
            received=text("{n}", n=place) if len(inputs) else text("`{split}`, which has none", split=split),
            fix=text("Write for example `{option} {value}`.", option="--sample", value=0)
            if len(inputs)
            else text("Write for example `{option} {value}`.", option="--split", value="train"),
        )
    return inputs[place], targets[place]


def _require_layer(explanation: "Explanation", layer: str) -> None:
    names = list(dict.fromkeys(step.layer for step in explanation))
    if layer not in names:
        raise SettingError(
            "explain-layer-name",
            what=text("Reading `{option}`", option="--layer"),
            expected=text("one of {names}", names=listed(f"`{name}`" for name in names)),
            received=verbatim(f"`{layer}`"),
            fix=did_you_mean(layer, names),
        )


def _read_weight(words: str | None) -> tuple[str | int, ...] | None:
    """`dense_1,2,0` as a name and an index."""
    if words is None:
        return None
    name, *index = [part.strip() for part in words.replace("，", ",").split(",")]
    if not name or not index or not all(part.isdecimal() for part in index):
        raise SettingError(
            "explain-weight",
            what=text("Reading `{option}`", option="--weight"),
            expected=text("a layer and the index of one of its weights, counted from 0, with commas between"),
            received=verbatim(f"`{words}`"),
            fix=text("Write for example `{option} {value}`.", option="--weight", value="dense,2,0"),
        )
    return (name, *map(int, index))


def _whole(option: str, words: str) -> int:
    value = _values.numbers(option, words, whole=True)
    if not isinstance(value, int) or value < 0:
        raise SettingError(
            "option-count",
            what=text("Reading `{option}`", option=option),
            expected=text("one whole number, at least 0"),
            received=verbatim(f"`{words}`"),
            fix=text("Write for example `{option} {value}`.", option=option, value=3),
        )
    return value
