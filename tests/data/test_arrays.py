import numpy as np
import pytest

from backlit.data import from_arrays, one_hot
from backlit.data.inputs import read_inputs
from backlit.data.targets import read_targets
from backlit.errors import DataError, SettingError

X = np.zeros((4, 3), np.float32)


def test_values_stay_as_they_are():
    data = from_arrays(np.array([[0, 255]] * 2, np.uint8), [0, 1])
    assert [0.0, 255.0] == data.inputs[0].tolist()
    assert ["0", "1"] == list(data.class_names)
    assert (2, 0, 0) == data.splits.sizes
    assert data.recipe is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("float32", "float32"),
        ("float64", "float64"),
        ("float16", "float32"),
        ("uint8", "float32"),
        ("bool", "float32"),
        ("int64", "int32"),
        ("int32", "int32"),
    ],
)
def test_kinds_of_numbers(given, kept):
    assert kept == read_inputs(np.ones((2, 3), given)).dtype.name


def test_one_axis_becomes_a_column():
    assert (3, 1) == read_inputs([1.0, 2.0, 3.0]).shape


def test_python_objects_that_are_numbers():
    assert [[1.0, 2.0]] == read_inputs(np.array([[1, 2.0]], object)).tolist()


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (np.zeros((0, 3)), r"at least 1 row, received shape \(0, 3\)"),
        (np.float32(3), r"received shape \(\)"),
        ([["red"]], "expected numbers, received <U3, the first entry is .*red"),
        ([[1, 2], [3]], "rows of one length, received lengths from 1 to 2"),
        ([1, [2, 3]], "rows of one length, received lengths from 2 to 2"),
        ([[1.0], [np.nan], [np.nan]], r"received NaN at row index 1, position \(0,\); such entries: 2 in 2 rows"),
        ([[1.0, -np.inf]], r"received -inf at row index 0, position \(1,\)"),
        (np.array([[1, None]]), r"received NaN at row index 0, position \(1,\)"),
        ([[2**31]], "whole numbers up to 2147483647, received 2147483648 to 2147483648"),
        ([[1j]], "expected numbers, received complex128"),
        (np.array([[1, "red"]], object), "expected numbers, received object, the first entry is 1"),
    ],
)
def test_inputs_that_cannot_be_trained_on(inputs, message):
    with pytest.raises(DataError, match=message):
        read_inputs(inputs)


@pytest.mark.parametrize(
    ("targets", "task", "shape", "n_classes"),
    [
        ([0, 1, 2], "classification", (3,), 3),
        ([[0], [1], [2]], "classification", (3,), 3),
        (np.array([0, 2], np.uint8), "classification", (2,), 3),
        ([True, False], "classification", (2,), 2),
        ([0.0, 1.0, 1.0], "classification", (3,), 2),
        ([0.0, 2.0, 2.0], "regression", (3, 1), 0),  # class 1 would be missing
        ([1.0, 1.0], "regression", (2, 1), 0),
        ([0.5, 1.5], "regression", (2, 1), 0),
        ([[0.5, 1.5], [1.0, 2.0]], "regression", (2, 2), 0),
        (np.arange(21.0), "regression", (21, 1), 0),
        (np.arange(20.0), "classification", (20,), 20),
        ([[1, 0, 0], [0, 0, 1]], "classification", (2, 3), 3),
        ([[1, 1, 0], [0, 0, 0]], "multi-label", (2, 3), 0),
    ],
)
def test_task_told_from_the_targets(targets, task, shape, n_classes):
    read = read_targets(targets)
    assert (task, shape, n_classes) == (read.task, read.values.shape, read.n_classes)
    assert read.values.dtype == (np.int32 if read.values.ndim == 1 else read.values.dtype)
    assert read.values.ndim == 1 or read.values.dtype.kind == "f"


def test_task_said_by_the_caller():
    assert "regression" == read_targets([0, 1, 2], task="regression").task
    assert "multi-label" == read_targets([[1, 0], [0, 1]], task="multi-label").task
    assert [0, 1] == read_targets([0.0, 1.0], task="classification").values.tolist()
    assert 3 == read_targets([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5]], task="classification").n_classes
    with pytest.raises(SettingError, match=r"received 'classify'\. Did you mean `classification`"):
        read_targets([0, 1], task="classify")


