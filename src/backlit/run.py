"""A Run: one network or a population after training, with everything that can be asked of it.

    run.history     tidy frame: member, axes, epoch, split, metric, value
    run.probes      tidy frame of what was measured inside: member, axes, step, epoch, probe, layer, weight, bin, value
    run.members     one row a member: its settings, how it ended, its last scores
    run.summary()   mean and 95 % interval over seeds, one row for each combination of the other axes
    run[3]          one member as a Run of its own
    run.model       the best member by validation, an ordinary Keras model
    run.plot(…)     one view, for a notebook, a terminal or a file; run.report(…) all of them as one page

Not for training (see `fitting.py`) nor for what is on disk (see `store.py`).
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import polars as pl
from scipy import stats

from backlit.data import Dataset, Splits
from backlit.engine.continuing import weights_by_layer
from backlit.engine.devices import Placement
from backlit.engine.divergence import Divergence, find_divergence
from backlit.engine.experiment import Experiment, cross
from backlit.engine.own_rows import deal_numbers, member_data, member_splits
from backlit.engine.plan import describe_groups
from backlit.engine.prepare import Ingredients, member_settings, prepared_group
from backlit.engine.program import NEVER
from backlit.engine.result import GroupResult
from backlit.engine.schedule import steps_per_epoch
from backlit.engine.score import Scorer
from backlit.engine.start import TrainedGroup
from backlit.engine.train import Trained
from backlit.errors import RunError, SettingError, StoreError, did_you_mean
from backlit.language import Text, listed, say, text
from backlit.measure import probe_frame
from backlit.measure.subject import AbstractSubject
from backlit.models import ship

if TYPE_CHECKING:  # Plotly is imported when something is drawn
    from backlit.views.shown import Shown

SPLITS = ("train", "validation", "test")
PACKAGES = ("backlit", "keras", "jax", "jaxlib", "numpy", "scikit-learn")
"""Those that decide the last digits."""


@dataclass(frozen=True)
class _Place:
    """Where a member is: its group, and its place in it."""

    group: int
    place: int


@dataclass(frozen=True, eq=False)
class Run(AbstractSubject):
    """A population after training, or one network.

    Attributes:
        experiment: What was done.
        ingredients: The data and the live models.
        trained: Weights and records.
        id: Its name in the store; empty if it was not kept.
        chosen: Numbers of the members that this Run shows, in the Experiment's numbering.
        notes: What was decided for the user.
        unkept: Why the run could not be kept in the store; None if it was, or should not be.
        versions: Packages and versions that trained it, if it comes from the store; empty for one trained just now.
        snapshots: What a stream put aside while it trained; in memory alone, and empty for any other Run.
    """

    experiment: Experiment
    ingredients: Ingredients
    trained: Trained
    id: str = ""
    chosen: tuple[int, ...] | None = None
    notes: tuple[Text, ...] = field(default=())
    unkept: StoreError | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    snapshots: tuple[Any, ...] = ()

    def __len__(self) -> int:
        """How many members."""
        return len(self._idxs)

    def __getitem__(self, member: int) -> "Run":
        """One member as a Run of its own."""
        if not -len(self) <= member < len(self):
            raise IndexError(f"The run has members 0..{len(self) - 1}, not {member}.")
        one = (self._idxs[member],)
        return replace(self, chosen=one, unkept=None)

    def __iter__(self) -> Iterator["Run"]:
        """The members one after another."""
        return (self[member] for member in range(len(self)))

    def __repr__(self) -> str:
        name = f" {self.id}" if self.id else ""
        return f"<Run{name}: {len(self)} member{'s' * (len(self) > 1)} on {self.experiment.data.name}>"

    @property
    def data(self) -> Dataset:
        """What was trained on."""
        return self.ingredients.data

    @property
    def axes(self) -> tuple[str, ...]:
        """Names in which the members differ, seeds last."""
        return tuple(name for axis in self.experiment.axes for name in axis.names)

    @property
    def plan(self) -> Text:
        """Which axes are traced, which make groups, how many programs, and where the members lie."""
        groups = [one.group for one in self.trained.groups]
        lines = describe_groups(self.experiment.axes, groups, dealt=self.experiment.dealt)
        for one in self.trained.groups:
            where = one.placement
            lines.append(
                text(
                    "{n} members on {devices} devices, {block} side by side.",
                    n=len(one.group.members),
                    devices=where.n_devices,
                    block=where.block,
                )
            )
        lines = list(dict.fromkeys(lines))
        template = " ".join(f"{{line{i}}}" for i in range(len(lines)))
        return Text(template, {f"line{i}": line for i, line in enumerate(lines)})

    @property
    def compile_s(self) -> float:
        """Seconds spent tracing and compiling."""
        return sum(one.result.compile_s for one in self.trained.groups)

    @property
    def run_s(self) -> float:
        """Seconds spent training."""
        return sum(one.result.run_s for one in self.trained.groups)

    @property
    def samples_per_s(self) -> float:
        """Model-samples trained in a second, compilation apart."""
        return sum(one.result.n_samples for one in self.trained.groups) / max(self.run_s, 1e-9)

    @cached_property
    def history(self) -> pl.DataFrame:
        """Every recorded number: member, one column an axis, epoch (from 1), split, metric, value."""
        frames = [self._member_history(number, idx) for number, idx in enumerate(self._idxs)]
        return pl.concat(frames)

    @cached_property
    def probes(self) -> pl.DataFrame:
        """What `fit(…, probes=True)` measured: member, one column an axis, and the columns of `probe_frame`.

        Empty where nothing was measured. A look at step 0 comes before the first step; see `engine/schedule.py`.
        """
        frames = []
        for number, idx in enumerate(self._idxs):
            result, place = self._result(idx)
            frame = probe_frame(result, place=place, epoch_steps=self._epoch_steps(idx))
            own = [pl.lit(_cell(value)).alias(name) for name, value in self._own(idx).items()]
            frames.append(frame.select(pl.lit(number).alias("member"), *own, *frame.columns))
        return pl.concat(frames)

    @cached_property
    def members(self) -> pl.DataFrame:
        """One row a member: settings, status, where it stopped, last scores."""
        rows = []
        for number, idx in enumerate(self._idxs):
            result, place = self._result(idx)
            diverged, stopped = int(result.diverged_step[place]), int(result.stop_epoch[place])
            status = "diverged" if diverged != NEVER else "stopped early" if stopped != NEVER else "finished"
            if status == "finished" and self.experiment.stopped and self._n_epochs(idx) < self._wanted_epochs(idx):
                status = "stopped"
            rows.append(
                {
                    "member": number,
                    **{name: _cell(value) for name, value in self._own(idx).items()},
                    "status": status,
                    "stop_epoch": stopped + 1 if stopped != NEVER else None,
                    "diverged_step": diverged + 1 if diverged != NEVER else None,
                    **self._kept_scores(idx),
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    @property
    def finished(self) -> list[int]:
        """Numbers of the members that did not diverge."""
        return [number for number, idx in enumerate(self._idxs) if not self._diverged(idx)]

    @property
    def best(self) -> int:
        """Number of the best member: lowest validation loss, or training loss where nothing validates.

        Raises:
            RunError: If every member diverged.
        """
        if not self.finished:
            raise self._all_diverged()
        scores = [self._kept_scores(self._idxs[number]) for number in self.finished]
        key = "val_loss" if scores and "val_loss" in scores[0] else "loss"
        values = [score.get(key, np.inf) for score in scores]
        return self.finished[int(np.nanargmin(values))] if np.isfinite(values).any() else self.finished[0]

    @cached_property
    def model(self) -> keras.Model:
        """The best member by validation: an ordinary compiled Keras model, of rows as `data.inputs` has them."""
        place = self._place(self._idxs[self.best])
        return self._scorer(place.group).model(place.place)

    def summary(self, metric: str | None = None, *, split: str | None = None) -> pl.DataFrame:
        """Mean and 95 % interval over seeds of what the members hand over.

        Args:
            metric: A column of the history; the first metric that is not the loss if None.
            split: `train` or `validation`; validation where there is one if None.

        Returns:
            One row for each combination of the axes other than the seed: axes, `n` (members that finished),
            `n_diverged`, `mean`, `lo`, `hi`. The interval is Student's; it is empty for fewer than two members.

        Raises:
            SettingError: If there is no such metric.
        """
        names = self.metric_names
        metric = metric or next((name for name in names if name != "loss"), "loss")
        if metric not in names:
            raise SettingError(
                "metric-unknown",
                what=text("Summarising the run"),
                expected=text("a metric of this run"),
                received=text("`{name}`", name=metric),
                fix=did_you_mean(metric, names),
            )
        has_validation = f"val_{metric}" in self.members.columns
        column = f"val_{metric}" if (split or "validation") == "validation" and has_validation else metric
        by = [name for name in self.axes if name != "seed"]
        groups = self.members.group_by(by, maintain_order=True) if by else [((), self.members)]
        rows = []
        for key, frame in groups:
            good = frame.filter(pl.col("status") != "diverged")
            values = good[column].drop_nulls().to_numpy()
            mean, lo, hi = _interval(values)
            rows.append(
                {
                    **dict(zip(by, key, strict=True)),
                    "metric": column,
                    "n": len(values),
                    "n_diverged": len(frame) - len(good),
                    "mean": mean,
                    "lo": lo,
                    "hi": hi,
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    @cached_property
    def metric_names(self) -> list[str]:
        """Names of what is recorded each epoch: `loss` and the metrics."""
        records = max((one.result.records for one in self.trained.groups), key=len)  # a group may not have begun
        return sorted({name.removeprefix("val_") for name in records}, key=lambda name: (name != "loss", name))

    def evaluate(self, split: str = "test") -> pl.DataFrame:
        """Loss and metrics of every member on one split.

        Args:
            split: `train`, `validation` or `test`.

        Returns:
            One row a member: member, axes, loss, metrics.

        Raises:
            SettingError: If there is no such split, or it has no rows.
        """
        if split not in SPLITS:
            raise SettingError(
                "split-unknown",
                what=text("Evaluating the run"),
                expected=text("one of {names}", names=listed(f"`{name}`" for name in SPLITS)),
                received=text("`{name}`", name=split),
                fix=did_you_mean(split, SPLITS),
            )
        if any(len(getattr(self.splits_of(number), split)) == 0 for number in range(len(self))):
            raise SettingError(
                "split-empty",
                what=text("Evaluating the run"),
                expected=text("rows in the split `{name}`", name=split),
                received=text("none"),
                fix=text("Evaluate another split, or load the data with `{name}_split=0.2`.", name=split),
            )
        deals = deal_numbers(self.experiment)
        alike: dict[tuple[int, int], list[int]] = {}  # members of one group that are scored on the same rows
        for number, idx in enumerate(self._idxs):
            alike.setdefault((self._place(idx).group, deals[idx]), []).append(number)
        scores: dict[int, dict[str, float]] = {}
        for (group, _), numbers in alike.items():
            places = [self._place(self._idxs[number]).place for number in numbers]
            inputs, targets = getattr(self.data_of(numbers[0]), split)
            found = self._scorer(group).score(inputs, targets, places=places)
            for i, number in enumerate(numbers):
                scores[number] = {name: float(values[i]) for name, values in found.items()}
        rows = []
        for number, idx in enumerate(self._idxs):
            own = {name: _cell(value) for name, value in self._own(idx).items()}
            rows.append({"member": number, **own, **scores[number]})
        return pl.DataFrame(rows, infer_schema_length=None)

    def predict(self, inputs: Any, *, member: int | None = None) -> np.ndarray:
        """Predictions of the best member, or of the one that is asked for.

        Args:
            inputs: Rows as the network reads them (a table's rows standardised: `data.preparation.apply`).
            member: Number of the member; None takes the best.

        Returns:
            What the model's last layer gives, one entry a row.

        Raises:
            SettingError: If the rows are not of the shape the network reads.
        """
        inputs = np.asarray(inputs)
        if inputs.shape[1:] != self.data.input_shape:
            raise SettingError(
                "predict-shape",
                what=text("Predicting"),
                expected=text("rows of shape {shape}", shape=self.data.input_shape),
                received=text("an array of shape {shape}", shape=inputs.shape),
                fix=text("One row needs a batch axis too: `x[None]`."),
            )
        place = self._place(self._idxs[self.best if member is None else member])
        return self._scorer(place.group).predict(place.place, inputs)

    def weights(self, member: int | None = None) -> list[np.ndarray]:
        """Weights of one member, trainable first, then the others.

        Args:
            member: Number of the member; None takes the best.

        Returns:
            Arrays.
        """
        result, place = self._result(self._idxs[self.best if member is None else member])
        return [np.asarray(leaf[place]) for part in ("trainable", "non_trainable") for leaf in result.kept[part]]

    def layer_weights(self, member: int | None = None) -> list[np.ndarray]:
        """Weights of one member in the order of its layers, whether they learn or not.

        Args:
            member: Number of the member; None takes the best.

        Returns:
            Arrays; states of random generators are left out.
        """
        place = self._place(self._idxs[self.best if member is None else member])
        one = self.trained.groups[place.group]
        template = prepared_group(self.experiment, self.ingredients, one.group).template
        return weights_by_layer(template, one.result.kept, place.place)

    def weight_path(self, member: int | None = None) -> list[list[np.ndarray]]:
        """The weights that one member passed, where a stream kept snapshots; see `snapshots`.

        Args:
            member: Number of the member; None takes the best.

        Returns:
            One entry a snapshot, each as `weights` gives them; empty without snapshots.
        """
        idx = self._idxs[self.best if member is None else member]
        own = [one for one in self.snapshots if one.group == self._place(idx).group]
        return [one.weights(idx) for one in own]

    def splits_of(self, member: int) -> Splits:
        """The rows that a member trained on, was validated on, and is tested on; those of `run.data` where all share.

        Args:
            member: Number of the member.

        Returns:
            Row numbers; in a bag a training row may stand several times.
        """
        self._require_rows()
        return member_splits(self.experiment, self.data)[self._idxs[member]]

    def data_of(self, member: int) -> Dataset:
        """The data as a member has them: with its own splits, and a table as its own training rows prepare it.

        Args:
            member: Number of the member.

        Returns:
            The data.
        """
        self._require_rows()
        return member_data(self.experiment, self.data, self._idxs[member])

    @property
    def best_data(self) -> Dataset:
        """The data as the best member has them: what prepares new rows for `model` and `predict`."""
        return self.data if self.experiment.deals is None else self.data_of(self.best)

    def divergence(self, member: int | None = None) -> Divergence:
        """Where a member's numbers stopped being numbers: step, batch, layer, and what grew before.

        Its group is trained again up to that step, with the same bits, so this takes about as long as that took.

        Args:
            member: Number of the member; None takes the first that diverged.

        Returns:
            What was found.

        Raises:
            SettingError: If the member did not diverge.
        """
        lost = [number for number in range(len(self)) if number not in self.finished]
        member = lost[0] if member is None and lost else member
        if member is None or member not in lost:
            raise SettingError(
                "not-diverged",
                what=text("Looking for where a member diverged"),
                expected=text("a member that diverged: {members}", members=listed(lost))
                if lost
                else text("a member that diverged; none did"),
                received=text("member {member}", member=member) if member is not None else None,
                fix=text("`run.members` shows how each member ended."),
            )
        place = self._place(self._idxs[member])
        given = self.ingredients
        ingredients = Ingredients(
            data=given.data,
            models=given.models,
            loss=given.loss,
            metrics=given.metrics,
            initial=given.initial,
            placements=placements(self),
        )
        results = [one.result for one in self.trained.groups]
        return find_divergence(self.experiment, ingredients, results, group=place.group, member=place.place)

    def save(self, path: str | Path) -> Path:
        """Writes the best member as a `.keras` file that plain Keras reads, behind the preparation of its data.

        The file takes coded rows: columns of a table as numbers, pictures as bytes. How raw cells become numbers stands
        in its `backlit.json`, which `backlit predict FILE.keras DATA` reads.

        Args:
            path: Where to; must end in `.keras`.

        Returns:
            The path.

        Raises:
            SettingError: If the path does not end in `.keras` or its folder is missing.
        """
        path = Path(path).expanduser()
        if path.suffix != ".keras" or not path.parent.is_dir():
            raise SettingError(
                "save-path",
                what=text("Saving the model"),
                expected=text("a path in an existing folder that ends in `.keras`"),
                received=text("`{path}`", path=path),
                fix=text('Write for example `run.save("model.keras")`.'),
            )
        ship(self.model, self.best_data, path)
        return path

    def plot(
        self, name: str, *, member: int | None = None, language: str | None = None, theme: str = "light"
    ) -> "Shown":
        """One view of the run: it shows itself in Jupyter, `print` draws it with characters, `.save` writes a page.

        Args:
            name: Of the view, such as `curves`; `backlit.views.all_views()` lists them.
            member: Number of the member that is shown alone; None shows the run as it is.
            language: `en` or `zh`; None takes that of the process.
            theme: `light` or `dark`.

        Returns:
            The figures, a sequence: Plotly figures for charts.

        Raises:
            SettingError: If there is no such view, or it does not apply to this run; the message says which do.
        """
        from backlit.views.asked import asked_language, asked_theme
        from backlit.views.notebook import show_view

        subject = self if member is None else self[member]
        return show_view(subject, name, language=asked_language(language), theme=asked_theme(theme))

    def report(self, path: str | Path, *, language: str | None = None, theme: str = "auto", heavy: bool = True) -> Path:
        """Writes a page with everything about the run: one file that opens anywhere and loads nothing.

        Args:
            path: Where to; ends in `.html`. A file of that name is replaced.
            language: `en` or `zh`, shown first (the page has both); None takes that of the process.
            theme: `light`, `dark`, or `auto` for that of the reader's system.
            heavy: Whether views that take seconds are in it.

        Returns:
            The path.

        Raises:
            SettingError: If the path does not end in `.html` or its folder is missing.
        """
        from backlit.views.asked import asked_language, asked_theme
        from backlit.views.report import make_report
        from backlit.views.saving import require_page_path, write_page

        what = text("Writing the report")
        path = require_page_path(path, what=what)
        page = make_report(
            self,
            language=asked_language(language),
            theme=asked_theme(theme, may_be_auto=True),
            heavy=heavy,
            versions=self.versions or versions_here(),
        )
        return write_page(page, path, what=what)

    def _repr_html_(self) -> str:
        from backlit.language import language
        from backlit.views.notebook import run_html

        return run_html(self, language=language())

    def _ipython_display_(self) -> None:
        """Shows the run in a notebook: how it was made, its population, its curves."""
        from backlit.language import language
        from backlit.views.notebook import display_run

        display_run(self, language=language())

    def say(self) -> str:
        """A few lines for people, in the chosen language: what was trained, and how well."""
        lines = [say(note) for note in self.notes] + [say(self.plan)]
        lost = len(self) - len(self.finished)
        if lost:
            lines.append(say(self._diverged_words()))
        return "\n".join(lines)

    @property
    def _idxs(self) -> tuple[int, ...]:
        return self.chosen if self.chosen is not None else tuple(range(self.experiment.n_members))

    @cached_property
    def _places(self) -> dict[int, _Place]:
        return {
            idx: _Place(group, place)
            for group, one in enumerate(self.trained.groups)
            for place, idx in enumerate(one.group.members)
        }

    @cached_property
    def _scorers(self) -> dict[int, Scorer]:
        return {}

    def _require_rows(self) -> None:
        """Lets data of which only the first rows are at hand say why."""
        if self.data.splits.sizes != self.experiment.data.sizes:
            _ = self.data.train

    def _place(self, idx: int) -> _Place:
        return self._places[idx]

    def _result(self, idx: int) -> tuple[GroupResult, int]:
        place = self._place(idx)
        return self.trained.groups[place.group].result, place.place

    def _scorer(self, group: int) -> Scorer:
        if group not in self._scorers:
            one = self.trained.groups[group]
            self._scorers[group] = Scorer(self.experiment, self.ingredients, one.group, one.result)
        return self._scorers[group]

    def _own(self, idx: int) -> dict[str, Any]:
        return cross(self.experiment.axes)[idx]

    def _diverged(self, idx: int) -> bool:
        result, place = self._result(idx)
        return int(result.diverged_step[place]) != NEVER

    def _n_epochs(self, idx: int) -> int:
        """Epochs that a member recorded, the one in which it stopped or diverged included."""
        result, place = self._result(idx)
        values = next(iter(result.records.values()), np.zeros((1, 0)))
        if not self._diverged(idx) and result.stop_epoch[place] == NEVER:
            return values.shape[1]
        if result.stop_epoch[place] != NEVER:
            return int(result.stop_epoch[place]) + 1
        return min(int(result.diverged_step[place]) // self._epoch_steps(idx) + 1, values.shape[1])

    def _epoch_steps(self, idx: int) -> int:
        batch_size = int(member_settings(self.experiment, idx).get("batch_size", self.experiment.batch_size))
        group = self.trained.groups[self._place(idx).group].group
        return steps_per_epoch(int(group.structure.get("n_rows", self.experiment.data.sizes[0])), batch_size)

    def _wanted_epochs(self, idx: int) -> int:
        return int(member_settings(self.experiment, idx).get("epochs", self.experiment.epochs))

    def _member_history(self, number: int, idx: int) -> pl.DataFrame:
        result, place = self._result(idx)
        n = self._n_epochs(idx)
        frames = []
        own = {name: pl.lit(_cell(value)) for name, value in self._own(idx).items()}
        records = result.records or {"loss": np.zeros((place + 1, 0))}  # no epochs: no rows, but the columns
        for name, values in records.items():
            metric = name.removeprefix("val_")
            frames.append(
                pl.DataFrame({"epoch": np.arange(1, n + 1), "value": values[place, :n].astype(np.float64)}).select(
                    pl.lit(number).alias("member"),
                    *(value.alias(axis) for axis, value in own.items()),
                    "epoch",
                    pl.lit("train" if metric == name else "validation").alias("split"),
                    pl.lit(metric).alias("metric"),
                    "value",
                )
            )
        return pl.concat(frames)

    def _kept_scores(self, idx: int) -> dict[str, float]:
        """Scores at the epoch whose weights the member hands over."""
        result, place = self._result(idx)
        n = self._n_epochs(idx)
        if n == 0:
            return {}
        rule = self.experiment.early_stopping
        epoch = n - 1
        if rule is not None and rule.restore_best_weights and result.best_epoch[place] != NEVER:
            epoch = int(result.best_epoch[place])
        return {name: float(values[place, epoch]) for name, values in result.records.items()}

    def _diverged_words(self) -> Text:
        """Who diverged, where, and with which settings; at most three are named."""
        lost = [number for number in range(len(self)) if number not in self.finished]
        named = []
        for number in lost[:3]:
            result, place = self._result(self._idxs[number])
            own = ", ".join(f"{name}={value}" for name, value in self._own(self._idxs[number]).items())
            where = text("{member} at step {step}", member=number, step=int(result.diverged_step[place]) + 1)
            named.append(text("{where} ({own})", where=where, own=own) if own else where)
        return text(
            "{lost} of {n} members diverged (loss or weights not finite): {named}{more}. "
            "The others are in `run.finished`.",
            lost=len(lost),
            n=len(self),
            named=listed(named),
            more=", …" if len(lost) > 3 else "",
        )

    def _all_diverged(self) -> RunError:
        result, place = self._result(self._idxs[0])
        return RunError(
            "all-diverged",
            what=text("Choosing the best member"),
            expected=text("at least one member that finished"),
            received=text(
                "{n} members, all diverged, the first at step {step}",
                n=len(self),
                step=int(result.diverged_step[place]) + 1,
            ),
            fix=text("Try a learning rate ten times smaller; `run.history` shows how the loss grew."),
        )


def placements(run: Run) -> tuple[Placement, ...]:
    """Where the groups of a run lay, which a rerun needs to be bit-identical."""
    return tuple(one.placement for one in run.trained.groups)


def versions_here() -> dict[str, str]:
    """Versions of what decides the last digits of a run that is trained in this process.

    Returns:
        Package to version.
    """
    packages = {name: version(name) for name in PACKAGES}
    return {**packages, "python": sys.version.split()[0]}


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool) or value is None else str(value)


def _interval(values: np.ndarray) -> tuple[float | None, float | None, float | None]:
    """Mean and its 95 % interval by Student's t; no interval below two values."""
    if len(values) == 0:
        return None, None, None
    mean = float(values.mean())
    if len(values) == 1:
        return mean, None, None
    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - half, mean + half


__all__ = ["Run", "TrainedGroup", "placements", "versions_here"]
