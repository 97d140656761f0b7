"""What every data set goes through after its rows are there: split, then standardise.

The order matters. Standardising first would put the test rows into the mean, and the score
would come out too good.
"""

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
    recipe: dict[str, Any] | None = None,
) -> Dataset:
    """The data set, split and, for tables, standardised by its training rows.

    Args:
        raw: All rows as they came; test rows it came with stay test rows.
        validation_split: As `splits.hold_out`.
        test_split: As `splits.hold_out`.
        seed: Of the shuffle.
        is_table: Whether to standardise the columns.
        recipe: What `load` needs to make the data again.

    Returns:
        The data set, ready to train on.
    """
    splits = raw.splits
    if validation_split or test_split:
        splits = with_hold_out(raw, validation_split=validation_split, test_split=test_split, seed=seed)
    if not is_table:
        return replace(raw, splits=splits, recipe=recipe)
    preparation = Preparation.of_rows(raw.inputs[splits.train])
    return replace(raw, splits=splits, recipe=recipe, inputs=preparation.apply(raw.inputs), preparation=preparation)
