"""`search`: many settings at once, by grid, at random, or by successive halving.

    random     16 settings × 10 epochs                      = 160 epochs, one population
    halving    16 × 1, best 8 × 1, best 4 × 3, best 2 × 5   =  46 epochs, four populations one after another

Settings that differ in numbers alone train as one program, so a random search costs little more than its slowest
member. Halving trains all settings for a share of the epochs, keeps the better half by validation, and goes on with
those; it loses settings that start slowly and end well. Each stage goes on from the weights of the one before, with a
fresh optimiser.

The best of many is the best partly by luck: its validation score is too good. The test rows of the winner are not.

Not for settings of one number after another: draw them together, and the important one gets as many values as there are
draws (bergstra-bengio-2012, figure 1).
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras
import polars as pl

from backlit.data import Dataset
from backlit.engine import zipped
from backlit.errors import RunError, SettingError, did_you_mean
from backlit.fitting import fit
from backlit.language import Text, language, listed, say, text
from backlit.measure.intervals import seed_interval
from backlit.models import parameters_of
from backlit.modes.reading import (
    first_seeds,
    read_data,
    require_judges,
    require_no_lists,
    require_whole,
    watched,
)
from backlit.modes.space import draw, grid, read_space
from backlit.run import Run
from backlit.views.terminal.words import metric_words

HOW = ("grid", "random", "halving")
DEFAULT_N = 16
_UNTOLD = ("save", "on_progress", "checkpoint_s", "start_from", "reinitialise")  # not told in the code


@dataclass(frozen=True)
class Stage:
    """One stage of successive halving.

    Attributes:
        n: How many settings take part.
        epochs: How many epochs they are trained in it.
    """

    n: int
    epochs: int


@dataclass(frozen=True, eq=False)
class Search:
    """What a search found.

    Attributes:
        runs: One; or one for each stage of halving.
        tried: For each run the settings of its members, one for each `seeds` members.
        seeds: Seeds of each setting.
        metric: What settings were compared by, on the validation rows.
        arguments: What all settings had in common.
        built: Names that are arguments of the building function.
    """

    runs: tuple[Run, ...]
    tried: tuple[tuple[Mapping[str, Any], ...], ...]
    seeds: tuple[int, ...]
    metric: str
    arguments: Mapping[str, Any]
    built: tuple[str, ...]

    @property
    def run(self) -> Run:
        """The run of the last stage, in which the winner is."""
        return self.runs[-1]

    @cached_property
    def table(self) -> pl.DataFrame:
        """One row a setting, the best first: its names, `epochs`, `n` (seeds that finished), `mean`, `lo`, `hi`.

        Mean and 95 % interval over seeds of the validation score at the end of the last stage that the setting reached.
        """
        last: dict[str, dict[str, Any]] = {}
        epochs = 0
        for stage, (run, tried) in enumerate(zip(self.runs, self.tried, strict=True)):
            epochs += run.experiment.epochs
            for place, setting in enumerate(tried):
                own = setting.get("epochs", epochs)
                score = stage_score(run, place, len(self.seeds), self.metric)
                last[repr(setting)] = {**setting, "epochs": own, **score, "_stage": stage}
        sign = -1 if is_better_larger(self.metric) else 1
        rows = sorted(last.values(), key=lambda row: (-row["_stage"], _rank(row["mean"], sign)))
        return pl.DataFrame(rows, infer_schema_length=None).drop("_stage")

    @property
    def best(self) -> dict[str, Any]:
        """The settings that came out best.

        Raises:
            RunError: If all members diverged.
        """
        row = self.table.row(0, named=True)
        if row["mean"] is None:
            raise RunError(
                "all-diverged",
                what=text("Choosing the best settings"),
                expected=text("at least one member that finished"),
                received=text("{n} settings, all diverged", n=len(self.table)),
                fix=text("Search smaller learning rates."),
            )
        names = self.tried[0][0]
        return {name: row[name] for name in names}

    @cached_property
    def winner(self) -> Run:
        """The networks of the best settings, one a seed."""
        tried = [dict(setting) for setting in self.tried[-1]]
        place, n = tried.index(self.best), len(self.seeds)
        return replace(self.run, chosen=tuple(range(place * n, (place + 1) * n)))

    @property
    def model(self) -> keras.Model:
        """The best network of the best settings, an ordinary Keras model."""
        return self.winner.model

    @property
    def n_epochs(self) -> int:
        """Epochs trained, over all settings and seeds."""
        return sum(
            setting.get("epochs", run.experiment.epochs) * len(self.seeds)
            for run, tried in zip(self.runs, self.tried, strict=True)
            for setting in tried
        )

    @property
    def code(self) -> str:
        """What to write to train the best settings again."""
        shared = {name: value for name, value in self.arguments.items() if value is not None}
        best = self.best
        shared["epochs"] = best.get("epochs", self.table["epochs"][0])
        built = {name: [value] for name, value in best.items() if name in self.built}
        numbers = {name: value for name, value in best.items() if name not in self.built}
        parts = [f"{name}={value!r}" for name, value in {**shared, **numbers}.items()]
        parts += [f"vary={built!r}"] if built else []
        return f"run = bl.fit(model, data, {', '.join(parts)}, seeds={len(self.seeds)})"

    def lines(self) -> list[Text]:
        """What was found, in sentences.

        Returns:
            One `Text` a line.
        """
        row = self.table.row(0, named=True)
        lines = [
            text(
                "{n} settings searched, {epochs} epochs over all settings and seeds.",
                n=len(self.tried[0]),
                epochs=self.n_epochs,
            )
        ]
        own = ", ".join(f"{name}={_shown(value)}" for name, value in self.best.items())
        name = metric_words(f"val_{self.metric}")
        if row["lo"] is None:
            lines.append(text("Best: {own}; {metric} {mean:.4g}.", own=own, metric=name, mean=row["mean"]))
        else:
            lines.append(
                text(
                    "Best: {own}; {metric} {mean:.4g}, 95 % interval over seeds {lo:.4g} to {hi:.4g}.",
                    own=own,
                    metric=name,
                    mean=row["mean"],
                    lo=row["lo"],
                    hi=row["hi"],
                )
            )
        lines.append(text("The best of many is partly lucky: let rows judge that no setting was chosen by."))
        return lines

    def say(self) -> str:
        """`lines` in the chosen language."""
        return "\n".join(line.say(language()) for line in self.lines())

    def __repr__(self) -> str:
        return f"<Search: {len(self.tried[0])} settings on {self.run.data.name}>"


def search(
    model: Any,
    data: Any,
    *,
    space: Any,
    how: str = "random",
    n: Any = None,
    budget: Any = None,
    epochs: Any = 10,
    seeds: Any = 1,
    seed: Any = 0,
    metric: str = "loss",
    verbose: bool = True,
    **arguments: Any,
) -> Search:
    """Looks for the settings that validate best.

    Args:
        model: As for `fit`; a building function where its arguments are searched.
        data: As for `fit`; needs validation rows.
        space: Name to `log_uniform(low, high)`, `uniform(low, high)`, `choice(…)` or a list.
        how: `grid` (all combinations of lists), `random`, or `halving` (random, the better half goes on).
        n: How many settings are drawn; 16 if neither this nor `budget` is given.
        budget: Instead: epochs to spend, over all settings and seeds; as many settings are drawn as it pays.
        epochs: Passes over the training rows: of each setting, or of those that reach the last stage of halving.
        seeds: How many seeds each setting trains, or which.
        seed: Of the draws, and the first of the seeds.
        metric: What settings are compared by on the validation rows: `loss`, `accuracy`, …
        verbose: Whether to say how it went.
        **arguments: Any others of `fit`, one value each.

    Returns:
        The settings in order, the best ones, the code to write, and the runs.

    Raises:
        SettingError: If an argument is not right; faults of data and model as `fit` tells them.

    Example:
        >>> import backlit as bl, keras
        >>> model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        >>> space = {"learning_rate": bl.log_uniform(1e-3, 1)}
        >>> found = bl.search(model, "iris", space=space, n=4, epochs=2, save=False, verbose=False)
        >>> found.table["mean"].is_sorted(), list(found.best)
        (True, ['learning_rate'])

    Source:
        bergstra-bengio-2012 for random search; jamieson-talwalkar-2016 for successive halving (there every
        stage costs as much; here the epochs of the winner double, which nearly does the same).
    """
    what = text("Searching for settings")
    if how not in HOW:
        raise SettingError(
            "search-how",
            what=what,
            expected=text("`how` as one of {names}", names=listed(f"`{name}`" for name in HOW)),
            received=text("`{name}`", name=how),
            fix=did_you_mean(str(how), HOW),
        )
    known = read_space(space)
    require_no_lists({**arguments, "epochs": epochs}, what=what)
    epochs = require_whole("epochs", epochs, least=1, what=what)
    numbers = first_seeds(seeds, seed, what=what)
    n = _count(n, budget, how=how, epochs=epochs, n_seeds=len(numbers), what=what)
    if how == "halving" and "epochs" in known:
        raise SettingError(
            "search-halving-epochs",
            what=what,
            expected=text("other names than `epochs`, which halving sets itself"),
            received=text("`epochs` in `space`"),
            fix=text('Leave it out, or search with `how="random"`.'),
        )
    dataset, left = read_data(data, arguments)
    require_judges(dataset, what=what)
    settings = grid(known) if how == "grid" else draw(known, n, seed=seed)
    stages = halving_stages(len(settings), epochs) if how == "halving" else [Stage(len(settings), epochs)]
    given = watched(left, verbose=verbose)
    runs, tried = [], []
    for stage in stages:
        if runs:
            kept = _better(runs[-1], len(tried[-1]), stage.n, n_seeds=len(numbers), metric=metric)
            given["start_from"] = [runs[-1][place * len(numbers) + i] for place in kept for i in range(len(numbers))]
            settings = [settings[place] for place in kept]
        runs.append(_population(model, dataset, settings, numbers, epochs=stage.epochs, given=given))
        tried.append(tuple(settings))
        _require_metric(runs[-1], metric, what)
    names = parameters_of(model) if not isinstance(model, keras.Model) else ()
    shared = {name: value for name, value in left.items() if name not in _UNTOLD}
    found = Search(
        tuple(runs), tuple(tried), tuple(numbers), metric, shared, tuple(name for name in known if name in names)
    )
    if verbose and runs[-1].finished:
        print(found.say())
        if found.run.id:
            print(say(text("Kept as run {id}.", id=found.run.id)))
    return found


def halving_stages(n: int, epochs: int) -> list[Stage]:
    """Who trains how long in successive halving: half as many settings, twice as many epochs in all, stage by stage.

    Args:
        n: How many settings there are at first.
        epochs: Epochs in all of whoever reaches the last stage.

    Returns:
        The stages; their epochs add up to `epochs`, and each has at least one.

    Example:
        >>> [(stage.n, stage.epochs) for stage in halving_stages(8, 16)]
        [(8, 2), (4, 2), (2, 4), (1, 8)]
    """
    n_stages = 1 + min(int(math.log2(n)), int(math.log2(epochs)))
    done = [max(1, round(epochs / 2 ** (n_stages - 1 - stage))) for stage in range(n_stages)]
    return [Stage(math.ceil(n / 2**i), now - before) for i, (before, now) in enumerate(itertools.pairwise([0, *done]))]


def stage_score(run: Run, place: int, n_seeds: int, metric: str) -> dict[str, Any]:
    """The validation score of one setting: `n`, `mean`, `lo` and `hi` over its seeds that finished.

    Args:
        run: Of one stage.
        place: Number of the setting in it.
        n_seeds: Members of each setting.
        metric: Without `val_`.

    Returns:
        The four, None where there is none.
    """
    frame = run.members.slice(place * n_seeds, n_seeds).filter(pl.col("status") != "diverged")
    values = frame[f"val_{metric}"].drop_nulls().drop_nans().to_numpy()
    if not len(values):
        return {"n": 0, "mean": None, "lo": None, "hi": None}
    found = seed_interval(values)
    return {"n": found.n, "mean": found.mean, "lo": found.lo, "hi": found.hi}


def is_better_larger(metric: str) -> bool:
    """Whether a larger value is the better one: of anything that is no loss, error or distance.

    Args:
        metric: As in the history.

    Returns:
        As Keras decides for its callbacks with `mode="auto"`.
    """
    return metric.endswith(("acc", "accuracy", "auc", "precision", "recall", "score"))


def _population(
    model: Any, data: Dataset, settings: Sequence[Mapping[str, Any]], seeds: Sequence[int], *, epochs: int, given: Any
) -> Run:
    """All settings × all seeds in one `fit`."""
    lists = {name: [setting[name] for setting in settings] for name in settings[0]}
    # One seed is no axis: the weights of a model that was trained before are then kept, as `fit` keeps them.
    population: dict[str, Any] = {"seeds": list(seeds)} if len(seeds) > 1 else {"seed": seeds[0]}
    if "epochs" not in lists:
        population["epochs"] = epochs
    return fit(model, data, vary=zipped(**lists), **population, **given)


def _better(run: Run, n_settings: int, n_kept: int, *, n_seeds: int, metric: str) -> list[int]:
    """Numbers of the settings that validate best, in their order."""
    sign = -1 if is_better_larger(metric) else 1
    means = [stage_score(run, place, n_seeds, metric)["mean"] for place in range(n_settings)]
    ranked = sorted(range(n_settings), key=lambda place: _rank(means[place], sign))
    return sorted(ranked[:n_kept])


def _rank(mean: float | None, sign: int) -> float:
    return math.inf if mean is None else sign * mean


def _count(n: Any, budget: Any, *, how: str, epochs: int, n_seeds: int, what: Text) -> int:
    """How many settings to draw.

    Raises:
        SettingError: If both are given, or neither buys a setting.
    """
    if n is not None and budget is not None:
        raise SettingError(
            "search-n-and-budget",
            what=what,
            expected=text("either `n` or `budget`"),
            received=text("both"),
            fix=text("Leave one of them out."),
        )
    if budget is None:
        return require_whole("n", DEFAULT_N if n is None else n, least=1, what=what)
    budget = require_whole("budget", budget, least=1, what=what)

    def price(count: int) -> int:
        stages = halving_stages(count, epochs) if how == "halving" else [Stage(count, epochs)]
        return n_seeds * sum(stage.n * stage.epochs for stage in stages)

    count = 0
    while price(count + 1) <= budget:
        count += 1
    if count == 0:
        raise SettingError(
            "search-budget",
            what=what,
            expected=text("a `budget` of at least {n} epochs, which one setting takes", n=price(1)),
            received=text("`{value}`", value=budget),
            fix=text("Give more, or fewer `epochs` or `seeds`."),
        )
    return count


def _require_metric(run: Run, metric: str, what: Text) -> None:
    """Refuses a metric that was not recorded.

    Raises:
        SettingError: If there is none of this name.
    """
    if metric not in run.metric_names:
        raise SettingError(
            "metric-unknown",
            what=what,
            expected=text("a metric of this run"),
            received=text("`{name}`", name=metric),
            fix=did_you_mean(metric, run.metric_names),
        )


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
