"""`learning_curve`: the score against the number of training rows, and what twice as many would bring.

    rows      50    100    200    400    800         error = 1 − accuracy, or the loss
    error    .31    .22    .17    .14    .12   →     a · n^−b + c   →   error(800) − error(1600), with an interval

Each seed draws its own rows, a larger set holding every smaller one, so that the scatter over seeds is that of rows and
of first weights together. Networks of every size take as many *steps* as those of the largest: with as many epochs a
small set would also be trained less, and the curve would show the want of steps and not that of rows. (`equal="epochs"`
does that all the same.) The validation rows of the data judge all of them. A table stays prepared as all of its
training rows prepare it.

Not for telling that more rows help beyond twice as many: a power law holds near the points it was fitted to.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from backlit.data import Dataset, given_rows, subsets
from backlit.errors import SettingError, did_you_mean
from backlit.fitting import fit
from backlit.language import Text, language, listed, text, verbatim
from backlit.measure.intervals import seed_interval
from backlit.measure.power_law import PowerLaw, fit_power_law
from backlit.modes.reading import first_seeds, read_data, require_judges, require_no_lists, require_whole, watched
from backlit.run import Run

N_SIZES = 6  # where no sizes are given: all rows, half of them, a quarter, …
EQUAL = ("steps", "epochs")


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Scores by number of rows.

    Attributes:
        runs: One for each size, from the smallest; each has one member a seed.
        data: What was trained on.
        sizes: Numbers of rows, rising.
        seeds: Of the rows and of the first weights.
        metric: The column of `scores` that `law` is about: `accuracy` where there is one, else `loss`.
    """

    runs: tuple[Run, ...]
    data: Dataset
    sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    metric: str

    @property
    def run(self) -> Run:
        """The networks that were trained on the largest number of rows."""
        return self.runs[-1]

    @cached_property
    def scores(self) -> pl.DataFrame:
        """One row a network: n_rows, seed, epochs, loss and metrics on the validation rows; NaN if it diverged."""
        frames = []
        for size, run in zip(self.sizes, self.runs, strict=True):
            measured = run.evaluate("validation")
            lost = ~pl.Series(range(len(run))).is_in(run.finished)
            frames.append(
                pl.DataFrame(
                    {
                        "n_rows": [size] * len(run),
                        "seed": list(self.seeds),
                        "epochs": [run.experiment.epochs] * len(run),
                        **{name: measured[name].cast(pl.Float64).set(lost, float("nan")) for name in run.metric_names},
                    }
                )
            )
        return pl.concat(frames)

    def summary(self, metric: str | None = None) -> pl.DataFrame:
        """Mean score at each number of rows.

        Args:
            metric: A column of `scores`; None takes the curve's own.

        Returns:
            `n_rows`, `metric`, `n` (networks that finished), `mean`, and the 95 % interval over seeds, `lo`, `hi`.

        Raises:
            SettingError: If there is no such metric.
        """
        metric = metric or self.metric
        if metric not in self.run.metric_names:
            raise SettingError(
                "metric-unknown",
                what=text("Summarising the learning curve"),
                expected=text("a metric of this run"),
                received=text("`{name}`", name=metric),
                fix=did_you_mean(metric, self.run.metric_names),
            )
        rows = []
        for size in self.sizes:
            values = self.scores.filter((pl.col("n_rows") == size) & pl.col(metric).is_finite())[metric].to_numpy()
            found = seed_interval(values) if len(values) else None
            rows.append(
                {
                    "n_rows": size,
                    "metric": metric,
                    "n": len(values),
                    "mean": found.mean if found else None,
                    "lo": found.lo if found else None,
                    "hi": found.hi if found else None,
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    @property
    def law(self) -> PowerLaw | None:
        """The power law of the error; None where the points do not support one (`why_not` says why)."""
        return self._fitted[0]

    @property
    def why_not(self) -> Text | None:
        """Why there is no law; None where there is one."""
        return self._fitted[1]

    @cached_property
    def _fitted(self) -> tuple[PowerLaw | None, Text | None]:
        values = self.scores[self.metric].to_numpy().reshape(len(self.sizes), len(self.seeds))
        errors = 1 - values if self.is_better_larger else values
        errors = np.where(np.isfinite(errors), errors, np.nan)
        if np.isnan(errors).all(1).any():
            return None, text("at one number of rows no network finished")
        return fit_power_law(self.sizes, errors)

    @property
    def is_better_larger(self) -> bool:
        """Whether a larger value of `metric` is the better one, as for accuracy."""
        return self.metric.endswith("accuracy")

    def lines(self) -> list[Text]:
        """What was found, in sentences.

        Returns:
            One `Text` a line.
        """
        lines = [
            text(
                "Learning curve: {sizes} rows, {seeds} seeds, {equal}.",
                sizes=listed(self.sizes),
                seeds=len(self.seeds),
                equal=self._equal_words(),
            )
        ]
        law = self.law
        if law is None:
            lines.append(text("No prediction for more rows: {reason}.", reason=self.why_not))
            return lines
        lines.append(
            text("Error of `{metric}`: {a:.3g} · n^−{b:.2f} + {c:.3g}.", metric=self.metric, a=law.a, b=law.b, c=law.c)
        )
        lines.append(
            text(
                "Twice as many rows ({n}) would take {gain:.3g} from the error, 95 % interval {lo:.3g} to {hi:.3g}.",
                n=2 * law.rows,
                gain=law.gain,
                lo=law.lo,
                hi=law.hi,
            )
        )
        return lines

    def say(self) -> str:
        """`lines` in the chosen language."""
        return "\n".join(line.say(language()) for line in self.lines())

    def __repr__(self) -> str:
        return f"<LearningCurve: {self.sizes[0]} to {self.sizes[-1]} rows of {self.data.name}>"

    def _equal_words(self) -> Text:
        epochs = {run.experiment.epochs for run in self.runs}
        if len(epochs) == 1 and len(self.sizes) > 1:
            return text("{n} epochs each", n=self.run.experiment.epochs)
        return text("as many steps each as {n} epochs of the largest take", n=self.run.experiment.epochs)


def learning_curve(
    model: Any,
    data: Any,
    *,
    sizes: Any = None,
    seeds: Any = 5,
    seed: Any = 0,
    epochs: Any = 10,
    batch_size: Any = 32,
    equal: str = "steps",
    verbose: bool = True,
    **arguments: Any,
) -> LearningCurve:
    """Trains on fewer rows and on more, and says what still more would bring.

    Args:
        model: As for `fit`.
        data: As for `fit`; needs validation rows.
        sizes: Numbers of training rows, at least 2 different ones; None takes all rows, half, a quarter, … six times.
        seeds: How many seeds, or which; each draws its own rows and first weights.
        seed: The first seed.
        epochs: Passes over the largest number of rows.
        batch_size: Examples of one step.
        equal: `steps`: networks of all sizes take as many steps; `epochs`: as many epochs.
        verbose: Whether to say how it went.
        **arguments: Any others of `fit`, one value each.

    Returns:
        Scores, the power law and its prediction, and the runs.

    Raises:
        SettingError: If an argument is not right; faults of data and model as `fit` tells them.

    Example:
        >>> import backlit as bl, keras
        >>> model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        >>> curve = bl.learning_curve(model, "iris", sizes=[20, 40], seeds=2, epochs=2, save=False, verbose=False)
        >>> curve.scores["n_rows"].to_list(), str(curve.why_not)[:21]
        ([20, 20, 40, 40], '2 numbers of rows are')

    Source:
        cortes-1994.
    """
    what = text("Drawing a learning curve")
    if equal not in EQUAL:
        raise SettingError(
            "learning-curve-equal",
            what=what,
            expected=text("`equal` as one of {names}", names=listed(f"`{name}`" for name in EQUAL)),
            received=text("`{name}`", name=equal),
            fix=did_you_mean(str(equal), EQUAL),
        )
    require_no_lists({**arguments, "epochs": epochs, "batch_size": batch_size}, what=what)
    epochs = require_whole("epochs", epochs, least=1, what=what)
    batch_size = require_whole("batch_size", batch_size, least=1, what=what)
    numbers = first_seeds(seeds, seed, what=what)
    dataset, left = read_data(data, arguments)
    require_judges(dataset, what=what)
    chosen = _sizes(sizes, len(dataset.splits.train), what)
    nested = [subsets(chosen, seed=number).rows(dataset) for number in numbers]
    n_steps = epochs * -(-chosen[-1] // batch_size)
    runs = []
    for place, size in enumerate(chosen):
        own_epochs = epochs if equal == "epochs" else max(1, round(n_steps / -(-size // batch_size)))
        rows = given_rows([splits[place].train for splits in nested], seeds=numbers)
        given = watched(left, verbose=verbose)
        runs.append(fit(model, dataset, rows=rows, epochs=own_epochs, batch_size=batch_size, **given))
    names = runs[-1].metric_names
    metric = next((name for name in names if name.endswith("accuracy")), "loss")
    curve = LearningCurve(tuple(runs), dataset, chosen, tuple(numbers), metric)
    if verbose:
        print(curve.say())
    return curve


def _sizes(sizes: Any, n_rows: int, what: Text) -> tuple[int, ...]:
    """The numbers of rows, rising.

    Raises:
        SettingError: If there are fewer than two, or one is not from 1 to the number of rows.
    """
    if sizes is None:
        return tuple(sorted({max(2, n_rows // 2**i) for i in range(N_SIZES)}))
    chosen = sorted({require_whole("sizes", size, least=1, what=what) for size in sizes}) if np.iterable(sizes) else []
    if len(chosen) < 2 or chosen[-1] > n_rows:
        raise SettingError(
            "learning-curve-sizes",
            what=what,
            expected=text("at least 2 different `sizes`, none above the {n} training rows", n=n_rows),
            received=verbatim(repr(sizes)),
            fix=text("Write for example `sizes={example}`.", example=[n_rows // 4, n_rows // 2, n_rows]),
        )
    return tuple(chosen)
