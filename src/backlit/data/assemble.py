"""What every data set goes through after its rows are there: split, then prepare.

The order matters. Preparing first would put the test rows into the mean, and the score
would come out too good.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backlit.data.dataset import Dataset
from backlit.data.options import Number
from backlit.data.preparation import Preparation
from backlit.data.splits import with_hold_out


def assemble(
    raw: Dataset,
    *,
    validation_split: Number,
    test_split: Number,
    seed: int,
    is_table: bool = False,
    prepare: Callable[[Dataset], Dataset] | None = None,
    recipe: dict[str, Any] | None = None,
) -> Dataset:
    """The data set, split and, for tables, prepared by its training rows.

    Args:
        raw: All rows as they came; test rows it came with stay test rows.
        validation_split: As `splits.hold_out`.
        test_split: As `splits.hold_out`.
        seed: Of the shuffle.
        is_table: Whether to standardise the columns.
        prepare: What else makes inputs of the rows, once it is known which of them train; None for nothing.
        recipe: What `load` needs to make the data again.

    Returns:
        The data set, ready to train on.
    """
    splits = raw.splits
    if validation_split or test_split:
        splits = with_hold_out(raw, validation_split=validation_split, test_split=test_split, seed=seed)
    split = replace(raw, splits=splits, recipe=recipe)
    if prepare is not None:
        return prepare(split)
    if not is_table:
        return split
    preparation = Preparation.of_rows(raw.inputs[splits.train], raw.feature_names)
    return replace(split, inputs=preparation.apply(raw.inputs), coded=raw.inputs, preparation=preparation)
