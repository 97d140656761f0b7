"""The calibration of a run's best member, on rows that it never saw.

Not for the arithmetic (see `calibration.py`).
"""

from dataclasses import dataclass

from backlit.language import Words
from backlit.measure.calibration import Calibration, calibration
from backlit.measure.judged import judge
from backlit.measure.subject import AbstractSubject


@dataclass(frozen=True, eq=False)
class Reliability:
    """How far the probabilities of a network can be taken at their word.

    Attributes:
        bins: Confidence beside accuracy.
        split_words: Which rows.
    """

    bins: Calibration
    split_words: Words


def reliability(subject: AbstractSubject) -> Reliability | None:
    """Compares how sure the best member is with how often it is right.

    Args:
        subject: A run.

    Returns:
        The bins; None unless the task is classification and a member finished.
    """
    judged = judge(subject)
    return None if judged is None else Reliability(calibration(judged.chances, judged.targets), judged.split_words)
