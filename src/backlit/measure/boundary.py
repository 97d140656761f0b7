"""What a network says at every place of a plane: the numbers behind a picture of its decision boundary.

Two features are the plane. All others, if there are any, stay at their means, so the picture of a wide table is one
cut through many. The boundary itself runs where the two largest outputs are equal.

    >>> grid = boundary_grid(lambda rows: rows[:, :1] > 0.9, np.array([[0.0, 0.0], [1.0, 1.0]]), resolution=3)
    >>> grid.x.round(1).tolist(), grid.values[0, :, 0].tolist()
    ([-0.1, 0.5, 1.1], [0.0, 0.0, 1.0])

Not for drawing (see `views/`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

ROOM = 0.1
"""How far the plane reaches beyond the outermost rows, as a share of their range."""


@dataclass(frozen=True, eq=False)
class BoundaryGrid:
    """Outputs of a network on a grid.

    Attributes:
        x: Values of the first feature, rising.
        y: Values of the second feature, rising.
        values: What the network gives at each place.
    """

    x: Float[np.ndarray, " column"]
    y: Float[np.ndarray, " row"]
    values: Float[np.ndarray, "row column output"]


def boundary_grid(
    predict: Callable[[np.ndarray], Any],
    inputs: Shaped[np.ndarray, "sample feature"],
    *,
    features: tuple[int, int] = (0, 1),
    resolution: int = 60,
) -> BoundaryGrid:
    """Asks a network at every place of a grid that covers the rows.

    Args:
        predict: Rows in, outputs out, such as `run.predict` or a model.
        inputs: Rows as the network reads them; they say how far the grid reaches and what the other features are.
        features: Which columns are the plane.
        resolution: Places along each side.

    Returns:
        The grid.
    """
    sides = []
    for feature in features:
        low, high = float(inputs[:, feature].min()), float(inputs[:, feature].max())
        room = ROOM * (high - low) or 1.0  # a feature that never changes still has a width
        sides.append(np.linspace(low - room, high + room, resolution))
    across, along = np.meshgrid(*sides)
    rows = np.tile(inputs.mean(0), (across.size, 1))  # of float32 rows float32 again, of whole numbers float64
    rows[:, features[0]], rows[:, features[1]] = across.ravel(), along.ravel()
    outputs = np.asarray(predict(rows), np.float64)
    return BoundaryGrid(sides[0], sides[1], outputs.reshape(*across.shape, -1))
