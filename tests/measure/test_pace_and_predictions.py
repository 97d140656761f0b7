import numpy as np
import pytest

from backlit.data import load
from backlit.engine.result import Progress
from backlit.measure import Pace, is_same, prediction_table


def progress(epoch, n_living=2):
    return Progress(step=0, epoch=epoch, n_epochs=10, n_living=n_living, n_members=2, samples_per_s=1.0)


def test_pace_over_two_groups():
    """Group 0 is half of the whole. From 0.25 (at 10 s) to 0.75 (at 14 s): 8 s for the whole, so 2 s are left."""
    pace = Pace()
    pace.update(progress(5.0), 0, 2, now_s=10.0)
    assert (pace.done_frac, pace.left_s) == (0.25, None)
    pace.update(progress(5.0), 1, 2, now_s=14.0)
    assert (pace.done_frac, pace.left_s) == (0.75, 2.0)


def test_a_group_without_living_members_is_done():
    pace = Pace()
    pace.update(progress(3.0, n_living=0), 0, 2, now_s=0.0)
    assert pace.done_frac == 0.5


def test_no_epochs_at_all():
    pace = Pace()
    pace.update(Progress(0, 0.0, 0, 1, 1, 0.0), 0, 1, now_s=0.0)
    assert pace.done_frac == 1.0


def test_classes_by_name_with_probabilities():
    table = prediction_table(np.array([[0.1, 0.7, 0.2]]), load("iris"))
    assert table.row(0) == (1, "versicolor", 0.1, 0.7, 0.2)


def test_logits_become_probabilities():
    """Softmax of (0, 0, log 2): 1/4, 1/4, 1/2."""
    table = prediction_table(np.array([[0.0, 0.0, np.log(2)]]), load("iris"))
    assert table["prediction"].to_list() == ["virginica"]
    assert table.row(0)[2:] == pytest.approx((0.25, 0.25, 0.5))


def test_two_classes_by_one_output():
    table = prediction_table(np.array([[0.9], [0.2]]), load("moons", n=20))
    names = load("moons", n=20).class_names or ("0", "1")
    assert table["prediction"].to_list() == [names[1], names[0]]
    assert table.row(0)[2:] == pytest.approx((0.1, 0.9))


def test_amounts():
    assert prediction_table(np.array([[3.5]]), load("diabetes")).row(0) == (1, 3.5)
    assert prediction_table(np.array([[1.0, 2.0, 3.0]]), load("linnerud")).columns == [
        "row",
        "prediction",
        "prediction_2",
        "prediction_3",
    ]


def test_several_labels():
    data = load(
        (np.zeros((4, 2), "float32"), np.array([[1, 1], [0, 1], [1, 0], [0, 0]], "float32")),
        class_names=("red", "round"),
        task="multi-label",
    )
    table = prediction_table(np.array([[0.9, 0.8], [0.1, 0.2]]), data)
    assert table["prediction"].to_list() == ["red, round", ""]


def test_a_last_bit_is_a_difference():
    one = [np.array([1.0, np.nan])]
    assert is_same(one, [np.array([1.0, np.nan])])
    assert not is_same(one, [np.array([np.nextafter(1.0, 2), np.nan])])
    assert not is_same(one, [])
    assert not is_same(one, [np.array([1.0, np.nan], "float32")])
