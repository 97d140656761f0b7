"""How selective filters are: by hand, against a plain analysis of variance, and on drawn shapes."""

import numpy as np
import pytest
from scipy import stats

from backlit.errors import DataError
from backlit.measure import compare_selectivity, selectivity


def column(*numbers):
    return np.array(numbers, float)[:, None]


@pytest.mark.parametrize(
    ("activations", "values", "expected"),
    [
        # Means 1 and 5, all together 3: between 4 · 2² = 16, in all 3² + 1 + 1 + 3² = 20.
        (column(0, 2, 4, 6), ["red", "red", "blue", "blue"], 16 / 20),
        # Means 2 and 4: between 4 · 1² = 4 of the same 20.
        (column(0, 2, 4, 6), [0, 1, 0, 1], 4 / 20),
        (column(1, 1, 3, 3), [0, 0, 1, 1], 1.0),  # the value tells all
        (column(1, 3, 1, 3), [0, 0, 1, 1], 0.0),  # and nothing
        (column(2, 2, 2, 2), [0, 0, 1, 1], 0.0),  # a dead filter
        # Three and one: means 1 and 5, all together 2; between 3 · 1² + 1 · 3² = 12, in all 4 + 1 + 0 + 9 = 14.
        (column(0, 1, 2, 5), [0, 0, 0, 1], 12 / 14),
    ],
)
def test_by_hand(activations, values, expected):
    assert selectivity(activations, values)[0] == pytest.approx(expected, abs=1e-12)


def test_it_is_what_an_analysis_of_variance_says(rng):
    values = rng.integers(0, 4, 200)
    activations = rng.normal(values[:, None] * [0.0, 0.2, 1.0], 1.0)
    for share, filter_ in zip(selectivity(activations, values), activations.T, strict=True):
        f = stats.f_oneway(*(filter_[values == value] for value in range(4))).statistic
        # F = (between / 3) / (within / 196), so between / all = 3 F / (3 F + 196)
        assert share == pytest.approx(3 * f / (3 * f + 196))


def test_chance_alone_gives_what_the_page_says(rng):
    values = np.arange(120) % 6
    shares = selectivity(rng.normal(size=(120, 4000)), values)
    assert shares.mean() == pytest.approx(5 / 119, rel=0.05)


def test_scale_and_offset_do_not_matter(rng):
    values, activations = np.arange(60) % 3, rng.normal(size=(60, 2)).astype(np.float32)
    assert selectivity(activations, values) == pytest.approx(selectivity(1e3 + 10 * activations, values), rel=1e-3)


def test_beside_untrained_filters(rng):
    colour, place = np.arange(40) % 2, np.arange(40) // 2 % 2
    trained = np.stack([colour + 0.1 * rng.normal(size=40), place + 0.1 * rng.normal(size=40)], axis=1)
    found = compare_selectivity(trained, rng.normal(size=(40, 50)), {"colour": colour, "place": place})
    assert found.favourites == ["colour", "place"]
    assert found.shares.shape == (2, 2)
    assert found.untrained.shape == (2, 50)
    assert found.is_beyond_chance().tolist() == [[True, False], [False, True]]
    # Each property is told by one filter of two: near 1/2 · 0.96, less chance, 1/39.
    assert found.gains["colour"] == pytest.approx(0.48 - 1 / 39, abs=0.06)


def test_values_that_do_not_fit():
    with pytest.raises(DataError, match=r"one value for each of 4 rows.*received shape \(3,\), 2 different"):
        selectivity(column(0, 2, 4, 6), [0, 0, 1])
    with pytest.raises(DataError, match=r"received shape \(4,\), 1 different"):
        selectivity(column(0, 2, 4, 6), [1, 1, 1, 1])
