"""Which curves tell how a training went: of one network training and validation, of a population one curve a setting.

    one network     loss: train, validation             accuracy: train, validation
    a population    validation loss: a curve for each combination of the axes, mean over its seeds
    seeds alone     validation loss: a curve for each seed

A member that diverged leaves the mean at the epoch in which it did. The range to show leaves out what shot up, so that
one diverged member does not press the others flat.

Not for drawing (see `views/`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from backlit.language import Text, text, verbatim

MOST_CURVES = 8


@dataclass(frozen=True)
class Curve:
    """One line of a panel.

    Attributes:
        label: What the line is.
        epochs: From 1.
        values: As many.
    """

    label: Text
    epochs: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """One metric over the epochs.

    Attributes:
        metric: Name in the history, such as `loss`.
        split: `train` or `validation` if all curves are of one split, else "".
        curves: At most eight.
        lowest: Smallest value to show.
        highest: Largest value to show.
        by: Names of the axes that tell the curves apart; their labels are values of these. Empty for one network.
        n_left_out: Combinations that have no curve, because eight others were better.
    """

    metric: str
    split: str
    curves: tuple[Curve, ...]
    lowest: float
    highest: float
    by: tuple[str, ...] = ()
    n_left_out: int = 0


def panels(history: pl.DataFrame, *, axes: Sequence[str], metrics: Sequence[str]) -> list[Panel]:
    """Chooses the curves of a run.

    Args:
        history: `run.history`.
        axes: Names in which members differ; empty for one network.
        metrics: One panel each, in this order.

    Returns:
        The panels that have at least two epochs to show.
    """
    if history.is_empty():
        return []
    found = [_panel(history.filter(pl.col("metric") == metric), metric, axes) for metric in metrics]
    return [panel for panel in found if panel is not None]


def _panel(history: pl.DataFrame, metric: str, axes: Sequence[str]) -> Panel | None:
    history = history.filter(pl.col("value").is_finite())
    splits = history["split"].unique().to_list()
    split, left_out, by = "", 0, []
    if history["member"].n_unique() <= 1:
        curves = [
            _curve(_SPLIT_WORDS[name], history.filter(pl.col("split") == name))
            for name in ("train", "validation")
            if name in splits
        ]
    else:
        split = "validation" if "validation" in splits else "train"
        by = [name for name in axes if name != "seed"] or ["seed"]
        groups = history.filter(pl.col("split") == split).group_by(by, maintain_order=True)
        curves = [_curve(verbatim(" / ".join(short_value(value) for value in key)), frame) for key, frame in groups]
        curves, left_out = _best([curve for curve in curves if len(curve.values) > 1], metric)
    curves = [curve for curve in curves if len(curve.values) > 1]
    if not curves:
        return None
    lowest, highest = _visible(curves)
    return Panel(metric, split, tuple(curves), lowest, highest, tuple(by), left_out)


def _curve(label: Text, frame: pl.DataFrame) -> Curve:
    means = frame.group_by("epoch").agg(pl.col("value").mean()).sort("epoch")
    return Curve(label, tuple(means["epoch"].to_list()), tuple(means["value"].to_list()))


def _best(curves: list[Curve], metric: str) -> tuple[list[Curve], int]:
    """The eight curves that end best, in their first order, and how many are left out."""
    if len(curves) <= MOST_CURVES:
        return curves, 0
    sign = 1 if is_better_low(metric) else -1
    ranked = sorted(curves, key=lambda curve: sign * curve.values[-1])[:MOST_CURVES]
    return [curve for curve in curves if curve in ranked], len(curves) - MOST_CURVES


def _visible(curves: Sequence[Curve]) -> tuple[float, float]:
    """Lowest and highest value to show: nothing above three times the median first value of the curves.

    Source: ours, a matter of looks; no number is changed by it.
    """
    values = np.concatenate([curve.values for curve in curves])
    lowest, highest = float(values.min()), float(values.max())
    first = float(np.median([curve.values[0] for curve in curves]))
    if first > 0:
        highest = min(highest, max(3 * first, lowest))
    if highest <= lowest:
        highest = lowest + max(abs(lowest) * 0.1, 1e-6)
    return lowest, highest


def is_better_low(metric: str) -> bool:
    """Whether smaller values of a metric are better: losses and errors."""
    return metric == "loss" or "error" in metric


def short_value(value: object) -> str:
    """A setting's value as labels show it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


_SPLIT_WORDS = {"train": text("train"), "validation": text("validation")}
