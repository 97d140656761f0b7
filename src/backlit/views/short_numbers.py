"""Arrays as the lists of a moving figure: four significant digits, which no eye can tell from more, in half the bytes.

>>> short_numbers([[0.123456, 2.0]]), short_numbers([1e-9, float("nan")])
([[0.1235, 2.0]], [1e-09, None])

Not for numbers that someone goes on computing with.
"""

from typing import Any

import numpy as np

DIGITS = 4


def short_numbers(values: Any) -> Any:
    """Lists of lists of numbers.

    Args:
        values: An array, or what NumPy makes one of.

    Returns:
        As many lists inside each other as the array has axes; None for a number that is not finite.
    """
    array = np.asarray(values, np.float64)
    if array.ndim > 1:
        return [short_numbers(one) for one in array]
    numbers = [float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in np.atleast_1d(array).tolist()]
    return numbers if array.ndim else numbers[0]
