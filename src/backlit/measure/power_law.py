"""What more rows would bring: a power law through scores at several numbers of rows, and how far it can be trusted.

    error(n) = a · n^−b + c        c: what no number of rows takes away

     error │●
           │ ╲                     measured up to n; the gain is error(n) − error(2n)
           │  ●
           │    ╲●___●
           │          ‾‾‾···○
           └──────────────────── rows

The law is fitted to the mean error at each number of rows, weighted by how sure that mean is. Its uncertainty is found
by drawing the means anew within their own, fitting again, and looking at how the gain scatters. Where the points do not
support a prediction (too few, too close, no fall, no power law, an interval much wider than the gain), there is none,
and the reason is said.

Not for scores that are the better the larger: give 1 − accuracy.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import optimize, stats

from backlit.language import Text, text

LEAST_SIZES = 4  # three parameters, and one point to contradict them
LEAST_RANGE = 4.0  # largest number of rows to smallest; source: ours
MISFIT_P = 0.01  # below this the points are no power law; source: ours
WIDEST = 1.5  # most times the gain that its interval may be wide; source: ours
N_DRAWS = 300


@dataclass(frozen=True)
class PowerLaw:
    """A fitted power law and what it predicts for twice the rows.

    Attributes:
        a: Error that rows take away, at one row.
        b: How fast: doubling the rows divides it by 2^b.
        c: Error that stays.
        rows: The largest number of rows that was measured.
        gain: Error at `rows` less error at twice as many, by the law.
        lo: Lower end of its 95 % interval.
        hi: Upper end.
    """

    a: float
    b: float
    c: float
    rows: int
    gain: float
    lo: float
    hi: float

    def error_at(self, rows: float | int) -> float:
        """The error that the law gives for a number of rows.

        Args:
            rows: At least 1.

        Returns:
            The error.
        """
        return float(_law(np.array([rows], float), self.a, self.b, self.c)[0])


def fit_power_law(
    sizes: Sequence[int], errors: Float[np.ndarray, "size seed"], *, seed: int = 0
) -> tuple[PowerLaw | None, Text | None]:
    """Fits the law, or says why it cannot be.

    Args:
        sizes: Numbers of rows, rising.
        errors: For each size one error a seed; NaN where there is none. Smaller is better, at least 0.
        seed: Of the draws behind the interval.

    Returns:
        The law and None; or None and the reason.

    Source:
        cortes-1994 for the law; hestness-2017 for where it ends. The tests of support are ours.
    """
    rows = np.asarray(sizes, np.float64)
    means, n_each = np.nanmean(errors, 1), (~np.isnan(errors)).sum(1)
    reason = _too_little(rows, n_each)
    if reason is not None:
        return None, reason
    variance = np.nanvar(errors, 1, ddof=1)
    # With few seeds a size's own variance is itself uncertain; it is drawn halfway to the mean of all. Source: ours.
    spreads = np.sqrt((variance + variance.mean()) / 2 / n_each)  # standard errors of the means
    spreads = np.maximum(spreads, 1e-3 * max(float(np.abs(means).max()), 1e-9))
    if means[0] - means[-1] <= 2 * float(np.hypot(spreads[0], spreads[-1])):
        return None, text("the error does not fall with the rows beyond its scatter over seeds")
    found = _fitted(rows, means, spreads)
    if found is None:
        return None, text("no power law could be fitted to the points")
    misfit = float((((means - _law(rows, *found)) / spreads) ** 2).sum())
    n_free = len(rows) - len(found)
    if stats.f.sf(misfit / n_free, n_free, int(n_each.sum()) - len(rows)) < MISFIT_P:
        return None, text("the points do not lie on a power law: they scatter more than seeds do")
    gain = _gain(found, rows[-1])
    draws = np.random.default_rng(seed)
    again = (_fitted(rows, draws.normal(means, spreads), spreads) for _ in range(N_DRAWS))
    gains = np.array([_gain(one, rows[-1]) for one in again if one is not None])
    lo, hi = (float(value) for value in np.quantile(gains, [0.025, 0.975]))
    if hi - lo > WIDEST * gain:
        return None, text("the gain is too uncertain: {lo:.3g} to {hi:.3g}", lo=lo, hi=hi)
    a, b, c = (float(value) for value in found)
    return PowerLaw(a, b, c, int(rows[-1]), gain, min(lo, gain), max(hi, gain)), None


def _too_little(rows: np.ndarray, n_each: np.ndarray) -> Text | None:
    if len(rows) < LEAST_SIZES:
        return text("{n} numbers of rows are too few for three parameters: at least {least}",
                    n=len(rows), least=LEAST_SIZES)  # fmt: skip
    if rows[-1] / rows[0] < LEAST_RANGE:
        return text("the numbers of rows lie too close: the largest should be at least {least:g} times the smallest",
                    least=LEAST_RANGE)  # fmt: skip
    if n_each.min() < 2:
        return text("without at least two seeds nobody knows how sure the points are")
    return None


def _law(rows: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
    return a * rows**-b + c


def _gain(found: np.ndarray, rows: float) -> float:
    now, then = _law(np.array([rows, 2 * rows]), *found)
    return float(now - then)


def _fitted(rows: np.ndarray, means: np.ndarray, spreads: np.ndarray) -> np.ndarray | None:
    """The three parameters; None if the search does not end."""
    lowest, fall = float(means.min()), float(means[0] - means.min())
    start = (max(fall, 1e-6) * rows[0] ** 0.5, 0.5, max(lowest * 0.9, 0.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optimize.OptimizeWarning)  # of the covariance, which is not used
        try:
            found, _ = optimize.curve_fit(
                _law, rows, means, p0=start, sigma=spreads, bounds=([0, 0, 0], [np.inf, 4, np.inf]), max_nfev=2000
            )
        except RuntimeError:
            return None
    return found
