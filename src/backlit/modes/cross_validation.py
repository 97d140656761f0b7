"""`cross_validate`: every row is predicted by networks that never saw it, and the score gets an interval.

    fold 0   ▓▓░░░░░░░░   ▓ judges, ░ trains       5 folds × 5 seeds = 25 networks, one program
    fold 1   ░░▓▓░░░░░░
    …                                              score of a fold: the mean over its seeds
    fold 4   ░░░░░░░░▓▓                            interval: fold scores, widened because folds share rows

The test rows of the data stay out of it. A table is prepared for each fold from the rows that train there. Under early
stopping a part of each fold's training rows decides when to stop, because rows that chose the epoch cannot also judge.

Not for choosing settings: the best of many cross-validated settings is again chosen by luck (see `searching.py`).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float, Int

from backlit.data import Dataset, Splits, given_rows, hold_out
from backlit.data import folds as deal_folds
from backlit.errors import SettingError, did_you_mean
from backlit.fitting import fit
from backlit.language import Text, language, say, text
from backlit.measure.confusion import confusion_matrix
from backlit.measure.intervals import Interval, fold_interval
from backlit.measure.out_of_fold import out_of_fold
from backlit.measure.scores import predicted_classes
from backlit.modes.reading import read_data, require_whole, setting_names, watched
from backlit.run import Run
from backlit.views.terminal.words import metric_words

INNER_SPLIT = 0.15  # of a fold's training rows that decide when to stop; as `load` holds out for validation
_OWN = ("deal", "fold", "repeat")


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold of one repeat.

    Attributes:
        repeat: Number of the repeat.
        number: Number of the fold in it.
        n_train: Rows that train.
        rows: Rows of the data that judge, sorted.
    """

    repeat: int
    number: int
    n_train: int
    rows: Int[np.ndarray, " held"]


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """What cross-validation found.

    Attributes:
        run: All networks, kept like every run.
        data: What was given, its rows in their order.
        folds: In the order of the members' deals.
        judged: The run with the rows that judge as its validation rows.
    """

    run: Run
    data: Dataset
    folds: tuple[Fold, ...]
    judged: Run

    @cached_property
    def scores(self) -> pl.DataFrame:
        """One row a network: repeat, fold, seed, other axes, and loss and metrics on the rows of its fold."""
        own = [self._fold_of(member) for member in range(len(self.run))]
        measured = self.judged.evaluate("validation")
        settings = setting_names(self.run, without=_OWN)
        seeds = measured["seed"] if "seed" in measured.columns else pl.Series("seed", [0] * len(measured))
        return measured.select(
            "member",
            pl.Series("repeat", [fold.repeat for fold in own]),
            pl.Series("fold", [fold.number for fold in own]),
            seeds,
            *settings,
            *self.metric_names,
        )

    @property
    def metric_names(self) -> list[str]:
        """`loss` and the metrics."""
        return self.run.metric_names

    def summary(self, metric: str | None = None) -> pl.DataFrame:
        """The score with its interval.

        Args:
            metric: A column of `scores`; the first that is not the loss if None.

        Returns:
            One row for each combination of other axes: these, `metric`, `n` (networks that finished), `n_diverged`,
            `mean`, `lo`, `hi` (95 %, see `fold_interval`), `fold_std` (of fold scores), `seed_std` (within folds).

        Raises:
            SettingError: If there is no such metric.
        """
        names = self.metric_names
        metric = metric or next((name for name in names if name != "loss"), "loss")
        if metric not in names:
            raise SettingError(
                "metric-unknown",
                what=text("Summarising the cross-validation"),
                expected=text("a metric of this run"),
                received=text("`{name}`", name=metric),
                fix=did_you_mean(metric, names),
            )
        by = setting_names(self.run, without=_OWN)
        groups = self.scores.group_by(by, maintain_order=True) if by else [((), self.scores)]
        rows = []
        for key, frame in groups:
            good = frame.filter(pl.col("member").is_in(self.run.finished) & pl.col(metric).is_finite())
            found, fold_std, seed_std = self._interval(good, metric)
            rows.append(
                {
                    **dict(zip(by, key, strict=True)),
                    "metric": metric,
                    "n": len(good),
                    "n_diverged": len(frame) - len(good),
                    "mean": found.mean if found else None,
                    "lo": found.lo if found else None,
                    "hi": found.hi if found else None,
                    "fold_std": fold_std,
                    "seed_std": seed_std,
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    @cached_property
    def best(self) -> dict[str, Any]:
        """The other axes' values whose mean loss is lowest; empty where there is no other axis."""
        by = setting_names(self.run, without=_OWN)
        rows = [row for row in self.summary("loss").to_dicts() if row["mean"] is not None]
        if not by or not rows:
            return {}
        best = min(rows, key=lambda row: row["mean"])
        return {name: best[name] for name in by}

    @cached_property
    def out_of_fold(self) -> Float[np.ndarray, "sample column"]:
        """What the networks give for each row of the data that they did not train on: the mean over seeds and repeats.

        NaN for rows that no fold held out, such as test rows. Where settings differ, of the best (see `best`).
        """
        members = [member for member in self.run.finished if self._is_best(member)]

        def predicted(member: int) -> tuple[np.ndarray, np.ndarray]:
            rows = self._fold_of(member).rows
            outputs = self.run.predict(self.run.data_of(member).inputs[rows], member=member)
            return rows, outputs.reshape(len(outputs), -1)

        return out_of_fold(len(self.data), (predicted(member) for member in members))

    @cached_property
    def confusion(self) -> pl.DataFrame:
        """How often each class was taken for each, by the out-of-fold predictions.

        Returns:
            A row for what it is (`actual`), a column for each class that was predicted.

        Raises:
            SettingError: If the task has no classes.
        """
        if self.data.task != "classification":
            raise SettingError(
                "confusion-task",
                what=text("Counting which classes are taken for which"),
                expected=text("a classification task"),
                received=text("`{name}`", name=self.data.task),
                fix=text("`summary()` has the scores of other tasks."),
            )
        outputs = self.out_of_fold
        rows = np.flatnonzero(np.isfinite(outputs).all(1))
        names = list(self.data.class_names) or [str(i) for i in range(self.data.n_classes)]
        actual = np.asarray(self.data.class_ids)[rows]
        counts = confusion_matrix(actual, predicted_classes(outputs[rows]), n_classes=len(names))
        heads = [f"{name}_" if name == "actual" else name for name in names]
        return pl.DataFrame({"actual": names, **{head: counts[:, i] for i, head in enumerate(heads)}})

    def lines(self) -> list[Text]:
        """What was found, in sentences: the score with its interval and how it was made.

        Returns:
            One `Text` a line.
        """
        n_seeds = self.scores["seed"].n_unique()
        n_folds = len({fold.number for fold in self.folds})
        n_repeats = len({fold.repeat for fold in self.folds})
        once = text("Cross-validation: {folds} folds × {seeds} seeds.", folds=n_folds, seeds=n_seeds)
        more = text("Cross-validation: {repeats} repeats × {folds} folds × {seeds} seeds.",
                    repeats=n_repeats, folds=n_folds, seeds=n_seeds)  # fmt: skip
        lines = [once if n_repeats == 1 else more]
        by = setting_names(self.run, without=_OWN)
        for row in self.summary().to_dicts():
            own = "".join(f"{name}={row[name]} " for name in by)
            name = metric_words(row["metric"])
            if row["lo"] is None:
                lines.append(text("{own}{metric}: no fold finished.", own=own, metric=name))
                continue
            lines.append(
                text(
                    "{own}{metric} {mean:.4g}, 95 % interval {lo:.4g} to {hi:.4g}.",
                    own=own,
                    metric=name,
                    mean=row["mean"],
                    lo=row["lo"],
                    hi=row["hi"],
                )
            )
        lines.append(text("The interval allows for folds that share training rows (Nadeau and Bengio 2003)."))
        return lines

    def say(self) -> str:
        """`lines` in the chosen language."""
        return "\n".join(line.say(language()) for line in self.lines())

    def __repr__(self) -> str:
        return f"<CrossValidation: {len(self.folds)} folds, {len(self.run)} members on {self.data.name}>"

    def _fold_of(self, member: int) -> Fold:
        """The fold that a member was judged by."""
        row = self.run.members.row(member, named=True)
        if "deal" in row:
            return self.folds[row["deal"]]
        n_folds = len({fold.number for fold in self.folds})
        return self.folds[row.get("repeat", 0) * n_folds + row["fold"]]

    def _is_best(self, member: int) -> bool:
        row = self.run.members.row(member, named=True)
        return all(row[name] == value for name, value in self.best.items())

    def _interval(self, good: pl.DataFrame, metric: str) -> tuple[Interval | None, float | None, float | None]:
        """Over fold means; and the spread of folds, and of seeds within folds."""
        if good.is_empty():
            return None, None, None
        by_fold = good.group_by(["repeat", "fold"], maintain_order=True).agg(
            pl.col(metric).mean().alias("mean"), pl.col(metric).std().alias("std")
        )
        n_train = float(np.mean([fold.n_train for fold in self.folds]))
        n_held = float(np.mean([len(fold.rows) for fold in self.folds]))
        found = fold_interval(by_fold["mean"].to_numpy(), n_train=n_train, n_held=n_held)
        fold_std = float(by_fold["mean"].to_numpy().std(ddof=1)) if len(by_fold) > 1 else None
        spreads = by_fold["std"].drop_nulls().to_numpy()
        return found, fold_std, float(np.sqrt((spreads**2).mean())) if len(spreads) else None


def cross_validate(
    model: Any,
    data: Any,
    *,
    folds: Any = 5,
    repeats: Any = 1,
    seeds: Any = 5,
    groups: Any = None,
    fold_seed: Any = 0,
    verbose: bool = True,
    **arguments: Any,
) -> CrossValidation:
    """Trains a network for each fold and seed, all as one population, and scores it on the fold it did not see.

    Args:
        model: As for `fit`.
        data: As for `fit`; training and validation rows are dealt into folds, test rows stay out.
        folds: How many, at least 2.
        repeats: How many times all rows are dealt out anew.
        seeds: How many seeds each fold trains, or which.
        groups: One value a row, equal for rows that belong together; None takes the data's own.
        fold_seed: Of the shuffle that deals the folds.
        verbose: Whether to say how it went.
        **arguments: Any others of `fit`: `epochs`, `early_stopping`, `learning_rate=[…]`, …

    Returns:
        Scores with an interval, out-of-fold predictions, and the run.

    Raises:
        BacklitError: If the data, the model or an argument is not right.

    Example:
        >>> import backlit as bl, keras
        >>> model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        >>> found = bl.cross_validate(model, "iris", folds=3, seeds=2, epochs=2, save=False, verbose=False)
        >>> len(found.run), found.out_of_fold.shape
        (6, (150, 3))

    Source:
        kohavi-1995, section 2.2.
    """
    what = text("Cross-validating")
    for name, value in (("folds", folds), ("repeats", repeats)):
        require_whole(name, value, least=2 if name == "folds" else 1, what=what)
    dataset, left = read_data(data, arguments)
    deals = deal_folds(folds, repeats=repeats, seed=fold_seed, groups=groups)
    dealt, judges = deals.rows(dataset), None
    if left.get("early_stopping") is not None:
        inner = [_with_inner(dataset, splits) for splits in dealt]
        train = [splits.train for splits in inner]
        judges = given_rows(train, validation=[splits.validation for splits in dealt])
        deals = given_rows(train, validation=[splits.validation for splits in inner])
        trained = inner
    else:
        trained = dealt
    run = fit(model, dataset, rows=deals, seeds=seeds, **watched(left, verbose=verbose))
    judged = run
    if judges is not None:
        judged = replace(run, experiment=run.experiment.model_copy(update={"deals": dict(judges.spec)}))
    made = tuple(
        Fold(i // folds, i % folds, len(own.train), splits.validation)
        for i, (splits, own) in enumerate(zip(dealt, trained, strict=True))
    )
    found = CrossValidation(run, dataset, made, judged)
    if verbose:
        print(found.say())
        if run.id:
            print(say(text("Kept as run {id}.", id=run.id)))
    return found


def _with_inner(data: Dataset, splits: Splits) -> Splits:
    """A fold whose validation rows, which decide when to stop, come from its own training rows."""
    rows, own = splits.train, data.splits
    inner = hold_out(
        len(rows),
        strata=data.class_ids[rows] if data.task == "classification" else None,
        validation_split=INNER_SPLIT,
        test_split=0,
        groups=None if own.groups is None else own.groups[rows],
        order=None if own.order is None else own.order[rows],
    )
    return replace(splits, train=rows[inner.train], validation=rows[inner.validation])
