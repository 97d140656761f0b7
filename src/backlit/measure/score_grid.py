"""How the final score answers to two settings: a cell for each pair of values, the mean over the members in it.

               learning rate 0.01     0.1
    units  8            0.60          0.80
          16            0.70          none finished: NaN

Not for one setting alone, which also has an interval (see `response.py`).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from backlit.measure.final_metric import FinalMetric, final_metric
from backlit.measure.response import SettingAxis, scores_by, setting_axes
from backlit.measure.subject import AbstractSubject


@dataclass(frozen=True, eq=False)
class ScoreGrid:
    """The final score over two settings.

    Attributes:
        across: The first setting, a column a value.
        down: The second, a row a value.
        metric: What is scored.
        mean: Over the members of each cell that finished; NaN where none did.
        is_lost: Cells that have members, all of which diverged.
    """

    across: SettingAxis
    down: SettingAxis
    metric: FinalMetric
    mean: Float[np.ndarray, "row column"]
    is_lost: Bool[np.ndarray, "row column"]


def score_grid(subject: AbstractSubject) -> ScoreGrid | None:
    """The final score over the two settings in which members differ.

    Args:
        subject: A run.

    Returns:
        One cell a pair of values; None unless members differ in two settings besides the seed, and some finished.
    """
    axes, metric = setting_axes(subject), final_metric(subject)
    if len(axes) != 2 or metric is None:
        return None
    across, down = axes
    scores = scores_by(subject, metric.column, (*across.names, *down.names))
    if not scores:
        return None
    tried = set(subject.members.select(*across.names, *down.names).iter_rows())
    cells = [[(*column, *row) for column in across.points] for row in down.points]
    mean = np.array([[scores[cell].mean() if cell in scores else np.nan for cell in row] for row in cells])
    is_lost = np.array([[cell in tried and cell not in scores for cell in row] for row in cells])
    return ScoreGrid(across, down, metric, mean, is_lost)
