"""How all members of a population ended: their final scores from worst to best, and where the chosen one stands.

    scores 0.7  0.9  0.8, one diverged     →     0.7  0.8  0.9, of 4 members 1 diverged

The best member is chosen by its validation loss, so another one may have the best accuracy.

Not for what made them differ (see `response.py`).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Float

from backlit.measure.final_metric import FinalMetric, final_metric
from backlit.measure.subject import AbstractSubject


@dataclass(frozen=True, eq=False)
class MemberScores:
    """Final scores of a population.

    Attributes:
        metric: What is scored.
        scores: Of the members that finished, from the worst to the best.
        best: Place among `scores` of the best member by loss, from 0.
        n_diverged: Members without a score.
    """

    metric: FinalMetric
    scores: Float[np.ndarray, " member"]
    best: int
    n_diverged: int


def member_scores(subject: AbstractSubject) -> MemberScores | None:
    """The final scores of all members.

    Args:
        subject: A run.

    Returns:
        Scores in order; None for one network, or where no member has a finite score.
    """
    metric = final_metric(subject)
    if metric is None or len(subject) < 2 or not subject.finished:
        return None
    good = subject.members.filter((pl.col("status") != "diverged") & pl.col(metric.column).is_finite())
    if good.is_empty():
        return None
    scores = good[metric.column].to_numpy().astype(np.float64)
    order = np.argsort(-scores if metric.is_better_low else scores, kind="stable")
    best = np.flatnonzero(good["member"].to_numpy()[order] == subject.best)
    n_diverged = len(subject) - len(subject.finished)
    return MemberScores(metric, scores[order], int(best[0]) if len(best) else len(scores) - 1, n_diverged)
