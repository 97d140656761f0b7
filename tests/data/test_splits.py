import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlit.data import hold_out, last_rows
from backlit.data.splits import check_fractions
from backlit.errors import DataError, SettingError


def test_sizes_and_classes_by_hand():
    # 100 rows, 60 of class 0 and 40 of class 1: 15 rows held out twice, of which 9 and 6.
    labels = np.repeat([0, 1], [60, 40])
    splits = hold_out(100, strata=labels)
    assert (70, 15, 15) == splits.sizes
    assert [9, 6] == np.bincount(labels[splits.test]).tolist()
    assert [9, 6] == np.bincount(labels[splits.validation]).tolist()
    assert [42, 28] == np.bincount(labels[splits.train]).tolist()
    assert splits.is_stratified
    assert 0 == splits.seed


@settings(max_examples=25, deadline=None)
@given(
    n_rows=st.integers(20, 200),
    n_classes=st.integers(1, 5),
    validation=st.floats(0.1, 0.4),
    test=st.floats(0.1, 0.4),
    number=st.integers(0, 2**32 - 1),
)
def test_each_row_is_in_one_part_and_sorted(n_rows, n_classes, validation, test, number):
    labels = np.random.default_rng(number).integers(0, n_classes, n_rows)
    splits = hold_out(n_rows, strata=labels, validation_split=validation, test_split=test, seed=number)
    rows = [splits.train, splits.validation, splits.test]
    assert list(range(n_rows)) == sorted(np.concatenate(rows).tolist())
    assert all((np.diff(part) > 0).all() and part.dtype == np.int64 for part in rows)


def test_same_seed_same_rows():
    assert hold_out(50, seed=3).test.tolist() == hold_out(50, seed=3).test.tolist()
    assert hold_out(50, seed=3).test.tolist() != hold_out(50, seed=4).test.tolist()


def test_no_classes_means_a_plain_shuffle():
    splits = hold_out(100)
    assert not splits.is_stratified
    assert splits.test.tolist() != list(range(85, 100))


def test_a_class_with_one_row_stays_in_training():
    labels = np.array([0] * 50 + [1] * 49 + [2])
    for number in range(5):
        splits = hold_out(100, strata=labels, seed=number)
        assert 99 in splits.train
        assert splits.is_stratified


def test_a_class_with_two_rows_never_leaves_training_empty():
    labels = np.array([0] * 49 + [1] * 49 + [2, 2])
    assert all({98, 99} & set(hold_out(100, strata=labels, seed=number).train.tolist()) for number in range(10))


def test_fewer_held_out_rows_than_classes():
    # 15 % of 20 rows are 3 rows, and there are 10 classes.
    splits = hold_out(20, strata=np.arange(20) % 10)
    assert (14, 3, 3) == splits.sizes
    assert not splits.is_stratified


def test_halves_are_rounded_up():
    assert (104, 23, 23) == hold_out(150).sizes  # 22.5 of 150 rows


def test_nothing_held_out():
    splits = hold_out(5, validation_split=0, test_split=0)
    assert ([0, 1, 2, 3, 4], None) == (splits.train.tolist(), splits.seed)


def test_rows_that_test_already_stay():
    splits = hold_out(10, validation_split=0.25, test_split=0, test_rows=np.array([8, 9]))
    assert [8, 9] == splits.test.tolist()
    assert (6, 2, 2) == splits.sizes  # a quarter of the eight others
    assert splits.has_own_test


def test_rows_that_test_already_allow_no_more():
    with pytest.raises(SettingError, match=r"come with 2 test rows, received test_split=0\.2"):
        hold_out(10, validation_split=0, test_split=0.2, test_rows=np.array([8, 9]))


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 15, float("nan"), "0.2", True, None])
def test_fraction_out_of_range(fraction):
    with pytest.raises(SettingError, match=rf"`validation_split` from 0 to below 1, received {fraction!r}"):
        check_fractions(validation_split=fraction)


def test_fractions_that_leave_nothing():
    with pytest.raises(SettingError, match=r"validation_split=0\.8, test_split=0\.3 \(sum 1\.1\)"):
        hold_out(10, validation_split=0.8, test_split=0.3)


def test_too_few_rows_for_a_part():
    with pytest.raises(DataError, match=r"Splitting 3 rows: expected at least 1 row for `test_split`.*=0\.1"):
        hold_out(3, validation_split=0, test_split=0.1)


def test_too_few_rows_to_train_on():
    with pytest.raises(DataError, match=r"Splitting 2 rows: .*validation_split=0\.45 and test_split=0\.45"):
        hold_out(2, validation_split=0.45, test_split=0.45)


@pytest.mark.parametrize("number", [-1, 2**32])
def test_seed_out_of_range(number):
    with pytest.raises(SettingError, match=rf"`seed`: expected a whole number 0..4294967295, received {number!r}"):
        hold_out(10, seed=number)


def test_last_rows_validate_as_in_keras():
    splits = last_rows(10, validation_split=0.25)
    assert [7, 8, 9] == splits.validation.tolist()  # Keras keeps int(10 × 0.75) = 7 rows
    assert list(range(10)) == last_rows(10).train.tolist()
    assert splits.seed is None


def test_last_rows_leave_one_to_train_on():
    with pytest.raises(DataError, match=r"received 0, with validation_split=0\.9"):
        last_rows(2, validation_split=0.9)
