"""Curves of a run with the spread of its seeds: one line a setting, the mean, and a 95 % interval around it.

    one network      train and validation, no band
    seeds alone      train and validation, mean over the seeds with its band
    several settings validation, one line a setting, the eight that end best

Not for drawing. The terminal's smaller pictures come from `curves.py`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Float, Int

from backlit.language import Words
from backlit.measure.curves import MOST_CURVES, is_better_low, short_value
from backlit.measure.intervals import seed_interval
from backlit.measure.subject import AbstractSubject

LINES = {"train": Words(en="training", zh="训练集"), "validation": Words(en="validation", zh="验证集")}


@dataclass(frozen=True, eq=False)
class Band:
    """One line.

    Attributes:
        words: Its name.
        epochs: From 1.
        mean: Over the members that were still training.
        lo: Lower end of the mean's 95 % interval; NaN where fewer than two members are left.
        hi: Upper end.
        stop: Epochs after which members stopped early, the median of them, or None where none did.
    """

    words: Words
    epochs: Int[np.ndarray, " epoch"]
    mean: Float[np.ndarray, " epoch"]
    lo: Float[np.ndarray, " epoch"]
    hi: Float[np.ndarray, " epoch"]
    stop: int | None


@dataclass(frozen=True, eq=False)
class MetricBands:
    """All lines of one metric.

    Attributes:
        metric: Name in the history.
        unit: Of its values; `nat` for a cross-entropy.
        by: Axes that tell the lines apart; empty where the lines are splits.
        bands: At most eight.
        n_left_out: Settings without a line, because eight others ended better.
        n_members: Members behind all lines.
    """

    metric: str
    unit: str
    by: tuple[str, ...]
    bands: tuple[Band, ...]
    n_left_out: int
    n_members: int


def seed_bands(subject: AbstractSubject) -> tuple[MetricBands, ...] | None:
    """The lines of the loss and of the first other metric.

    Args:
        subject: A run.

    Returns:
        One entry a metric; None where fewer than two epochs were recorded.
    """
    history = subject.history.filter(pl.col("value").is_finite())
    if history.is_empty() or history["epoch"].n_unique() < 2:
        return None
    stops = dict(subject.members.select("member", "stop_epoch").iter_rows())
    names = subject.metric_names[:2]
    units = {"loss": "nat" if is_cross_entropy(subject) else ""}
    return tuple(
        _metric(history.filter(pl.col("metric") == name), name, units.get(name, ""), subject.axes, stops)
        for name in names
    )


def is_cross_entropy(subject: AbstractSubject) -> bool:
    """Whether the loss is a cross-entropy, in natural logarithms: that of the task, or one that was chosen.

    Args:
        subject: A run.

    Returns:
        True where the loss counts in nats.
    """
    chosen = subject.experiment.loss
    return "crossentropy" in str(chosen).lower() if chosen is not None else subject.data.task != "regression"


def _metric(
    history: pl.DataFrame, metric: str, unit: str, axes: tuple[str, ...], stops: dict[int, int | None]
) -> MetricBands:
    by = tuple(name for name in axes if name != "seed")
    n_members = history["member"].n_unique()
    if not by:
        splits = [name for name in LINES if name in history["split"].unique().to_list()]
        bands = [_band(LINES[split], history.filter(pl.col("split") == split), stops) for split in splits]
        return MetricBands(metric, unit, (), tuple(bands), 0, n_members)
    split = "validation" if "validation" in history["split"].unique().to_list() else "train"
    bands = []
    for key, frame in history.filter(pl.col("split") == split).group_by(by, maintain_order=True):
        name = " / ".join(short_value(value) for value in key)
        bands.append(_band(Words(en=name, zh=name), frame, stops))
    left_out = max(len(bands) - MOST_CURVES, 0)
    if left_out:
        sign = 1 if is_better_low(metric) else -1
        best = sorted(bands, key=lambda band: sign * band.mean[-1])[:MOST_CURVES]
        bands = [band for band in bands if band in best]
    return MetricBands(metric, unit, by, tuple(bands), left_out, n_members)


def _band(words: Words, frame: pl.DataFrame, stops: dict[int, int | None]) -> Band:
    epochs = np.sort(frame["epoch"].unique().to_numpy())
    intervals = [seed_interval(frame.filter(pl.col("epoch") == epoch)["value"].to_numpy()) for epoch in epochs]
    early = [stop for member in frame["member"].unique() if (stop := stops.get(member)) is not None]
    return Band(
        words,
        epochs.astype(np.int64),
        np.array([one.mean for one in intervals]),
        np.array([np.nan if one.lo is None else one.lo for one in intervals]),
        np.array([np.nan if one.hi is None else one.hi for one in intervals]),
        int(np.median(early)) if early else None,
    )
