"""Votes, means and SAMME by hand numbers."""

import math

import numpy as np
import pytest

from backlit.measure.combining import mean_outputs, samme_rows, samme_weight, vote_shares, weighted_rows

THREE = np.array([[[0.9, 0.1]], [[0.6, 0.4]], [[0.3, 0.7]]])  # three members, one row, two classes


def test_the_mean_of_probabilities():
    # (0.9 + 0.6 + 0.3) / 3 = 0.6
    assert [[0.6, 0.4]] == mean_outputs(THREE).round(9).tolist()


def test_a_weighted_mean():
    # (1·0.9 + 0·0.6 + 3·0.3) / 4 = 0.45
    assert [[0.45, 0.55]] == mean_outputs(THREE, np.array([1.0, 0.0, 3.0])).round(9).tolist()


def test_votes_are_counted_by_head():
    assert [[round(2 / 3, 9), round(1 / 3, 9)]] == vote_shares(THREE).round(9).tolist()


def test_a_heavy_vote_wins_against_two():
    # weights 1, 1, 3: class 1 has 3 of 5
    assert [[0.4, 0.6]] == vote_shares(THREE, np.array([1.0, 1.0, 3.0])).round(9).tolist()


def test_mean_and_vote_can_disagree():
    # 0.9, 0.4, 0.4 for class 0: mean 0.567 says class 0, two of three heads say class 1
    outputs = np.array([[[0.9, 0.1]], [[0.4, 0.6]], [[0.4, 0.6]]])
    assert (0, 1) == (mean_outputs(outputs).argmax(), vote_shares(outputs).argmax())


def test_an_undecided_member_votes_for_the_first_class():
    assert [[1.0, 0.0]] == vote_shares(np.array([[[0.5, 0.5]]])).tolist()


def test_one_column_votes_above_one_half():
    outputs = np.array([[[0.51], [0.5]], [[0.2], [0.9]]])
    assert [[0.5], [0.5]] == vote_shares(outputs).tolist()


def test_labels_are_voted_on_one_by_one():
    outputs = np.array([[[0.9, 0.8, 0.1]], [[0.2, 0.7, 0.5]]])
    assert [[0.5, 1.0, 0.0]] == vote_shares(outputs, is_exclusive=False).tolist()


@pytest.mark.parametrize(
    ("error", "n_classes", "expected"),
    [
        (0.25, 2, math.log(3)),  # ln(0.75 / 0.25) + ln 1
        (0.25, 3, math.log(3) + math.log(2)),
        (0.5, 2, 0.0),  # guessing between two
        (2 / 3, 3, 0.0),  # guessing between three: ln(1/2) + ln 2
        (0.9, 10, 0.0),
    ],
)
def test_samme_weights(error, n_classes, expected):
    assert expected == pytest.approx(samme_weight(error, n_classes=n_classes), abs=1e-12)


def test_worse_than_guessing_has_a_negative_weight():
    assert samme_weight(0.7, n_classes=3) < 0


def test_no_mistake_has_a_large_weight_and_not_an_endless_one():
    assert 23 < samme_weight(0.0, n_classes=2) < 24  # ln(1e10) = 23.03


def test_missed_rows_count_more():
    # weight ln 3 triples the missed row: 3/6 against three times 1/6
    rows = samme_rows(np.full(4, 0.25), is_wrong=np.array([False, True, False, False]), member_weight=math.log(3))
    assert pytest.approx([1 / 6, 1 / 2, 1 / 6, 1 / 6]) == rows.tolist()


def test_for_two_classes_the_member_is_wrong_on_half_of_the_new_weight():
    # AdaBoost's own property: after the update, the last member is no better than guessing.
    rng = np.random.default_rng(0)
    weights = rng.random(50)
    weights /= weights.sum()
    is_wrong = rng.random(50) < 0.3
    member_weight = samme_weight(float(weights[is_wrong].sum()), n_classes=2)
    after = samme_rows(weights, is_wrong=is_wrong, member_weight=member_weight)
    assert after[is_wrong].sum() == pytest.approx(0.5)


def test_rows_are_drawn_by_weight():
    weights = np.array([0.7, 0.3, 0.0] + [0.0] * 997)
    drawn = weighted_rows(weights, seed=(0, 1))
    assert len(drawn) == 1000
    assert set(drawn.tolist()) == {0, 1}
    # 1,000 draws of 0.7: 700 ± 3 · √(1000 · 0.7 · 0.3) = 700 ± 43
    assert 657 < (drawn == 0).sum() < 743
    assert drawn.tolist() == weighted_rows(weights, seed=(0, 1)).tolist()
    assert drawn.tolist() != weighted_rows(weights, seed=(0, 2)).tolist()
