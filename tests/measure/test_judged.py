"""Predictions of the best member beside the truth."""

import numpy as np
import pytest

from backlit.data import Dataset, Splits, from_arrays
from backlit.measure.judged import judge
from tests.measure.stand_in import StandIn

INPUTS = np.arange(6, dtype="float32")[:, None]
CLASSES = np.array([0, 1, 0, 1, 0, 1])


class Split(StandIn):
    """A run whose one member has the splits of the data."""

    def splits_of(self, member):  # noqa: ARG002  the interface has it
        return self.data.splits


def run(splits, outputs):
    data = Dataset("six", INPUTS, CLASSES, task="classification", splits=splits, class_names=("even", "odd"))
    return Split(data=data, predict=outputs)


def says_odd(inputs):
    """Logits: 2 for the second class from input 3 on, -2 before."""
    return np.where(inputs > 2.5, 2.0, -2.0) * np.array([[-1.0, 1.0]])


@pytest.mark.parametrize(
    ("splits", "split", "rows"),
    [
        (Splits.of_rows([0, 1], [2], [4, 5]), "test", [4, 5]),
        (Splits.of_rows([0, 1], [2, 3]), "validation", [2, 3]),
        (Splits.of_rows([0, 1, 2]), "train", [0, 1, 2]),
    ],
)
def test_rows_that_were_not_seen_come_first(splits, split, rows):
    found = judge(run(splits, says_odd))
    assert (found.split, found.rows.tolist()) == (split, rows)
    assert found.targets.tolist() == CLASSES[rows].tolist()
    assert found.predicted.tolist() == [int(row > 2) for row in rows]
    # e² / (e² + e⁻²) = 0.982
    assert found.confidence == pytest.approx(np.full(len(rows), 0.98201), abs=1e-5)


def test_mistakes_lie_off_the_diagonal():
    found = judge(run(Splits.of_rows([0, 1], [], [2, 3, 4, 5]), says_odd))
    assert found.confusion.tolist() == [[1, 1], [0, 2]]
    assert found.class_names == ("even", "odd")


def test_amounts_are_not_judged():
    data = from_arrays(INPUTS, INPUTS[:, 0], task="regression")
    assert judge(Split(data=data, predict=says_odd)) is None
