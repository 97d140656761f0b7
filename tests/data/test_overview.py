"""What is said of a data set before training: each remark by a set that deserves it, and none for a sound one."""

import numpy as np
import pytest

from backlit.data import Splits, from_arrays, load
from backlit.data.overview import look_at
from backlit.data.repeats import find_repeats


def arrays(inputs, targets, **parts):
    return from_arrays(np.asarray(inputs, np.float32), targets, **parts)


def sound(n=60, n_classes=3):
    return np.random.default_rng(0).normal(size=(n, 2)), np.arange(n) % n_classes


def kinds(data):
    return {one.kind for one in look_at(data).remarks}


def test_a_sound_set_has_no_remark():
    assert set() == kinds(load(sound(), validation_split=0.2, test_split=0.2))
    assert set() == kinds(load("iris")) - {"repeats", "leak", "disagreement"}


def test_classes_with_their_rows_by_part():
    data = load(sound(), validation_split=0.2, test_split=0.2)
    rows = look_at(data).classes
    assert ["0", "1", "2"] == [one.name for one in rows]
    assert [(20, 1 / 3)] * 3 == [(one.n_rows, one.frac) for one in rows]
    assert [(12, 4, 4)] * 3 == [one.n_by_part for one in rows]


@pytest.mark.parametrize(("n", "is_told"), [(100, True), (99, False)])
def test_imbalance_from_ten_to_one(n, is_told):
    x = np.random.default_rng(0).normal(size=(n + 10, 2))
    assert is_told == ("imbalance" in kinds(load((x, [0] * n + [1] * 10))))


@pytest.mark.parametrize(("n", "is_told"), [(9, True), (10, False)])
def test_classes_with_few_rows(n, is_told):
    x = np.random.default_rng(0).normal(size=(n + 20, 2))
    assert is_told == ("few-rows" in kinds(load((x, [0] * 20 + [1] * n))))


def test_classes_without_rows_to_train_or_to_judge():
    x, y = sound(20, 2)
    assert "not-trained" in kinds(from_arrays(x, y, n_classes=3))
    one_sided = from_arrays(x, y, test=(np.random.default_rng(1).normal(size=(3, 2)), [0, 0, 0]))
    assert {"not-judged"} == kinds(one_sided)


def test_rows_that_repeat_leak_and_disagree():
    # rows 0, 2 and 4 are equal; 0 and 2 train with targets 0 and 1, 4 tests
    data = arrays([[1, 1], [2, 2], [1, 1], [3, 3]], [0, 1, 1, 0], test=([[1.0, 1.0]], [0]))
    repeats = find_repeats(data)
    assert ((0, 2, 4),) == repeats.groups
    assert (2, 1, 3) == (repeats.n_repeated, repeats.n_judging, repeats.n_disagreeing)
    assert {"repeats", "leak", "disagreement"} <= kinds(data)
    alike = arrays([[1, 1], [2, 2], [1, 1.001], [3, 3]], [0, 1, 1, 0])
    assert () == find_repeats(alike).groups


def test_judging_rows_may_repeat_each_other():
    data = arrays([[1], [2]], [0, 1], test=([[3.0], [3.0]], [0, 0]))
    assert (1, 0) == (find_repeats(data).n_repeated, find_repeats(data).n_judging)


def test_rows_in_no_part_leak_nothing():
    data = arrays([[1.0], [1.0]], [0, 0], n_classes=2)
    from dataclasses import replace

    assert 0 == find_repeats(replace(data, splits=Splits.of_rows([0]))).n_judging


def test_inputs_that_never_change_and_large_ones():
    x, y = sound(20, 2)
    x[:, 1] = 5
    remarks = look_at(arrays(x, y)).remarks
    assert ["The same in every row: `1`"] == [str(one.words) for one in remarks if one.kind == "constant"]
    assert "constant" in kinds(arrays(np.ones((20, 2)), y))
    x[0, 0] = 30
    assert "large-inputs" not in kinds(arrays(x, y))
    x[0, 0] = 31
    assert "large-inputs" in kinds(arrays(x, y))


def test_columns_of_a_catalogue_set_are_raw():
    columns = look_at(load("iris")).columns
    assert ("sepal length (cm)", "4.3", "7.9") == (columns[0].name, columns[0].low, columns[0].high)


def test_amounts_and_labels():
    assert () == look_at(load("diabetes")).classes
    labels = from_arrays(np.zeros((3, 2)), [[1, 0], [1, 1], [1, 0]])
    assert "multi-label" == labels.task
    assert [3, 1] == [one.n_rows for one in look_at(labels).classes]