def test_one_hot_targets_are_kept():
    data = from_arrays(X, np.eye(2)[[0, 1, 1, 0]])
    assert data.is_one_hot
    assert [[1, 0], [0, 1], [0, 1], [1, 0]] == data.targets.tolist()
    assert [0, 1, 1, 0] == data.class_ids.tolist()


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        ([0, -1, 1], {}, "labels from 0 on, received -1 at 1 places, first at index 1. Look at that row"),
        ([1, 2, 3], {"n_classes": 3}, r"labels 0\.\.2 \(`n_classes=3`\), received 3 at 1 places, .*Subtract 1"),
        ([0, 7], {"n_classes": 3}, "received 7 at 1 places, first at index 1. Look at that row"),
        ([0.0, 1.5], {"task": "classification"}, r"whole numbers as labels, received 1\.5 at 1 places"),
        (["cat", "dog"], {}, "texts, the first is 'cat'. Turn names into numbers"),
        ([0.0, np.nan], {}, "Reading the targets: .*received NaN at row index 1"),
        ([[[1]]], {}, r"received shape \(1, 1, 1\)"),
        ([250_000, 310_000], {}, 'whole numbers up to 310000 in 2 rows. Say `task="regression"`'),
        ([[1, 2], [0, 1]], {"task": "multi-label"}, "0 or 1 for each label, received 2.0 at row index 0, label 1"),
        ([[1, 1], [0, 1]], {"task": "classification"}, "sum to 1, received sum 2 at row index 0; such rows: 1"),
        ([[1, 0], [0, 1]], {"n_classes": 3}, r"3 columns \(`n_classes=3`\), received shape \(2, 2\)"),
        ([[1, 2], [3]], {}, "Reading the targets: expected rows of one length"),
        ([], {}, r"Reading the targets: .*received shape \(0,\)"),
    ],
)
def test_targets_that_cannot_be_trained_on(targets, options, message):
    with pytest.raises(DataError, match=message):
        read_targets(targets, **options)


def test_one_hot_by_hand():
    rows = one_hot([2, 0, 1])
    assert [[0, 0, 1], [1, 0, 0], [0, 1, 0]] == rows.tolist()
    assert np.float32 == rows.dtype
    assert (1, 5) == one_hot([2], n_classes=5).shape
    assert (0, 0) == one_hot(np.array([], int)).shape


def test_one_hot_of_labels_that_count_from_one():
    labels = np.full(1000, 3)
    labels[[0, 417, 500, 900]] = [1, 10, 10, 10]
    with pytest.raises(DataError) as caught:
        one_hot(labels, n_classes=10)
    assert (
        "`one_hot`: expected labels 0..9 (`n_classes=10`), received 10 at 3 places, first at index 417. "
        "Labels counting from 1? Subtract 1."
    ) == str(caught.value)
    assert "标签是从 1 开始数的吗？请减去 1。" in caught.value.say("zh")


@pytest.mark.parametrize("labels", [np.array(["a"]), np.array([[1], [2]])])
def test_one_hot_wants_one_number_a_row(labels):
    with pytest.raises(DataError, match=r"shape \(rows,\), received \(.*Turn names into numbers"):
        one_hot(labels)


def test_own_validation_and_test_rows_follow_the_training_rows():
    data = from_arrays(X, [0, 1, 0, 1], validation=(X[:1] + 1, [2]), test=(X[:2] + 2, [0, 0]))
    assert (4, 1, 2) == data.splits.sizes
    assert 1 == data.validation[0][0, 0]
    assert 2 == data.test[0][0, 0]
    assert 3 == data.n_classes  # class 2 is only in the validation rows
    assert data.splits.has_own_test


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ((np.zeros((2, 5), np.float32), [0, 1]), r"test inputs: .*received \(4, 3\) / \(2, 5\)"),
        ((X[:2], [[0, 1], [1, 0]]), r"test targets: .*received \(4,\) / \(2, 2\)"),
        ((X[:2], [0]), "`inputs` 2, `targets` 1"),
    ],
)
def test_parts_of_different_shape(part, message):
    with pytest.raises(DataError, match=message):
        from_arrays(X, [0, 1, 0, 1], test=part)


def test_different_lengths():
    with pytest.raises(DataError, match="`inputs` 4, `targets` 3"):
        from_arrays(X, [0, 1, 0])


def test_names_of_the_caller():
    data = from_arrays(X, [0, 1, 0, 1], class_names=["no", "yes", "perhaps"], feature_names=["a", "b", "c"])
    assert 3 == data.n_classes
    assert ("a", "b", "c") == data.feature_names
    assert ("sun", "rain") == from_arrays(X, [[1, 1]] * 4, class_names=["sun", "rain"], task="multi-label").class_names


def test_wrong_number_of_names():
    with pytest.raises(DataError, match="Naming the features: expected 3 names, received 2 names"):
        from_arrays(X, [0, 1, 0, 1], feature_names=["a", "b"])
    with pytest.raises(DataError, match="Naming the classes: expected 2 names, received 1 names"):
        from_arrays(X, [[1, 1]] * 4, class_names=["sun"], task="multi-label")
    with pytest.raises(SettingError, match="`n_classes`: expected a whole number from 2, received 1"):
        from_arrays(X, [0, 0, 0, 0], n_classes=1)


def test_sample_weight_covers_the_training_rows():
    data = from_arrays(X, [0, 1, 0, 1], sample_weight=[1, 2, 0, 1], test=(X[:1], [0]))
    assert [1, 2, 0, 1, 1] == data.sample_weight.tolist()


@pytest.mark.parametrize("weights", [[1, 2], [1, 1, 1, -2], [0, 0, 0, 0], [1, 1, 1, np.nan], list("abcd")])
def test_sample_weight_that_cannot_be_used(weights):
    with pytest.raises(DataError, match="Reading `sample_weight`: expected 4 finite numbers, none below 0, not all 0"):
        from_arrays(X, [0, 1, 0, 1], sample_weight=weights)
