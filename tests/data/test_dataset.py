import numpy as np
import pytest

from backlit.data import Dataset, Preparation, Splits, load
from backlit.errors import DataError


def make_dataset(**changes):
    """Six rows of two columns: row i is (i, 10 i); classes 0, 1, 0, 1, 0, 1."""
    rows = np.arange(6, dtype=np.float32)
    contents = {
        "inputs": np.stack([rows, 10 * rows], axis=1),
        "targets": np.array([0, 1, 0, 1, 0, 1], np.int32),
        "task": "classification",
        "splits": Splits.of_rows([4, 0, 1], [2], [3, 5]),
        "class_names": ("even", "odd"),
    }
    return Dataset("six", **(contents | changes))


def test_splits_are_views_of_the_rows_in_order():
    data = make_dataset()
    inputs, targets = data.train
    assert [[0, 0], [1, 10], [4, 40]] == inputs.tolist()
    assert [0, 1, 0] == targets.tolist()
    assert [[2, 20]] == data.validation[0].tolist()
    assert [1, 1] == data.test[1].tolist()
    assert (3, 1, 2) == data.splits.sizes


def test_one_row_keeps_its_batch_axis():
    inputs, targets = make_dataset()[-1]
    assert [[5, 50]] == inputs.tolist()
    assert [1] == targets.tolist()


@pytest.mark.parametrize("row", [6, -7])
def test_a_row_that_is_not_there(row):
    with pytest.raises(IndexError, match=rf"`six` has rows 0\.\.5, not {row}"):
        make_dataset()[row]


def test_iterating_ends():
    assert 6 == len(list(make_dataset()))


def test_sizes_for_each_task():
    data = make_dataset()
    one_hot = make_dataset(targets=np.eye(2, dtype=np.float32)[[0, 1, 0, 1, 0, 1]])
    labels = make_dataset(targets=np.ones((6, 3), np.float32), task="multi-label", class_names=())
    amounts = make_dataset(targets=np.ones((6, 1), np.float32), task="regression", class_names=())
    assert [(2,), 2, 2, False] == [data.input_shape, data.n_classes, data.output_size, data.is_one_hot]
    assert [2, 2, True] == [one_hot.n_classes, one_hot.output_size, one_hot.is_one_hot]
    assert data.class_ids.tolist() == one_hot.class_ids.tolist()
    assert [0, 3] == [labels.n_classes, labels.output_size]
    assert [0, 1] == [amounts.n_classes, amounts.output_size]


def test_arrays_cannot_be_changed_and_the_callers_stay_free():
    inputs = np.zeros((6, 2), np.float32)
    data = make_dataset(inputs=inputs)
    with pytest.raises(ValueError, match="read-only"):
        data.inputs[0, 0] = 1
    inputs[0, 0] = 1


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": np.ones((6, 2), np.float32)},
        {"inputs": np.ones((6, 2), np.float64)},
        {"targets": np.array([0, 1, 0, 1, 1, 1], np.int32)},
        {"splits": Splits.of_rows([0, 1, 2], [4], [3, 5])},
        {"sample_weight": np.ones(6, np.float32)},
        {"class_names": ("odd", "even")},
    ],
)
def test_digest_sees_every_change(changes):
    digest = make_dataset().digest()
    assert 32 == len(digest)
    assert digest == make_dataset().digest()
    assert digest != make_dataset(**changes).digest()


def test_digest_does_not_see_the_name():
    data = make_dataset()
    assert (
        data.digest() == Dataset("other", data.inputs, data.targets, data.task, data.splits, data.class_names).digest()
    )


@pytest.mark.parametrize("row", [-1, 6])
def test_split_rows_outside(row):
    with pytest.raises(DataError, match=rf"row numbers 0\.\.5, received {row}"):
        make_dataset(splits=Splits.of_rows([0, 1], [row]))


def test_a_row_in_two_splits():
    with pytest.raises(DataError, match="received 2 rows in two, first at row index 3"):
        make_dataset(splits=Splits.of_rows([0, 3, 4], [3], [4, 5]))


def test_describe_says_rows_task_and_splits():
    lines = [str(line) for line in make_dataset().describe()]
    assert "Data `six`: 6 rows, each input (2,) float32" == lines[0]
    assert "Task: classification into 2 classes: even: 3, odd: 3" == lines[1]
    assert "Splits: train 3 (50%), validation 1 (17%), test 2 (33%); as they came" == lines[2]
    assert 3 == len(lines)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"task": "regression", "targets": np.arange(6, dtype=np.float32)[:, None], "class_names": ()},
            "Task: regression, amounts to predict: 1, ranging 0 to 5",
        ),
        (
            {"task": "multi-label", "targets": np.tile([1.0, 0.0], (6, 1)), "class_names": ("sun", "rain")},
            "Task: multi-label, 2 labels, rows that carry each: sun: 6, rain: 0",
        ),
        (
            {"class_names": tuple("abcdefghijklm")},
            "Task: classification into 13 classes, smallest 0 rows, largest 3 rows",
        ),
    ],
)
def test_describe_says_each_task(changes, line):
    assert line in [str(text) for text in make_dataset(**changes).describe()]


@pytest.mark.parametrize(
    ("splits", "line"),
    [
        (Splits.of_rows(range(6)), "all rows train; none validate, none test"),
        (Splits.of_rows(range(5), [5], seed=3, is_stratified=True), "stratified by class, seed 3"),
        (Splits.of_rows(range(5), [5], seed=3), "shuffled, too few rows to stratify by class, seed 3"),
    ],
)
def test_describe_says_how_rows_were_split(splits, line):
    assert line in str(make_dataset(splits=splits).describe()[2])


def test_describe_speaks_chinese():
    line = load("iris").describe()[2].say("zh")
    assert "划分：训练集 104 行（69%），验证集 23 行（15%），测试集 23 行（15%）；按类别分层，随机种子 0" == line


def test_preparation_by_hand():
    # Column 0: 1, 3 have mean 2 and spread 1. Column 1 never changes: its scale is 1.
    preparation = Preparation.of_rows(np.array([[1.0, 0.1], [3.0, 0.1]]))
    assert [2.0, 0.1] == preparation.means.tolist()
    assert [1.0, 1.0] == preparation.scales.tolist()
    prepared = preparation.apply(np.array([[4.0, 0.1]]))
    assert [[2.0, 0.0]] == prepared.tolist()
    assert np.float32 == prepared.dtype
    assert [[4.0, 0.1]] == preparation.undo(prepared).tolist()


@pytest.mark.parametrize("shape", [(2, 3), (2,)])
def test_preparation_wants_the_same_columns(shape):
    preparation = Preparation.of_rows(np.zeros((2, 2)))
    with pytest.raises(DataError, match=r"expected \(rows, 2\), received \(2,"):
        preparation.apply(np.zeros(shape))


def test_words_leave_padding_out():
    data = make_dataset(inputs=np.array([[2, 1, 0]] * 6, np.int32), vocabulary=("<padding>", "good", "so"))
    assert "so good" == data.words(0)
    assert "" == make_dataset().words(0)
