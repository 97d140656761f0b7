"""Final scores of a population, from the worst to the best."""

import pytest

from backlit.measure.member_scores import member_scores
from tests.measure.stand_in import StandIn, rows_of

DATA = rows_of([[0.0], [1.0]], [0, 1])


def population(column, scores, *, best=0, metrics=("loss", "accuracy")):
    members = [{column: score or 0.0, "status": "diverged" if score is None else "finished"} for score in scores]
    return StandIn(members=members, best=best, metrics=metrics, data=DATA)


def test_scores_rise_to_the_best_and_the_chosen_member_has_its_place():
    found = member_scores(population("val_accuracy", [0.7, 0.9, None, 0.8], best=3))
    assert [0.7, 0.8, 0.9] == found.scores.tolist()
    assert (1, 1) == (found.best, found.n_diverged)


def test_losses_fall_to_the_best():
    found = member_scores(population("val_loss", [0.2, 0.9, 0.4], best=0, metrics=("loss",)))
    assert [0.9, 0.4, 0.2] == found.scores.tolist()
    assert 2 == found.best


@pytest.mark.parametrize("scores", [[0.7], [None, None], [float("nan"), float("inf")]])
def test_one_network_or_no_score_is_no_population(scores):
    assert member_scores(population("val_accuracy", scores)) is None
