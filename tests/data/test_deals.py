"""Rows dealt out for many members: who trains, who validates, and what no deal may do."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlit.data import Dataset, Splits, bags, folds, given_rows, load, subsets
from backlit.data.deals import deals_of, group_ids
from backlit.data.folding import fold_rows
from backlit.errors import DataError, SettingError


def make(labels, *, n_validation=0, n_test=0, task="classification", **splits):
    """Rows of these classes; the last ones test, those before them validate."""
    n = len(labels)
    ends = np.cumsum([n - n_validation - n_test, n_validation, n_test])
    parts = [np.arange(end - size, end) for end, size in zip(ends, (ends[0], n_validation, n_test), strict=True)]
    targets = np.asarray(labels, np.int32) if task == "classification" else np.asarray(labels, np.float32)[:, None]
    names = tuple(map(str, range(int(max(labels)) + 1))) if task == "classification" else ()
    inputs = np.arange(n, dtype=np.float32)[:, None]
    return Dataset("rows", inputs, targets, task=task, splits=Splits.of_rows(*parts, **splits), class_names=names)


labelled = st.lists(st.integers(0, 3), min_size=12, max_size=60)


@settings(max_examples=40, deadline=None)
@given(labels=labelled, n=st.integers(2, 6), repeats=st.integers(1, 3), seed=st.integers(0, 2**32 - 1))
def test_folds_part_the_rows_that_do_not_test_by_class(labels, n, repeats, seed):
    data = make(labels, n_validation=2, n_test=3)
    dealt = folds(n, repeats=repeats, seed=seed).rows(data)
    assert n * repeats == len(dealt)
    shared = list(range(len(labels) - 3))
    for repeat in range(repeats):
        own = dealt[repeat * n : (repeat + 1) * n]
        assert shared == sorted(np.concatenate([one.validation for one in own]).tolist()), "each validates once"
        for one in own:
            assert shared == sorted([*one.train, *one.validation])
            assert data.splits.test.tolist() == one.test.tolist()
        if np.bincount(labels[:-3]).max() >= n:
            counts = np.array([np.bincount(data.class_ids[one.validation], minlength=4) for one in own])
            assert np.ptp(counts, axis=0).max() <= 1


@settings(max_examples=40, deadline=None)
@given(
    groups=st.lists(st.integers(0, 9), min_size=12, max_size=60),
    n=st.integers(2, 4),
    task=st.sampled_from(["classification", "regression"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_groups_are_never_parted(groups, n, task, seed):
    data = make([i % 2 for i in range(len(groups))], task=task)
    ids = group_ids(groups)
    if len(set(groups)) < n:
        with pytest.raises(DataError, match=rf"at least {n} groups, received {len(set(groups))}"):
            folds(n, groups=groups, seed=seed).rows(data)
        return
    dealt = folds(n, groups=groups, seed=seed).rows(data)
    assert list(range(len(groups))) == sorted(np.concatenate([one.validation for one in dealt]).tolist())
    for one in dealt:
        assert len(one.validation)
        assert not set(ids[one.train]) & set(ids[one.validation])


def test_groups_that_the_data_came_with_are_kept_together():
    ids = np.repeat(np.arange(6), 2)
    data = make([0, 1] * 6, groups=ids)
    for one in folds(3).rows(data):
        assert not set(ids[one.train]) & set(ids[one.validation])
    parted = [set(ids[one.train]) & set(ids[one.validation]) for one in folds(3).rows(make([0, 1] * 6))]
    assert any(parted), "without groups, rows of a pair part"


def test_many_groups_are_dealt_by_chance(monkeypatch):
    monkeypatch.setattr("backlit.data.folding.MOST_STRATIFIED_GROUPS", 3)
    ids = np.repeat(np.arange(6), 2)
    held = fold_rows(12, n=3, random=np.random.RandomState(0), strata=np.arange(12) % 2, groups=ids)
    assert [4, 4, 4] == [len(fold) for fold in held]
    assert all(len(set(ids[fold])) == 2 for fold in held)


def test_equal_seeds_deal_alike_and_others_do_not():
    data = make([0, 1] * 20, n_validation=4)
    for make_deals in (
        lambda seed: folds(4, repeats=2, seed=seed),
        lambda seed: bags(3, seed=seed),
        lambda seed: subsets([5, 10], seed=seed),
    ):
        one, again, other = (
            [(s.train.tolist(), s.validation.tolist()) for s in make_deals(seed).rows(data)] for seed in (1, 1, 2)
        )
        assert one == again
        assert one != other


def test_the_first_repeat_is_the_same_however_many_follow():
    data = make([0, 1] * 20)
    once, thrice = folds(4).rows(data), folds(4, repeats=3).rows(data)
    assert [s.validation.tolist() for s in once] == [s.validation.tolist() for s in thrice[:4]]
    assert [s.validation.tolist() for s in once] != [s.validation.tolist() for s in thrice[4:8]]


@pytest.mark.parametrize(
    ("deals", "names", "points"),
    [
        (folds(2), ("fold",), ((0,), (1,))),
        (folds(2, repeats=2), ("repeat", "fold"), ((0, 0), (0, 1), (1, 0), (1, 1))),
        (folds(2, groups=["a", "b", "a"]), ("fold",), ((0,), (1,))),
        (bags(2, seed=3, fraction=0.5), ("bag",), ((0,), (1,))),
        (subsets([50, 20]), ("n_rows",), ((50,), (20,))),
        (subsets(np.array([50, 20])), ("n_rows",), ((50,), (20,))),
        (given_rows([[0, 0], [1]]), ("deal",), ((0,), (1,))),
        (given_rows([[0], [1]], validation=[[2], []], seeds=[7, 8]), ("deal", "seed"), ((0, 7), (1, 8))),
    ],
)
def test_names_points_and_a_spec_that_json_knows(deals, names, points):
    import json

    assert (names, points) == (deals.names, deals.points)
    assert len(points) == len(deals)
    again = deals_of(json.loads(json.dumps(deals.spec)))
    assert deals == again


def test_regression_is_shuffled_and_order_in_time_is_not():
    amounts = make(list(range(12)), task="regression")
    assert [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]] != [s.validation.tolist() for s in folds(3).rows(amounts)]
    in_order = make(list(range(12)), task="regression", order=np.arange(12))
    # TimeSeriesSplit: 12 rows in 4 parts of 3; part by part, the next one validates what came before it.
    dealt = folds(3).rows(in_order)
    assert [[3, 4, 5], [6, 7, 8], [9, 10, 11]] == [s.validation.tolist() for s in dealt]
    assert [3, 6, 9] == [len(s.train) for s in dealt]
    assert all(s.train.max() < s.validation.min() for s in dealt)


def test_a_class_with_fewer_rows_than_folds_is_missing_from_some():
    data = make([0] * 10 + [1] * 2)
    assert [1, 1, 0] == sorted(
        (int((data.class_ids[s.validation] == 1).sum()) for s in folds(3).rows(data)), reverse=True
    )


def test_classes_that_are_all_smaller_than_the_folds_are_shuffled_plainly():
    assert [2, 2, 2] == [len(s.validation) for s in folds(3).rows(make([0, 0, 1, 1, 2, 2]))]


@settings(max_examples=25, deadline=None)
@given(labels=labelled, n=st.integers(1, 4), fraction=st.floats(0.2, 2.0), seed=st.integers(0, 2**32 - 1))
def test_bags_hold_training_rows_alone(labels, n, fraction, seed):
    data = make(labels, n_validation=3, n_test=2)
    for one in bags(n, seed=seed, fraction=fraction).rows(data):
        assert set(one.train) <= set(data.splits.train)
        assert int((len(labels) - 5) * fraction + 0.5) == len(one.train)
        assert (data.splits.validation.tolist(), data.splits.test.tolist()) == (
            one.validation.tolist(),
            one.test.tolist(),
        )


def test_a_bag_holds_63_percent_of_the_rows():
    data = make([0, 1] * 500)
    shares = [len(set(one.train)) / 1000 for one in bags(20).rows(data)]
    # 1 - (1 - 1/1000)^1000 = 0.632; each share spreads by 0.01, their mean by 0.002.
    assert 0.632 == pytest.approx(np.mean(shares), abs=0.008)
    assert bags(3).rows(data)[2].train.tolist() == bags(20).rows(data)[2].train.tolist()


@settings(max_examples=40, deadline=None)
@given(labels=labelled, seed=st.integers(0, 2**32 - 1), data=st.data())
def test_subsets_hold_each_other_and_each_class_to_less_than_one_row(labels, seed, data):
    sizes = sorted(data.draw(st.sets(st.integers(1, len(labels)), min_size=1, max_size=6)))
    rows = make(labels)
    dealt = subsets(sizes, seed=seed).rows(rows)
    assert sizes == [len(one.train) for one in dealt]
    for small, large in itertools.pairwise(dealt):
        assert set(small.train) < set(large.train)
    shares = np.bincount(labels, minlength=4) / len(labels)
    for size, one in zip(sizes, dealt, strict=True):
        assert len(set(one.train)) == size
        assert np.abs(np.bincount(rows.class_ids[one.train], minlength=4) - size * shares).max() < 1


def test_subsets_of_data_in_order_are_the_newest_rows():
    data = make([0, 1] * 5, n_validation=2, order=np.arange(10))
    assert [[6, 7], [4, 5, 6, 7]] == [one.train.tolist() for one in subsets([2, 4]).rows(data)]


def test_lists_are_taken_as_they_are():
    data = make([0, 1] * 5, n_validation=2, n_test=2)
    first, second = given_rows([[3, 1, 1], [0]], validation=[[2], []]).rows(data)
    assert ([1, 1, 3], [2], [8, 9]) == (first.train.tolist(), first.validation.tolist(), first.test.tolist())
    assert [] == second.validation.tolist()
    assert [6, 7] == given_rows([[0]]).rows(data)[0].validation.tolist()


@pytest.mark.parametrize(
    ("deal", "message"),
    [
        (lambda: given_rows([[0, 10]]), r"list 0: expected row numbers 0\.\.9, each in one part, received row 10"),
        (lambda: given_rows([[1], [0, 6]]), "list 1: .* received row 6 in two of training, validation and test"),
        (lambda: given_rows([[0]], validation=[[9]]), "received row 9 in two"),
        (lambda: subsets([3, 7]), "at most 6 rows, received 7"),
        (lambda: folds(9), "into 9 folds: expected at least 9 rows, received 8"),
        (lambda: folds(2, groups=[1, 2]), "expected 10 values, one for each row of the data, received 2"),
    ],
)
def test_rows_that_cannot_be_dealt(deal, message):
    with pytest.raises(DataError, match=message):
        deal().rows(make([0, 1] * 5, n_validation=2, n_test=2))


@pytest.mark.parametrize(
    ("make_deals", "message"),
    [
        (lambda: folds(1), r"`n`: expected a whole number from 2, received 1"),
        (lambda: folds(3, repeats=0), r"`repeats`: expected a whole number from 1, received 0"),
        (lambda: bags(0), r"`n`: expected a whole number from 1, received 0"),
        (lambda: bags(2, fraction=0), r"expected `fraction` above 0, received 0"),
        (lambda: subsets([]), r"a list of different numbers of rows, received \[\]"),
        (lambda: subsets([5, 5]), r"received \[5, 5\]"),
        (lambda: subsets([0]), r"`sizes`: expected a whole number from 1, received 0"),
        (lambda: given_rows([]), "`train`: expected lists of row numbers, one for each member, received no list"),
        (lambda: given_rows([[0], []]), r"received list 1: \[\]"),
        (lambda: given_rows([[0.5]]), r"received list 0: \[0\.5\]"),
        (lambda: given_rows([[0]], seeds=[1, 2]), "as many of each, received train: 1, seeds: 2"),
    ],
)
def test_what_is_no_deal(make_deals, message):
    with pytest.raises(SettingError, match=message):
        make_deals()


@pytest.mark.parametrize("groups", [[[1, 2]], [], 3])
def test_groups_of_the_wrong_shape(groups):
    with pytest.raises(DataError, match=r"one value a row, shape \(rows,\), received an array of shape"):
        folds(2, groups=groups)


@pytest.mark.parametrize(("changes", "received"), [({"repeats": 2}, "`repeats=2`"), ({"groups": [0] * 10}, "`groups`")])
def test_rows_in_order_are_dealt_in_one_way_only(changes, received):
    with pytest.raises(SettingError, match=f"neither `repeats` nor `groups`, received {received}"):
        folds(2, **changes).rows(make([0, 1] * 5, order=np.arange(10)))
    with pytest.raises(DataError, match="at least 11 rows, received 10"):
        folds(10).rows(make([0, 1] * 5, order=np.arange(10)))


def test_a_bag_of_all_rows_is_what_the_network_sees():
    """As many rows as there are, but not those: a shortcut for whole data must not be taken."""
    data = make([0, 1, 0])
    bag = replace(data, splits=Splits.of_rows([0, 2, 2]))
    assert [[0], [2], [2]] == bag.train[0].tolist()


def test_a_fold_of_a_table_is_prepared_by_the_rows_it_trains_on():
    from backlit.data import with_splits

    data = load("iris")
    splits = folds(5).rows(data)[0]
    fold = with_splits(data, splits)
    # Standardised by the fold's own training rows, and no others.
    assert np.allclose(0, fold.train[0].mean(0), atol=1e-5)
    assert np.allclose(1, fold.train[0].std(0), atol=1e-5)
    assert not np.allclose(0, data.inputs[splits.train].mean(0), atol=1e-3)
    assert fold.recipe is None
    bag = with_splits(data, bags(1).rows(data)[0])
    assert bag.preparation is data.preparation, "nobody who judges helped to prepare it"
    assert np.shares_memory(bag.inputs, data.inputs)
