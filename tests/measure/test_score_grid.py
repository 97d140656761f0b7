"""The final score over two settings."""

import itertools

import numpy as np
import pytest

from backlit.measure.score_grid import score_grid
from tests.measure.stand_in import StandIn, rows_of

DATA = rows_of([[0.0], [1.0]], [0, 1])
SCORES = {(0.1, 8, 0): 0.8, (0.1, 8, 1): 0.6, (0.01, 8, 0): 0.5, (0.01, 8, 1): None}
SCORES |= {(0.1, 16, 0): None, (0.1, 16, 1): None, (0.01, 16, 0): 0.2, (0.01, 16, 1): 0.4}


def population(scores=SCORES, varied=(("learning_rate",), ("units",), ("seed",))):
    members = [
        {
            **dict(zip(("learning_rate", "units", "seed"), key, strict=True)),
            "accuracy": score or 0.0,
            "status": "diverged" if score is None else "finished",
        }
        for key, score in scores.items()
    ]
    return StandIn(members=members, varied=varied, metrics=("loss", "accuracy"), data=DATA)


def test_each_cell_is_the_mean_of_its_members():
    found = score_grid(population())
    assert ((0.01, 0.1), (8.0, 16.0)) == (found.across.numbers, found.down.numbers)
    # units 8: 0.5 alone, and (0.8 + 0.6) / 2; units 16: (0.2 + 0.4) / 2, and both diverged
    np.testing.assert_allclose([[0.5, 0.7], [0.3, np.nan]], found.mean)
    assert [[False, False], [False, True]] == found.is_lost.tolist()


@pytest.mark.parametrize("varied", [[("learning_rate",)], [("learning_rate",), ("units",), ("extra",)]])
def test_it_takes_two_settings(varied):
    members = [
        {"learning_rate": a, "units": b, "extra": c, "accuracy": 0.5}
        for a, b, c in itertools.product((0.1, 0.2), (1, 2), (3, 4))
    ]
    assert score_grid(StandIn(members=members, varied=varied, metrics=("loss", "accuracy"), data=DATA)) is None


def test_it_takes_a_member_that_finished():
    assert score_grid(population(dict.fromkeys(SCORES))) is None
