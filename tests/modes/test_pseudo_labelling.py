"""Teachers and students: who learns from which rows, and how they are judged."""

import keras
import numpy as np
import pytest

import backlit as bl
from backlit.data import from_arrays, load
from backlit.errors import DataError, SettingError
from backlit.modes.label_pool import PseudoLabels, pool_of, with_labels

QUIET = {"save": False, "verbose": False}


def network(n_classes=3):
    return keras.Sequential([keras.layers.Dense(8, "relu"), keras.layers.Dense(n_classes, "softmax")])


@pytest.fixture(scope="module")
def found():
    return bl.pseudo_label(
        network(), "iris", n_labelled_per_class=4, threshold=[0.8, 0.6], seeds=3, epochs=4, learning_rate=0.02, **QUIET
    )


def test_every_seed_has_labelled_rows_of_its_own(found):
    data = load("iris")
    assert len(found.labelled) == 3
    for rows in found.labelled:
        assert np.isin(rows, data.splits.train).all()
        assert np.bincount(data.class_ids[rows]).tolist() == [4, 4, 4]
    assert found.labelled[0].tolist() != found.labelled[1].tolist()


def test_a_round_for_each_threshold_after_the_teachers(found):
    assert len(found.runs) == 3
    assert found.table["round"].to_list() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert found.table["threshold"].to_list() == [None] * 3 + [0.8] * 3 + [0.6] * 3
    assert found.summary()["round"].to_list() == [0, 1, 2]


def test_teachers_learn_from_labelled_rows_alone_and_all_take_as_many_steps(found):
    n_train = load("iris").splits.sizes[0]
    for run in found.runs:
        assert [len(run.splits_of(member).train) for member in range(3)] == [n_train] * 3
    for member, rows in enumerate(found.labelled):
        assert np.unique(found.runs[0].splits_of(member).train).tolist() == rows.tolist()


def test_students_learn_labelled_rows_and_what_the_teacher_was_sure_of(found):
    students = found.runs[1]
    for member, (rows, labels) in enumerate(zip(found.labelled, found.given[0], strict=True)):
        assert not np.isin(labels.rows, rows).any()
        own = students.splits_of(member).train
        assert students.data.targets[np.setdiff1d(own, rows)].size == len(labels.rows)
        taught = {(tuple(students.data.inputs[row]), int(students.data.targets[row])) for row in own}
        meant = {
            (tuple(load("iris").inputs[row]), int(one)) for row, one in zip(labels.rows, labels.classes, strict=True)
        }
        assert meant <= taught


def test_how_many_labels_were_right_is_counted_where_they_were_hidden(found):
    truth = load("iris").class_ids
    for labels in found.given[0]:
        assert labels.n_right == (truth[labels.rows] == labels.classes).sum()
    first = found.table.row(3, named=True)
    assert first["n_pseudo"] == len(found.given[0][0].rows)
    assert first["n_right"] == found.given[0][0].n_right


def test_gain_is_paired_by_seed(found):
    scores = [run.evaluate("test")["accuracy"].to_numpy() for run in found.runs]
    assert found.gain().mean == pytest.approx((scores[2] - scores[0]).mean())
    assert found.summary()["gain"].to_list() == [None, found.gain(1).mean, found.gain(2).mean]
    assert "Teacher: labelled rows alone" in found.say()


def test_seeds_that_disagree_about_a_row_both_get_their_label():
    data = from_arrays(np.arange(8, dtype=np.float32)[:, None], [0, 0, 0, 0, 1, 1, 1, 1], n_classes=3)
    pool = pool_of(data, [0, 1], per_class=None, labelled=[0, 4], unlabelled=None)
    labels = (
        PseudoLabels(np.array([1, 2]), np.array([0, 2]), 1),
        PseudoLabels(np.array([2, 5]), np.array([1, 1]), 1),
    )
    grown, lists = with_labels(pool, labels)
    assert len(grown) == 8 + 2  # row 2 as class 2 and as class 1; the right labels use their own rows
    pairs = [[(float(grown.inputs[row, 0]), int(grown.targets[row])) for row in rows[:2]] for rows in lists]
    assert pairs == [[(1.0, 0), (2.0, 2)], [(2.0, 1), (5.0, 1)]]
    assert lists[0][2:].tolist() == [0, 4, 0, 4, 0, 4]
    assert len(pool.data) == 8


def test_rows_without_labels_are_taken_as_they_come():
    iris = load("iris", validation_split=0, test_split=0)
    mine = np.arange(0, 150, 3)
    others = np.setdiff1d(np.arange(150), mine)
    found = bl.pseudo_label(
        network(),
        (iris.inputs[mine], iris.targets[mine]),
        validation_data=(iris.inputs[1::3], iris.targets[1::3]),
        unlabelled=iris.inputs[others],
        threshold=0.5,
        rounds=1,
        seeds=2,
        epochs=3,
        learning_rate=0.02,
        **QUIET,
    )
    assert found.n_unlabelled == 100
    assert found.split == "validation"
    [labels, _] = found.given[0]
    assert labels.n_right is None
    assert labels.rows.min() >= 100  # behind 50 rows that train and 50 that validate
    assert found.table["n_right"].null_count() == 4
    assert found.summary()["right"].to_list() == [None, None]


def test_one_hot_targets_stay_one_hot():
    iris = load("iris", validation_split=0, test_split=0)
    order = np.random.default_rng(0).permutation(150)
    data = from_arrays(iris.inputs[order], np.eye(3, dtype=np.float32)[iris.targets[order]])
    options = {"threshold": 0.3, "rounds": 1, "seeds": 2, "epochs": 1, "balance": False, "validation_split": 0.2}
    found = bl.pseudo_label(network(), data, n_labelled_per_class=3, **options, **QUIET)
    assert found.run.data.targets.shape[1:] == (3,)
    assert (found.run.data.targets.sum(1) == 1).all()


def test_the_same_seeds_give_the_same_rounds(found):
    again = bl.pseudo_label(
        network(), "iris", n_labelled_per_class=4, threshold=[0.8, 0.6], seeds=3, epochs=4, learning_rate=0.02, **QUIET
    )
    assert again.table.equals(found.table)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_labelled_per_class": 5, "labelled": [0]}, "received `n_labelled_per_class` and `labelled`"),
        ({"labelled": [-1]}, "received 1 numbers, of which -1 is none"),
        ({"labelled": []}, "some but not all"),
        ({"threshold": 1.5}, "received 1.5"),
        ({"threshold": []}, "received an empty list"),
        ({"rounds": 0}, "rounds"),
        ({"learning_rate": [0.1, 0.01]}, "several of `learning_rate`"),
        ({"seeds": 0}, "seeds"),
    ],
)
def test_wrong_arguments(options, message):
    with pytest.raises(SettingError, match=message):
        bl.pseudo_label(network(), "iris", **options, **QUIET)


def test_data_that_do_not_suit():
    with pytest.raises(DataError, match="expected a classification task, received `regression`"):
        bl.pseudo_label(network(1), "diabetes", **QUIET)
    with pytest.raises(DataError, match="more training rows than that in each"):
        bl.pseudo_label(network(), "iris", n_labelled_per_class=40, **QUIET)
    with pytest.raises(DataError, match="expected validation rows, which judge, received none"):
        bl.pseudo_label(network(), from_arrays(np.eye(6, 4), [0, 1, 2, 0, 1, 2]), **QUIET)
    with pytest.raises(DataError, match=r"expected rows of shape \(4,\), received \(2,\)"):
        bl.pseudo_label(network(), "iris", unlabelled=np.zeros((3, 2)), **QUIET)
