"""Arrays as short lists."""

import numpy as np

from backlit.views.short_numbers import short_numbers


def test_four_digits_in_lists_of_lists():
    assert [[0.1235, 12350.0], [-1e-9, None]] == short_numbers([[0.123456, 12345.6], [-1e-9, np.inf]])


def test_one_number_is_a_number():
    assert 0.3333 == short_numbers(1 / 3)
    assert [] == short_numbers([])
