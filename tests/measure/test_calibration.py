import numpy as np
import pytest

from backlit.errors import DataError
from backlit.measure import calibration, fitted_temperature, tempered


def two_classes(confidences):
    """Rows that are this sure of class 0."""
    first = np.array(confidences)
    return np.stack([first, 1 - first], axis=1)


def test_bins_by_hand():
    """Four rows 55 % sure, two of them right; six rows 95 % sure, five of them right.

    The error is (4 · |0.55 − 2/4| + 6 · |0.95 − 5/6|) / 10 = (0.2 + 0.7) / 10 = 0.09, all of it from being too sure.
    """
    targets = np.array([0, 0, 1, 1, 0, 0, 0, 0, 0, 1])
    found = calibration(two_classes([0.55] * 4 + [0.95] * 6), targets)
    assert [0, 0, 0, 0, 0, 4, 0, 0, 0, 6] == found.n_rows.tolist()
    assert found.confidence[[5, 9]] == pytest.approx([0.55, 0.95])
    assert found.accuracy[[5, 9]] == pytest.approx([0.5, 5 / 6])
    assert np.isnan(found.confidence[0])
    assert found.error == pytest.approx(0.09)
    assert found.excess == pytest.approx(0.09)


def test_gaps_of_both_signs_add_up_in_the_error_and_cancel_in_the_excess():
    """Half of the rows are 60 % sure and all right (−0.4), half are 100 % sure and 60 % right (+0.4)."""
    targets = np.array([0] * 5 + [0, 0, 0, 1, 1])
    found = calibration(two_classes([0.6] * 5 + [1.0] * 5), targets)
    assert found.error == pytest.approx(0.4)
    assert found.excess == pytest.approx(0.0)


def test_a_border_belongs_to_the_bin_below_it_and_nothing_falls_out():
    found = calibration(two_classes([0.75, 1.0]), np.array([0, 0]), n_bins=4)
    assert [0, 0, 1, 1] == found.n_rows.tolist()


def test_probabilities_that_mean_what_they_say_are_calibrated_and_sharpened_ones_are_not(rng):
    """Labels drawn from the probabilities themselves; 20,000 rows leave about 0.005 to chance."""
    logits = rng.normal(0, 2, (20_000, 5))
    honest = tempered(logits, 1.0)
    targets = (honest.cumsum(1) > rng.random((20_000, 1))).argmax(1)
    assert calibration(honest, targets).error < 0.015
    assert calibration(tempered(logits, 0.5), targets).error > 0.05
    assert calibration(tempered(logits, 0.5), targets).excess > 0.05
    assert calibration(tempered(logits, 2.0), targets).excess < -0.05


def test_the_fitted_temperature_undoes_a_sharpening(rng):
    logits = rng.normal(0, 2, (20_000, 5))
    targets = (tempered(logits, 1.0).cumsum(1) > rng.random((20_000, 1))).argmax(1)
    assert fitted_temperature(logits, targets) == pytest.approx(1.0, rel=0.05)
    assert fitted_temperature(3.0 * logits, targets) == pytest.approx(3.0, rel=0.05)


def test_logarithms_of_probabilities_give_the_temperature_of_their_logits(rng):
    logits = rng.normal(0, 3, (200, 4))
    targets = rng.integers(0, 4, 200)
    assert fitted_temperature(logits, targets) == pytest.approx(
        fitted_temperature(np.log(tempered(logits, 1)), targets)
    )


def test_a_temperature_changes_no_answer(rng):
    logits = rng.normal(0, 3, (50, 4))
    assert (tempered(logits, 7.0).argmax(1) == logits.argmax(1)).all()
    np.testing.assert_allclose(tempered(logits, 7.0).sum(1), 1.0)


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(DataError, match=r"`probabilities` 2, `targets` 3"):
        calibration(two_classes([0.5, 0.5]), np.array([0, 1, 1]))
    with pytest.raises(DataError, match=r"received 2 at 1 places"):
        fitted_temperature(two_classes([0.5, 0.5]), np.array([0, 2]))
