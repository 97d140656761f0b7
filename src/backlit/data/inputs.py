"""What the rows look like before a network sees them: an array of finite numbers, one entry a row.

Values are never rescaled here. Only the kind of number changes, and only where a network could
not use it: bytes and yes/no become float32 (the same values), wide whole numbers become int32,
because they may be token ids; float64 stays float64.

    >>> import numpy as np
    >>> read_inputs(np.array([[0, 255]], dtype=np.uint8)).tolist()
    [[0.0, 255.0]]

Not for tables with names and gaps: see `tables.py`.
"""

from typing import Any

import numpy as np
from jaxtyping import Shaped

from backlit.errors import DataError
from backlit.language import Text, text


def read_inputs(inputs: Any, *, what: Text | None = None) -> Shaped[np.ndarray, "sample ..."]:
    """The inputs as an array that a network can be trained on.

    Args:
        inputs: Anything that NumPy reads as an array: arrays, nested lists, frames, tensors.
        what: What is being done, for messages; None for "Reading the inputs".

    Returns:
        The array; a single column where one axis came.

    Raises:
        DataError: If there are no rows, or entries are no numbers.
    """
    what = what or text("Reading the inputs")
    array = as_array(inputs, what=what)
    if array.ndim == 0 or array.size == 0:
        raise DataError(
            "inputs-empty",
            what=what,
            expected=text("an array with at least 1 row"),
            received=text("shape {shape}", shape=array.shape),
            fix=text("Check the filter or the file that made it."),
        )
    if array.ndim == 1:
        array = array[:, None]
    if array.dtype.kind not in "biuf":
        raise DataError(
            "inputs-kind",
            what=what,
            expected=text("numbers"),
            received=text("{dtype}, the first entry is {entry}", dtype=array.dtype, entry=repr(array.flat[0])),
            fix=text("Turn names into numbers first, or give a CSV file."),
        )
    require_finite(array, what=what)
    if array.dtype.itemsize == 1 or array.dtype == np.float16:
        return array.astype(np.float32)
    if array.dtype.kind in "iu":
        return _as_int32(array, what=what)
    return array


def require_finite(array: Shaped[np.ndarray, "sample ..."], *, what: Text) -> None:
    """Raise where an array holds NaN or infinity, naming how many and where.

    Args:
        array: Numbers.
        what: What is being done, for the message.

    Raises:
        DataError: If an entry is not finite.
    """
    if array.dtype.kind != "f":
        return
    is_finite = np.isfinite(array)
    if is_finite.all():
        return
    places = np.argwhere(~is_finite)
    raise DataError(
        "not-finite",
        what=what,
        expected=text("finite numbers"),
        received=text(
            "{value} at {place}; such entries: {n} in {rows} rows",
            value=str(array[tuple(places[0])]).replace("nan", "NaN"),
            place=_place(places[0]),
            n=len(places),
            rows=len(np.unique(places[:, 0])),
        ),
        fix=text("Drop those rows or fill the entries, e.g. with the column's median over the training rows."),
    )


def as_array(values: Any, *, what: Text) -> Shaped[np.ndarray, "..."]:
    """What came, as an array.

    Args:
        values: Anything that NumPy reads as an array.
        what: What is being done, for the message.

    Returns:
        The array; numbers that came as Python objects are float64.

    Raises:
        DataError: If rows differ in length.
    """
    try:
        array = np.asarray(values)
    except ValueError:  # nested lists of different lengths
        lengths = sorted({len(row) for row in values if hasattr(row, "__len__")})
        raise DataError(
            "ragged",
            what=what,
            expected=text("rows of one length"),
            received=text("lengths from {shortest} to {longest}", shortest=lengths[0], longest=lengths[-1])
            if lengths
            else text("numbers and lists mixed"),
            fix=text("Pad the shorter rows, for token ids with 0."),
        ) from None
    if array.dtype.kind == "O" and array.size:
        try:
            return array.astype(np.float64)
        except (TypeError, ValueError):
            return array
    return array


def _place(position: np.ndarray) -> Text:
    row, *rest = (int(number) for number in position)
    return (
        text("row index {row}, position {rest}", row=row, rest=tuple(rest))
        if rest
        else text("row index {row}", row=row)
    )


def _as_int32(array: np.ndarray, *, what: Text) -> np.ndarray:
    limits = np.iinfo(np.int32)
    if array.max() > limits.max or array.min() < limits.min:
        raise DataError(
            "integers-wide",
            what=what,
            expected=text("whole numbers up to {most}", most=limits.max),
            received=text("{least} to {most}", least=array.min(), most=array.max()),
            fix=text("Give amounts as float32."),
        )
    return array.astype(np.int32)
