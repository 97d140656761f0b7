"""Fine-tuning: a network that learned one thing is taught another, from few rows.

    stage   layers of the base that learn   rate        epochs
    1       none: the new head alone        0.001       10
    2       the later half                  0.0001      10
    3       all                             0.0001      10

The new head starts from random weights, and its first, large gradients would spoil a body that learns along; so the
body waits. Each stage goes on from the weights of the one before, with an optimiser that starts anew. Every seed has
its own head and its own stages, so that what is gained comes with an interval; `scratch` trains the same network
without what the base learned, which is what there is to beat.

A body keeps what its old task needed and throws away the rest: trained to tell textures alone, it may not know shapes
any more, and a frozen one then does worse than none.

Not for how a head is put on and layers are frozen: see `reusing.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from backlit.backend import require_backend
from backlit.data import Dataset
from backlit.data.options import require_amount, require_choice, require_count
from backlit.errors import SettingError, did_you_mean
from backlit.fitting import fit
from backlit.language import Text, language, listed, say, text, verbatim
from backlit.measure.intervals import Interval, paired_interval
from backlit.modes.reading import read_data, watched

if TYPE_CHECKING:
    import keras

    from backlit.run import Run

BASE_RATE = 0.1
"""Rate of a stage in which layers of the base learn, as a share of the head's. Source: ours; the idea is that of
howard-ruder-2018, section 3.2: what is known already is moved less."""

PLANS = ("frozen", "staged", "all", "scratch")
BATCH_NORMS = ("inference", "training")


@dataclass(frozen=True)
class Stage:
    """One training of several that follow each other.

    Attributes:
        layers: Which layers of the base learn: `none`, `half` (the later one), `all`, how many counted from the head,
            or their names. The head always learns.
        epochs: Passes over the training rows; None takes an equal share of what `fine_tune` was given.
        learning_rate: Step size; None takes that of `fine_tune` for the head alone, a tenth of it for layers of the
            base.
    """

    layers: int | str | Sequence[str] = "all"
    epochs: int | None = None
    learning_rate: float | None = None


@dataclass(frozen=True, eq=False)
class FineTuning:
    """What became of a base.

    Attributes:
        name: What the base is called.
        runs: One for each stage, in their order.
        stages: As they were done.
        learning: For each stage the names of the base's layers that learned.
        params: For each stage how many numbers learned and how many stood still.
        is_scratch: Whether the base's weights were thrown away.
        notes: What is to be said aloud.
    """

    name: str
    runs: tuple["Run", ...]
    stages: tuple[Stage, ...]
    learning: tuple[tuple[str, ...], ...]
    params: tuple[tuple[int, int], ...]
    is_scratch: bool = False
    notes: tuple[Text, ...] = ()

    @property
    def run(self) -> "Run":
        """The last stage."""
        return self.runs[-1]

    @property
    def model(self) -> "keras.Model":
        """The best member of the last stage."""
        return self.run.model

    @property
    def table(self) -> pl.DataFrame:
        """One row a stage (and combination of axes other than the seed).

        Columns: `stage` (from 1), `layers` (of the base that learned), `learned` and `frozen` (numbers), `epochs`,
        `learning_rate`, and those of `run.summary()`: after the stage, on validation rows where there are some.
        """
        frames = []
        numbered = zip(self.runs, self.stages, self.learning, self.params, strict=True)
        for number, (run, stage, learning, (n_learned, n_frozen)) in enumerate(numbered, 1):
            own = pl.DataFrame(
                {
                    "stage": [number],
                    "layers": [len(learning)],
                    "learned": [n_learned],
                    "frozen": [n_frozen],
                    "epochs": [stage.epochs],
                    "learning_rate": [stage.learning_rate],
                }
            )
            summary = run.summary()
            frames.append(own.join(summary.drop("learning_rate", strict=False), how="cross"))
        return pl.concat(frames, how="diagonal_relaxed")

    def evaluate(self, split: str = "test") -> pl.DataFrame:
        """Loss and metrics of every member after the last stage.

        Args:
            split: `train`, `validation` or `test`.

        Returns:
            As `run.evaluate`.
        """
        return self.run.evaluate(split)

    def gain_over(self, other: "FineTuning", *, split: str | None = None) -> Interval | None:
        """How far the last stage is above that of another fine-tuning, paired by member.

        Args:
            other: With the same seeds on the same data, such as one from `scratch`.
            split: Which rows judge; None takes test rows where there are some, else validation rows, else those that
                train.

        Returns:
            The interval of the difference in the first metric that is not the loss; None if no pair finished.
        """
        sizes = dict(zip(("test", "validation", "train"), reversed(self.run.data.splits.sizes), strict=True))
        split = split or next(name for name, size in sizes.items() if size)
        metric = next((name for name in self.run.metric_names if name != "loss"), "loss")
        pairs = sorted(set(self.run.finished) & set(other.run.finished))
        mine, others = (run.evaluate(split)[metric].to_numpy()[pairs] for run in (self.run, other.run))
        return paired_interval(mine, others) if pairs else None

    def lines(self) -> list[Text]:
        """What each stage let learn, a line a stage."""
        from_base = text("Base: {name}; its weights were kept.", name=self.name)
        drawn = text("Base: {name}; its weights were drawn anew.", name=self.name)
        lines = [drawn if self.is_scratch else from_base, *self.notes]
        for number, (stage, learning, (n_learned, n_frozen)) in enumerate(
            zip(self.stages, self.learning, self.params, strict=True), 1
        ):
            lines.append(
                text(
                    "Stage {number}: the head and {n} layers of the base learn, {learned:,} numbers; {frozen:,} stand "
                    "still. {epochs} epochs at {rate:g}.",
                    number=number,
                    n=len(learning),
                    learned=n_learned,
                    frozen=n_frozen,
                    epochs=stage.epochs,
                    rate=stage.learning_rate,
                )
            )
        return lines

    def say(self) -> str:
        """`lines` in the chosen language."""
        return "\n".join(line.say(language()) for line in self.lines())

    def save(self, path: str | Path) -> Path:
        """Writes the best member of the last stage as a `.keras` file.

        Args:
            path: Where to; must end in `.keras`.

        Returns:
            The path.
        """
        return self.run.save(path)

    def __repr__(self) -> str:
        return f"<FineTuning of {self.name}: {len(self.runs)} stages, {len(self.run)} members>"


def fine_tune(
    base: Any,
    data: Any,
    *,
    stages: str | Sequence[Stage | Mapping[str, Any]] = "staged",
    epochs: int = 30,
    learning_rate: float = 1e-3,
    batch_norm: str = "inference",
    seeds: int | Sequence[int] = 1,
    verbose: bool = True,
    on_progress: Callable[..., None] | None = None,
    **fitting: Any,
) -> FineTuning:
    """Teaches a trained network something else.

    Args:
        base: A trained Keras model, a `.keras` file, a Run (its best member), or the name of a shipped base.
        data: What `fit` takes.
        stages: `frozen` (the head alone), `staged` (head, later half, all), `all` (everything from the first step),
            `scratch` (everything, from drawn weights), or a list of `Stage`.
        epochs: Passes over the training rows, all stages together; those that say nothing share what is left.
        learning_rate: Of stages in which the head learns alone, and of `all` and `scratch`.
        batch_norm: `inference` keeps layers of batch normalisation frozen; `training` lets them take each batch's
            statistics, in all stages.
        seeds: How many heads, or which seeds.
        verbose: Whether to say how far it is, and how it went.
        on_progress: As for `fit`; the groups of all stages count as one training.
        **fitting: As for `fit`: `batch_size`, `optimizer`, `early_stopping`, `augment`, …

    Returns:
        The stages, with a Run each.

    Raises:
        ModelError: If the base cannot carry a new head.
        SettingError: If an argument is wrong.

    Source:
        yosinski-2014 (what can be handed on); howard-ruder-2018, section 3.3 (gradual unfreezing).
    """
    require_backend()
    from backlit.modes import reusing

    dataset, fitting = read_data(data, fitting)
    model, name, notes = _read_base(base, dataset)
    require_choice("batch_norm", batch_norm, BATCH_NORMS)
    planned = _read_stages(stages, epochs=epochs, learning_rate=learning_rate)
    network = reusing.with_new_head(model, dataset)
    learning = tuple(tuple(reusing.chosen_layers(network, stage.layers)) for stage in planned)
    is_scratch = stages == "scratch"
    learns = is_scratch or batch_norm == "training"
    quietly = watched({**fitting, "seeds": seeds, "on_progress": on_progress}, verbose=verbose)
    report = quietly.pop("on_progress", None)
    previous = None
    if not is_scratch and (learning[0] or (learns and reusing.batch_norms(network))):
        # The seeds draw the layers that learn. Nothing of the base does here, so the heads alone are drawn.
        still = reusing.frozen_but(network, (), batch_norm_learns=False, data=dataset)
        unkept = {**quietly, "save": False, "early_stopping": None}
        previous = fit(still, dataset, epochs=0, reinitialise=True, **unkept)
    runs, params = [], []
    for number, (stage, names) in enumerate(zip(planned, learning, strict=True)):
        ready = reusing.frozen_but(network, names, batch_norm_learns=learns, data=dataset)
        params.append(reusing.n_params(ready))
        following = {"start_from": previous} if previous is not None else {"reinitialise": True}
        previous = fit(
            ready,
            dataset,
            epochs=stage.epochs or 0,
            learning_rate=stage.learning_rate,
            on_progress=_numbered(report, number, len(planned)),
            **following,
            **quietly,
        )
        runs.append(previous)
        if not previous.finished:
            break
    n_done = len(runs)
    found = FineTuning(name, tuple(runs), planned[:n_done], learning[:n_done], tuple(params), is_scratch, notes)
    if verbose:
        print(found.say())
        if found.run.id:
            print(say(text("Kept as run {id}.", id=found.run.id)))
    return found


def _read_base(base: Any, data: Dataset) -> tuple["keras.Model", str, tuple[Text, ...]]:
    """The trained network, what to call it, and what is to be said about it."""
    import keras

    from backlit.models.bases import BASES, card_of, shipped_base
    from backlit.models.files import from_keras_file
    from backlit.run import Run

    if isinstance(base, Run):
        return base.model, base.id or base.data.name, ()
    if isinstance(base, keras.Model):
        return base, base.name, ()
    if isinstance(base, Path) or (isinstance(base, str) and base.lower().endswith(".keras")):
        path = Path(base).expanduser()
        return from_keras_file(path), path.name, ()
    if not isinstance(base, str):
        raise SettingError(
            "base-kind",
            what=text("Looking for a trained base"),
            expected=text("a shipped one, a `.keras` file, a Keras model or a Run"),
            received=text("`{kind}`", kind=type(base).__name__),
            fix=text("Shipped with backlit: {names}.", names=listed(f"`{name}`" for name in BASES)),
        )
    model = shipped_base(base)
    card = card_of(base)
    learned = listed(f"{what} {score:.3f}" for what, score in card.learned.items())
    notes = [
        text(
            "It learned from {n:,} rows of {data}; on {test:,} others it was right in {learned}.",
            n=card.n_train,
            data=card.data,
            test=card.n_test,
            learned=learned,
        )
    ]
    lowest, highest = float(np.min(data.inputs)), float(np.max(data.inputs))
    if lowest < card.lowest or highest > card.highest:
        notes.append(
            text(
                "It learned from values {low:g} to {high:g}; these reach from {lowest:g} to {highest:g}: scale them.",
                low=card.lowest,
                high=card.highest,
                lowest=lowest,
                highest=highest,
            )
        )
    return model, card.name, tuple(notes)


def _read_stages(stages: Any, *, epochs: Any, learning_rate: Any) -> tuple[Stage, ...]:
    """The stages with their epochs and rates."""
    epochs = require_count("epochs", epochs, least=0)
    learning_rate = require_amount("learning_rate", learning_rate)
    if isinstance(stages, str):
        if stages not in PLANS:
            raise SettingError(
                "stages-unknown",
                what=text("Reading `stages`"),
                expected=text("one of {names}, or a list of `Stage`", names=listed(f"`{name}`" for name in PLANS)),
                received=text("`{name}`", name=stages),
                fix=did_you_mean(stages, PLANS),
            )
        planned = {
            "frozen": [Stage("none")],
            "staged": [Stage("none"), Stage("half"), Stage("all")],
            "all": [Stage("all", learning_rate=learning_rate)],
            "scratch": [Stage("all", learning_rate=learning_rate)],
        }[stages]
    else:
        planned = [_read_stage(one) for one in stages] if isinstance(stages, list | tuple) else []
    if not planned:
        raise SettingError(
            "stages-kind",
            what=text("Reading `stages`"),
            expected=text("one of {names}, or a list of `Stage`", names=listed(f"`{name}`" for name in PLANS)),
            received=verbatim(repr(stages)),
            fix=text('Write for example `stages=[Stage("none"), Stage(2)]`.'),
        )
    given = sum(stage.epochs or 0 for stage in planned)
    open_ones = [number for number, stage in enumerate(planned) if stage.epochs is None]
    left = max(epochs - given, 0)
    shares = {number: left // len(open_ones) + (i < left % len(open_ones)) for i, number in enumerate(open_ones)}
    return tuple(
        Stage(
            stage.layers,
            shares.get(number, stage.epochs),
            stage.learning_rate
            if stage.learning_rate is not None
            else learning_rate * (1 if stage.layers in ("none", 0) else BASE_RATE),
        )
        for number, stage in enumerate(planned)
    )


def _read_stage(stage: Any) -> Stage:
    if isinstance(stage, Stage):
        return stage
    known = ("layers", "epochs", "learning_rate")
    if not isinstance(stage, Mapping) or not set(stage) <= set(known):
        wrong = next((str(name) for name in stage if name not in known), "") if isinstance(stage, Mapping) else ""
        raise SettingError(
            "stage-kind",
            what=text("Reading a stage"),
            expected=text("a `Stage`, or a dictionary with {names}", names=listed(f"`{name}`" for name in known)),
            received=text("`{name}`", name=wrong) if wrong else text("`{value}`", value=stage),
            fix=text("Write for example `Stage(layers=2, epochs=5, learning_rate=1e-4)`."),
        )
    return Stage(**stage)


def _numbered(report: Callable[..., None] | None, stage: int, n_stages: int) -> Callable[..., None] | None:
    """Progress of one stage as progress of all, so that a bar runs from end to end once."""
    if report is None:
        return None
    return lambda progress, group, n_groups: report(progress, stage * n_groups + group, n_stages * n_groups)
