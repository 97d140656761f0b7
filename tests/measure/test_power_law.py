"""The power law: found where it was put, refused where it was not."""

import numpy as np
import pytest

from backlit.measure.power_law import fit_power_law

SIZES = (50, 100, 200, 400, 800, 1600)


def errors_of(rng, *, a=2.0, b=0.5, c=0.05, noise=0.002, n_seeds=5, sizes=SIZES):
    means = a * np.array(sizes, float) ** -b + c
    return means[:, None] + rng.normal(0, noise, (len(sizes), n_seeds))


def test_the_law_is_found_and_its_gain_is_that_of_the_truth(rng):
    law, reason = fit_power_law(SIZES, errors_of(rng))
    assert reason is None
    # 2 · 1600^−0.5 − 2 · 3200^−0.5 = 0.05 − 0.035355 = 0.014645
    assert law.rows == 1600
    assert law.gain == pytest.approx(0.014645, abs=0.003)
    assert law.lo < 0.014645 < law.hi
    assert law.error_at(1600) == pytest.approx(0.1, abs=0.003)  # 0.05 + 0.05


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_its_interval_holds_the_true_gain_most_of_the_time(rng):
    # 40 repeats; at 95 % at least 33 hold it in all but one case of a thousand, and the interval is not always wide
    found = [fit_power_law(SIZES, errors_of(rng), seed=i)[0] for i in range(40)]
    held = [law for law in found if law is not None and law.lo <= 0.014645 <= law.hi]
    assert len(held) >= 33
    assert np.median([law.hi - law.lo for law in held]) < 0.01


@pytest.mark.parametrize(
    ("sizes", "errors", "reason"),
    [
        ((50, 100, 200), lambda rng: errors_of(rng, sizes=(50, 100, 200)), "3 numbers of rows are too few"),
        (
            (50, 60, 70, 80),
            lambda rng: errors_of(rng, sizes=(50, 60, 70, 80)),
            "the largest should be at least 4 times the smallest",
        ),
        (SIZES, lambda rng: errors_of(rng, n_seeds=1), "without at least two seeds"),
        (SIZES, lambda rng: errors_of(rng, a=0.0), "does not fall"),
        (SIZES, lambda rng: errors_of(rng, a=-0.4, c=0.3), "does not fall"),
        (
            SIZES,
            lambda rng: errors_of(rng, noise=1e-4, a=0.0) + np.array([0.2, 0.1, 0.19, 0.08, 0.17, 0.06])[:, None],
            "do not lie on a power law",
        ),
        (SIZES, lambda rng: errors_of(rng, noise=0.1), "too uncertain"),
    ],
    ids=["too few", "too close", "one seed", "flat", "rising", "zigzag", "noisy"],
)
def test_no_prediction_where_the_points_do_not_support_one(rng, sizes, errors, reason):
    law, why = fit_power_law(sizes, errors(rng))
    assert law is None
    assert reason in str(why)


def test_members_that_diverged_are_left_out(rng):
    errors = errors_of(rng)
    errors[2, 1] = np.nan
    law, _ = fit_power_law(SIZES, errors)
    assert law.gain == pytest.approx(0.014645, abs=0.003)
