"""How the final score answers to one setting: for each of its values the mean over the members, with a 95 % interval.

    learning rate   0.001           0.01
    accuracy        0.60  0.70      0.80  0.90        mean 0.65 and 0.85, each with Student's interval of two members

Members that diverged have no score; they are counted beside it. Only seeds are averaged over: where members differ in
two settings, taking the better of the other one would favour the setting that was tried more often, so that is left to
`score_grid.py`.

Not for curves over the epochs (see `seed_bands.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from backlit.measure.curves import short_value
from backlit.measure.final_metric import FinalMetric, final_metric
from backlit.measure.intervals import seed_interval
from backlit.measure.subject import AbstractSubject

SEEDS = frozenset({"seed", "data_seed"})
"""Names in which members differ by chance alone."""


@dataclass(frozen=True)
class SettingAxis:
    """What members differ in.

    Attributes:
        names: Names of the settings; several where `zipped` pairs them.
        points: Their values: rising where they are numbers, else in the order in which they were given.
    """

    names: tuple[str, ...]
    points: tuple[tuple[Any, ...], ...]

    @property
    def numbers(self) -> tuple[float, ...]:
        """The values of a single setting that takes numbers; empty for any other.

        Example:
            >>> SettingAxis(("units",), ((8,), (16,))).numbers, SettingAxis(("activation",), (("relu",),)).numbers
            ((8.0, 16.0), ())
        """
        return tuple(float(point[0]) for point in self.points) if _are_numbers(self.names, self.points) else ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The values as they are read."""
        return tuple(" / ".join(short_value(value) for value in point) for point in self.points)


@dataclass(frozen=True, eq=False)
class Response:
    """The final score over one setting.

    Attributes:
        axis: The setting.
        metric: What is scored.
        mean: Over the members that finished; NaN where none did.
        lo: Lower end of the mean's 95 % interval; NaN below two members.
        hi: Upper end.
        n_members: All members.
        n_diverged: Members without a score.
    """

    axis: SettingAxis
    metric: FinalMetric
    mean: Float[np.ndarray, " value"]
    lo: Float[np.ndarray, " value"]
    hi: Float[np.ndarray, " value"]
    n_members: int
    n_diverged: int


def response(subject: AbstractSubject) -> Response | None:
    """The final score over the one setting in which members differ.

    Args:
        subject: A run.

    Returns:
        One mean a value; None unless members differ in one setting besides the seed, and some finished.
    """
    axes, metric = setting_axes(subject), final_metric(subject)
    if len(axes) != 1 or metric is None:
        return None
    [axis] = axes
    scores = scores_by(subject, metric.column, axis.names)
    found = [seed_interval(scores[point]) if point in scores else None for point in axis.points]
    if not any(found):
        return None
    ends = [
        [np.nan if one is None or (end := getattr(one, name)) is None else end for one in found]
        for name in ("mean", "lo", "hi")
    ]
    mean, lo, hi = (np.array(values, np.float64) for values in ends)
    return Response(axis, metric, mean, lo, hi, len(subject), len(subject) - len(subject.finished))


def setting_axes(subject: AbstractSubject) -> list[SettingAxis]:
    """The settings in which members differ, seeds left out.

    Args:
        subject: A run.

    Returns:
        One entry an axis of the experiment that has two values at least among the members.
    """
    found = []
    for axis in subject.experiment.axes:
        names = tuple(name for name in axis.names if name not in SEEDS)
        points = list(dict.fromkeys(subject.members.select(*names).iter_rows())) if names else []
        if len(points) < 2:
            continue
        if _are_numbers(names, points):
            points.sort()
        found.append(SettingAxis(names, tuple(points)))
    return found


def scores_by(
    subject: AbstractSubject, column: str, names: Sequence[str]
) -> dict[tuple[Any, ...], Float[np.ndarray, " member"]]:
    """Final scores of the members that finished, by their settings.

    Args:
        subject: A run.
        column: Of `members`.
        names: Settings that tell the groups apart.

    Returns:
        Finite scores by the values of the settings; a group without any is left out.
    """
    groups: dict[tuple[Any, ...], list[float]] = {}
    for *point, status, score in subject.members.select(*names, "status", column).iter_rows():
        if status != "diverged" and score is not None and np.isfinite(score):
            groups.setdefault(tuple(point), []).append(score)
    return {point: np.array(scores, np.float64) for point, scores in groups.items()}


def _are_numbers(names: Sequence[str], points: Sequence[tuple[Any, ...]]) -> bool:
    """Whether it is one setting, and all its values are numbers; yes and no are none."""
    values = [point[0] for point in points]
    return len(names) == 1 and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
