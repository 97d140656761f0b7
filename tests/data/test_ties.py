"""Rows that hang together: groups, copies, an order of time; in arrays, frames and files."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlit.data import folds, hold_out, load
from backlit.data.duplicates import copy_ids, duplicates, joined_groups, rows_that_leak
from backlit.errors import DataError, SettingError


def parts(splits):
    return splits.train, splits.validation, splits.test


@settings(max_examples=40, deadline=None)
@given(
    groups=st.lists(st.integers(0, 12), min_size=12, max_size=80),
    validation=st.sampled_from([0.0, 0.15, 0.3]),
    test=st.sampled_from([0.15, 0.3]),
    is_classified=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_no_group_is_on_two_sides(groups, validation, test, is_classified, seed):
    ids = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    strata = np.arange(len(ids)) % 2 if is_classified else None
    request = {"strata": strata, "validation_split": validation, "test_split": test, "seed": seed}
    if len(set(groups)) < 2 + (validation > 0):
        with pytest.raises(DataError, match="at least 2 groups, received 1"):
            hold_out(len(ids), groups=ids, **request)
        return
    splits = hold_out(len(ids), groups=ids, **request)
    assert list(range(len(ids))) == sorted(np.concatenate(parts(splits)).tolist())
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not set(ids[parts(splits)[one]]) & set(ids[parts(splits)[other]])
    assert len(splits.train)
    assert len(splits.test)
    again = hold_out(len(ids), groups=ids, **request)
    assert splits.test.tolist() == again.test.tolist()


def test_sizes_and_classes_are_about_what_was_asked_for():
    # 200 groups of 5 rows, a fifth of them of class 1.
    groups = np.repeat(np.arange(200), 5)
    strata = (groups % 5 == 0).astype(int)
    splits = hold_out(1000, strata=strata, groups=groups)
    for part in splits.validation, splits.test:
        assert 150 == pytest.approx(len(part), abs=25)
        assert 0.2 == pytest.approx(strata[part].mean(), abs=0.05)


def test_the_last_rows_test():
    order = np.array([5, 1, 9, 3, 7, 0, 2, 4, 6, 8])
    splits = hold_out(10, validation_split=0.2, test_split=0.3, order=order)
    # Times 7, 8 and 9 test; 5 and 6 validate.
    assert [[2, 4, 9], [0, 8]] == [splits.test.tolist(), splits.validation.tolist()]
    assert splits.seed is None


def test_groups_in_an_order_are_refused():
    with pytest.raises(SettingError, match="either `groups` or `order`, received both"):
        hold_out(4, groups=np.arange(4), order=np.arange(4))


def test_arrays_with_groups_and_order():
    x, y = np.arange(20, dtype="float32")[:, None], np.arange(20) % 2
    data = load((x, y), groups=["a", "b", "c", "d", "e"] * 4, test_split=0.4)
    assert 8 == len(data.splits.test)
    assert not set(data.splits.groups[data.splits.test]) & set(data.splits.groups[data.splits.train])
    late = load((x, y), order=-np.arange(20), test_split=0.1)
    assert [0, 1] == late.splits.test.tolist()
    assert [18, 19] == load((x, y), order=True, test_split=0.1).splits.test.tolist()
    assert [18, 19] == load(load((x, y), test_split=0.1), order=True).splits.test.tolist()
    assert data.digest() != load((x, y), groups=["a", "b"] * 10, test_split=0.4).digest()


@pytest.fixture
def visits(tmp_path):
    """Forty visits of ten patients on days that the file does not sort by."""
    rng = np.random.default_rng(0)
    days = rng.permutation(40)
    frame = pl.DataFrame(
        {
            "patient": [f"p{i % 10}" for i in range(40)],
            "day": [f"{1 + day % 28}/{2 if day >= 28 else 1}/2024" for day in days],
            "size": rng.normal(size=40).round(3),
            "sick": ["yes" if i % 3 else "no" for i in range(40)],
        }
    )
    path = tmp_path / "visits.csv"
    frame.write_csv(path)
    return path, frame, days


def test_a_column_that_groups(visits):
    path, frame, _ = visits
    data = load(path, target="sick", groups="patient", drop="day")
    assert ("size",) == data.feature_names
    patients = frame["patient"].to_numpy()
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert not set(patients[parts(data.splits)[one]]) & set(patients[parts(data.splits)[other]])
    for splits in folds(3).rows(data):
        assert not set(patients[splits.train]) & set(patients[splits.validation])
    again = load(data.recipe["source"], **data.recipe["options"])
    assert data.digest() == again.digest()
    assert {"patient", "day"} <= {column.name for column in data.table.columns}


def test_a_column_that_orders(visits):
    path, _, days = visits
    data = load(path, target="sick", order="day", drop="patient")
    assert ("size",) == data.feature_names
    assert days[data.splits.train].max() < days[data.splits.validation].min()
    assert days[data.splits.validation].max() < days[data.splits.test].min()
    assert "in order of time" in " ".join(map(str, data.describe()))


def test_copies_are_found_and_kept_together():
    x = np.concatenate([np.arange(30), np.arange(30)]).astype("float32")[:, None]
    y = np.concatenate([np.arange(30), np.arange(30)]) % 3
    apart = load((x, y), test_split=0.2, validation_split=0.2)
    ids = copy_ids(apart.inputs)
    assert [*range(30), *range(30)] == ids.tolist()
    leaks = rows_that_leak(apart, ids, "test")
    assert all(ids[row] in ids[apart.splits.train] for row in leaks)
    assert len(leaks)
    told = [str(line) for line in duplicates(apart)]
    assert "Copies: 30 rows have the same inputs as an earlier one" == told[0]
    assert f"and {len(leaks)} test rows have a copy among the training rows" in told[1]
    assert told[1] in [str(line) for line in apart.describe()]
    together = load((x, y), test_split=0.2, validation_split=0.2, duplicates="together")
    assert 0 == len(rows_that_leak(together, ids, "test")) == len(rows_that_leak(together, ids, "validation"))
    assert 1 == len(duplicates(together))
    for splits in folds(5).rows(together):
        assert not set(ids[splits.train]) & set(ids[splits.validation])


def test_copies_in_a_table_are_kept_together(tmp_path):
    path = tmp_path / "copies.csv"
    rows = [f"{i % 12}.5,{'ab'[i % 2]},{'yn'[i % 3 > 0]}" for i in range(36)]
    path.write_text("size,kind,sick\n" + "\n".join(rows) + "\n")
    data = load(path, duplicates="together")
    ids = copy_ids(data.coded)
    assert 12 == len(set(ids))
    assert 0 == len(rows_that_leak(data, ids, "test")) == len(rows_that_leak(data, ids, "validation"))
    assert len(rows_that_leak(load(path), ids, "test"))


def test_data_without_copies_say_nothing():
    assert () == duplicates(load("wine"))


def test_groups_and_copies_hang_together():
    # Rows 0 and 1 are one group, 1 and 2 copies; 3 is alone.
    assert [0, 0, 0, 1] == joined_groups(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])).tolist()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"groups": "patient"}, DataError, "`groups`: expected one value for each row, .* received `patient`"),
        ({"groups": [1, 2]}, DataError, r"20 values, one for each row of the data, received an array of shape \(2,\)"),
        (
            {"order": ["soon"] * 20},
            DataError,
            r"`order`: expected a date or a number in every row, received 'soon' \[0\]",
        ),
        ({"order": [1.0] * 19 + [float("nan")]}, DataError, r"received nan \[19\]"),
        ({"duplicates": "drop"}, SettingError, "`duplicates`: expected one of `keep`, `together`, received 'drop'"),
    ],
)
def test_mistakes(options, error, message):
    with pytest.raises(error, match=message):
        load((np.zeros((20, 1)), np.arange(20) % 2), **options)


def test_a_column_that_is_not_there(visits):
    with pytest.raises((DataError, SettingError), match="doctor"):
        load(visits[0], target="sick", groups="doctor")


def test_one_group_cannot_be_parted():
    with pytest.raises(DataError, match="at least 2 groups, received 1"):
        load((np.zeros((20, 1)), np.arange(20) % 2), groups=["a"] * 20, test_split=0.2)
