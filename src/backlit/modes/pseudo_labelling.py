"""Pseudo-labels: a few labelled rows teach a network, which labels those it is sure of and teaches a new one.

    round 0   teacher    50 labelled rows                          → sure of 400 others
    round 1   student    50 labelled + 400 pseudo-labelled rows    → sure of 800
    …

Every student is drawn anew: it takes over the teacher's labels, not its weights. Every seed has labelled rows, weights
and mistakes of its own, and all seeds train at once. Every round takes the same number of steps: an epoch has as many
rows as there are training rows, in which labelled rows come again and again until it is full. So what a student gains
over its teacher is due to the labels and not to longer training.

Where the labels of the others are known, they are only hidden: then it is said how many pseudo-labels were right. It
can go wrong: a teacher that is sure and mistaken teaches its mistakes.

Not for regression: there, nothing says how sure a network is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Int

from backlit.data import given_rows
from backlit.data.options import require_amount, require_count
from backlit.errors import DataError, SettingError
from backlit.fitting import fit
from backlit.language import Text, language, say, text, verbatim
from backlit.measure.intervals import Interval, paired_interval, seed_interval
from backlit.measure.predictions import prediction_table
from backlit.measure.pseudo_labels import filled_rows, sure_rows
from backlit.modes.label_pool import Pool, PseudoLabels, pool_of, with_labels
from backlit.modes.reading import first_seeds, read_data, require_judges, require_no_lists, watched
from backlit.run import Run

SPLIT_WORDS = {"train": text("training"), "validation": text("validation"), "test": text("test")}


@dataclass(frozen=True, eq=False)
class PseudoLabelling:
    """Teachers and their students.

    Attributes:
        runs: One for each round, the teachers first; a member for each seed.
        seeds: Of the members.
        labelled: For each seed the rows whose labels were used.
        given: For each round after the first and each seed, the pseudo-labels that it learned from.
        thresholds: For each of these rounds, how sure a teacher had to be.
        n_unlabelled: Rows that a teacher could label.
        notes: What is to be said aloud of them.
    """

    runs: tuple[Run, ...]
    seeds: tuple[int, ...]
    labelled: tuple[Int[np.ndarray, " labelled"], ...]
    given: tuple[tuple[PseudoLabels, ...], ...]
    thresholds: tuple[float, ...]
    n_unlabelled: int
    notes: tuple[Text, ...] = ()

    @property
    def run(self) -> Run:
        """The last students."""
        return self.runs[-1]

    @property
    def metric(self) -> str:
        """The metric of `table` and `summary`: the first that is not the loss."""
        return next((name for name in self.run.metric_names if name != "loss"), "loss")

    @property
    def split(self) -> str:
        """The rows that judge: test rows where there are some, else validation rows."""
        return "test" if len(self.run.data.splits.test) else "validation"

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row for each round and seed.

        Columns: `round` (0 for the teacher), `seed`, `threshold`, `n_pseudo`, `n_right`, the metric on the rows that
        judge, and `status`.
        """
        frames = []
        for number, run in enumerate(self.runs):
            own = self.given[number - 1] if number else None
            threshold = self.thresholds[number - 1] if number else None
            n = len(self.seeds)
            frames.append(
                pl.DataFrame(
                    {
                        "round": [number] * n,
                        "seed": self.seeds,
                        "threshold": [threshold] * n,
                        "n_pseudo": [0] * n if own is None else [len(one.rows) for one in own],
                        "n_right": [None] * n if own is None else [one.n_right for one in own],
                        self.metric: run.evaluate(self.split)[self.metric],
                        "status": run.members["status"],
                    },
                    schema_overrides={"threshold": pl.Float64, "n_right": pl.Int64},
                )
            )
        return pl.concat(frames)

    def summary(self) -> pl.DataFrame:
        """One row a round, over the seeds that finished in it.

        Returns:
            `round`, `threshold`, `n_pseudo` (mean), `right` (share of the pseudo-labels; None where nobody knows),
            `metric`, `n`, `mean`, `lo`, `hi`, and `gain`, `gain_lo`, `gain_hi`: over the teacher of the same seed.
        """
        rows = []
        for number in range(len(self.runs)):
            frame = self.table.filter((pl.col("round") == number) & (pl.col("status") != "diverged"))
            n_pseudo, n_right = int(frame["n_pseudo"].sum()), frame["n_right"].drop_nulls()
            found = seed_interval(frame[self.metric].to_numpy()) if len(frame) else None
            gain = self.gain(number) if number else None
            rows.append(
                {
                    "round": number,
                    "threshold": self.thresholds[number - 1] if number else None,
                    "n_pseudo": n_pseudo / max(len(frame), 1),
                    "right": float(n_right.sum()) / n_pseudo if n_pseudo and len(n_right) else None,
                    "metric": self.metric,
                    "n": len(frame),
                    **_columns(found, ("mean", "lo", "hi")),
                    **_columns(gain, ("gain", "gain_lo", "gain_hi")),
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    def gain(self, number: int | None = None) -> Interval | None:
        """How much a round's students are above their teachers, paired by seed.

        Args:
            number: Of the round; None takes the last.

        Returns:
            The interval of the difference in the metric; None if no seed finished both.
        """
        number = len(self.runs) - 1 if number is None else number
        both = set(self.runs[0].finished) & set(self.runs[number].finished)
        teacher, student = (self.table.filter(pl.col("round") == one)[self.metric].to_numpy() for one in (0, number))
        members = sorted(both)
        return paired_interval(student[members], teacher[members]) if members else None

    def lines(self) -> list[Text]:
        """What each round learned from and how well it did, a line a round; then what was gained."""
        n_labelled = len(self.labelled[0])
        lines = [
            *self.notes,
            text(
                "{labelled} labelled rows, {others} without; {seeds} seeds. Scores are of the {split} rows.",
                labelled=n_labelled,
                others=self.n_unlabelled,
                seeds=len(self.seeds),
                split=SPLIT_WORDS[self.split],
            ),
        ]
        for row in self.summary().to_dicts():
            score = verbatim("–" if row["mean"] is None else f"{row['mean']:.3f}")
            if row["round"] == 0:
                lines.append(text("Teacher: labelled rows alone: {score}.", score=score))
                continue
            right = (
                text(", {share:.1%} of them right", share=row["right"]) if row["right"] is not None else verbatim("")
            )
            lines.append(
                text(
                    "Round {number}: {n:.0f} pseudo-labels (sure of {threshold:g}){right}: {score}.",
                    number=row["round"],
                    n=row["n_pseudo"],
                    threshold=row["threshold"],
                    right=right,
                    score=score,
                )
            )
        return [*lines, *self._gain_line()]

    def say(self) -> str:
        """`lines` in the chosen language."""
        return "\n".join(line.say(language()) for line in self.lines())

    def _gain_line(self) -> list[Text]:
        found = self.gain() if len(self.runs) > 1 else None
        if found is None or found.lo is None or found.hi is None:
            return []
        values = {"gain": f"{found.mean:+.3f}", "lo": f"{found.lo:+.3f}", "hi": f"{found.hi:+.3f}"}
        if not found.excludes_zero:
            return [text("Student less teacher: {gain}, 95 % interval {lo} to {hi}: no effect shown.", **values)]
        if found.mean > 0:
            return [text("Student less teacher: {gain}, 95 % interval {lo} to {hi}: pseudo-labels helped.", **values)]
        return [text("Student less teacher: {gain}, 95 % interval {lo} to {hi}: pseudo-labels did harm.", **values)]

    def save(self, path: str | Path) -> Path:
        """Writes the best member of the last round as a `.keras` file.

        Args:
            path: Where to; must end in `.keras`.

        Returns:
            The path.
        """
        return self.run.save(path)

    def __repr__(self) -> str:
        return f"<PseudoLabelling: {len(self.runs) - 1} rounds, {len(self.seeds)} seeds on {self.run.data.name}>"


def pseudo_label(
    model: Any,
    data: Any,
    *,
    n_labelled_per_class: int | None = None,
    labelled: Sequence[int] | None = None,
    unlabelled: Any = None,
    threshold: float | Sequence[float] = 0.95,
    balance: bool = True,
    rounds: int = 3,
    seeds: int | Sequence[int] = 5,
    seed: int = 0,
    verbose: bool = True,
    on_progress: Callable[..., None] | None = None,
    **fitting: Any,
) -> PseudoLabelling:
    """Trains teachers on labelled rows, and students on these and on what the teachers are sure of.

    Which rows are labelled: `unlabelled` brings rows without labels, and then all training rows are labelled ones. Else
    labels of training rows are hidden: all but those of the rows in `labelled`, or of so many of each class, which
    every seed draws for itself.

    Args:
        model: As for `fit`.
        data: As for `fit`; a task with classes.
        n_labelled_per_class: Labels of each class that each seed may use; 5 if nothing else is said.
        labelled: Numbers of training rows whose labels all seeds may use.
        unlabelled: Further rows: an array as the network reads them, or a file or frame like those of the data.
        threshold: How sure a teacher must be, from 0 to 1; or one number for each round.
        balance: Whether no class may give more pseudo-labels than the median class.
        rounds: How often students become teachers; not used if `threshold` is a list.
        seeds: How many seeds, or which.
        seed: The first.
        verbose: Whether to say how far it is, and what was found.
        on_progress: As for `fit`; all rounds count as one training.
        **fitting: As for `fit`: `epochs`, `learning_rate`, `augment`, … Every epoch has as many rows as could be
            labelled in all, so that with few labels it passes over each of these many times.

    Returns:
        All rounds.

    Raises:
        DataError: If the task has no classes, a class has too few rows, or no rows judge.
        SettingError: If an argument does not suit the data.

    Source:
        lee-2013; xie-2020, section 2 (rounds). How to judge such gains fairly: oliver-2018.
    """
    what = text("Learning with pseudo-labels")
    dataset, fitting = read_data(data, fitting)
    require_no_lists(fitting, what=what)
    if dataset.task != "classification":
        raise DataError(
            "pseudo-label-task",
            what=what,
            expected=text("a classification task"),
            received=text("`{name}`", name=dataset.task),
            fix=text("Only where one of several classes is right does a network say how sure it is."),
        )
    if not dataset.splits.sizes[2]:
        require_judges(dataset, what=what)
    numbers = first_seeds(seeds, seed, what=what)
    thresholds = _thresholds(threshold, rounds)
    pool = pool_of(dataset, numbers, per_class=n_labelled_per_class, labelled=labelled, unlabelled=unlabelled)
    n_rounds = len(thresholds) + 1
    quietly = watched({**fitting, "on_progress": on_progress}, verbose=verbose)
    report = quietly.pop("on_progress", None)
    runs, given = [], []
    trained_on, lists = pool.data, [filled_rows(rows, rows[:0], size=pool.size) for rows in pool.labelled]
    for number in range(n_rounds):
        arguments = {**quietly, "on_progress": _numbered(report, number, n_rounds)} if report else quietly
        runs.append(fit(model, trained_on, rows=given_rows(lists, seeds=numbers), **arguments))
        if number == n_rounds - 1 or not runs[-1].finished:
            break
        labels = _labels(runs[-1], pool, thresholds[number], is_balanced=balance)
        given.append(labels)
        trained_on, lists = with_labels(pool, labels)
    found = PseudoLabelling(
        tuple(runs),
        tuple(numbers),
        pool.labelled,
        tuple(given),
        thresholds[: len(given)],
        pool.n_unlabelled,
        pool.notes,
    )
    if verbose:
        print(found.say())
        if found.run.id:
            print(say(text("Kept as run {id}.", id=found.run.id)))
    return found


def _thresholds(threshold: Any, rounds: Any) -> tuple[float, ...]:
    if isinstance(threshold, list | tuple):
        found = tuple(require_amount("threshold", one, most=1) for one in threshold)
    else:
        found = (require_amount("threshold", threshold, most=1),) * require_count("rounds", rounds)
    if not found:
        raise SettingError(
            "thresholds-empty",
            what=text("Reading `threshold`"),
            expected=text("a number, or one for each round"),
            received=text("an empty list"),
            fix=text("Write for example `threshold=[0.99, 0.95]`."),
        )
    return found


def _labels(run: Run, pool: Pool, threshold: float, *, is_balanced: bool) -> tuple[PseudoLabels, ...]:
    """What each seed's network is sure of."""
    actual = np.asarray(pool.data.class_ids)
    labels = []
    for member, rows in enumerate(pool.unlabelled):
        chances = np.full((len(rows), pool.data.n_classes), np.nan)
        if member in run.finished:
            table = prediction_table(run.predict(pool.data.inputs[rows], member=member), pool.data)
            chances = table[:, -pool.data.n_classes :].to_numpy()
        places, classes = sure_rows(chances, threshold=threshold, is_balanced=is_balanced)
        n_right = int((actual[rows[places]] == classes).sum()) if pool.is_known else None
        labels.append(PseudoLabels(rows[places], classes, n_right))
    return tuple(labels)


def _numbered(report: Callable[..., None], number: int, n: int) -> Callable[..., None]:
    """Progress of one round as progress of all, so that a bar runs from end to end once."""
    return lambda progress, group, n_groups: report(progress, number * n_groups + group, n * n_groups)


def _columns(found: Interval | None, names: tuple[str, str, str]) -> dict[str, float | None]:
    values = (None, None, None) if found is None else (found.mean, found.lo, found.hi)
    return dict(zip(names, values, strict=True))
