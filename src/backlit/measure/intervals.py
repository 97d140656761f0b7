"""How sure a mean is: 95 % intervals for scores over seeds, over folds, and for paired differences.

    over seeds     mean ± t · s / √n                        n independent trainings on the same rows
    over folds     mean ± t · s · √(1/J + test/train)       J fold scores, whose training rows overlap
    paired         the first of these, of the differences between two scores of the same seed

Folds share most of their training rows, so their scores are not independent and s / √J is too small. There is no
unbiased estimate of the true spread (bengio-grandvalet-2004); Nadeau and Bengio's correction adds the ratio of test to
training rows, and is somewhat wide rather than too narrow.

Not for which score to compare, nor for how many seeds a claim needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import stats

LEVEL = 0.95
Values = Sequence[float | int] | Float[np.ndarray, " value"]


@dataclass(frozen=True)
class Interval:
    """A mean and how sure it is.

    Attributes:
        mean: Of the values.
        lo: Lower end of the 95 % interval; None below two values.
        hi: Upper end.
        n: How many values.
    """

    mean: float
    lo: float | None
    hi: float | None
    n: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of 0, so that there is an effect."""
        return self.lo is not None and self.hi is not None and (self.lo > 0 or self.hi < 0)


def seed_interval(values: Values) -> Interval:
    """The interval of a mean over independent values, by Student's t.

    Args:
        values: One for each seed, at least one.

    Returns:
        The interval.

    Example:
        >>> found = seed_interval([0.8, 0.9, 1.0])        # s = 0.1, t(2 d.f.) = 4.303: 0.9 ± 4.303 · 0.1 / √3
        >>> f"{found.lo:.3f} {found.hi:.3f}"
        '0.652 1.148'

    Source:
        student-1908.
    """
    values = np.asarray(values, np.float64)
    return _interval(values, 1 / len(values))


def fold_interval(values: Values, *, n_train: float | int, n_held: float | int) -> Interval:
    """The interval of a mean over folds, widened because the folds share training rows.

    Args:
        values: One for each fold of each repeat: the mean over its seeds.
        n_train: Rows that each fold trains on.
        n_held: Rows that each fold is scored on.

    Returns:
        The interval; with the variance s² · (1/J + n_held / n_train) and J - 1 degrees of freedom.

    Example:
        >>> found = fold_interval([0.8, 0.9, 1.0], n_train=20, n_held=10)     # 0.9 ± 4.303 · 0.1 · √(1/3 + 1/2)
        >>> f"{found.lo:.3f} {found.hi:.3f}"
        '0.507 1.293'

    Source:
        nadeau-bengio-2003 (the corrected resampled t-test); with the folds of repeated cross-validation
        as bouckaert-frank-2004 use it. That each value is a mean over seeds is ours: training noise is then averaged
        and not counted as folds.
    """
    values = np.asarray(values, np.float64)
    return _interval(values, 1 / len(values) + n_held / n_train)


def paired_interval(values: Values, others: Values) -> Interval:
    """The interval of the mean difference between two scores of the same seeds.

    Args:
        values: One for each seed.
        others: As many, of the same seeds in the same order.

    Returns:
        The interval of `values` less `others`.

    Example:
        >>> paired_interval([3.0, 4.0], [1.0, 2.0]).mean
        2.0
    """
    return seed_interval(np.asarray(values, np.float64) - np.asarray(others, np.float64))


def _interval(values: np.ndarray, share: float) -> Interval:
    """Mean ± t · s · √share."""
    mean = float(values.mean())
    if len(values) < 2:
        return Interval(mean, None, None, len(values))
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * values.std(ddof=1) * np.sqrt(share))
    return Interval(mean, mean - half, mean + half, len(values))
