"""Data that are in memory already: (inputs, targets), with or without their own test rows.

All rows train unless a split is asked for, and values stay as they are: what Keras's `fit`
would see is what backlit sees.

    >>> import numpy as np
    >>> data = from_arrays(np.zeros((3, 4)), [0, 1, 1])
    >>> data.task, data.input_shape, data.splits.sizes
    ('classification', (4,), (3, 0, 0))

Not for files: see `numpy_files.py` and `tables.py`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from backlit.data.dataset import Dataset, Splits, require_equal_rows
from backlit.data.inputs import as_array, read_inputs
from backlit.data.options import require_count
from backlit.data.targets import Targets, read_targets
from backlit.errors import DataError
from backlit.language import Text, text, verbatim


def from_arrays(
    inputs: Any,
    targets: Any,
    *,
    validation: tuple[Any, Any] | None = None,
    test: tuple[Any, Any] | None = None,
    task: str | None = None,
    n_classes: int | None = None,
    class_names: Sequence[str] = (),
    feature_names: Sequence[str] = (),
    sample_weight: Any = None,
    name: str = "arrays",
) -> Dataset:
    """A data set made of arrays, without shuffling anything.

    Args:
        inputs: One entry a row: numbers of any shape.
        targets: Class ids, one-hot rows, 0/1 labels or amounts.
        validation: (inputs, targets) of rows that validate.
        test: (inputs, targets) of rows that test.
        task: "classification", "multi-label" or "regression"; None to tell from the targets.
        n_classes: Number of classes, where some may be missing from the targets.
        class_names: In the order of the class ids (or labels).
        feature_names: One a column of the inputs.
        sample_weight: How much each training row counts, at least 0; other rows count 1.
        name: What messages and runs call the data.

    Returns:
        The data set; given validation and test rows follow the training rows.
    """
    n_classes = _known_classes(n_classes, class_names, task)
    parts = [part for part in (validation, test) if part is not None]
    all_inputs = [read_inputs(inputs), *(read_inputs(part[0]) for part in parts)]
    _require_same_shape(all_inputs)
    what = text("Reading the targets")
    raw_targets = [as_array(part, what=what) for part in (targets, *(part[1] for part in parts))]
    for part_inputs, part_targets in zip(all_inputs, raw_targets, strict=True):
        require_equal_rows(inputs=part_inputs, targets=np.atleast_1d(part_targets))
    read = read_targets(_join(raw_targets), task=task, n_classes=n_classes)
    n_rows = np.cumsum([0, *(len(part) for part in all_inputs)])
    ranges = [np.arange(n_rows[i], n_rows[i + 1]) for i in range(len(all_inputs))]
    joined = all_inputs[0] if not parts else np.concatenate(all_inputs)
    return Dataset(
        name,
        joined,
        read.values,
        task=read.task,
        splits=Splits.of_rows(
            ranges[0],
            ranges[1] if validation is not None else (),
            ranges[-1] if test is not None else (),
            has_own_test=test is not None,
        ),
        class_names=_class_names(class_names, read),
        feature_names=_feature_names(feature_names, joined),
        sample_weight=_read_weights(sample_weight, len(all_inputs[0]), len(joined)),
    )


def _known_classes(n_classes: int | None, class_names: Sequence[str], task: str | None) -> int | None:
    if n_classes is not None:
        return require_count("n_classes", n_classes, least=2)
    if class_names and task in (None, "classification"):
        return len(class_names)
    return None


def _join(parts: list[np.ndarray]) -> np.ndarray:
    if len(parts) == 1:
        return parts[0]
    shapes = {part.shape[1:] for part in parts}
    if len(shapes) > 1:
        raise _shapes_differ(text("Joining training, validation and test targets"), parts)
    return np.concatenate(parts)


def _require_same_shape(parts: list[np.ndarray]) -> None:
    if len({part.shape[1:] for part in parts}) > 1:
        raise _shapes_differ(text("Joining training, validation and test inputs"), parts)


def _shapes_differ(what: Text, parts: list[np.ndarray]) -> DataError:
    return DataError(
        "part-shapes-differ",
        what=what,
        expected=text("one shape a row in all parts"),
        received=verbatim(" / ".join(str(part.shape) for part in parts)),
        fix=text("Prepare all parts by the same steps."),
    )


def _class_names(names: Sequence[str], targets: Targets) -> tuple[str, ...]:
    n_names = targets.n_classes if targets.task == "classification" else targets.values.shape[1]
    if not names:
        return tuple(str(i) for i in range(n_names)) if targets.task != "regression" else ()
    if len(names) != n_names:
        raise DataError(
            "names-count",
            what=text("Naming the classes"),
            expected=text("{n} names", n=n_names),
            received=text("{n} names", n=len(names)),
            fix=text("Give one name for each class or output, in order."),
        )
    return tuple(str(name) for name in names)


def _feature_names(names: Sequence[str], inputs: np.ndarray) -> tuple[str, ...]:
    if len(names) and len(names) != inputs.shape[-1]:
        raise DataError(
            "names-count",
            what=text("Naming the features"),
            expected=text("{n} names", n=inputs.shape[-1]),
            received=text("{n} names", n=len(names)),
            fix=text("Give one name for each column of the inputs, in order."),
        )
    return tuple(str(name) for name in names)


def _read_weights(weights: Any, n_train: int, n_rows: int) -> Float[np.ndarray, " sample"] | None:
    if weights is None:
        return None
    array = np.asarray(weights)
    is_wrong = array.dtype.kind not in "biuf" or array.shape != (n_train,)
    if is_wrong or not np.isfinite(array).all() or (array < 0).any() or not array.any():
        bad = "" if is_wrong else f", {array.min()}..{array.max()}"
        raise DataError(
            "sample-weight",
            what=text("Reading `sample_weight`"),
            expected=text("{n} finite numbers, none below 0, not all 0", n=n_train),
            received=text("{shape} {dtype}{range}", shape=array.shape, dtype=array.dtype.name, range=bad),
            fix=text("Give one weight for each training row; 1 counts as usual, 0 not at all."),
        )
    full = np.ones(n_rows, np.float32)
    full[:n_train] = array
    return full
