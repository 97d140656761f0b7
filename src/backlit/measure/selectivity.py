"""What a filter answers to: the share of the variance of its activations that a property of the rows explains.

    row        1    2    3    4        colour explains:  between the colours' means 1 and 5, and the mean of all 3:
    colour    red  red  blue blue          4 · 2² = 16 of all 1·9 + 1·1 + 1·1 + 1·9 = 20     →   0.8
    activation 0    2    4    6

1 is a filter whose activation tells the property and nothing else does anything; 0 one that knows nothing of it. Where
several properties were dealt out independently (`shapes`: shape, texture, colour, place), their shares add up to at
most 1, and what is missing is due to properties together and to everything else.

An untrained filter has shares, too: a patch of red excites it otherwise than one of blue, whatever its random weights.
So a share means little before it is compared with those of untrained filters; `compare_selectivity` does that.

The share is never negative: for k values and n rows, (k − 1) / (n − 1) is what chance alone gives on average.

Not for the activations themselves: see `explain.filters(…).peaks`.

Source:
    pearson-1905 (the correlation ratio, η²).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from backlit.errors import DataError
from backlit.language import text


def selectivity(activations: Float[np.ndarray, "sample filter"], values: Any) -> Float[np.ndarray, " filter"]:
    """The share of each filter's variance that a property explains.

    Args:
        activations: One number for each row and filter, such as the largest on the filter's map.
        values: The property: one value for each row, of any kind that can be compared.

    Returns:
        From 0 to 1; 0 for a filter whose activation never changes.

    Raises:
        DataError: If there is not one value for each row, or fewer than two values.

    Example:
        >>> selectivity(np.array([[0.0], [2.0], [4.0], [6.0]]), ["red", "red", "blue", "blue"]).tolist()
        [0.8]

    Source:
        pearson-1905 (the correlation ratio, η²).
    """
    groups, numbers, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    if np.shape(values) != (len(activations),) or len(groups) < 2:
        raise DataError(
            "selectivity-values",
            what=text("Measuring what filters answer to"),
            expected=text("one value for each of {n} rows, and at least two different ones", n=len(activations)),
            received=text("shape {shape}, {n} different", shape=np.shape(values), n=len(groups)),
            fix=text("Pass a property of the same rows, such as `data.class_ids`."),
        )
    centred = np.asarray(activations, np.float64)
    centred = centred - centred.mean(0)
    sums = np.zeros((len(groups), centred.shape[1]))
    np.add.at(sums, numbers, centred)
    between = (sums**2 / counts[:, None]).sum(0)
    total = (centred**2).sum(0)
    varies = total > 1e-12 * np.maximum(np.square(activations, dtype=np.float64).sum(0), 1e-30)
    return np.where(varies, between / np.where(varies, total, 1.0), 0.0)


@dataclass(frozen=True, eq=False)
class Selectivity:
    """What the filters of a layer answer to, beside those of an untrained network.

    Attributes:
        properties: Their names.
        shares: Of each filter's variance, explained by each property.
        untrained: The same for filters that have learned nothing; their number may be another.
    """

    properties: tuple[str, ...]
    shares: Float[np.ndarray, "property filter"]
    untrained: Float[np.ndarray, "property other_filter"]

    @property
    def favourites(self) -> list[str]:
        """The property that explains most of each filter."""
        return [self.properties[i] for i in self.shares.argmax(0)]

    @property
    def gains(self) -> dict[str, float]:
        """For each property: the mean share of the trained filters less that of the untrained."""
        return dict(zip(self.properties, (self.shares.mean(1) - self.untrained.mean(1)).tolist(), strict=True))

    def is_beyond_chance(self, *, quantile: float = 0.95) -> np.ndarray:
        """Which shares are larger than nearly all of the untrained filters' have.

        Args:
            quantile: How many of the untrained filters' shares have to be smaller; from 0 to 1.

        Returns:
            (property, filter), true where it is.
        """
        return self.shares > np.quantile(self.untrained, quantile, axis=1)[:, None]


def compare_selectivity(
    activations: Float[np.ndarray, "sample filter"],
    untrained: Float[np.ndarray, "sample other_filter"],
    properties: Mapping[str, Any],
) -> Selectivity:
    """What filters answer to, and what untrained ones do on the same rows.

    Args:
        activations: Of the trained filters.
        untrained: Of filters with random weights, of the same rows: for example those of a clone.
        properties: Name to one value for each row.

    Returns:
        Both filters' shares.

    Raises:
        DataError: If a property has not one value for each row, or fewer than two values.

    Example:
        >>> rows = np.array([[0.0], [2.0], [4.0], [6.0]])
        >>> found = compare_selectivity(rows, rows[[0, 2, 1, 3]], {"colour": [0, 0, 1, 1]})
        >>> round(found.gains["colour"], 2)  # 0.8 trained; 4 · 1² / 20 = 0.2 untrained
        0.6
    """
    shares, others = (
        np.stack([selectivity(each, values) for values in properties.values()]) for each in (activations, untrained)
    )
    return Selectivity(tuple(properties), shares, others)
