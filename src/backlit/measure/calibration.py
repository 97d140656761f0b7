"""Whether a network's probabilities can be taken at their word: of the rows of which it is 80 % sure, are 80 % right?

Rows are sorted into bins by their confidence, which is the largest probability. In each bin the mean confidence stands
beside the accuracy; the expected calibration error is the mean of their distance, each bin counting by its rows.

    bin          rows   confidence   accuracy   distance
    0.5 to 0.6      4         0.55       0.50       0.05
    0.9 to 1.0      6         0.95       0.75       0.20      error (4 × 0.05 + 6 × 0.20) / 10 = 0.14

One number mends most of it: a temperature, by which the logits are divided before the softmax. It changes no answer,
because the largest logit stays the largest. It must be fitted to rows that trained nothing.

Not for which classes are taken for which (see `confusion.py`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from backlit.data.dataset import require_equal_rows
from backlit.data.one_hot import require_class_ids
from backlit.language import text

N_BINS = 10
MOST_TEMPERATURE = 100.0
"""Temperatures are looked for from its inverse up to this: beyond, probabilities are equal, or 0 and 1."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Confidence beside accuracy, bin by bin.

    Attributes:
        edges: Borders of the bins, from 0 to 1; a row on a border belongs to the bin below it.
        n_rows: Rows in each bin.
        confidence: Mean confidence in each bin; NaN in an empty one.
        accuracy: Share of right rows in each bin; NaN in an empty one.
    """

    edges: Float[np.ndarray, " edge"]
    n_rows: Int[np.ndarray, " bin"]
    confidence: Float[np.ndarray, " bin"]
    accuracy: Float[np.ndarray, " bin"]

    @property
    def weights(self) -> Float[np.ndarray, " bin"]:
        """Share of the rows that each bin holds."""
        return self.n_rows / self.n_rows.sum()

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance between confidence and accuracy, 0 to 1.

        Few rows make it look larger than it is: even a perfect network's bins miss their accuracy by chance.
        """
        return float(np.nansum(self.weights * np.abs(self.confidence - self.accuracy)))

    @property
    def excess(self) -> float:
        """Mean confidence minus accuracy over all rows: above 0 for a network that is too sure."""
        return float(np.nansum(self.weights * (self.confidence - self.accuracy)))


def calibration(
    probabilities: Float[np.ndarray, "sample class"], targets: Shaped[np.ndarray, " target"], *, n_bins: int = N_BINS
) -> Calibration:
    """Compares how sure a network is with how often it is right.

    Args:
        probabilities: One line a row, each summing to 1.
        targets: Class ids of the rows.
        n_bins: Number of bins of equal width.

    Returns:
        The bins.

    Raises:
        DataError: If an id is no whole number from 0 to the last class, or one list is longer.

    Example:
        >>> sure = np.array([[0.9, 0.1], [0.9, 0.1]])
        >>> round(calibration(sure, np.array([0, 1])).error, 3)    # 90 % sure, half of them right
        0.4

    Source:
        guo-2017, section 2, equations 2 and 3 (a border belongs to the bin below it).
    """
    ids = _checked(probabilities, targets)
    sure, is_right = probabilities.max(1), probabilities.argmax(1) == ids
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    bins = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, n_bins - 1)
    n_rows = np.bincount(bins, minlength=n_bins)
    sums = [np.bincount(bins, weights=values, minlength=n_bins) for values in (sure, is_right.astype(np.float64))]
    means = [np.divide(each, n_rows, out=np.full(n_bins, np.nan), where=n_rows > 0) for each in sums]
    return Calibration(edges, n_rows, means[0], means[1])


def fitted_temperature(logits: Float[np.ndarray, "sample class"], targets: Shaped[np.ndarray, " target"]) -> float:
    """The temperature at which the cross-entropy of these rows is lowest.

    Args:
        logits: What goes into the softmax. Logarithms of probabilities will do: a constant more or less in a line
            changes nothing.
        targets: Class ids of the rows. They must not be rows that were trained on.

    Returns:
        Above 1 for a network that is too sure, below 1 for one that is not sure enough.

    Raises:
        DataError: If an id is no whole number from 0 to the last class, or one list is longer.

    Source:
        guo-2017, section 4.2 (temperature scaling).
    """
    ids = _checked(logits, targets)
    logits = np.asarray(logits, np.float64)

    def cross_entropy(power: float) -> float:
        return -float(log_softmax(logits / np.exp(power), axis=1)[np.arange(len(ids)), ids].mean())

    most = np.log(MOST_TEMPERATURE)
    found: Any = minimize_scalar(cross_entropy, bounds=(-most, most), method="bounded")
    return float(np.exp(found.x))


def tempered(logits: Float[np.ndarray, "... class"], temperature: float | int) -> Float[np.ndarray, "... class"]:
    """Probabilities of logits that were divided by a temperature first.

    Args:
        logits: What goes into the softmax.
        temperature: Above 0; 1 changes nothing, large ones make all classes equally probable.

    Returns:
        Probabilities in float64.

    Example:
        >>> tempered(np.array([[0.0, np.log(9.0)]]), 2.0).round(2).tolist()    # odds of 9 to 1 become 3 to 1
        [[0.25, 0.75]]
    """
    return softmax(np.asarray(logits, np.float64) / temperature, axis=-1)


def _checked(lines: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The targets as class ids, one for each line."""
    require_equal_rows(probabilities=lines, targets=targets)
    return require_class_ids(targets, n_classes=lines.shape[1], what=text("Comparing confidence with accuracy"))
