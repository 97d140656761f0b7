"""An `Ensemble`: networks of one run or of several, whose predictions are put together by mean or by vote.

    run = bl.fit(model, data, seeds=10)
    crowd = bl.ensemble.mean(run)         crowd.predict(x)    crowd.evaluate()    crowd.save("crowd.keras")

Mistakes that networks make each for itself cancel; mistakes that all make stay. So the members should be good, and
should differ: in first weights (`mean` of seeds), in rows (`bag`), in the rows that matter (`boost`).

An ensemble made with several seeds has *copies*: the same recipe from other seeds. The first one predicts; all of them
together say how large the effect is, and how sure.

Not for training the members (see `bagging.py`, `boosting.py`, `fit`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import polars as pl
from jaxtyping import Float

from backlit.data import Dataset
from backlit.errors import SettingError, did_you_mean
from backlit.language import Text, language, listed, text, verbatim
from backlit.measure.combining import mean_outputs, vote_shares
from backlit.measure.intervals import Interval, paired_interval
from backlit.measure.scores import scores_of
from backlit.models import ship
from backlit.modes.ensemble.joined import as_chances, joined_model, missing_activation
from backlit.run import SPLITS, Run
from backlit.views.terminal.words import metric_words

N_PROBE_ROWS = 256  # rows that tell whether a network gives probabilities


@dataclass(frozen=True, eq=False)
class Part:
    """One network of an ensemble.

    Attributes:
        run: That it is a member of.
        member: Its number there.
        weight: How much it counts.
    """

    run: Run
    member: int
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks that predict as one.

    Attributes:
        copies: Each a complete ensemble; the first one predicts.
        how: `mean` of the probabilities or amounts, or `vote` for classes.
        name: Of the way it was made: `mean`, `vote`, `bag` or `boost`.
        notes: What was decided while it was made.
    """

    copies: tuple[tuple[Part, ...], ...]
    how: str
    name: str
    notes: tuple[Text, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The networks that predict."""
        return self.copies[0]

    @property
    def data(self) -> Dataset:
        """What was trained on."""
        return self.parts[0].run.data

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that the networks are members of, in the order of training."""
        return tuple(dict.fromkeys(part.run for parts in self.copies for part in parts))

    def __len__(self) -> int:
        """How many networks predict together."""
        return len(self.parts)

    def __repr__(self) -> str:
        return f"<Ensemble ({self.name}): {len(self)} members on {self.data.name}>"

    def copy(self, number: int) -> "Ensemble":
        """One of the copies as an ensemble of its own.

        Args:
            number: From 0.

        Returns:
            It.
        """
        return Ensemble((self.copies[number],), self.how, self.name, self.notes)

    def predict(self, inputs: Any) -> Float[np.ndarray, "sample column"]:
        """What the networks predict together.

        Args:
            inputs: Rows as the networks read them, as for `run.predict`.

        Returns:
            For each row a probability a class, the share of votes a class, a probability a label, or amounts.
        """
        return self._combined(self.parts, self._outputs(self.parts, np.asarray(inputs))).astype(np.float32)

    def evaluate(self, split: str | None = None) -> pl.DataFrame:
        """The score of the ensemble beside those of its members.

        Args:
            split: `train`, `validation` or `test`; the last of these that has rows if None.

        Returns:
            One row for each copy and metric: `copy`, `n` (members), `metric`, `ensemble`, `members` (their mean),
            `best_member`, and `gain`: how much better the ensemble is than the mean member, above 0 if it is.
        """
        rows = []
        for number, parts in enumerate(self.copies):
            whole, members = self._scores(parts, self._split(split))
            for metric, value in whole.items():
                own = [scores[metric] for scores in members]
                sign = 1 if _is_better_larger(metric) else -1
                rows.append(
                    {
                        "copy": number,
                        "n": len(parts),
                        "metric": metric,
                        "ensemble": value,
                        "members": float(np.mean(own)),
                        "best_member": max(own) if sign > 0 else min(own),
                        "gain": sign * (value - float(np.mean(own))),
                    }
                )
        return pl.DataFrame(rows)

    @cached_property
    def members(self) -> pl.DataFrame:
        """One row a network: its run, its number there, its weight, and its scores on the last split that has rows."""
        _, scores = self._scores(self.parts, self._split(None))
        return pl.DataFrame(
            [
                {"run": part.run.id, "member": part.member, "weight": part.weight, **own}
                for part, own in zip(self.parts, scores, strict=True)
            ]
        )

    def effect(self, metric: str | None = None, *, split: str | None = None) -> Interval:
        """How much better the ensemble is than its mean member, over the copies.

        Args:
            metric: `loss` or the metric of the task; the second if None.
            split: As for `evaluate`.

        Returns:
            The paired difference, above 0 if the ensemble is better; an interval where there are several copies.

        Raises:
            SettingError: If there is no such metric.
        """
        table = self.evaluate(split)
        names = list(dict.fromkeys(table["metric"]))
        chosen = str(metric or names[-1])
        if chosen not in names:
            raise SettingError(
                "metric-unknown",
                what=text("Comparing the ensemble with its members"),
                expected=text("a metric of the task"),
                received=text("`{name}`", name=chosen),
                fix=did_you_mean(chosen, names),
            )
        gains = table.filter(pl.col("metric") == chosen)["gain"].to_numpy()
        return paired_interval(gains, np.zeros(len(gains)))

    @cached_property
    def model(self) -> keras.Model:
        """The networks and how they are combined as one Keras model that plain Keras can save and read."""
        return joined_model(
            [part.run[part.member].model for part in self.parts],
            self.data,
            how=self.how,
            weights=[part.weight for part in self.parts],
            activation=self._activation,
        )

    def save(self, path: str | Path) -> Path:
        """Writes the ensemble as one `.keras` file, which plain Keras reads, and `backlit predict FILE.keras DATA` too.

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
        ship(self.model, self.data, path)
        return path

    def lines(self) -> list[Text]:
        """What was found, in sentences.

        Returns:
            One `Text` a line.
        """
        split = self._split(None)
        table = self.evaluate(split)
        metric = table["metric"][-1]
        own = table.filter(pl.col("metric") == metric)
        words = {"train": text("training"), "validation": text("validation"), "test": text("test")}[split]
        lines = [
            *self.notes,
            text(
                "{n} networks together: {metric} {whole:.4g} on the {split} rows; one alone {one:.4g} on average.",
                n=len(self),
                metric=metric_words(metric),
                whole=float(own["ensemble"].to_numpy().mean()),
                one=float(own["members"].to_numpy().mean()),
                split=words,
            ),
        ]
        found = self.effect(metric, split=split)
        if found.lo is not None:
            lines.append(
                text(
                    "Gain over the mean member: {mean:.3g}, 95 % interval {lo:.3g} to {hi:.3g} over {n} seeds.",
                    mean=found.mean,
                    lo=found.lo,
                    hi=found.hi,
                    n=found.n,
                )
            )
        return lines

    def say(self) -> str:
        """`lines` in the chosen language."""
        return "\n".join(line.say(language()) for line in self.lines())

    def _split(self, split: str | None) -> str:
        """The split that was asked for, or the last one that has rows.

        Raises:
            SettingError: If there is no such split, or it has no rows.
        """
        sizes: dict[str, int] = dict(zip(SPLITS, self.data.splits.sizes, strict=True))
        if split is None:
            return next(name for name in reversed(SPLITS) if sizes[name])
        if not sizes.get(split):
            raise SettingError(
                "ensemble-split",
                what=text("Evaluating the ensemble"),
                expected=text("one of {names}", names=listed(f"`{name}`" for name, size in sizes.items() if size)),
                received=verbatim(f"`{split}`"),
                fix=text("Evaluate another split, or load the data with `{name}_split=0.2`.", name="test"),
            )
        return split

    def _scores(self, parts: Sequence[Part], split: str) -> tuple[dict[str, float], list[dict[str, float]]]:
        """Of the ensemble, and of each member."""
        rows = getattr(self.data.splits, split)
        outputs = self._outputs(parts, self.data.inputs[rows])
        each = [scores_of(own, self.data, rows) for own in outputs]
        return scores_of(self._combined(parts, outputs), self.data, rows), each

    def _outputs(self, parts: Sequence[Part], inputs: np.ndarray) -> np.ndarray:
        """What each member gives, as probabilities: (member, sample, column)."""
        given = [part.run.predict(inputs, member=part.member) for part in parts]
        return np.stack([as_chances(own.reshape(len(own), -1), self._activation) for own in given])

    def _combined(self, parts: Sequence[Part], outputs: np.ndarray) -> np.ndarray:
        weights = np.array([part.weight for part in parts])
        if self.how == "vote":
            return vote_shares(outputs, weights, is_exclusive=self.data.task == "classification")
        return mean_outputs(outputs, weights)

    @cached_property
    def _activation(self) -> str | None:
        """What turns the members' outputs into probabilities, by what one gives for some training rows."""
        part = self.parts[0]
        rows = np.unique(self.data.splits.train)[:N_PROBE_ROWS]
        outputs = part.run.predict(self.data.inputs[rows], member=part.member)
        return missing_activation(outputs.reshape(len(outputs), -1), self.data.task)


def mean(run: Run, *, members: Sequence[int] | None = None) -> Ensemble:
    """The members of a run, predicting by the mean of their probabilities or amounts.

    Args:
        run: Any.
        members: Which; None takes all that did not diverge.

    Returns:
        The ensemble.

    Example:
        >>> import backlit as bl, keras
        >>> model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        >>> run = bl.fit(model, "iris", epochs=2, seeds=3, save=False, verbose=False)
        >>> crowd = bl.ensemble.mean(run)
        >>> len(crowd), crowd.predict(run.data.inputs[:2]).shape
        (3, (2, 3))
    """
    return Ensemble((_parts(run, members),), "mean", "mean")


def vote(run: Run, *, members: Sequence[int] | None = None) -> Ensemble:
    """The members of a run, predicting by vote: each names the class that it finds likeliest.

    Args:
        run: Any whose data have classes or labels.
        members: Which; None takes all that did not diverge.

    Returns:
        The ensemble.
    """
    require_votes(run.data, "vote")
    return Ensemble((_parts(run, members),), "vote", "vote")


def require_votes(data: Dataset, how: str) -> None:
    """Refuses a vote about amounts, and a way of combining that there is not.

    Args:
        data: What is predicted.
        how: `mean` or `vote`.

    Raises:
        SettingError: If it is neither, or the task is regression and `how` is `vote`.
    """
    what = text("Combining networks")
    if how not in ("mean", "vote"):
        raise SettingError(
            "ensemble-how",
            what=what,
            expected=text("one of {names}", names=listed(["`mean`", "`vote`"])),
            received=text("`{name}`", name=how),
            fix=did_you_mean(str(how), ("mean", "vote")),
        )
    if how == "vote" and data.task == "regression":
        raise SettingError(
            "vote-task",
            what=what,
            expected=text("classes or labels to vote for"),
            received=text("a regression task"),
            fix=text("Take the mean: amounts have one."),
        )


def _parts(run: Run, members: Sequence[int] | None) -> tuple[Part, ...]:
    """The chosen members.

    Raises:
        SettingError: If there is none, or one that diverged or is not there.
    """
    chosen = run.finished if members is None else [int(member) for member in members]
    wrong = [member for member in chosen if member not in run.finished]
    if wrong or not chosen:
        raise SettingError(
            "ensemble-members",
            what=text("Combining networks"),
            expected=text("members that did not diverge: {members}", members=listed(run.finished))
            if run.finished
            else text("members that did not diverge; all did"),
            received=text("member {member}", member=wrong[0]) if wrong else text("none"),
            fix=text("`run.members` shows how each member ended."),
        )
    if any(run.data_of(member).preparation is not run.data.preparation for member in chosen):
        raise SettingError(
            "ensemble-preparation",
            what=text("Combining networks"),
            expected=text("networks that read the same inputs"),
            received=text("folds of a table, each prepared by its own rows"),
            fix=text("Train them on the same rows: `bl.fit(model, data, seeds=10)` or `bl.ensemble.bag`."),
        )
    return tuple(Part(run, member) for member in chosen)


def _is_better_larger(metric: str) -> bool:
    return metric.endswith("accuracy")
