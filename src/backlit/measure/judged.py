"""Predictions of a run's best member beside the truth: what the confusion matrix, calibration and mistakes read."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Shaped

from backlit.language import Words
from backlit.measure.confusion import confusion_matrix
from backlit.measure.predictions import class_probabilities
from backlit.measure.subject import AbstractSubject

SPLIT_WORDS = {
    "train": Words(en="training rows", zh="训练集"),
    "validation": Words(en="validation rows", zh="验证集"),
    "test": Words(en="test rows", zh="测试集"),
}


@dataclass(frozen=True, eq=False)
class Judged:
    """Predictions beside the truth.

    Attributes:
        split: Which rows.
        rows: Their numbers in the data.
        inputs: As the network reads them.
        targets: True classes.
        chances: Probability of each class.
        class_names: Columns of `chances`.
    """

    split: str
    rows: Int[np.ndarray, " row"]
    inputs: Shaped[np.ndarray, "row ..."]
    targets: Int[np.ndarray, " row"]
    chances: Float[np.ndarray, "row class"]
    class_names: tuple[str, ...]

    @property
    def split_words(self) -> Words:
        """The split, for people."""
        return SPLIT_WORDS[self.split]

    @property
    def predicted(self) -> Int[np.ndarray, " row"]:
        """Most probable class of each row."""
        return self.chances.argmax(1)

    @property
    def confidence(self) -> Float[np.ndarray, " row"]:
        """Probability of the most probable class."""
        return self.chances.max(1)

    @property
    def confusion(self) -> Int[np.ndarray, "true predicted"]:
        """Rows by true and by predicted class."""
        return confusion_matrix(self.targets, self.predicted, n_classes=len(self.class_names))


def judge(subject: AbstractSubject) -> Judged | None:
    """Lets the best member predict the rows that it never saw: test rows, else validation, else training rows.

    Args:
        subject: A run.

    Returns:
        Predictions beside the truth; None unless the task is classification and a member finished.
    """
    if subject.data.task != "classification" or not subject.finished:
        return None
    data = subject.best_data
    splits = subject.splits_of(subject.best)
    split = next(name for name in ("test", "validation", "train") if len(getattr(splits, name)))
    rows = np.asarray(getattr(splits, split))
    inputs = getattr(data, split)[0]
    chances = class_probabilities(subject.predict(inputs).reshape(len(rows), -1).astype(np.float64))
    n_classes = data.n_classes
    names = data.class_names or tuple(str(i) for i in range(n_classes))
    return Judged(split, rows, inputs, np.asarray(data.class_ids)[rows], chances[:, :n_classes], tuple(names))
