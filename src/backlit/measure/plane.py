"""What a network of two features says everywhere on their plane, and the rows that it never saw lying on it.

    chances of each class on a grid (see `boundary.py`)   +   test rows with their classes, at most 600

Columns that were standardised are shown in their own units again.

Not for wide tables: a cut through many features hides more than it shows.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from backlit.data import Preparation
from backlit.language import Words
from backlit.measure.boundary import boundary_grid
from backlit.measure.judged import judge
from backlit.measure.predictions import class_probabilities
from backlit.measure.subject import AbstractSubject

MOST_POINTS = 600
"""Rows that are shown. Source: ours, more hide the regions below them."""

RESOLUTION = 80
"""Places along each side. Source: ours, a picture of 640 pixels has 8 for each."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A decision boundary and the rows on its plane.

    Attributes:
        names: Of the two features.
        is_prepared: Whether the axes count in prepared units and not in those of the data.
        x: Values of the first feature, rising.
        y: Values of the second feature, rising.
        chances: Probability of each class at each place.
        points: Rows that the network never saw.
        classes: Their true classes.
        class_names: Names of the classes.
        split_words: Which rows the points are.
    """

    names: tuple[str, str]
    is_prepared: bool
    x: Float[np.ndarray, " column"]
    y: Float[np.ndarray, " row"]
    chances: Float[np.ndarray, "row column class"]
    points: Float[np.ndarray, "point 2"]
    classes: Int[np.ndarray, " point"]
    class_names: tuple[str, ...]
    split_words: Words


def plane(subject: AbstractSubject) -> Plane | None:
    """Asks the best member everywhere on the plane of its two features.

    Args:
        subject: A run.

    Returns:
        The plane; None unless rows are two numbers, the task is classification and a member finished.
    """
    data = subject.data
    if data.input_shape != (2,) or data.vocabulary or not np.issubdtype(data.inputs.dtype, np.floating):
        return None
    judged = judge(subject)
    if judged is None:
        return None
    data = subject.best_data
    inputs = np.asarray(data.inputs)
    grid = boundary_grid(subject.predict, inputs, resolution=RESOLUTION)
    chances = class_probabilities(grid.values.reshape(-1, grid.values.shape[-1]))
    n_classes = len(judged.class_names)
    kept = np.arange(len(judged.inputs))
    if len(kept) > MOST_POINTS:
        kept = np.sort(np.random.default_rng(0).choice(kept, MOST_POINTS, replace=False))
    sides, points = np.stack([grid.x, grid.y], 1), judged.inputs[kept].astype(np.float64)
    if isinstance(data.preparation, Preparation):
        sides, points = data.preparation.undo(sides), data.preparation.undo(points)
    names = data.feature_names if len(data.feature_names) == 2 else ("x", "y")
    return Plane(
        names=(names[0], names[1]),
        is_prepared=data.preparation is not None and not isinstance(data.preparation, Preparation),
        x=sides[:, 0],
        y=sides[:, 1],
        chances=chances[:, :n_classes].reshape(RESOLUTION, RESOLUTION, n_classes),
        points=points,
        classes=judged.targets[kept],
        class_names=judged.class_names,
        split_words=judged.split_words,
    )
