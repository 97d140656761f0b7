"""The mistakes of which a network is most sure: rows that it never saw, wrong answers, the largest probability first.

    row 17   true 3, predicted 5 with 0.94, which leaves 0.02 for the true class

They show what a network has not understood, or labels that are wrong. Rows near the border of two classes, where it is
right to be unsure, come last.

Not for how many mistakes of each kind there are (see `confusion.py`).
"""

from dataclasses import dataclass

import numpy as np

from backlit.language import Words
from backlit.measure.judged import judge
from backlit.measure.pictures import Pictures, small_pictures
from backlit.measure.subject import AbstractSubject
from backlit.measure.told_rows import ToldRow, tell_rows

MOST_MISTAKES = 16


@dataclass(frozen=True)
class SureMistake:
    """One wrong answer.

    Attributes:
        row: Its number in the data.
        true: Name of the true class.
        predicted: Name of the predicted class.
        confidence: Probability of the predicted class.
        chance_of_true: Probability of the true class.
    """

    row: int
    true: str
    predicted: str
    confidence: float
    chance_of_true: float


@dataclass(frozen=True, eq=False)
class Mistaken:
    """The most confident mistakes.

    Attributes:
        mistakes: The surest first, at most 16.
        n_mistakes: All mistakes.
        n_rows: Rows that were predicted.
        split_words: Which rows.
        pictures: The rows where they are pictures, else None.
        told: The rows where they are no pictures, else empty.
    """

    mistakes: tuple[SureMistake, ...]
    n_mistakes: int
    n_rows: int
    split_words: Words
    pictures: Pictures | None
    told: tuple[ToldRow, ...]


def mistaken(subject: AbstractSubject) -> Mistaken | None:
    """Looks for the most confident mistakes of the best member.

    Args:
        subject: A run.

    Returns:
        The mistakes; None unless the task is classification, a member finished, and it made a mistake.
    """
    judged = judge(subject)
    if judged is None:
        return None
    wrong = np.flatnonzero(judged.predicted != judged.targets)
    if not len(wrong):
        return None
    surest = wrong[np.argsort(-judged.confidence[wrong], kind="stable")][:MOST_MISTAKES]
    mistakes = tuple(
        SureMistake(
            row=int(judged.rows[i]),
            true=judged.class_names[judged.targets[i]],
            predicted=judged.class_names[judged.predicted[i]],
            confidence=float(judged.confidence[i]),
            chance_of_true=float(judged.chances[i, judged.targets[i]]),
        )
        for i in surest
    )
    pictures = small_pictures(judged.inputs[surest])
    told = () if pictures is not None else tell_rows(subject.best_data, judged.rows[surest])
    return Mistaken(mistakes, len(wrong), len(judged.rows), judged.split_words, pictures, told)
